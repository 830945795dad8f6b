/** The advisory locks under which migration tools run, by the keys that they compute themselves. Pure. */
import { crc32 } from 'node:zlib';
import type { Bookkeeping, Runbook } from '../runbook/types.ts';
import type { StepLocks } from '../sql/procedure/types.ts';

/** golang-migrate, database/util.go: a product in 32 bits of the CRC-32 (IEEE) of the names, joined by NUL. */
function golangMigrate(schema: string, table: string, database: string): string {
  const salt = 1486364155n;
  return ((BigInt(crc32(`${schema}\0${table}\0${database}`)) * salt) & 0xffffffffn).toString();
}

/** rails/rails, activerecord/lib/active_record/migration.rb: MIGRATOR_SALT * Zlib.crc32(current_database). */
const rails = (database: string): string => (BigInt(crc32(database)) * 2053462845n).toString();

/** launchbadge/sqlx, sqlx-postgres/src/migrate.rs: generate_lock_id, in 64 bits with a sign. */
const sqlx = (database: string): string =>
  BigInt.asIntN(64, BigInt(crc32(database)) * 0x3d32ad9en).toString();

/**
 * flyway/flyway, PostgreSQLAdvisoryLockTemplate.java: the letters of "Flyway" as bytes, plus String.hashCode of the
 * table's quoted name.
 */
function flyway(schema: string, table: string): string {
  const magic = (0x46n << 40n) + (0x6cn << 32n) + (0x79n << 24n) + (0x77n << 16n) + (0x61n << 8n) + 0x79n;
  const quoted = `"${schema.replaceAll('"', '""')}"."${table.replaceAll('"', '""')}"`;
  let hash = 0;
  for (let at = 0; at < quoted.length; at += 1) hash = (Math.imul(31, hash) + quoted.charCodeAt(at)) | 0;
  return (magic + BigInt(hash)).toString();
}

/**
 * The keys that one of the tool at work holds, as the bigint that pg_advisory_lock takes; none where it takes none.
 *
 * golang-migrate names the database by the path of its URL, `/orders`, or as the server does when it is used as a
 * library (database/postgres/postgres.go, Open and WithConnection): both keys are held.
 */
export function advisoryKeys(
  { lock, table }: Bookkeeping,
  { schema, database }: { schema: string; database: string },
): string[] {
  switch (lock) {
    case 'golang-migrate':
      return [`/${database}`, database].map((named) => golangMigrate(schema, table, named));
    case 'goose':
      // pressly/goose, lock/store.go: DefaultLockID.
      return ['5887940537704921958'];
    case 'node-pg-migrate':
      // salsita/node-pg-migrate, src/runner.ts: PG_MIGRATE_LOCK_ID.
      return ['7241865325823964'];
    case 'rails':
      return [rails(database)];
    case 'flyway':
      return [flyway(schema, table)];
    case 'prisma':
      // prisma/prisma-engines, schema-engine: ADVISORY_LOCK.
      return ['72707369'];
    case 'sqlx':
      return [sqlx(database)];
    case 'sqitch':
      // sqitchers/sqitch, lib/App/Sqitch/Engine/pg.pm: _wait_lock.
      return ['75474063'];
    case null:
      return [];
  }
}

/** The locks that every step of the runbook takes first, so that its tool waits; none for a runbook of prose. */
export function toolLocks(
  { bookkeeping }: Pick<Runbook, 'bookkeeping'>,
  place: { schema: string; database: string },
): StepLocks[] {
  if (!bookkeeping) return [];
  return advisoryKeys(bookkeeping, place).map((advisory) => ({
    table: `advisory lock of ${bookkeeping.tool}`,
    level: 'EXCLUSIVE',
    advisory,
  }));
}
