/**
 * The states in which real databases were found, each built from nothing in the current schema of a database that has
 * the type vector. Every builder starts with an empty schema (`freshPglite`, `freshDatabase('empty')`).
 */
import { lifeStatements, oddMetadataStatements, unconvertibleStatements } from '../../src/practice/life.ts';
import { EARLIER_VERSIONS, MIGRATED_AT, seedStatements, type SeedOptions } from '../../src/practice/seed.ts';
import { LATER_TABLES } from './later-tables.ts';
import { firstEditionStatements, migrationSql, upSections } from './migration.ts';

/** PGlite has it as it is; `execOn` of server.ts makes it of a client. */
export interface Database {
  /** Runs one or more statements. */
  exec(sql: string): Promise<unknown>;
  query(sql: string): Promise<{ rows: unknown[] }>;
}

const SMALL: SeedOptions = { rows: 40, knowledge: 24 };

async function run(db: Database, statements: readonly string[]): Promise<void> {
  if (statements.length > 0) await db.exec(statements.join(';\n'));
}

async function migrate(db: Database, left: readonly string[] = []): Promise<void> {
  const sections = [...upSections()].filter(([name]) => !left.includes(name));
  await run(
    db,
    sections.map(([, sql]) => sql.trim().replace(/;$/, '')),
  );
  await db.exec(`UPDATE schema_migrations SET inserted_at = '${MIGRATED_AT}' WHERE version = 20250101000014`);
}

/** The old tables with rows; the migration has not run. */
export async function before(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await db.exec(migrationSql('before'));
  await run(db, seedStatements(options));
}

/** The migration ran, nothing was written since. */
export async function migrated(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await before(db, options);
  await migrate(db);
}

/** Rolled back by the migration's own `down`: the old tables, without their NOT NULLs. */
export async function rolledBack(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await migrated(db, options);
  await db.exec(migrationSql('down'));
}

/** Old and new tables side by side, all with rows: other migrations had made the new ones, so it skipped every section. */
export async function both(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await before(db, options);
  await db.exec(LATER_TABLES);
  await record(db, [20250101000011, 20250101000012, 20250101000013]);
  await migrate(db, ['commits']);
  await run(db, rowsOfLaterTables());
}

/** There was no knowledge to split, so the old table was left beside the two new ones. */
export async function emptyKnowledge(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await migrated(db, { ...options, knowledge: 0 });
}

/** Migrations after it are recorded as well. */
export async function laterMigrations(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await migrated(db, options);
  await record(db, [20250101000015, 20250101000016, 20250101000020]);
}

/** The version row is gone, the tables are still the migrated ones. */
export async function recordedAsRolledBack(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await migrated(db, options);
  await db.exec('DELETE FROM schema_migrations WHERE version = 20250101000014');
}

/** 011 to 013 made the new tables from nothing (bigint keys, no updated_at) and dropped the old ones; it did nothing. */
export async function fromZero(db: Database): Promise<void> {
  await db.exec(migrationSql('before'));
  await record(db, [...EARLIER_VERSIONS, 20250101000011, 20250101000012, 20250101000013]);
  await db.exec(
    `${LATER_TABLES}; DROP TABLE detection_events, git_commits, git_sessions, technology_knowledge`,
  );
  await migrate(db);
  await run(db, rowsOfLaterTables());
}

/** A later text of the same migration, without the patterns part: templates there, patterns not, old table kept. */
export async function editedInPlace(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await before(db, options);
  await migrate(db, ['patterns']);
}

/** git_commits was not dropped; its foreign key followed the table to its new name. */
export async function gitCommitsStill(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await before(db, options);
  await migrate(db, ['commits']);
}

/** Written to since: ordinary life, and metadata of odd shapes. The rollback works, and invents values. */
export async function writtenSince(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await migrated(db, options);
  await run(db, [...lifeStatements(), ...oddMetadataStatements()]);
}

/** As `writtenSince`, and with rows on which a cast or a length fails. */
export async function unconvertible(db: Database, options: SeedOptions = SMALL): Promise<void> {
  await writtenSince(db, options);
  await run(db, unconvertibleStatements());
}

/**
 * The first `k` of the 40 statements of the user's document were pasted into psql, each in a transaction of its own.
 * `start` builds the state they were pasted into.
 */
export async function brokenOff(
  db: Database,
  k: number,
  start: (db: Database) => Promise<void> = migrated,
): Promise<void> {
  await start(db);
  for (const statement of firstEditionStatements().slice(0, k)) await db.exec(statement);
}

async function record(db: Database, versions: readonly number[]): Promise<void> {
  const rows = versions.map((version) => `(${version}, '${MIGRATED_AT}')`);
  await db.exec(`INSERT INTO schema_migrations (version, inserted_at) VALUES ${rows.join(', ')}`);
}

/** What the application wrote to the tables that 011 to 013 made. */
function rowsOfLaterTables(): string[] {
  return [
    `INSERT INTO codebase_snapshots (codebase_id, snapshot_id, metadata, summary, features)
     SELECT 'singularity', n, '{"source": "scanner"}', '{}', '{}' FROM generate_series(1, 12) AS n`,
    `INSERT INTO git_agent_sessions (agent_id, branch, workspace_path, inserted_at, updated_at)
     SELECT 'agent-' || n, CASE WHEN n % 2 = 0 THEN 'work/' || n END, '/srv/' || n, now(), now()
     FROM generate_series(1, 8) AS n`,
    `INSERT INTO technology_patterns (technology_name, technology_type, created_at)
     SELECT 'tech-' || n, 'language', CASE WHEN n % 2 = 0 THEN now() END FROM generate_series(1, 6) AS n`,
    `INSERT INTO technology_templates (identifier, category, template, inserted_at, updated_at)
     SELECT 'tech-' || n || '/starter', 'starter', '{"template": "text"}', now(), now()
     FROM generate_series(1, 3) AS n`,
    `INSERT INTO git_pending_merges (branch, agent_id, inserted_at, updated_at)
     VALUES ('work/2', 'agent-2', now(), now())`,
    `INSERT INTO git_merge_history (branch, status, inserted_at, updated_at)
     VALUES ('work/4', 'success', now(), now())`,
  ];
}
