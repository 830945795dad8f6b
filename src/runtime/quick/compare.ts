/** What became of the tables that were copied, read from the catalog and from their rows. Reads only. */
import { arrayLiteral } from '../../postgres/catalog.ts';
import { readDefinitions } from '../../postgres/definition.ts';
import { qualified, quoteIdentifier } from '../../postgres/scope.ts';
import type { Meanwhile } from '../../quick/verdict.ts';
import { isStored } from '../../sql/archive/columns.ts';
import { ARCHIVE_SCHEMA, EQ } from '../../sql/archive/draft.ts';
import { differences } from '../../sql/definition-differences.ts';
import type { ColumnDefinition, TableDefinition } from '../../sql/definition.ts';
import type { Session } from '../../sql/session.ts';
import { tablesOf } from '../../sql/tables-of.ts';
import type { Plan } from '../../sql/types.ts';
import { sameKey } from '../../sql/undo/match.ts';
import { asBoolean, asNumber, asText } from '../../sql/values.ts';
import { columnNumbers, type QuickCopy } from './copies.ts';

export interface Fate {
  copy: QuickCopy;
  /** Null: the table is gone, or in another schema. */
  now: TableDefinition | null;
  /** Present column names → names before, where they differ. */
  renamed: Record<string, string>;
  /** Its key is still there, so that its rows can be told apart. */
  keyed: boolean;
  changed: boolean;
  meanwhile: Meanwhile | null;
}

export interface Comparison {
  fates: Fate[];
  /** Tables of the plan that were not there before. */
  created: TableDefinition[];
}

const ALIVE = `SELECT c.oid, c.relname AS name FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid ${EQ} c.relnamespace
  WHERE c.oid ${EQ} ANY (CAST($1 AS pg_catalog.oid[])) AND n.nspname ${EQ} $2`;

/** Sessions of others that hold, or just held, locks under which a table is changed; the version's table counts with Ecto's own lock. */
const AT_WORK = `SELECT DISTINCT l.pid FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a ON a.pid ${EQ} l.pid
  WHERE l.locktype ${EQ} 'relation' AND l.granted AND l.relation ${EQ} ANY (CAST($1 AS pg_catalog.oid[]))
    AND l.database ${EQ} (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname ${EQ} pg_catalog.current_database())
    AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() AND a.backend_type ${EQ} 'client backend'
    AND (l.mode ${EQ} ANY (ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock'])
      OR (l.mode ${EQ} 'ShareUpdateExclusiveLock' AND l.relation ${EQ} ANY (CAST($2 AS pg_catalog.oid[]))))`;

/** Pids of those that are still changing one of the tables. @throws {DatabaseError} */
export async function stillAtWork(session: Session, copies: readonly QuickCopy[]): Promise<number[]> {
  const oids = arrayLiteral(copies.map(({ facts }) => String(facts.oid)));
  const versions = arrayLiteral(
    copies.filter(({ facts }) => facts.version !== null).map(({ facts }) => String(facts.oid)),
  );
  const { rows } = await session.query(AT_WORK, [oids, versions]);
  return rows.map((row) => asNumber(row['pid']));
}

/** Columns that the plan's UPDATEs write, whatever they are called by then. */
function writtenColumns(plan: Plan): Set<string> {
  const effects = plan.steps.flatMap(({ statements }) => statements.flatMap((one) => one.effects));
  return new Set(effects.flatMap((effect) => (effect.kind === 'update' ? effect.columns : [])));
}

interface Pair {
  before: ColumnDefinition;
  now: ColumnDefinition;
}

/** Columns that are still there, by their numbers. */
function pairsOf(copy: QuickCopy, now: TableDefinition, numbers: Record<string, string>): Pair[] {
  return Object.entries(copy.facts.columns).flatMap(([number, was]) => {
    const before = copy.facts.definition.columns.find(({ name }) => name === was);
    const is = now.columns.find(({ name }) => name === numbers[number]);
    return before && is ? [{ before, now: is }] : [];
  });
}

const asTextSql = (alias: string, column: string): string =>
  `CAST(${alias}.${quoteIdentifier(column)} AS pg_catalog.text)`;

