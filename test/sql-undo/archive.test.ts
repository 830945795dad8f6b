/** What a step as written keeps, and what it says it cannot. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { archiveName, companionNames } from '../../src/sql/archive/names.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { offersFor } from '../../src/sql/procedure/index.ts';
import type { Procedure } from '../../src/sql/procedure/types.ts';
import { allPending, type Bench } from '../postgres/support.ts';
import { requestFor } from '../sql-forms/support.ts';
import { benchWith, carryOut, planOfTexts, register } from './support.ts';

beforeAll(loadParser);
let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const RUN = '20260101-0000-aaaa';

async function procedureOf(sql: string, ...tables: string[]): Promise<Procedure> {
  bench = await benchWith(...tables);
  const plan = planOfTexts(sql);
  const request = await requestFor(bench.session, plan, allPending(plan), { run: RUN });
  const offer = offersFor(request)[0]?.offers.find(({ form }) => form === 'as-written');
  if (!offer?.procedure) throw new Error(offer?.refused.join(' '));
  return offer.procedure;
}

const sent = ({ actions }: Procedure): string[] => actions.map(({ role, command }) => `${role} ${command}`);

describe('names', () => {
  it('are cut to 63 bytes at a character, and never equal for two things', () => {
    expect(archiveName('20261122-1549-k3f9', 'step-2', 3, 'orders')).toBe('r20261122_1549_k3f9_s2_3_orders');
    const long = archiveName('20261122-1549-k3f9', 'step-1', 1, '漢'.repeat(40));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(63);
    expect(long).toMatch(/^r20261122_1549_k3f9_s1_1_漢+$/);
    const twins = ['a', 'b'].map((end) => `${'x'.repeat(50)}${end}`);
    const names = [...companionNames('r20261122_1549_k3f9_s1_1_t', twins).values()];
    expect(new Set(names).size).toBe(2);
  });
});

describe('what is kept', () => {
  it('before the first statement, instead of a DROP, right before a DELETE, and the journal last', async () => {
    const procedure = await procedureOf(
      `UPDATE a SET v = 'x'; DELETE FROM b WHERE id = 1; DROP TABLE c`,
      'CREATE TABLE a (id int PRIMARY KEY, v text)',
      'CREATE TABLE b (id int PRIMARY KEY)',
      'CREATE TABLE c (id int PRIMARY KEY)',
    );
    expect(sent(procedure)).toEqual([
      'archive CREATE TABLE AS',
      'statement UPDATE',
      'archive CREATE TABLE AS',
      'statement DELETE',
      'archive ALTER INDEX',
      'archive ALTER TABLE',
      'archive ALTER TABLE',
      'record INSERT',
      'record INSERT',
      'record INSERT',
      'record INSERT',
    ]);
    expect(procedure.actions.at(-1)?.params?.[0]).toBe(procedure.hash);
    expect(procedure.archive.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
      'columns a',
      'rows b',
      'table c',
    ]);
  });

  it('a table that is copied from is closed to writers first', async () => {
    const { locks } = await procedureOf(
      `UPDATE a SET v = 'x'`,
      'CREATE TABLE a (id int PRIMARY KEY, v text)',
    );
    expect(locks).toEqual([{ table: 'a', level: 'SHARE ROW EXCLUSIVE' }]);
  });

  it('nothing in the archive has the name of an original', async () => {
    const procedure = await procedureOf(
      'DROP TABLE t; DROP TABLE p',
      'CREATE TABLE p (id bigserial PRIMARY KEY, n text UNIQUE)',
      'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, p bigint CONSTRAINT tie REFERENCES p)',
      'CREATE INDEX t_p ON t (p)',
      'CREATE STATISTICS t_st ON id, p FROM t',
    );
    const { session } = bench!;
    const names = `SELECT relname AS name FROM pg_class WHERE relnamespace = 'SCHEMA'::regnamespace
      UNION ALL SELECT stxname FROM pg_statistic_ext WHERE stxnamespace = 'SCHEMA'::regnamespace`;
    const originals = (await session.query(names.replaceAll('SCHEMA', 'public'))).rows.map(
      ({ name }) => name,
    );
    await register(session, RUN);
    await carryOut(session, procedure);
    const kept = (await session.query(names.replaceAll('SCHEMA', 'backout_archive'))).rows.map(
      ({ name }) => name,
    );
    expect(kept).toHaveLength(originals.length);
    expect(kept.filter((name) => originals.includes(name))).toEqual([]);
    const left = await session.query(names.replaceAll('SCHEMA', 'public'));
    expect(left.rows).toEqual([]);
    // A table in the archive must not hold on to one in use.
    const keys = await session.query(
      `SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace <> 'backout'::regnamespace`,
    );
    expect(keys.rows).toEqual([]);
  });

  it('definitions that go are listed', async () => {
    const { archive } = await procedureOf(
      'DROP INDEX t_b; ALTER TABLE t DROP COLUMN a, ALTER COLUMN b DROP DEFAULT, ALTER COLUMN b DROP NOT NULL',
      `CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5 CHECK (a > 0), b text NOT NULL DEFAULT 'x')`,
      'CREATE INDEX t_b ON t (b)',
      'CREATE INDEX t_a ON t ((a + 1))',
    );
    expect(archive.filter(({ kind }) => kind === 'definition').map(({ words }) => words)).toEqual([
      'Column a of t: integer DEFAULT 5.',
      'Index t_a: CREATE INDEX t_a ON public.t USING btree (((a + 1))).',
      'Index t_b: CREATE INDEX t_b ON public.t USING btree (b).',
      'Constraint t_a_check of t: CHECK ((a > 0)).',
      `Default of t.b: 'x'::text.`,
      'NOT NULL of t.b.',
    ]);
  });
});

describe('what the server would refuse is left to it', () => {
  it('a table that a view needs is not moved away from under it', async () => {
    const procedure = await procedureOf(
      'DROP TABLE t',
      'CREATE TABLE t (id int PRIMARY KEY)',
      'CREATE VIEW v AS SELECT * FROM t',
    );
    expect(sent(procedure)).toContain('statement DROP TABLE');
    await register(bench!.session, RUN);
    await expect(carryOut(bench!.session, procedure)).rejects.toThrow('other objects depend on it');
  });

  it('nor one that another table points at', async () => {
    const procedure = await procedureOf(
      'DROP TABLE p',
      'CREATE TABLE p (id int PRIMARY KEY)',
      'CREATE TABLE c (p int REFERENCES p)',
    );
    expect(sent(procedure)).toContain('statement DROP TABLE');
  });
});

describe('what is not undoable is said', () => {
  it('statements that are not understood, triggers, CASCADE, foreign keys that delete along', async () => {
    const procedure = await procedureOf(
      `UPDATE t SET v = 'x'; DELETE FROM p; DROP TABLE u CASCADE; DO 'BEGIN PERFORM f(); END'`,
      'CREATE TABLE t (id int PRIMARY KEY, v text)',
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
      'CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()',
      'CREATE TABLE p (id int PRIMARY KEY)',
      'CREATE TABLE c (p int REFERENCES p ON DELETE CASCADE)',
      'CREATE TABLE u (id int PRIMARY KEY)',
    );
    expect(procedure.notUndoable).toEqual([
      'Statement 4 is not understood (DO: SELECT: it calls f(), which may do more than compute a value): what it changes is neither archived nor undone.',
      'Foreign keys point at p; rows of other tables that they delete or change along are not archived.',
      'Triggers or rules of t run when the step writes to it; what they change elsewhere is not archived.',
      'u is dropped with CASCADE: what goes with it in other tables is not brought back.',
    ]);
  });

  it.each([
    ['a key that only refuses', '', 'DELETE FROM p WHERE id > 1', []],
    ['one that takes rows along', 'ON DELETE SET NULL', 'DELETE FROM p WHERE id > 1', ['p']],
    [
      'rows that the step deletes, and keeps, first',
      'ON DELETE CASCADE',
      'DELETE FROM c WHERE p IN (SELECT id FROM p WHERE id > 1); DELETE FROM p WHERE id > 1',
      [],
    ],
    [
      'other rows than these',
      'ON DELETE CASCADE',
      'DELETE FROM c WHERE p IN (SELECT id FROM p WHERE id > 2); DELETE FROM p WHERE id > 1',
      ['p'],
    ],
    [
      'these rows, but only afterwards',
      'ON DELETE CASCADE',
      'DELETE FROM p WHERE id > 1; DELETE FROM c WHERE p IN (SELECT id FROM p WHERE id > 1)',
      ['p'],
    ],
    ['a trigger that hears of other writes alone', '', 'UPDATE c SET p = NULL', ['c']],
  ])('%s', async (_what, acts, sql, said) => {
    const procedure = await procedureOf(
      sql,
      'CREATE TABLE p (id int PRIMARY KEY)',
      `CREATE TABLE c (p int REFERENCES p ${acts})`,
      'INSERT INTO p VALUES (1), (2), (3)',
      'INSERT INTO c VALUES (1), (2), (3)',
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      'CREATE TRIGGER inserted AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION f()',
      'CREATE TRIGGER updated AFTER UPDATE ON c FOR EACH ROW EXECUTE FUNCTION f()',
    );
    expect(procedure.notUndoable.map((line) => /(?:at|of) (\w+)[;\s]/.exec(line)?.[1])).toEqual(said);
  });
});
