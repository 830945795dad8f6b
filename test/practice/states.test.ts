import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstEditionStatements, migrationSql, upSections } from '../support/migration.ts';
import { emptyPglite, freshPglite } from '../support/pglite.ts';
import * as states from '../support/states.ts';

let db: PGlite;
beforeAll(async () => {
  db = await freshPglite();
});
afterAll(() => db.close());
beforeEach(() => emptyPglite(db));

const OLD = ['detection_events', 'git_sessions', 'technology_knowledge'];
const NEW = [
  'codebase_snapshots',
  'git_agent_sessions',
  'git_merge_history',
  'git_pending_merges',
  'technology_patterns',
  'technology_templates',
];

async function values(sql: string): Promise<unknown[]> {
  const { rows } = await db.query<unknown[]>(sql, [], { rowMode: 'array' });
  return rows.map((row) => (row.length === 1 ? row[0] : row));
}

/** Tables and their rows, without schema_migrations. */
async function tables(): Promise<Record<string, number>> {
  const names = await values(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations' ORDER BY 1",
  );
  const found: Record<string, number> = {};
  for (const name of names.map(String)) {
    found[name] = Number((await values(`SELECT count(*) FROM ${name}`))[0]);
  }
  return found;
}

const recorded = async (): Promise<boolean> =>
  (await values('SELECT 1 FROM schema_migrations WHERE version = 20250101000014')).length === 1;

describe('the states', () => {
  it('before: the old tables, with rows', async () => {
    await states.before(db);
    expect(await tables()).toEqual({
      detection_events: 40,
      git_commits: 20,
      git_sessions: 20,
      technology_knowledge: 24,
    });
    expect(await recorded()).toBe(false);
  });

  it('migrated: the new tables only', async () => {
    await states.migrated(db);
    expect(await tables()).toEqual({
      codebase_snapshots: 40,
      git_agent_sessions: 20,
      git_merge_history: 0,
      git_pending_merges: 0,
      technology_patterns: 24,
      technology_templates: 8,
    });
    expect(await recorded()).toBe(true);
  });

  it('rolledBack: the old tables, not all NOT NULL', async () => {
    await states.rolledBack(db);
    expect(Object.keys(await tables())).toEqual(OLD);
    const nullable = await values(
      `SELECT column_name FROM information_schema.columns
       WHERE table_name = 'detection_events' AND is_nullable = 'YES' ORDER BY 1`,
    );
    expect(nullable).toEqual(['confidence', 'data', 'detector', 'event_type', 'metadata']);
    expect(await recorded()).toBe(false);
  });

  it('both: old and new side by side, every table with rows', async () => {
    await states.both(db);
    const found = await tables();
    expect(Object.keys(found)).toEqual([...OLD, ...NEW, 'git_commits'].sort());
    expect(Object.values(found).every((rows) => rows > 0)).toBe(true);
    expect(await recorded()).toBe(true);
  });

  it('emptyKnowledge: the old table beside the two new ones, all without rows', async () => {
    await states.emptyKnowledge(db);
    expect(await tables()).toMatchObject({
      technology_knowledge: 0,
      technology_patterns: 0,
      technology_templates: 0,
    });
  });

  it('laterMigrations: the migration is not the newest', async () => {
    await states.laterMigrations(db);
    expect(await values('SELECT max(version)::text FROM schema_migrations')).toEqual(['20250101000020']);
    expect(await recorded()).toBe(true);
  });

  it('recordedAsRolledBack: migrated tables without the record', async () => {
    await states.recordedAsRolledBack(db);
    expect(Object.keys(await tables())).toEqual(NEW);
    expect(await recorded()).toBe(false);
  });

  it('fromZero: bigint keys, no updated_at, no old tables', async () => {
    await states.fromZero(db);
    expect(Object.keys(await tables())).toEqual(NEW);
    const columns = await values(
      `SELECT column_name || ' ' || data_type FROM information_schema.columns
       WHERE table_name = 'codebase_snapshots' AND column_name IN ('id', 'updated_at')`,
    );
    expect(columns).toEqual(['id bigint']);
    expect(await recorded()).toBe(true);
  });

  it('editedInPlace: templates, no patterns, the old knowledge kept', async () => {
    await states.editedInPlace(db);
    const found = await tables();
    expect(found).toMatchObject({ technology_templates: 8, technology_knowledge: 24 });
    expect(found).not.toHaveProperty('technology_patterns');
  });

  it('gitCommitsStill: its foreign key followed the table', async () => {
    await states.gitCommitsStill(db);
    const targets = await values(
      "SELECT confrelid::regclass::text FROM pg_constraint WHERE conname = 'git_commits_session_id_fkey'",
    );
    expect(targets).toEqual(['git_agent_sessions']);
  });

  it('writtenSince: rows and edits after the migration, and metadata without the old keys', async () => {
    await states.writtenSince(db);
    const newer = await values(
      `SELECT count(*)::int FROM codebase_snapshots, schema_migrations AS m
       WHERE m.version = 20250101000014 AND codebase_snapshots.inserted_at > m.inserted_at
       UNION ALL SELECT count(*)::int FROM codebase_snapshots WHERE metadata->>'event_type' IS NULL
       UNION ALL SELECT count(*)::int FROM technology_templates WHERE source = 'editor'
       UNION ALL SELECT count(*)::int FROM git_pending_merges`,
    );
    expect(newer).toEqual([23, 11, 1, 6]);
  });

  it('unconvertible: the first UPDATE of the document fails, and on the good rows it does not', async () => {
    await states.unconvertible(db);
    const convert = "SELECT sum((metadata->>'confidence')::float) FROM codebase_snapshots";
    await expect(db.query(convert)).rejects.toThrow(/invalid input syntax for type double precision/);
    await db.query(`${convert} WHERE codebase_id IS DISTINCT FROM 'unconvertible'`);
    const long = await values(
      "SELECT count(*)::int FROM git_agent_sessions WHERE length(meta->>'session_type') > 255",
    );
    expect(long).toEqual([1]);
  });

  it('brokenOff: after 40 statements the old tables, after 4 a renamed one', async () => {
    expect(firstEditionStatements()).toHaveLength(40);
    await states.brokenOff(db, 4);
    expect(Object.keys(await tables())).toContain('detection_events');
    expect(await recorded()).toBe(true);
    await emptyPglite(db);
    await states.brokenOff(db, 40);
    expect(Object.keys(await tables())).toEqual(OLD);
    expect(await recorded()).toBe(false);
  });
});

