/**
 * The copy's table and its rows in one statement. The server may read and work out with several processes what CREATE
 * TABLE … AS selects, and not what INSERT does (manual, when-can-parallel-query-be-used); it also writes the rows of a new
 * table faster. What such a table cannot be given at once, NOT NULL and defaults, follows in one ALTER TABLE, which
 * reads the rows once.
 */
import { draft, type Draft } from '../archive/draft.ts';
import { attributesSql, type Named } from '../definition-sql.ts';
import type { ColumnDefinition, TableDefinition } from '../definition.ts';
import { name } from '../risk/text.ts';
import type { MappedColumn, Mapping } from './mapping.ts';
import { selectSql, typeIn } from './render.ts';
import { storedSql } from './stored.ts';

/** Raising it from 0 would keep the server from sending many rows from process to process (manual, runtime-config-query). */
const COST = 'parallel_tuple_cost';

/** Nothing but columns, defaults and NOT NULL: what else decides how rows are stored has to be there before them. */
function isPlain(after: TableDefinition, target: Named): boolean {
  return (
    after.persistence === 'p' &&
    after.tablespace === null &&
    (after.accessMethod ?? 'heap') === 'heap' &&
    after.columns.every(({ generated, identity }) => generated === '' && identity === '') &&
    !attributesSql(after, target).some(({ early }) => early)
  );
}

/** A column that nobody changes passes through with its type, length and collation. */
function passes(column: MappedColumn, after: ColumnDefinition, before: TableDefinition): boolean {
  const was = before.columns.find((one) => one.name === column.original);
  return !column.changed && was?.type === after.type && was.collation === after.collation;
}

/** The SELECT of which the table can be made; null when a value's type or collation could come out otherwise. */
function exactSelect(mapping: Mapping): string | null {
  const { before, after, columns } = mapping;
  let exact = columns.length === after.columns.length;
  const dressed = (column: MappedColumn, sql: string): string => {
    const wanted = after.columns[columns.indexOf(column)];
    if (wanted?.name !== column.name) exact = false;
    if (!wanted || passes(column, wanted, before)) return sql;
    const stored = storedSql(wanted, typeIn(mapping, column.value), sql);
    if (stored === null) exact = false;
    return stored ?? sql;
  };
  const sql = selectSql(mapping, `${name(before.schema)}.${name(before.name)}`, dressed);
  return exact ? sql : null;
}

/** From PostgreSQL 18 on a NOT NULL has a name. */
function columnChanges({ columns, constraints }: TableDefinition): string[] {
  return columns.flatMap((column) => {
    const named = constraints.find((one) => one.type === 'n' && one.columns[0] === column.name);
    const set = `ALTER COLUMN ${name(column.name)} SET`;
    const required = named
      ? `ADD CONSTRAINT ${name(named.name)} NOT NULL ${name(column.name)}`
      : `${set} NOT NULL`;
    return [
      ...(column.default === null ? [] : [`${set} DEFAULT ${column.default}`]),
      ...(column.notNull ? [required] : []),
    ];
  });
}

export interface FilledRequest {
  mapping: Mapping;
  target: Named;
  /** Statements that are carried out by the making, and by the ALTER TABLE after it. */
  carries: number[];
  /** Whether the server has more than one process. */
  parallel: boolean;
}

/**
 * Null when the table has something that only CREATE TABLE and INSERT give it faithfully.
 * @throws {DoesNotFit} when an expression cannot be rendered faithfully
 */
export function filledDrafts({ mapping, target, carries, parallel }: FilledRequest): Draft[] | null {
  const { before, after } = mapping;
  const select = isPlain(after, target) ? exactSelect(mapping) : null;
  if (select === null) return null;
  const table = `${name(target.schema)}.${name(target.name)}`;
  const columns = after.columns.map((column) => name(column.name)).join(', ');
  const changes = columnChanges(after);
  const made = draft(
    'instead',
    `CREATE TABLE ${table} (${columns}) AS\n${select}`,
    `Makes the table as the step leaves it, with every row of ${before.name} and the values the step gives.`,
    { carries },
  );
  const settings = (value: string, words: string): Draft[] =>
    parallel ? [draft('instead', `SET LOCAL ${COST} ${value}`, words)] : [];
  return [
    ...settings('= 0', 'Lets the server work on the copy with as many processes as its settings allow.'),
    made,
    ...settings('TO DEFAULT', 'Sets that back: it was for the copy alone.'),
    ...(changes.length === 0
      ? []
      : [
          draft(
            'instead',
            `ALTER TABLE ${table}\n  ${changes.join(',\n  ')}`,
            `Gives ${after.name} its defaults and NOT NULL, for which every row is looked at once.`,
            { carries },
          ),
        ]),
  ];
}
