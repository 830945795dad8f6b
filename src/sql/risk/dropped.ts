/** What goes with a column or a table, and what of it is kept elsewhere. */
import { columnOf, constantDefault, KEY, type ContentColumn, type Contents } from '../contents.ts';
import type { Context } from './context.ts';
import type { Copy } from './lineage.ts';
import { rowsFrom, type Probe, type Rows } from './rows.ts';
import { all, name } from './text.ts';

/** A column that holds something of its own: not NULL, not empty by its default. */
export function holds(column: ContentColumn, reference: string): string {
  const usual = constantDefault(column);
  const own = usual === null ? null : `${reference} IS DISTINCT FROM CAST(${usual} AS ${column.type})`;
  return all([`${reference} IS NOT NULL`, own]);
}

/** Reads the real table where a column is still as it is there: no statement in between has to be computed. */
function reading(
  contents: Contents,
  columns: readonly ContentColumn[],
): { rows: Rows; of: (column: ContentColumn) => string } {
  const direct = contents.base !== null && columns.every((column) => column.source !== null);
  const from = direct ? (contents.base ?? contents.cte) : contents.cte;
  const rows = rowsFrom(`${from} AS backout_t`, null, `backout_t.${KEY}`, contents.keyColumns);
  return { rows, of: (column) => `backout_t.${name(direct ? (column.source ?? column.name) : column.name)}` };
}

/** A copy is one only for the rows that the copying statement reached. */
function notCopied(copy: Copy, contents: Contents): string | null {
  if (copy.reached !== true) return `backout_t.${copy.reached} IS NOT TRUE`;
  const target = columnOf(contents, copy.toColumn);
  return copy.applied && target ? `backout_t.${name(target.name)} IS NULL` : null;
}

function partly(context: Context, contents: Contents, column: string): string {
  const place = context.lineage.parts.get(`${context.lineage.id(contents.name)}.${column}`);
  return place ? ` Parts of it are read by statement ${place.index} of ${place.step}; the rest is not.` : '';
}

/** DROP COLUMN, one or several of the same table. @throws {DatabaseError} */
export async function assessDropColumns(
  context: Context,
  contents: Contents,
  columns: readonly ContentColumn[],
): Promise<void> {
  const { questions, lineage, findings } = context;
  const id = lineage.id(contents.name);
  const about = findings.about(contents.name, contents.keyColumns);
  const free: ContentColumn[] = [];
  for (const column of columns.filter((one) => one.origin === 'database' && one.fact !== 'null')) {
    const copies = lineage.copies.filter((copy) => copy.id === id && copy.column === column.name);
    const lasting = copies.filter(
      (copy) => !(copy.toId === id && columns.some((other) => other.name === copy.toColumn)),
    );
    const missing = lasting.map((copy) => notCopied(copy, contents));
    if (lasting.length === 0) free.push(column);
    if (lasting.length === 0 || missing.includes(null)) continue;
    const to = lasting.map((copy) => copy.toColumn).join(', ');
    const why = `It was not copied to ${to}.`;
    const rows = rowsFrom(`${contents.cte} AS backout_t`, null, null, '');
    const condition = all([holds(column, `backout_t.${name(column.name)}`), ...missing]);
    await questions.ask(rows, [{ condition, keys: false, found: (n) => about.atRisk(n, why, column.name) }]);
  }
  const { rows, of } = reading(contents, free);
  const probes = free.map((column): Probe => {
    const why = `Held in no other table.${partly(context, contents, column.name)}`;
    return {
      condition: holds(column, of(column)),
      keys: false,
      found: (n) => about.atRisk(n, why, column.name),
    };
  });
  await questions.ask(rows, probes);
}

/** DROP TABLE. @throws {DatabaseError} */
export async function assessDropTable(context: Context, contents: Contents): Promise<void> {
  const { questions, lineage } = context;
  const about = context.findings.about(contents.name, contents.keyColumns);
  if (contents.real === null) return;
  const id = lineage.id(contents.name);
  const readings = lineage.readings.filter((one) => one.id === id);
  if (readings.length === 0) {
    const found = (n: number) => about.atRisk(n, 'Read by no statement.');
    const rows = rowsFrom(`${contents.base ?? contents.cte} AS backout_t`, null, null, '');
    return questions.ask(rows, [{ condition: 'true', keys: false, found }]);
  }
  await leftOut(context, contents);
  const unread = contents.columns.filter(
    (column) => column.origin === 'database' && !readings.some((one) => one.columns.has(column.name)),
  );
  const { rows, of } = reading(contents, unread);
  const probes = unread.map((column): Probe => {
    return {
      condition: holds(column, of(column)),
      keys: false,
      found: (n) => about.atRisk(n, 'Read by no statement.', column.name),
    };
  });
  await questions.ask(rows, probes);
}

/** Rows that no statement has taken elsewhere. */
async function leftOut(context: Context, contents: Contents): Promise<void> {
  const { questions, lineage, findings } = context;
  const about = findings.about(contents.name, contents.keyColumns);
  const readings = lineage.readings.filter((one) => one.id === lineage.id(contents.name));
  const known = readings.flatMap((one) => (one.used === null ? [] : [one.used]));
  const unknown = readings.filter((one) => one.used === null);
  if (unknown.length > 0) {
    const at = unknown.map((one) => `statement ${one.at.index} of ${one.at.step}`).join(', ');
    const why = `Which rows ${at} ${unknown.every((one) => one.applied) ? 'took before cannot' : 'takes cannot'} be told.`;
    about.unchecked(`rows of ${contents.name} that are not taken into another table`, why);
    return;
  }
  const taken = `SELECT DISTINCT backout_u.k FROM (${known.join(' UNION ALL ')}) AS backout_u WHERE backout_u.k IS NOT NULL`;
  const rows = rowsFrom(
    `${contents.cte} AS backout_t LEFT JOIN (${taken}) AS backout_k ON backout_k.k = backout_t.${KEY}`,
    'backout_k.k IS NULL',
    null,
    '',
  );
  const into = [...new Set(readings.map((one) => one.into))].join(', ');
  const why = `They are not taken into ${into}.`;
  await questions.ask(rows, [{ condition: 'true', keys: false, found: (n) => about.atRisk(n, why) }]);
}
