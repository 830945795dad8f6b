/** The old table beside the new one: what is in which, and the rows of the old one that the new one lacks. */
import { forwardOf } from '../../../runbook/forward.ts';
import { quoteIdent } from '../../../sql/types-of.ts';
import { name, rowsOf } from '../../../sql/risk/text.ts';
import { outputNames } from '../../../sql/output-names.ts';
import { parseOne } from '../../../sql/parse.ts';
import { tablesIn } from '../../../sql/parse-tree.ts';
import type { ForwardMapping } from '../../../sql/procedure/types.ts';
import type { Table } from '../../../sql/types.ts';
import type { Finder, RepairContext } from '../../find.ts';
import type { Repair } from '../../types.ts';
import { asked, counted } from './asking.ts';
import { oldTables, renamed } from './tables.ts';
import { from } from './unique.ts';

const list = (names: readonly string[]): string => names.map(quoteIdent).join(', ');

/** Rows of the mapping that the new table has none for, by its key. */
function missing({ table, key, sql }: ForwardMapping): string {
  const same = key.map((column) => `there.${quoteIdent(column)} = old.${quoteIdent(column)}`).join(' AND ');
  return `FROM (\n${sql}\n) AS old\nWHERE NOT EXISTS (SELECT 1 FROM ${quoteIdent(table)} AS there WHERE ${same})`;
}

/** Columns of the new table that take no NULL, have no default, and get nothing from the mapping. */
function unfilled(table: Table, given: readonly string[]): string[] {
  return table.columns
    .filter((column) => column.notNull && column.default === null && column.identity === '')
    .map((column) => column.name)
    .filter((column) => !given.includes(column));
}

/** The old tables, those that the rollback makes, that a mapping reads and that are there now. */
function sources({ catalog, plan }: RepairContext, mapping: ForwardMapping): string[] {
  const old = oldTables(plan);
  return tablesIn(parseOne(mapping.sql)).filter((table) => old.includes(table) && catalog.tables[table]);
}

async function copy(context: RepairContext, mapping: ForwardMapping): Promise<Repair[]> {
  const target = context.catalog.tables[mapping.table];
  const given = outputNames(parseOne(mapping.sql)) ?? [];
  const [old] = sources(context, mapping);
  if (!target || old === undefined) return [];
  const title = `Rows of ${old} that ${mapping.table} lacks`;
  const answer = await asked(context, `SELECT count(*) ${missing(mapping)}`);
  if (answer.kind !== 'rows') {
    const why = answer.kind === 'refused' ? answer.why : 'a column of the mapping is not there';
    const lines = [
      `They cannot be found by the runbook's mapping (line ${mapping.line}): ${why}.`,
      'The two tables do not belong to the same migration: decide by hand which rows are wanted.',
    ];
    context.note?.({ title, lines });
    return [];
  }
  const rows = Number(answer.result.rows[0]?.[answer.result.fields[0] ?? '']);
  if (rows === 0) return [];
  const lacking = unfilled(target, given);
  if (lacking.length > 0) {
    const lines = [
      `${rowsOf(rows)}. They cannot be copied: ${mapping.table} wants a value in ${lacking.join(', ')}, and ${old} has none to give.`,
    ];
    context.note?.({ title, lines });
    return [];
  }
  const columns = given.filter((column) => target.columns.some((known) => known.name === column));
  return [
    {
      id: `rows:${mapping.table}`,
      title: `Copy the rows of ${old} that ${mapping.table} lacks`,
      found: `${old} stands beside ${mapping.table}, and ${rowsOf(rows)} of it ${rows === 1 ? 'is' : 'are'} not in ${mapping.table}, by ${mapping.key.join(', ')}.`,
      careful: [
        `They are copied as the migration itself would take them (the mapping in line ${mapping.line} of the runbook). ${old} stays as it is.`,
        'A row that was deleted from the new table on purpose comes back.',
      ],
      sql: `INSERT INTO ${quoteIdent(mapping.table)} (${list(columns)})\nSELECT ${columns.map((column) => `old.${quoteIdent(column)}`).join(', ')}\n${missing(mapping)};`,
      checks: [
        {
          title: `No row of ${old} is missing in ${mapping.table}`,
          sql: `SELECT count(*) ${missing(mapping)}`,
          expect: '0',
        },
      ],
      recommended: false,
    },
  ];
}

/** Rows of each by the columns of the old one's primary key, where both have them. */
async function sideBySide(context: RepairContext, was: Table, now: Table): Promise<void> {
  const key = was.constraints.find(({ type }) => type === 'p')?.columns ?? [];
  const shared = key.length > 0 && key.every((column) => now.columns.some((other) => other.name === column));
  const rows = (table: Table): Promise<number | null> =>
    counted(context, `SELECT pg_catalog.count(*) FROM ${from(table)}`);
  const only = async (one: Table, other: Table): Promise<string> => {
    if (!shared) return 'no common key';
    const same = key.map((column) => `a.${name(column)} = b.${name(column)}`).join(' AND ');
    const sql = `SELECT pg_catalog.count(*) FROM ${from(one)} AS a WHERE NOT EXISTS (SELECT FROM ${from(other)} AS b WHERE ${same})`;
    return String((await counted(context, sql)) ?? 'keys cannot be compared');
  };
  const cells = async (title: string, one: Table, other: Table): Promise<string[]> => [
    title,
    one.name,
    String((await rows(one)) ?? 'not known'),
    await only(one, other),
    String(one.columns.filter(({ name: column }) => !other.columns.some((c) => c.name === column)).length),
  ];
  context.note?.({
    title: `Both ${was.name} and ${now.name} are there`,
    lines: [
      'The migration skips a section whose new table is there already, and a rollback cannot rename over the old one.',
    ],
    table: {
      columns: ['', 'table', 'rows', 'rows only here', 'columns only here'],
      rows: [await cells('old', was, now), await cells('new', now, was)],
    },
  });
}

/** Both are shown side by side; rows that only the old one has are offered to be copied by the runbook's mapping. */
export const bothTables: Finder = async (context) => {
  const { catalog, plan, runbook } = context;
  for (const pair of renamed(plan)) {
    const [was, now] = [catalog.tables[pair.was], catalog.tables[pair.now]];
    if (was && now) await sideBySide(context, was, now);
  }
  const found: Repair[] = [];
  for (const mapping of forwardOf(runbook)) {
    if (sources(context, mapping).length > 0) found.push(...(await copy(context, mapping)));
  }
  return found;
};
