/** The table in which a migration framework records what it has applied. */
import type { Bookkeeping } from '../runbook/types.ts';
import type { Session } from '../sql/session.ts';
import type { Catalog, Elsewhere, Plan } from '../sql/types.ts';
import { asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { pinned, qualified, quoteIdentifier } from './scope.ts';

export interface VersionTable {
  /** As the catalog knows it. */
  name: string;
  /** As SQL. */
  place: string;
  column: string;
  /** The column by which versions are later than others; null: by their numbers. */
  order: string | null;
  /** A condition for the rows that count; null: all of them. */
  only: string | null;
  /** The column that says when, if there is one. */
  when: { column: string; zoned: boolean } | null;
}

export interface Recorded {
  /** e.g. `2026-11-22 13:05:00`, UTC, or null where the table does not say. */
  at: string | null;
  ageSeconds: number | null;
}

/**
 * The table in which the runbook's tool keeps its records; without one, the table the plan deletes the version from,
 * else `schema_migrations`. Null when the schema has none of them.
 */
export function versionTable(
  plan: Plan,
  catalog: Catalog,
  bookkeeping?: Bookkeeping | null,
): VersionTable | null {
  if (bookkeeping) {
    const found = withColumn(catalog, recordName(bookkeeping, catalog.schema), bookkeeping.column);
    return found && { ...found, order: bookkeeping.order ?? null, only: bookkeeping.applied?.sql ?? null };
  }
  const effects = plan.steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  const deleted = effects.flatMap((effect) => (effect.kind === 'delete' ? [effect.table] : []));
  for (const name of [...deleted, 'schema_migrations']) {
    const found = withColumn(catalog, name, 'version');
    if (found) return found;
  }
  return null;
}

/** What the catalog of a run on this schema calls a tool's table. */
export function recordName({ schema, table }: Pick<Bookkeeping, 'schema' | 'table'>, home: string): string {
  return schema === undefined || schema === home ? table : `${schema}.${table}`;
}

/** Where the tool's table is, for the catalog, when that is another schema. */
export function recordElsewhere(
  record: Pick<Bookkeeping, 'schema' | 'table'> | null | undefined,
  home: string,
): Elsewhere {
  if (record?.schema === undefined || record.schema === home) return {};
  return { [recordName(record, home)]: { schema: record.schema, name: record.table } };
}

const WHEN = /^(inserted_at|applied_at|created_at|run_on|tstamp|installed_on|finished_at|committed_at)$/;

function withColumn(catalog: Catalog, name: string, column: string): VersionTable | null {
  const table = catalog.tables[name];
  const columns = table?.columns ?? [];
  if (!table || !columns.some((one) => one.name === column)) return null;
  const when = columns.find((one) => WHEN.test(one.name) && one.type.startsWith('timestamp'));
  return {
    name,
    place: qualified(table.schema, table.bare ?? table.name),
    column,
    order: null,
    only: null,
    when: when ? { column: when.name, zoned: when.type.includes('with time zone') } : null,
  };
}

/** When the version was recorded; null when it is not. Expects our own search_path. */
export async function recorded(
  session: Session,
  table: VersionTable,
  version: string,
): Promise<Recorded | null> {
  const at = instant(table);
  const { rows } = await session.query(
    `SELECT to_char(${at}, 'YYYY-MM-DD HH24:MI:SS') AS at,
            extract(epoch FROM (now() AT TIME ZONE 'UTC') - ${at}) AS age
       FROM ${table.place}
      WHERE ${quoteIdentifier(table.column)}::text = $1${table.only === null ? '' : ` AND (${table.only})`}`,
    [version],
  );
  const row = rows[0];
  if (!row) return null;
  const known = row['at'] !== null;
  return { at: known ? asText(row['at']) : null, ageSeconds: known ? asNumber(row['age']) : null };
}

/** As a timestamp without zone, in UTC: Ecto and Rails write UTC into columns without a zone. */
function instant({ when }: VersionTable): string {
  if (!when) return 'NULL::timestamp';
  const column = quoteIdentifier(when.column);
  return when.zoned ? `(${column} AT TIME ZONE 'UTC')` : column;
}

/**
 * Every version that counts as applied in a tool's table, lowest first; null where there is no such table. Not inside a
 * transaction.
 * @throws {DatabaseError}
 */
export async function appliedVersions(
  session: Session,
  home: string,
  { schema = home, table, column, applied, order }: Bookkeeping,
): Promise<string[] | null> {
  return pinned(session, async () => {
    const found = await session.query('SELECT to_regclass($1)::text AS name', [qualified(schema, table)]);
    if (found.rows[0]?.['name'] === null) return null;
    const name = quoteIdentifier(column);
    const where = applied === undefined ? '' : ` AND (${applied.sql})`;
    const sorted = order === undefined ? '' : ` ORDER BY ${quoteIdentifier(order)}`;
    const { rows } = await session.query(
      `SELECT ${name}::text AS version FROM ${qualified(schema, table)} WHERE ${name} IS NOT NULL${where}${sorted}`,
    );
    const versions = rows.map((row) => asText(row['version']));
    return order === undefined ? versions.sort(compareVersions) : versions;
  });
}

/** The versions recorded that are higher than this one, or were applied after it, lowest first; sanitised. */
export async function laterVersions(
  session: Session,
  table: VersionTable,
  version: string,
): Promise<string[]> {
  const column = quoteIdentifier(table.column);
  const from = `FROM ${table.place}${table.only === null ? '' : ` WHERE (${table.only})`}`;
  if (table.order !== null) {
    const order = quoteIdentifier(table.order);
    const { rows } = await session.query(
      `WITH r AS (SELECT ${column}::text AS version, ${order} AS at ${from})
       SELECT version FROM r WHERE at > (SELECT max(mine.at) FROM r AS mine WHERE mine.version = $1) ORDER BY at`,
      [version],
    );
    return rows.map((row) => toLine(asText(row['version'])));
  }
  const { rows } = await session.query(`SELECT ${column}::text AS version ${from}`);
  return rows
    .map((row) => asText(row['version']))
    .filter((candidate) => compareVersions(candidate, version) > 0)
    .sort(compareVersions)
    .map((candidate) => toLine(candidate));
}

/** By their numbers, part by part, where both are numbers or numbers with dots (`1.10` after `1.9`); else as text. */
function compareVersions(one: string, two: string): number {
  const parts = (text: string): bigint[] | null =>
    /^\d+(\.\d+)*$/.test(text) ? text.split('.').map((part) => BigInt(part)) : null;
  const [mine, other] = [parts(one), parts(two)];
  if (!mine || !other) return one < two ? -1 : one > two ? 1 : 0;
  for (let at = 0; at < Math.max(mine.length, other.length); at += 1) {
    const [left, right] = [mine[at] ?? 0n, other[at] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
