/** A name that the steps need and that is taken: both tables side by side, and what may become of either. */
import { standsInTheWay } from '../../postgres/explain/clues.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import type { Table } from '../../sql/types.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { RepairContext } from '../find.ts';
import type { Repair, RepairNote } from '../types.ts';
import { countOf, name, rowsOf, table } from './asking.ts';

interface Pair {
  /** It has the name that the steps need. */
  left: Table;
  /** The table that the steps would give this name to; null where they create it. */
  other: Table | null;
}

/** What a name was taken by at the failure, or keeps the plan from starting. */
function takenNames(context: RepairContext): string[] {
  const { taken } = standsInTheWay(context);
  const { about, catalog } = context;
  if (about.kind !== 'failure' || about.error.sqlstate !== '42P07') return taken;
  const quoted = /"([^"]+)"/.exec(about.error.message)?.[1];
  return [...new Set([...taken, ...(quoted !== undefined && catalog.tables[quoted] ? [quoted] : [])])];
}

function pairs(context: RepairContext): Pair[] {
  const { plan, catalog } = context;
  const effects = plan.steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  return takenNames(context).flatMap((taken): Pair[] => {
    const left = catalog.tables[taken];
    if (!left || left.kind !== 'r') return [];
    const rename = effects.find((effect) => effect.kind === 'rename-table' && effect.to === taken);
    const from = rename?.kind === 'rename-table' ? catalog.tables[rename.from] : undefined;
    const created = effects.some((effect) => effect.kind === 'create-table' && effect.table === taken);
    return from ? [{ left, other: from }] : created ? [{ left, other: null }] : [];
  });
}

/** The primary key of both, where it is of the same columns and types. */
function commonKey(left: Table, other: Table): string[] | null {
  const keyOf = (one: Table): string[] => one.indexes.find(({ primary }) => primary)?.columns ?? [];
  const mine = keyOf(left);
  const typeOf = (one: Table, column: string): string | undefined =>
    one.columns.find(({ name: is }) => is === column)?.type;
  const same = mine.join('\n') === keyOf(other).join('\n');
  const typed = mine.every((column) => typeOf(left, column) === typeOf(other, column));
  return mine.length > 0 && same && typed ? mine : null;
}

export interface Compared {
  left: number;
  other: number;
  /** Null without a common key. */
  byKey: { both: number; equal: number; columns: string[] } | null;
}

/** Rows counted, and compared by key in the columns that both have. @throws {DatabaseError} */
export async function compare(context: RepairContext, left: Table, other: Table): Promise<Compared> {
  const [a, b] = [table(context, left.name), table(context, other.name)];
  const counted = {
    left: await countOf(context, `SELECT pg_catalog.count(*) FROM ${a}`),
    other: await countOf(context, `SELECT pg_catalog.count(*) FROM ${b}`),
  };
  const key = commonKey(left, other);
  if (!key) return { ...counted, byKey: null };
  const shared = left.columns.filter((one) => other.columns.some(({ name: is }) => is === one.name));
  const columns = shared.map((one) => one.name).filter((column) => !key.includes(column));
  const on = key.map((column) => `a.${name(column)} = b.${name(column)}`).join(' AND ');
  const text = (of: string, column: string): string => `${of}.${name(column)}::text`;
  const same = columns.map((column) => `${text('a', column)} IS NOT DISTINCT FROM ${text('b', column)}`);
  const joined = `FROM ${a} AS a JOIN ${b} AS b ON ${on}`;
  const both = await countOf(context, `SELECT pg_catalog.count(*) ${joined}`);
  const equal =
    same.length === 0
      ? both
      : await countOf(context, `SELECT pg_catalog.count(*) ${joined} WHERE ${same.join(' AND ')}`);
  return { ...counted, byKey: { both, equal, columns } };
}

/** One line for each column of either: its type here, its type there. */
function columnRows(left: Table, other: Table | null): string[][] {
  const all = [...new Set([...left.columns, ...(other?.columns ?? [])].map((column) => column.name))];
  const type = (of: Table | null, column: string): string =>
    toLine(of?.columns.find((one) => one.name === column)?.type ?? '–');
  return all.map((column) => [toLine(column), type(left, column), ...(other ? [type(other, column)] : [])]);
}

