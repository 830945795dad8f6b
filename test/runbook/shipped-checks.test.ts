import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshPglite } from '../support/pglite.ts';
import { firstEditionStatements } from '../support/migration.ts';
import * as states from '../support/states.ts';
import type { Plan } from '../../src/sql/types.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { emptySchema, rowsOf } from './database.ts';
import { runPlan, shipped } from './shipped.ts';

let db: PGlite;
let runbook: Runbook;
let plan: Plan;

beforeAll(async () => {
  [db, { runbook, plan }] = await Promise.all([freshPglite(), shipped()]);
});
beforeEach(() => emptySchema(db));
afterAll(() => db.close());

/** Ids of the state checks that do not hold. */
async function failing(): Promise<string[]> {
  const failed: string[] = [];
  for (const check of runbook.stateChecks) {
    const [row] = await rowsOf(db, check.sql);
    if (String(Object.values(row ?? {})[0]) !== check.expect) failed.push(check.id);
  }
  return failed;
}

async function evidence(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { id, query } of runbook.criteria) {
    if (!query) continue;
    const [row] = await rowsOf(db, query.text.replace(/;\s*$/, ''));
    expect(Object.keys(row ?? {})).toEqual(['holds', 'detail']);
    expect(String(row?.detail).length).toBeGreaterThan(20);
    found[id] = row?.holds;
  }
  return found;
}

/** Titles of the verification queries that do not return what they should. */
async function unmet(): Promise<string[]> {
  const failed: string[] = [];
  for (const wanted of runbook.expectations) {
    if (wanted.kind !== 'query' || wanted.expect === undefined) continue;
    const rows = await rowsOf(db, wanted.sql);
    if (rows.length === 0 || rows.some((row) => String(Object.values(row).at(-1)) !== wanted.expect)) {
      failed.push(wanted.title);
    }
  }
  return failed;
}

describe('the state checks of the shipped runbook', () => {
  const NONE: string[] = [];
  it.each([
    ['migrated', NONE],
    ['before', NONE],
    ['writtenSince', NONE],
    ['laterMigrations', NONE],
    ['recordedAsRolledBack', NONE],
    ['gitCommitsStill', NONE],
    ['rolledBack', NONE],
    ['emptyKnowledge', NONE],
    ['editedInPlace', ['templates-and-patterns-are-there-together']],
    ['fromZero', ['keys-are-those-of-this-migration', 'timestamps-are-there-and-not-null']],
    [
      'both',
      [
        'keys-are-those-of-this-migration',
        'timestamps-are-there-and-not-null',
        'no-old-table-beside-the-new-one',
        'technology-knowledge-is-gone-empty-or-half-restored',
      ],
    ],
  ] as const)('on a database that is %s', async (state, wanted) => {
    await states[state](db);
    expect(await failing()).toEqual(wanted);
  });

  it('hold after each of the statements of the first edition', async () => {
    await states.migrated(db);
    for (const [at, statement] of firstEditionStatements().entries()) {
      await db.exec(statement);
      expect([at, await failing()]).toEqual([at, []]);
    }
  });
});

describe('the evidence of the shipped runbook', () => {
  it('speaks for a rollback right after the migration', async () => {
    await states.migrated(db);
    await db.exec(
      `UPDATE schema_migrations SET inserted_at = (now() AT TIME ZONE 'UTC') - interval '2 hours' WHERE version = 20250101000014`,
    );
    expect(await evidence()).toEqual({
      'ran-recently': true,
      'nothing-written-since': true,
      'ran-long-ago': false,
      'new-schema-holds-data': false,
      'application-running': false,
    });
  });

  it('speaks for fixing forward when the new schema has been lived in', async () => {
    await states.writtenSince(db);
    expect(await evidence()).toEqual({
      'ran-recently': false,
      'nothing-written-since': false,
      'ran-long-ago': true,
      'new-schema-holds-data': true,
      'application-running': false,
    });
  });

  it('counts what was written, table by table', async () => {
    await states.migrated(db);
    await db.exec(`INSERT INTO git_merge_history (branch, status) VALUES ('a', 'b'), ('c', 'd')`);
    await db.exec(`UPDATE technology_patterns SET updated_at = now() WHERE id = 1`);
    const query = runbook.criteria.find(({ id }) => id === 'nothing-written-since')?.query?.text ?? '';
    const [row] = await rowsOf(db, query);
    expect(row?.detail).toMatch(
      /^3 rows were written.*git_merge_history 2.*technology_patterns 1, technology_templates 0/,
    );
  });

  it('cannot tell, and does not fail, where the tables or the record are gone', async () => {
    await states.before(db);
    expect(await evidence()).toMatchObject({
      'ran-recently': null,
      'nothing-written-since': null,
      'ran-long-ago': null,
      'new-schema-holds-data': null,
    });
  });

  it('does not fail at any point of the rollback', async () => {
    await states.writtenSince(db);
    for (const statement of firstEditionStatements()) {
      await db.exec(statement);
      expect(Object.keys(await evidence())).toHaveLength(5);
    }
  });
});

describe('the verification of the shipped runbook', () => {
  it('is met after the plan, and not after the first edition', async () => {
    await states.writtenSince(db);
    await runPlan(db, plan);
    expect(await unmet()).toEqual([]);
    await emptySchema(db);
    await states.brokenOff(db, 40);
    expect(await unmet()).toEqual([
      'Check that no row was left with stand-ins instead of its own values',
      'Check that every column is as it was before the migration',
    ]);
  });

  it.each([
    ['ALTER TABLE detection_events ALTER COLUMN data DROP NOT NULL', /every column/],
    ['ALTER TABLE git_sessions ALTER COLUMN metadata DROP DEFAULT', /every column/],
    ['ALTER TABLE technology_knowledge ADD COLUMN extra int', /every column/],
    ['ALTER TABLE technology_knowledge DROP COLUMN embedding', /every column/],
    ['ALTER TABLE git_sessions DROP CONSTRAINT git_sessions_pkey', /primary key/],
    ['INSERT INTO schema_migrations VALUES (20250101000014, now())', /no longer recorded/],
  ])('sees %s', async (fault, title) => {
    await states.migrated(db);
    await runPlan(db, plan);
    await db.exec(fault);
    expect((await unmet()).join()).toMatch(title);
  });
});
