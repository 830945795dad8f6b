/** Values that do not fit where a step would put them: which rows, and how they can be made to fit with the old ones kept. */
import { touchedTables } from '../../postgres/touched.ts';
import { castCheck } from '../../sql/castable.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import { assessRisk } from '../../sql/risk.ts';
import { typeNameOf } from '../../sql/types-of.ts';
import type { Failing } from '../../sql/types.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';
import { countOf, name, rowsOf, table, textsOf } from './asking.ts';
import { ownValues } from './own-values.ts';
import { KEPT, label, repairIn, setting, type Place } from './value-place.ts';
import { sourcesOf, type Source } from './value-source.ts';

/** string_data_right_truncation, numeric_value_out_of_range, invalid_text_representation, not_null_violation. */
const OF_VALUES = ['22001', '22003', '22P02', '23502', '22007', '22008', '22000'];

async function failingOf(context: RepairContext): Promise<Failing[]> {
  const { about, risk, plan, catalog, position, session, server } = context;
  if (risk) return risk.failing;
  if (about.kind !== 'failure' || !OF_VALUES.includes(about.error.sqlstate ?? '')) return [];
  const assessed = await assessRisk(plan, catalog, position, session, {
    serverVersion: server.versionNumber,
  });
  return assessed.failing.filter(({ step }) => step === about.step);
}

function placeOf(context: RepairContext, { table: of, column, path }: Source): Place | null {
  const { catalog, plan, position } = context;
  const touched = touchedTables(plan, position, catalog);
  const moved = touched.find(({ renamedTo }) => renamedTo === of);
  const found = catalog.tables[of] ?? catalog.tables[moved?.table ?? ''];
  const renamed =
    touched.find(({ table: is }) => is === found?.name)?.renamedColumns ?? new Map<string, string>();
  const before = [...renamed].find(([, to]) => to === column)?.[0];
  const is =
    found?.columns.find((one) => one.name === column) ?? found?.columns.find((one) => one.name === before);
  if (!found || !is || is.generated !== '' || (path.length > 0 && is.type !== 'jsonb')) return null;
  const keys = path.slice(0, -1).map((key) => ` -> ${quoteLiteral(key)}`);
  const value =
    path.length === 0
      ? name(is.name)
      : `${name(is.name)}${keys.join('')} ->> ${quoteLiteral(path.at(-1) ?? '')}`;
  return { table: found, column: is, value, path };
}

/** What the column that the step writes is declared as. */
function targetType({ plan, catalog }: RepairContext, { step, table: of, column }: Failing): string | null {
  const there = catalog.tables[of]?.columns.find((one) => one.name === column);
  if (there) return there.type;
  const effects =
    plan.steps.find(({ id }) => id === step)?.statements.flatMap(({ effects: all }) => all) ?? [];
  for (const effect of effects) {
    if (effect.kind === 'add-column' && effect.table === of && effect.column.name === column)
      return effect.column.type;
    const created = effect.kind === 'create-table' && effect.table === of ? effect.columns : [];
    const spec = created.find((one) => one.name === column);
    if (spec) return spec.type;
  }
  return null;
}

/** The rows that fail because of this place, as a condition; null where it cannot be told beforehand. */
function condition(
  context: RepairContext,
  failing: Failing,
  source: Source,
  { value }: Place,
): string | null {
  const type = targetType(context, failing);
  if (failing.kind === 'length') {
    const limit = /\((\d+)\)$/.exec(type ?? '')?.[1];
    return limit === undefined ? null : `char_length(${value}) > ${limit}`;
  }
  const to = source.cast && 'TypeName' in source.cast ? typeNameOf(source.cast.TypeName) : type;
  if (failing.kind !== 'cast' || to === null) return null;
  const check = castCheck('text', to, `(${value})`, context.server.versionNumber);
  return check.kind === 'test' ? `NOT (${check.ok})` : null;
}

function shorten(place: Place, where: string, limit: string, words: string, more: string[]): Repair {
  const short = `left(${place.value}, ${limit})`;
  return {
    ...repairIn(place, where, 'shorten', words),
    title: `Shorten ${label(place)} of ${place.table.name} to ${limit} characters`,
    careful: [`What stands beyond ${limit} characters is cut off. ${KEPT}`, ...more],
    sql: `UPDATE ${name(place.table.name)}\nSET ${setting(place, `to_jsonb(${short})`, short)}\nWHERE ${where};`,
  };
}

/** Enough to look at them; the note says how many there are. */
const SHOWN = 10;

