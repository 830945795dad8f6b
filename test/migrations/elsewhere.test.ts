/** Names with their schema: the run's own, and others. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBench, said, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => (bench = await openBench()));
afterAll(() => bench.clear());

interface Planned {
  steps: { statements: { state: string }[] }[];
  dataAtRisk: { table: string; column?: string; rows: number }[];
  locks: { table: string; level: string }[];
}
const planned = async (file: string): Promise<Planned> =>
  JSON.parse((await bench.backout('plan', file, '--json')).out) as Planned;

const all = (sql: string): Promise<unknown[]> => bench.rows(sql);

const SETUP = `
  CREATE SCHEMA auth;
  CREATE TABLE public.orders (id bigint PRIMARY KEY, note text, total numeric);
  INSERT INTO orders VALUES (1, 'one', 1.5), (2, NULL, 2);
  CREATE TABLE auth.orders (id bigint PRIMARY KEY, note text);
  INSERT INTO auth.orders VALUES (7, 'theirs');
  CREATE TABLE auth.users (id bigint PRIMARY KEY, email text NOT NULL, nick text DEFAULT 'x', CONSTRAINT has_mail CHECK (email <> ''));
  CREATE INDEX users_nick ON auth.users (nick);
  COMMENT ON TABLE auth.users IS 'who may';
  INSERT INTO auth.users VALUES (1, 'a@b', 'a'), (2, 'c@d', NULL);
  CREATE TABLE auth.tokens (id serial PRIMARY KEY, owner bigint REFERENCES auth.users (id), text text);
  INSERT INTO auth.tokens (owner, text) VALUES (1, 't1'), (2, 't2')`;

const DOWN = `
UPDATE public.orders SET note = 'none' WHERE note IS NULL;
ALTER TABLE public.orders DROP COLUMN total;
DROP TABLE auth.tokens;
DROP INDEX auth.users_nick;
ALTER TABLE auth.users DROP CONSTRAINT has_mail;
ALTER TABLE auth.users DROP COLUMN nick;
UPDATE auth.users SET email = 'gone' WHERE users.id = 2;
DELETE FROM auth.orders WHERE id = 7;
COMMENT ON TABLE auth.users IS 'nobody';
`;

it('keeps, changes and brings back tables of its own and of another schema', async () => {
  await bench.exec(SETUP);
  const file = await bench.write('take-back.sql', DOWN);
  const rows = (): Promise<unknown[]> =>
    all(`SELECT 'orders' AS t, to_jsonb(o)::text FROM orders o UNION ALL SELECT 'users', to_jsonb(u)::text FROM auth.users u
      UNION ALL SELECT 'auth.orders', to_jsonb(u)::text FROM auth.orders u
      UNION ALL SELECT 'tokens', to_jsonb(u)::text FROM auth.tokens u ORDER BY 1, 2`);
  const shape = `SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    WHERE c.connamespace IN ('auth'::regnamespace, 'public'::regnamespace)
    UNION ALL SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid), '' FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ('auth'::regnamespace, 'public'::regnamespace))
    UNION ALL SELECT 'c', obj_description('auth.users'::regclass), '' ORDER BY 1, 2`;
  const before = [await rows(), await all(shape)];
  const plan = await planned(file);
  expect(plan.steps[0]?.statements.map(({ state }) => state)).toEqual(Array(9).fill('pending'));

  const ran = await bench.run(file);

  expect(ran).toMatchObject({ status: 0, err: '' });

  const undone = await bench.undo();

  expect(undone).toMatchObject({ status: 0, err: '' });
  expect([await rows(), await all(shape)]).toEqual(before);
  void said;
});
