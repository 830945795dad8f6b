/** What psql would print for one of its commands, from the rows that our own query returned. Pure. */
import type { QueryResult } from '../session.ts';
import { asJson, asText } from '../values.ts';
import type { PsqlQuestion } from './command.ts';
import type { Described, DescribedColumn } from './describe.ts';
import { aligned, expanded, type Shown } from './table.ts';

const TITLES: Readonly<Record<'relations' | 'databases' | 'schemas' | 'functions', string>> = {
  relations: 'List of relations',
  databases: 'List of databases',
  schemas: 'List of schemas',
  functions: 'List of functions',
};

/** More lines than this are told by their number: a screen is no pager. */
const MOST_LINES = 200;

type Result = Pick<QueryResult, 'rows' | 'fields'>;

/**
 * Lines as psql writes them. They hold names and definitions as the database has them: pass each through `toLine`
 * before it is shown.
 */
export function answerLines(question: PsqlQuestion, result: Result, isExpanded = false): string[] {
  const lines = linesOf(question, result, isExpanded ? expanded : aligned);
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} lines more`];
}

function linesOf(
  question: PsqlQuestion,
  { rows, fields }: Result,
  print: (shown: Shown) => string[],
): string[] {
  if (question.kind === 'echo') return [question.says];
  if (question.kind === 'describe') {
    if (rows.length === 0) return [`Did not find any relation named "${question.pattern ?? ''}".`];
    return rows.flatMap((row, at) => [...(at === 0 ? [] : ['']), ...described(row, question.verbose, print)]);
  }
  if (question.kind === 'relations' && rows.length === 0)
    return [
      question.pattern === null
        ? 'Did not find any relations.'
        : `Did not find any relation named "${question.pattern}".`,
    ];
  const cells = rows.map((row) => fields.map((field) => asText(row[field])));
  return print({ title: TITLES[question.kind], columns: fields, rows: cells });
}

const NOUNS: Readonly<Record<string, string>> = {
  r: 'Table',
  p: 'Partitioned table',
  v: 'View',
  m: 'Materialized view',
  i: 'Index',
  I: 'Partitioned index',
  S: 'Sequence',
  f: 'Foreign table',
  c: 'Composite type',
  t: 'TOAST table',
};

const list = <T>(value: unknown): T[] => {
  const read = asJson(value);
  return Array.isArray(read) ? (read as T[]) : [];
};

function readDescribed(row: Record<string, unknown>): Described {
  return {
    schema: asText(row['schema']),
    name: asText(row['name']),
    kind: asText(row['kind']),
    definition: row['definition'] === null ? null : asText(row['definition']),
    columns: list<DescribedColumn>(row['columns']),
    indexes: list(row['indexes']),
    checks: list(row['checks']),
    foreign: list(row['foreign']),
    referenced: list(row['referenced']),
    triggers: list(row['triggers']),
  };
}

function described(
  row: Record<string, unknown>,
  verbose: boolean,
  print: (shown: Shown) => string[],
): string[] {
  const found = readDescribed(row);
  const title = `${NOUNS[found.kind] ?? 'Relation'} "${found.schema}.${found.name}"`;
  const below = (words: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${words}:`, ...lines.map((line) => `    ${line}`)];
  const footer = [
    ...(found.definition === null ? [] : [found.definition]),
    ...below('Indexes', found.indexes),
    ...below('Check constraints', found.checks),
    ...below('Foreign-key constraints', found.foreign),
    ...below('Referenced by', found.referenced),
    ...below('Triggers', found.triggers),
  ];
  const columns = ['Column', 'Type', 'Collation', 'Nullable', 'Default', ...(verbose ? ['Description'] : [])];
  const rows = found.columns.map((column) => [
    column.name,
    column.type,
    column.collation ?? '',
    column.notNull ? 'not null' : '',
    column.default ?? '',
    ...(verbose ? [column.comment ?? ''] : []),
  ]);
  return print({ title, columns, rows, footer, counted: false });
}