describe('the migration', () => {
  it('keeps event type, detector and confidence exactly, and loses data', async () => {
    await states.before(db);
    const was = await values('SELECT id, event_type, detector, confidence FROM detection_events ORDER BY id');
    await db.exec(migrationSql('up'));
    const is = await values(
      `SELECT id, metadata->>'event_type', metadata->>'detector', (metadata->>'confidence')::float
       FROM codebase_snapshots ORDER BY id`,
    );
    expect(is).toEqual(was);
    expect(await values("SELECT count(*)::int FROM codebase_snapshots WHERE metadata ? 'data'")).toEqual([0]);
  });

  it('keeps embeddings as text that reads back as the same vector', async () => {
    await states.before(db);
    const was = await values(
      'SELECT technology, category, embedding::text FROM technology_knowledge ORDER BY 1, 2',
    );
    await db.exec(migrationSql('up'));
    const is = await values(
      `SELECT technology_name, technology_type, (extended_metadata->>'embedding')::vector(768)::text
       FROM technology_patterns ORDER BY 1, 2`,
    );
    expect(is).toEqual(was);
    expect(was.filter((row) => Array.isArray(row) && row[2] !== null)).toHaveLength(12);
  });

  it('skips what is there already, says so, and is recorded all the same', async () => {
    await states.migrated(db);
    await db.exec('DELETE FROM schema_migrations WHERE version = 20250101000014');
    const said: string[] = [];
    await db.exec(migrationSql('up'), { onNotice: (notice) => said.push(notice.message ?? '') });
    expect(said.filter((text) => text.startsWith('Skipping'))).toHaveLength(6);
    expect(await recorded()).toBe(true);
  });

  it('has its sections named', () => {
    expect([...upSections().keys()]).toEqual([
      'snapshots',
      'sessions',
      'pending',
      'history',
      'commits',
      'templates',
      'patterns',
      'knowledge',
      'record',
    ]);
  });
});