function noteOf({ left, other }: Pair, found: Compared | null, rows: number): RepairNote {
  if (!other || !found) {
    return {
      title: `${left.name} stands where the steps would create it: ${rowsOf(rows)}`,
      lines: ['Look at what it holds and who writes to it before you decide.'],
      table: { columns: ['column', left.name], rows: columnRows(left, null) },
    };
  }
  const { byKey } = found;
  const compared =
    byKey === null
      ? ['They have no primary key of the same columns and types, so rows cannot be told to be the same.']
      : [
          `${byKey.both} keys are in both; ${byKey.equal} of these rows are equal in the columns that both have (${byKey.columns.join(', ') || 'none beside the key'}).`,
          `${found.left - byKey.both} keys are in ${left.name} alone, ${found.other - byKey.both} in ${other.name} alone.`,
        ];
  return {
    title: `${left.name} and ${other.name}, side by side`,
    lines: [`${left.name} holds ${rowsOf(found.left)}, ${other.name} ${rowsOf(found.other)}.`, ...compared],
    table: {
      columns: ['column', `${left.name} (left over)`, `${other.name} (would be renamed)`],
      rows: columnRows(left, other),
    },
  };
}

/** `detection_events_left_over`, with a number where that is taken too. At most 63 bytes (NAMEDATALEN). */
function asideName(catalog: RepairContext['catalog'], taken: string): string {
  const used = new Set(
    Object.values(catalog.tables).flatMap((one) => [
      one.name,
      ...one.indexes.map((index) => index.name),
      ...one.constraints.map((constraint) => constraint.name),
    ]),
  );
  const short = [...taken].slice(0, 45).join('');
  for (let at = 1; ; at += 1) {
    const candidate = `${short}_left_over${at === 1 ? '' : `_${at}`}`;
    if (!used.has(candidate)) return candidate;
  }
}

const isThere = (of: string, expect: boolean): Repair['checks'][number] => ({
  title: `${of} is ${expect ? 'there' : 'not there'}`,
  sql: `SELECT CASE WHEN to_regclass(${quoteLiteral(name(of))}) IS NULL THEN 'no' ELSE 'yes' END`,
  expect: expect ? 'yes' : 'no',
});

/** Its indexes have names that the steps may need as well: they go aside with it. */
function aside(context: RepairContext, left: Table, figures: string): Repair {
  const to = asideName(context.catalog, left.name);
  const moved = left.indexes.map(
    (index) => `ALTER INDEX ${name(index.name)} RENAME TO ${name(asideName(context.catalog, index.name))};`,
  );
  return {
    id: `keep-both:${left.name}`,
    title: `Keep both: rename the left-over ${left.name} to ${to}`,
    found: figures,
    careful: [
      `Nothing is lost: every row of it stays, under the name ${to}, and so do its indexes.`,
      `Whoever still reads or writes ${left.name} does not find it until the rollback has made it again.`,
    ],
    sql: [`ALTER TABLE ${name(left.name)} RENAME TO ${name(to)};`, ...moved].join('\n'),
    checks: [isThere(to, true), isThere(left.name, false)],
    recommended: true,
  };
}

function archived(gone: Table, kept: string, figures: string): Repair {
  return {
    id: `archive:${gone.name}`,
    title: `Keep ${kept}: archive ${gone.name}`,
    found: figures,
    careful: [
      `${gone.name} is moved whole into the archive of the repair: "backout undo" of that run brings it back with every row, as long as it is not purged.`,
      'What hangs on it, such as views and foreign keys of other tables, may forbid it: the repair looks for that first.',
    ],
    sql: `DROP TABLE ${name(gone.name)};`,
    checks: [isThere(gone.name, false)],
    recommended: false,
  };
}

/** Each may be kept, both may, and neither is dropped without a copy: the operator chooses one of these. */
export async function leftOver(context: RepairContext): Promise<Repair[]> {
  const found: Repair[] = [];
  for (const pair of pairs(context)) {
    const { left, other } = pair;
    const compared = other ? await compare(context, left, other) : null;
    const rows =
      compared?.left ??
      (await countOf(context, `SELECT pg_catalog.count(*) FROM ${table(context, left.name)}`));
    context.note?.(noteOf(pair, compared, rows));
    const figures = other
      ? `${left.name} (${rowsOf(rows)}) has the name that ${other.name} (${rowsOf(compared?.other ?? 0)}) is to get.`
      : `${left.name} (${rowsOf(rows)}) stands where the steps would create it.`;
    found.push(aside(context, left, figures), archived(left, other?.name ?? 'the new tables', figures));
    if (other) found.push(archived(other, left.name, figures));
  }
  return found;
}
