/** Whatever hangs on the table: a form is refused, or what hangs on it is as it would be after the step as written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allDifferences } from '../../src/sql/definition-differences.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import type { Form } from '../../src/sql/procedure/types.ts';
import { DatabaseError } from '../../src/sql/session.ts';
import { withSchema } from '../../src/postgres/connect.ts';
import { MEASURED, MORE, TABLE, type Case } from '../postgres/attachment-cases.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { inFormOn, offered, type Course } from './support.ts';

const PLAN = `
  ALTER TABLE t RENAME TO u;
  ALTER TABLE u ADD COLUMN made text;
  UPDATE u SET made = gone;
  ALTER TABLE u DROP COLUMN gone;`;

let bench: Bench;

beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});

afterAll(() => bench.close());

/** Null when the server refused it. */
async function course({ plant }: Case, form: Form): Promise<Course | null> {
  try {
    return await inFormOn(bench, [...TABLE, ...plant], planFromSql(PLAN), form);
  } catch (error) {
    if (error instanceof DatabaseError) return null;
    throw error;
  }
}

/** The case's own question, asked in the state that the form has left. */
async function proven({ proof, fails }: Case): Promise<void> {
  const { session } = bench;
  await withSchema(session, 'public');
  try {
    if (proof && !proof.includes('seen')) {
      const { rows } = await session.query(proof);
      expect(Object.values(rows[0] ?? {})).toEqual(['t']);
    }
    if (fails) await expect(session.query(fails[0])).rejects.toMatchObject({ sqlstate: fails[1] });
  } finally {
    await session.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)");
  }
}

/** Beside these every kind refuses copy-and-swap: what it is not known to bring along is left behind. */
const BROUGHT_ALONG = new Set([
  'check constraint',
  'column grant',
  'comment',
  'column comment',
  'event trigger',
  'function that names the table',
  'grant',
  'index',
  'key or exclusion constraint',
  'replica identity',
  'row-level security',
  'statistics',
  'storage parameters',
]);

describe('a table with a', () => {
  const cases = [...MEASURED, ...MORE.filter(({ plan }) => plan === undefined)];

  it.each(cases)('$name', async (one) => {
    const written = await course(one, 'as-written');
    // Values of a table that others inherit from cannot be kept apart from theirs: refused in every form.
    if (written?.outcome === null) expect(offered(written.offers, 'as-written').refused).not.toEqual([]);
    else if (written) await proven(one);
    for (const form of ['rewrite', 'copy-and-swap'] as const) {
      const done = await course(one, form);
      if (done && done.outcome === null) {
        expect(offered(done.offers, form).refused.length, form).toBeGreaterThan(0);
        continue;
      }
      if (form === 'copy-and-swap') expect(BROUGHT_ALONG, one.kind).toContain(one.kind);
      expect(done === null, form).toBe(written === null);
      if (!done?.outcome || !written?.outcome) continue;
      const differences = allDifferences(written.outcome.definitions, done.outcome.definitions, {
        columnOrder: true,
      });
      expect(differences, form).toEqual([]);
      expect(done.outcome.rows, form).toEqual(written.outcome.rows);
      await proven(one);
    }
  });
});

describe('a logical replication slot', () => {
  it('refuses both: its readers would not hear of the changed rows', async () => {
    const { session, database } = bench;
    const slot = `slot_${database.name}`;
    await session.query('SELECT pg_create_logical_replication_slot($1, $2)', [slot, 'test_decoding']);
    try {
      const done = await inFormOn(bench, TABLE, planFromSql(PLAN), 'copy-and-swap');
      for (const form of ['rewrite', 'copy-and-swap'] as const)
        expect(offered(done.offers, form).refused.join(' '), form).toContain(slot);
    } finally {
      await session.query('SELECT pg_drop_replication_slot($1)', [slot]);
    }
  });
});