async function countMeanwhile(
  session: Session,
  copy: QuickCopy,
  now: TableDefinition,
  pairs: readonly Pair[],
  written: ReadonlySet<string>,
): Promise<Meanwhile> {
  const { entry, facts } = copy;
  const table = qualified(now.schema, now.name);
  const kept = qualified(ARCHIVE_SCHEMA, entry.archived ?? '');
  const present = (column: string): string =>
    pairs.find(({ before }) => before.name === column)?.now.name ?? column;
  const match = sameKey(facts.definition, entry.key, ['t', 'k'], present);
  const steady = pairs.filter(
    ({ before, now: is }) =>
      isStored(before) &&
      before.type === is.type &&
      !entry.key.includes(before.name) &&
      !written.has(before.name) &&
      !written.has(is.name),
  );
  const differs = steady.map(
    ({ before, now: is }) => `${asTextSql('t', is.name)} IS DISTINCT FROM ${asTextSql('k', before.name)}`,
  );
  const { rows } = await session.query(`SELECT
    (SELECT pg_catalog.count(*) FROM ${table} AS t WHERE NOT EXISTS (SELECT 1 FROM ${kept} AS k WHERE ${match})) AS added,
    (SELECT pg_catalog.count(*) FROM ${kept} AS k WHERE NOT EXISTS (SELECT 1 FROM ${table} AS t WHERE ${match})) AS gone,
    ${differs.length === 0 ? '0' : `(SELECT pg_catalog.count(*) FROM ${table} AS t JOIN ${kept} AS k ON ${match} WHERE ${differs.join(' OR ')})`} AS changed`);
  const row = rows[0] ?? {};
  return {
    table: now.name,
    added: asNumber(row['added']),
    gone: asNumber(row['gone']),
    changed: asNumber(row['changed']),
  };
}

/** Rows that only one of the two has, compared as text: not every type has an equality. */
async function rowsDiffer(session: Session, copy: QuickCopy, now: TableDefinition): Promise<boolean> {
  const { entry } = copy;
  const row = `ROW(${entry.columns.map((column) => `t.${quoteIdentifier(column)}`).join(', ')})`;
  const from = (place: string): string => `SELECT CAST(${row} AS pg_catalog.text) FROM ${place} AS t`;
  const [table, kept] = [
    from(qualified(now.schema, now.name)),
    from(qualified(ARCHIVE_SCHEMA, entry.archived ?? '')),
  ];
  const { rows } = await session.query(
    `SELECT EXISTS ((${table} EXCEPT ALL ${kept}) UNION ALL (${kept} EXCEPT ALL ${table})) AS differ`,
  );
  return asBoolean(rows[0]?.['differ']);
}

async function versionGone(session: Session, copy: QuickCopy, now: TableDefinition): Promise<boolean> {
  const { entry } = copy;
  if (entry.key.length === 0) return false;
  const match = sameKey(now, entry.key, ['t', 'k']);
  const { rows } = await session.query(
    `SELECT pg_catalog.count(*) AS n FROM ${qualified(ARCHIVE_SCHEMA, entry.archived ?? '')} AS k WHERE NOT EXISTS (SELECT 1 FROM ${qualified(now.schema, now.name)} AS t WHERE ${match})`,
  );
  return asNumber(rows[0]?.['n']) > 0;
}

/** Our own search_path or none: every name is qualified. Not inside a transaction. @throws {DatabaseError} */
export async function compare(
  session: Session,
  schema: string,
  plan: Plan,
  copies: readonly QuickCopy[],
): Promise<Comparison> {
  const oids = copies.map(({ facts }) => facts.oid);
  const { rows } = await session.query(ALIVE, [arrayLiteral(oids.map(String)), schema]);
  const alive = new Map(rows.map((row) => [asNumber(row['oid']), asText(row['name'])]));
  const names = [...new Set([...alive.values(), ...tablesOf(plan)])];
  const definitions = await readDefinitions(session, schema, names);
  const numbers = await columnNumbers(
    session,
    definitions.map(({ oid }) => oid),
  );
  const written = writtenColumns(plan);
  const fates: Fate[] = [];
  for (const copy of copies) {
    const now = definitions.find(({ oid }) => oid === copy.facts.oid) ?? null;
    if (!now) {
      fates.push({ copy, now, renamed: {}, keyed: false, changed: true, meanwhile: null });
      continue;
    }
    const pairs = pairsOf(copy, now, numbers.get(now.oid) ?? {});
    const renamed = Object.fromEntries(
      pairs
        .filter((pair) => pair.now.name !== pair.before.name)
        .map((pair) => [pair.now.name, pair.before.name]),
    );
    const key = copy.entry.key;
    const keyed = key.every((column) =>
      pairs.some(({ before, now: is }) => before.name === column && before.type === is.type),
    );
    const same =
      now.name === copy.facts.definition.name && differences(copy.facts.definition, now).length === 0;
    const changed =
      !same ||
      (copy.facts.version === null
        ? await rowsDiffer(session, copy, now)
        : await versionGone(session, copy, now));
    const counted = changed && keyed && key.length > 0 && copy.facts.version === null;
    const meanwhile = counted ? await countMeanwhile(session, copy, now, pairs, written) : null;
    fates.push({ copy, now, renamed, keyed, changed, meanwhile });
  }
  const before = new Set(copies.flatMap(({ facts }) => facts.there));
  const created = definitions.filter(({ name, oid }) => !oids.includes(oid) && !before.has(name));
  return { fates, created };
}
