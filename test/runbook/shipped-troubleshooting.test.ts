import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { splitQueries } from '../../src/runbook/split.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { freshPglite } from '../support/pglite.ts';
import { firstEditionStatements } from '../support/migration.ts';
import { before, gitCommitsStill, migrated, unconvertible } from '../support/states.ts';
import { definition, emptySchema, rowsOf } from './database.ts';
import { runPlan, shipped } from './shipped.ts';
import type { Plan } from '../../src/sql/types.ts';

let db: PGlite;
let runbook: Runbook;
let plan: Plan;

beforeAll(async () => {
  [db, { runbook, plan }] = await Promise.all([freshPglite(), shipped()]);
});
beforeEach(() => emptySchema(db));
afterAll(() => db.close());

/** The SQL of an entry, statement by statement, without psql's own commands. */
function advice(title: RegExp): string[] {
  const entry = runbook.troubleshooting.find((found) => title.test(found.title));
  const blocks = (entry?.blocks ?? []).filter(({ language }) => language === 'sql');
  return blocks.flatMap(({ text }) => splitQueries(text).map(({ sql }) => sql));
}

it('finds every row that stops the steps', async () => {
  await unconvertible(db);
  await db.exec(
    `UPDATE technology_patterns SET extended_metadata = extended_metadata || '{"embedding": "[1,2]"}' WHERE id = 1`,
  );
  await db.exec(
    `UPDATE technology_patterns SET extended_metadata = extended_metadata
       || jsonb_build_object('antipatterns', ARRAY[repeat('x', 300)]) WHERE id = 2`,
  );
  const found = await Promise.all(advice(/^Invalid input syntax/).map((sql) => rowsOf(db, sql)));
  expect(found.map(({ length }) => length)).toEqual([4, 1, 2]);
});

it('brings back what a first edition that went on after an error had made unknown', async () => {
  await migrated(db);
  const wanted = await rowsOf(
    db,
    `SELECT id, metadata->>'event_type' AS event_type FROM codebase_snapshots ORDER BY id`,
  );
  await db.exec(
    `UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": "high"}'
     WHERE id = (SELECT id FROM codebase_snapshots ORDER BY id LIMIT 1)`,
  );
  for (const sql of firstEditionStatements().slice(0, 15)) await db.exec(sql).catch(() => undefined);
  const unknown = `SELECT count(*)::int AS n FROM detection_events WHERE event_type = 'unknown'`;
  expect(await rowsOf(db, unknown)).toEqual([{ n: 40 }]);
  await db.exec(
    `UPDATE detection_events SET metadata = metadata || '{"confidence": 1}' WHERE metadata->>'confidence' = 'high'`,
  );
  for (const sql of advice(/^Every row says unknown/)) await db.query(sql);
  expect(await rowsOf(db, `SELECT id, event_type FROM detection_events ORDER BY id`)).toEqual(wanted);
});

it('makes git_commits as it was before the migration', async () => {
  await before(db);
  const wanted = await definition(db, 'git_commits');
  await emptySchema(db);
  await migrated(db);
  await runPlan(db, plan);
  for (const sql of advice(/^git_commits is missing/)) await db.query(sql);
  expect(await definition(db, 'git_commits')).toEqual(wanted);
});

it('can leave the foreign key of git_commits alone, or put it back', async () => {
  await gitCommitsStill(db);
  await runPlan(db, plan);
  const key = `SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE conname = 'git_commits_session_id_fkey'`;
  const wanted = [{ key: 'FOREIGN KEY (session_id) REFERENCES git_sessions(id) ON DELETE CASCADE' }];
  expect(await rowsOf(db, key)).toEqual(wanted);
  await db.exec('ALTER TABLE git_commits DROP CONSTRAINT git_commits_session_id_fkey');
  const [orphans, ...repair] = advice(/^Foreign key/);
  expect(await rowsOf(db, orphans ?? '')).toEqual([]);
  for (const sql of repair) await db.query(sql);
  expect(await rowsOf(db, key)).toEqual(wanted);
});
