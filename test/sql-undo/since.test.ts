/** Rows written between a rollback and its undo, and undos that are refused. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import type { Form, ForwardMapping } from '../../src/sql/procedure/types.ts';
import { undoProcedure } from '../../src/sql/undo/index.ts';
import type { Bench } from '../postgres/support.ts';
import { benchWith, changes, factsOf, inOrder, planOfTexts, rollBack, stateOf, undo } from './support.ts';

beforeAll(loadParser);
let bench: Bench;
afterEach(() => bench.close());

const RUN = '20260101-0000-aaaa';
const UNDO = '20260101-0001-bbbb';

const MADE = [
  `CREATE TABLE "new" (id int PRIMARY KEY, name text NOT NULL, extra text DEFAULT 'none', n int)`,
  `INSERT INTO "new" VALUES (1, 'one', 'e1', 1), (2, 'two', NULL, 2), (3, 'three', 'e3', NULL), (4, 'four', NULL, NULL)`,
];
const PLAN = [
  `ALTER TABLE "new" RENAME TO old;
   ALTER TABLE old ADD COLUMN label varchar(20);
   UPDATE old SET label = name, n = COALESCE(n, 0) + 100;
   ALTER TABLE old DROP COLUMN name, DROP COLUMN extra;
   CREATE INDEX old_label ON old (label)`,
];
const FORWARD: ForwardMapping[] = [
  {
    step: 'step-1',
    table: 'new',
    key: ['id'],
    fill: ['extra'],
    sql: `WITH x AS (SELECT 100 AS off) SELECT id, label AS name, 'filled' AS extra, n - off AS n FROM old, x`,
    line: 1,
  },
];
const WRITES = [
  `INSERT INTO old (id, n, label) VALUES (9, 109, 'nine')`,
  `UPDATE old SET label = 'ONE', n = 555 WHERE id = 1`,
  `UPDATE old SET n = n WHERE id = 4`,
  'DELETE FROM old WHERE id = 3',
];

async function rowsOf(table: string): Promise<string[]> {
  const { rows } = await bench.session.query(`SELECT t::text AS row FROM ${table} AS t ORDER BY id`);
  return rows.map(({ row }) => String(row));
}

async function rolled(form: Form, forward: ForwardMapping[], tables = MADE, texts = PLAN): Promise<void> {
  bench = await benchWith(...tables);
  const plan = planOfTexts(...texts);
  const forms = await rollBack(bench.session, { run: RUN, plan, form, forward, position: inOrder(plan) });
  expect(forms[0]).toBe(form);
}

const FORMS: Form[] = ['as-written', 'rewrite', 'copy-and-swap'];

describe.each(FORMS)('in the form %s', (form) => {
  it('rows are carried by the mapping', async () => {
    await rolled(form, FORWARD);
    for (const sql of WRITES) await bench.session.query(sql);
    await undo(bench.session, RUN, UNDO);
    const { rows } = await bench.session.query('SELECT id, name, extra, n FROM "new" ORDER BY id');
    expect(rows).toEqual([
      { id: '1', name: 'ONE', extra: 'e1', n: '455' },
      { id: '2', name: 'two', extra: null, n: '2' },
      { id: '4', name: 'four', extra: 'filled', n: '0' },
      { id: '9', name: 'nine', extra: 'filled', n: '9' },
    ]);
  });

  it('frozen rows are still known', async () => {
    await rolled(form, FORWARD);
    for (const sql of WRITES) await bench.session.query(sql);
    await bench.session.query('VACUUM (FREEZE, FULL) old');
    const { written } = await factsOf(bench.session, RUN, 'step-1', UNDO);
    expect(written.map(({ table, rows }) => [table, rows])).toEqual([['old', 3]]);
  });

  it('a row that may not be empty and has no value is refused', async () => {
    await rolled(form, []);
    await bench.session.query(WRITES[0] ?? '');
    const { refused, procedure } = undoProcedure(await factsOf(bench.session, RUN, 'step-1', UNDO));
    expect(refused).toEqual([
      'name of new may not be empty, and 1 row written since has no value for it; a forward= block in the runbook would say which.',
    ]);
    expect(procedure).toBeNull();
  });

  it('without a mapping a changed row keeps what both tables have', async () => {
    await rolled(form, []);
    await bench.session.query(WRITES[1] ?? '');
    await undo(bench.session, RUN, UNDO);
    const { rows } = await bench.session.query('SELECT id, name, extra, n FROM "new" WHERE id = 1');
    expect(rows).toEqual([{ id: '1', name: 'one', extra: 'e1', n: '555' }]);
  });

  it('what the rollback made stays in the archive of the undo', async () => {
    await rolled(form, FORWARD);
    for (const sql of WRITES) await bench.session.query(sql);
    await undo(bench.session, RUN, UNDO);
    const kept = await bench.session.query(
      `SELECT archived, "rows" AS n FROM backout.archived WHERE run = '${UNDO}' AND archived IS NOT NULL`,
    );
    const found: string[] = [];
    for (const { archived, n } of kept.rows) {
      const { rows } = await bench.session.query(
        `SELECT t::text AS row FROM backout_archive."${String(archived)}" AS t`,
      );
      expect(String(rows.length)).toBe(n);
      found.push(...rows.map(({ row }) => String(row)));
    }
    for (const value of ['ONE', '555', 'nine', '109', 'four']) expect(found.join('\n')).toContain(value);
  });
});

describe('written while the undo waits', () => {
  it('a row of a later transaction than our own is seen', async () => {
    await rolled('as-written', FORWARD);
    const other = await bench.open();
    await bench.session.query('BEGIN');
    await bench.session.query('SELECT pg_catalog.pg_current_xact_id()');
    await other.query(`UPDATE public.old SET label = 'late' WHERE id = 2`);
    const facts = await factsOf(bench.session, RUN, 'step-1', UNDO);
    await bench.session.query('COMMIT');
    expect(facts.written).toMatchObject([{ table: 'old', rows: 1 }]);
  });

  it('rows written after the offer was made are carried as well', async () => {
    await rolled('copy-and-swap', FORWARD);
    const offer = undoProcedure(await factsOf(bench.session, RUN, 'step-1', UNDO));
    await bench.session.query(WRITES[0] ?? '');
    const later = undoProcedure(await factsOf(bench.session, RUN, 'step-1', UNDO));
    expect(later.procedure?.actions).toEqual(offer.procedure?.actions);
    await undo(bench.session, RUN, UNDO);
    expect(await rowsOf('"new"')).toContain('(9,nine,filled,9)');
  });
});

describe('values of another type', () => {
  it('written since, they are converted back; the others come from the archive', async () => {
    const tables = [
      'CREATE TABLE t (id int PRIMARY KEY, v numeric(6,2))',
      'INSERT INTO t VALUES (1, 1.50), (2, 2.00)',
    ];
    await rolled('as-written', [], tables, ['ALTER TABLE t ALTER COLUMN v TYPE int']);
    await bench.session.query('UPDATE t SET v = 77 WHERE id = 2');
    await undo(bench.session, RUN, UNDO);
    expect(await rowsOf('t')).toEqual(['(1,1.50)', '(2,77.00)']);
  });
});

describe('rows that the step deleted or put in', () => {
  it('a deleted row that is there again is left alone', async () => {
    const tables = ['CREATE TABLE t (id int PRIMARY KEY, v text)', "INSERT INTO t VALUES (1, 'a'), (2, 'b')"];
    await rolled('as-written', [], tables, ['DELETE FROM t']);
    await bench.session.query("INSERT INTO t VALUES (1, 'theirs')");
    await undo(bench.session, RUN, UNDO);
    expect(await rowsOf('t')).toEqual(['(1,theirs)', '(2,b)']);
  });

  it('a row put in by the step and changed since stays', async () => {
    const tables = ['CREATE TABLE t (id int PRIMARY KEY, v text)', "INSERT INTO t VALUES (1, 'a')"];
    await rolled('as-written', [], tables, ["INSERT INTO t VALUES (2, 'b'), (3, 'c')"]);
    await bench.session.query("UPDATE t SET v = 'theirs' WHERE id = 2");
    await undo(bench.session, RUN, UNDO);
    expect(await rowsOf('t')).toEqual(['(1,a)', '(2,theirs)']);
  });
});

describe('refused', () => {
  const refusals = async (): Promise<string[]> =>
    undoProcedure(await factsOf(bench.session, RUN, 'step-1', UNDO)).refused;

  it('when what was kept is purged or gone', async () => {
    await rolled('copy-and-swap', []);
    await bench.session.query('UPDATE backout.archived SET purged_at = now()');
    expect(await refusals()).toEqual(['What was kept of new is purged: r20260101_0000_aaaa_s1_1_new.']);
    await bench.session.query('UPDATE backout.archived SET purged_at = NULL');
    await bench.session.query('DROP TABLE backout_archive.r20260101_0000_aaaa_s1_1_new');
    expect(await refusals()).toEqual([
      'What was kept of new is not in the archive any more: r20260101_0000_aaaa_s1_1_new.',
    ]);
  });

  it('when the name is taken, or the table is gone', async () => {
    await rolled('as-written', []);
    await bench.session.query('CREATE TABLE "new" (id int)');
    expect(await refusals()).toEqual(["A table named new is there already, and is none of this step's."]);
    await bench.session.query('DROP TABLE "new", old');
    expect(await refusals()).toEqual(['old is not there any more.']);
  });

  it('when rows without a key were written to since', async () => {
    const tables = ['CREATE TABLE t (a int, v text)', "INSERT INTO t VALUES (1, 'a')"];
    await rolled('as-written', [], tables, ["UPDATE t SET v = 'b'"]);
    await bench.session.query("INSERT INTO t VALUES (2, 'c')");
    expect(await refusals()).toEqual([
      't has no key by which a row is found, and 1 row was written since: what is new cannot be told.',
    ]);
  });

  it('when a mapping gives what the table does not have', async () => {
    const [mapping] = FORWARD;
    await rolled('as-written', [{ ...mapping!, sql: 'SELECT id, label AS title FROM old', fill: [] }]);
    expect(await refusals()).toEqual(['The forward= block at line 1 gives title, which new does not have.']);
  });

  it('when nothing was archived', async () => {
    bench = await benchWith(...MADE);
    const plan = planOfTexts(...PLAN);
    await rollBack(bench.session, { run: RUN, plan, withoutArchive: true });
    const archived = await bench.session.query('SELECT count(*) AS n FROM backout.archived');
    expect(archived.rows).toEqual([{ n: '0' }]);
    expect(await refusals()).toEqual([
      'Nothing was archived when this step ran, so there is nothing to bring it back from.',
    ]);
  });
});

describe('an undo that fails', () => {
  it('changes nothing', async () => {
    await rolled('as-written', FORWARD);
    // What the mapping makes of this row is more than its column can hold.
    await bench.session.query(`INSERT INTO old (id, n, label) VALUES (9, -2147483648, 'nine')`);
    const before = await stateOf(bench.session);
    await expect(undo(bench.session, RUN, UNDO)).rejects.toThrow('out of range');
    expect(changes(before, await stateOf(bench.session))).toEqual([]);
    const open = await bench.session.query('SELECT step FROM backout.step WHERE undone_by IS NULL');
    expect(open.rows).toEqual([{ step: 'step-1' }]);
  });
});