/** Rows with key and the value itself, the beginning of it where it is long. */
async function shownRows(context: RepairContext, place: Place, where: string): Promise<string[][]> {
  const key = place.table.indexes.find(({ primary }) => primary)?.columns ?? [];
  const keys =
    key.length === 0 ? 'ctid::text' : key.map((column) => `${name(column)}::text`).join(` || ', ' || `);
  const rows = await textsOf(
    context,
    `SELECT ${keys}, char_length((${place.value})::text)::text, left((${place.value})::text, 40)
       FROM ${table(context, place.table.name)} WHERE ${where} ORDER BY 1 LIMIT ${SHOWN}`,
  );
  return rows.map((row) => row.map((cell) => toLine(cell)));
}

async function repairsAt(context: RepairContext, failing: Failing, source: Source): Promise<Repair[] | null> {
  const place = placeOf(context, source);
  const where = place ? condition(context, failing, source, place) : null;
  if (!place || where === null) return null;
  const rows = await countOf(
    context,
    `SELECT pg_catalog.count(*) FROM ${table(context, place.table.name)} WHERE ${where}`,
  );
  if (rows === 0) return [];
  const { key, shown } = {
    key: place.table.indexes.find(({ primary }) => primary)?.columns.join(', ') ?? 'row',
    shown: await shownRows(context, place, where),
  };
  context.note?.({
    title: `${label(place)} of ${place.table.name} does not fit ${failing.table}.${failing.column}: ${rowsOf(rows)}`,
    lines: [failing.detail, ...(rows > SHOWN ? [`The first ${SHOWN} by key:`] : [])],
    table: { columns: [key, 'characters', 'value, its beginning'], rows: shown },
  });
  const type = targetType(context, failing);
  const words = `${rowsOf(rows)} of ${place.table.name} hold a ${label(place)} that does not fit ${failing.table}.${failing.column} (${type ?? 'type not known'}).`;
  const limit = failing.kind === 'length' ? limitOf(where) : null;
  return [
    ...(await ownValues(context, { place, where, words, type, longest: limit })),
    ...(limit === null ? noNumber(place, where, words) : tooLong(failing, place, where, words)),
  ];
}

/** A column of another type would be in conflict with the plan: only another runbook can keep the whole text. */
const limitOf = (where: string): number => Number(/ > (\d+)$/.exec(where)?.[1] ?? '255');

function tooLong(failing: Failing, place: Place, where: string, words: string): Repair[] {
  const limit = limitOf(where);
  return [
    shorten(place, where, String(limit), words, [
      `To keep the whole text, let the runbook declare ${failing.column} as text in place of varchar(${limit}) and begin anew with it: the application must take that.`,
    ]),
  ];
}

function noNumber(place: Place, where: string, words: string): Repair[] {
  const update = (json: string, plain: string): string =>
    `UPDATE ${name(place.table.name)}\nSET ${setting(place, quoteLiteral(json), plain)}\nWHERE ${where};`;
  const empty: Repair = {
    ...repairIn(place, where, 'empty', words),
    title: `Set ${label(place)} of ${place.table.name} to NULL where it does not fit`,
    careful: [
      KEPT,
      'Where the step fills NULL with a value of its own (COALESCE), these rows get that invented value.',
    ],
    sql: update('null', 'NULL'),
  };
  const zero: Repair = {
    ...repairIn(place, where, 'zero', words),
    title: `Set ${label(place)} of ${place.table.name} to 0 where it does not fit`,
    careful: [KEPT, 'The 0 is invented. Change single rows by hand first where you know the right number.'],
    sql: update('0', "'0'"),
  };
  return [...(place.path.length > 0 || !place.column.notNull ? [empty] : []), zero];
}

/** Of each value that would make a statement fail; what cannot be traced to its column is said. */
export async function valuesThatDoNotFit(context: RepairContext): Promise<Repair[]> {
  const found: Repair[] = [];
  for (const failing of await failingOf(context)) {
    const statement = context.plan.steps
      .find(({ id }) => id === failing.step)
      ?.statements.find(({ index }) => index === failing.index);
    const sources = statement ? sourcesOf(statement, failing.column) : [];
    const offered: (Repair[] | null)[] = [];
    for (const source of sources) offered.push(await repairsAt(context, failing, source));
    const repairs = offered.flatMap((one) => one ?? []);
    if (repairs.length === 0) {
      context.note?.({
        title: `${failing.table}.${failing.column}: ${rowsOf(failing.rows)} that backout cannot mend by itself`,
        lines: [
          failing.detail,
          `Correct these rows by hand (${toLine(`${failing.keyColumns} ${failing.keys.join(', ')}`)}${failing.rows > failing.keys.length ? ', …' : ''}), then look again.`,
        ],
      });
    }
    found.push(...repairs);
  }
  return found;
}
