/** What an unattended run makes of each state that databases are really in: finished rightly, or refused untouched. */
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/server.ts';
import {
  both,
  editedInPlace,
  emptyKnowledge,
  fromZero,
  gitCommitsStill,
  laterMigrations,
  migrated,
  recordedAsRolledBack,
  rolledBack,
  unconvertible,
  writtenSince,
  type Database,
} from '../support/states.ts';
import { backout, planOfDatabase, rollBack } from './support/in-process.ts';

const EVERYTHING = `
  SELECT string_agg(line, E'\\n' ORDER BY line) AS all_of_it FROM (
    SELECT table_name || '.' || column_name || ' ' || data_type AS line FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT version::text FROM schema_migrations
    UNION ALL SELECT relname || ' ' || (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', oid::regclass), false, true, '')))[1]
      FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) lines`;

const everything = (db: Database): Promise<unknown> =>
  db.query(EVERYTHING).then(({ rows }) => (rows[0] as { all_of_it: unknown }).all_of_it);

const finished: [string, (db: Database) => Promise<void>][] = [
  ['migrated', migrated],
  ['written to since', writtenSince],
  ['technology_knowledge left behind because it was empty', emptyKnowledge],
  ['git_commits still there', gitCommitsStill],
  ['recorded as rolled back, its tables not', recordedAsRolledBack],
  ['rolled back by down, which leaves the NOT NULLs out', rolledBack],
];

describe('finished rightly', () => {
  it.concurrent.each(finished)('%s', async (_, state) => {
    const database = await freshDatabase({ state });
    const { status, err, events } = await rollBack(database);
    const verified = await backout('verify', ['--database', database.url, '--json']);
    await database.drop();
    expect(status, err).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'result', outcome: 'verified' });
    expect(JSON.parse(verified.out)).toMatchObject({ ok: true });
    expect(verified.status).toBe(0);
  });
});

const refused: [string, (db: Database) => Promise<void>, failed: string][] = [
  ['old and new tables side by side', both, 'state'],
  ['tables of other migrations, in from-zero order', fromZero, 'fingerprint'],
  ['the migration was edited in place', editedInPlace, 'state'],
  ['values that do not fit', unconvertible, 'values'],
];

describe('refused, and left exactly as it was', () => {
  it.concurrent.each(refused)('%s', async (_, state, failed) => {
    const database = await freshDatabase({ state });
    const before = await database.use(everything);
    const plan = await planOfDatabase(database.url);
    const { status, events } = await rollBack(database);
    const after = await database.use(everything);
    await database.drop();
    expect(status).toBe(10);
    expect(events.at(-1)).toMatchObject({ outcome: 'prerequisite-failed', exitStatus: 10 });
    expect(after).toEqual(before);
    expect(
      plan.prerequisites.filter((result) => result.status === 'fail').map((result) => result.id),
    ).toContain(failed);
    expect(plan.recommendation.choice).toBe('fix-forward');
  });
});

it('later migrations are named, and taking this one back alone needs consent', async () => {
  const database = await freshDatabase({ state: laterMigrations });
  const plan = await planOfDatabase(database.url);
  const found = plan.prerequisites.find((result) => result.id === 'latest-version');
  await database.drop();
  expect(found?.status).not.toBe('pass');
  expect(JSON.stringify(found)).toMatch(/20250101000015/);
});

it('rows that do not fit are listed by primary key, ten of them, with their number', async () => {
  const database = await freshDatabase({ state: migrated });
  await database.use((db) =>
    db.exec(`INSERT INTO codebase_snapshots (id, codebase_id, metadata, inserted_at, updated_at)
             SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'c',
                    '{"event_type": "e", "detector": "d", "confidence": "high"}', now(), now()
               FROM generate_series(1, 12) AS n`),
  );
  const { out } = await backout('plan', ['--database', database.url, '--json']);
  await database.drop();
  const { failing } = JSON.parse(out) as {
    failing: { kind: string; column: string; rows: number; keys: string[]; keyColumns: string }[];
  };
  expect(failing).toMatchObject([{ kind: 'cast', column: 'confidence', rows: 12, keyColumns: 'id' }]);
  expect(failing[0]?.keys).toHaveLength(10);
  expect(failing[0]?.keys[0]).toBe('00000000-0000-4000-8000-000000000001');
});
