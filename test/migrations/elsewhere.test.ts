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
  recommendation: { choice: string; reasons: string[] };
}
const planned = async (file: string): Promise<Planned> =>
  JSON.parse((await bench.backout('plan', file, '--json')).out) as Planned;

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
  INSERT INTO auth.tokens (owner, text) VALUES (1, 't1'), (2, 't2');
  CREATE INDEX twin ON orders (note); CREATE INDEX twin ON auth.orders (note);
  CREATE TABLE auth.plain (id bigint PRIMARY KEY, label text); CREATE INDEX lone ON auth.plain (label)`;

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
DROP INDEX twin;
DROP INDEX auth.lone;
`;

/** The rest of a file that makes and renames. */
const MAKES = `
ALTER TABLE auth.users RENAME TO people;
CREATE TABLE auth.roles (id serial PRIMARY KEY, name varchar(20) UNIQUE, who bigint REFERENCES auth.people (id));
INSERT INTO auth.roles (name, who) SELECT email, id FROM auth.people WHERE people.id < 10;
CREATE TABLE public.tokens (id bigint PRIMARY KEY, o bigint REFERENCES public.orders (id));
UPDATE auth.tokens SET text = p.email FROM auth.people AS p WHERE p.id = tokens.owner AND tokens.text <> p.email;
`;

const rows = (): Promise<unknown[]> =>
  bench.rows(`SELECT 'orders' AS t, to_jsonb(o)::text FROM orders o UNION ALL SELECT 'users', to_jsonb(u)::text FROM auth.users u
    UNION ALL SELECT 'auth.orders', to_jsonb(u)::text FROM auth.orders u
    UNION ALL SELECT 'tokens', to_jsonb(u)::text FROM auth.tokens u ORDER BY 1, 2`);
const HERE = "('auth'::regnamespace, 'public'::regnamespace)";
const shape = (): Promise<unknown[]> =>
  bench.rows(`SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c WHERE c.connamespace IN ${HERE}
    UNION ALL SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid), '' FROM pg_index
               WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ${HERE})
    UNION ALL SELECT 'c', obj_description('auth.users'::regclass), '' ORDER BY 1, 2`);

beforeAll(() => bench.exec(SETUP));

it('keeps, changes and brings back tables of its own and of another schema', async () => {
  const file = await bench.write('take-back.sql', DOWN);
  const before = [await rows(), await shape()];
  const plan = await planned(file);
  expect(plan.steps[0]?.statements.map(({ state }) => state)).toEqual(Array(11).fill('pending'));
  expect(plan.dataAtRisk.map(({ table, column, rows: n }) => [table, column, n])).toEqual([
    ['orders', 'total', 2],
    ['auth.tokens', undefined, 2],
    ['auth.users', 'nick', 1],
    ['auth.users', 'email', 1],
    ['auth.orders', undefined, 1],
  ]);
  expect(plan.recommendation.choice).toBe('none');
  expect(plan.recommendation.reasons).toContain(
    'Rolling back takes data out of the tables, and the archive keeps it: orders.total (2 rows), auth.tokens (2 rows), auth.users.nick (1 row), auth.users.email (1 row), auth.orders (1 row).',
  );
  const ran = await bench.run(file);
  expect(ran).toMatchObject({ status: 0, err: '' });
  expect(said(ran)).toContain('Deletes rows of auth.orders');
  expect(await bench.rows("SELECT to_regclass('auth.tokens') AS t, to_regclass('auth.twin') AS i")).toEqual([
    { t: null, i: 'auth.twin' },
  ]);
  expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
  expect([await rows(), await shape()]).toEqual(before);
});

it('makes and renames tables of another schema, and puts that back', async () => {
  const file = await bench.write('makes.sql', MAKES);
  const before = [await rows(), await shape()];
  const ran = await bench.run(file);
  expect(ran).toMatchObject({ status: 0, err: '' });
  expect(await bench.rows('SELECT name FROM auth.roles ORDER BY 1')).toEqual([
    { name: 'a@b' },
    { name: 'c@d' },
  ]);
  const again = await bench.run(file);
  expect(said(again)).toContain('There is nothing to roll back');
  expect(await bench.undo('--accept', 'undo')).toMatchObject({ status: 0, err: '' });
  expect([await rows(), await shape()]).toEqual(before);
});
