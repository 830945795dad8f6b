/** Verification of an undo by values: right after it nothing differs, and what is made to differ is found. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { archivedRows, stepRows } from '../../src/postgres/store.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { valueChecks } from '../../src/sql/undo/index.ts';
import type { Bench } from '../postgres/support.ts';
import { benchWith, inOrder, planOfTexts, rollBack, undo } from './support.ts';

beforeAll(loadParser);
let bench: Bench;
afterEach(() => bench.close());

async function differing(): Promise<Record<string, string>> {
  const [row] = await stepRows(bench.session, 'r-1');
  const entries = (await archivedRows(bench.session, 'u-1')).map(({ detail }) => detail);
  const found: Record<string, string> = {};
  for (const { id, sql } of valueChecks(row!.detail, { run: 'u-1', entries })) {
    found[id] = String((await bench.session.query(sql)).rows[0]?.['n']);
  }
  return found;
}

describe('archived values', () => {
  it('are counted as back, and those that are not are counted', async () => {
    bench = await benchWith(
      'CREATE TABLE t (id int PRIMARY KEY, a text, b float8)',
      "INSERT INTO t SELECT n, 'a' || n, 'NaN' FROM generate_series(1, 6) AS n",
    );
    const { session } = bench;
    const plan = planOfTexts("UPDATE t SET a = 'x'; ALTER TABLE t DROP COLUMN b; ALTER TABLE t RENAME TO u");
    await rollBack(session, { run: 'r-1', plan, position: inOrder(plan) });
    await session.query("UPDATE u SET a = 'theirs' WHERE id = 2");
    await undo(session, 'r-1', 'u-1');
    expect(await differing()).toEqual({ 'values:t': '0' });
    // Somebody's own change afterwards is none of the undo's.
    await session.query("UPDATE t SET a = 'later' WHERE id = 3");
    expect(await differing()).toEqual({ 'values:t': '0' });
    const [row] = await stepRows(session, 'r-1');
    const copy = row?.detail.archive.find(({ kind }) => kind === 'columns')?.archived;
    await session.query(`UPDATE backout_archive."${copy}" SET b = 1 WHERE id IN (2, 4, 5)`);
    expect(await differing()).toEqual({ 'values:t': '2' });
  });
});
