/** CREATE TABLE … PARTITION BY, PARTITION OF, INHERITS and LIKE: what else the statement does, and whose columns it takes. */
import type { CreateStmt, Node, PartitionSpec } from '@pgsql/types';
import { effect, relationRef } from '../objects/names.ts';
import type { ObjectEffect } from '../objects/types.ts';
import { tableText } from '../parse-tree.ts';
import type { Catalog, Column, ColumnSpec, Effect } from '../types.ts';
import { boundText } from './bounds.ts';
import { madePartOf } from './effects.ts';
import { INHERITS } from './members.ts';

/** A table whose columns a new one gets. */
export interface Source {
  table: string;
  how: 'partition' | 'inherits' | 'like';
  /** Of LIKE: behind how many columns of its own they stand. */
  at: number;
  /** Of LIKE: what is INCLUDING, as the bits of the parser. */
  options: number;
}

/** Only what the statement says of a column of the parent: `PARTITION OF p (a DEFAULT 1)`. */
export interface Override {
  column: string;
  notNull: boolean;
  /** Undefined: the parent's. */
  default?: string | null;
}

/** The attribute that says by what a table is partitioned: `r:day`, with `?` for an expression. */
export const PARTITION_KEY = 'partition key';

const STRATEGY: Readonly<Record<string, string>> = {
  PARTITION_STRATEGY_RANGE: 'r',
  PARTITION_STRATEGY_LIST: 'l',
  PARTITION_STRATEGY_HASH: 'h',
};

export function keyOf({ strategy, partParams = [] }: PartitionSpec): string {
  const names = partParams.map((node) =>
    'PartitionElem' in node && node.PartitionElem.name ? node.PartitionElem.name : '?',
  );
  return `${STRATEGY[strategy ?? ''] ?? '?'}:${names.join(',')}`;
}

/** Parents, and for each LIKE how many columns stand before it. */
export function sourcesOf({ inhRelations = [], partbound, tableElts = [] }: CreateStmt): Source[] {
  const parents = inhRelations.flatMap((node): Source[] =>
    'RangeVar' in node
      ? [
          {
            table: tableText(node.RangeVar),
            how: partbound ? 'partition' : 'inherits',
            at: 0,
            options: 0,
          },
        ]
      : [],
  );
  let at = 0;
  const like = tableElts.flatMap((node): Source[] => {
    if ('ColumnDef' in node) at += 1;
    if (!('TableLikeClause' in node)) return [];
    const { relation, options = 0 } = node.TableLikeClause;
    return [{ table: relation ? tableText(relation) : '', how: 'like', at, options }];
  });
  return [...parents, ...like];
}

/** That it is a part of others, and by what it is partitioned: facts of the new table. */
export function belonging({ relation, inhRelations = [], partbound, partspec }: CreateStmt): ObjectEffect[] {
  const value = partbound ? boundText(partbound) : INHERITS;
  const parts = inhRelations.flatMap((node) =>
    'RangeVar' in node ? [madePartOf(relation, node.RangeVar, value)] : [],
  );
  if (!partspec) return parts;
  const sets = { [PARTITION_KEY]: keyOf(partspec) };
  return [...parts, { ...effect(relationRef('table', relation), 'alter', { sets }), withTable: true }];
}

/** Bits of TableLikeClause.options (CREATE_TABLE_LIKE_… in parsenodes.h). */
const DEFAULTS = 1 << 3;
const GENERATED = 1 << 4;
const IDENTITY = 1 << 5;

function specOf(column: Column, { how, options }: Source): ColumnSpec {
  const includes = (bit: number): boolean => how !== 'like' || (options & bit) !== 0;
  return {
    name: column.name,
    type: column.type,
    notNull: column.notNull,
    default: includes(DEFAULTS) ? column.default : null,
    ...(how === 'like' && column.identity !== '' && includes(IDENTITY) ? { identity: column.identity } : {}),
    ...(column.generated !== '' && includes(GENERATED) ? { generated: column.generated } : {}),
  };
}

/** One column for each name: what the table says itself goes before what it inherits. */
function merged(columns: readonly ColumnSpec[]): ColumnSpec[] {
  const all = new Map<string, ColumnSpec>();
  for (const column of columns) {
    const known = all.get(column.name);
    all.set(
      column.name,
      known
        ? {
            ...known,
            notNull: known.notNull || column.notNull,
            default: column.default ?? known.default,
          }
        : column,
    );
  }
  return [...all.values()];
}

/**
 * The columns that the new table gets from others, as far as these are there. A table that is there already keeps those
 * that the statement itself declares: its sources may have changed since.
 */
export function withColumnsOfSources(effects: readonly Effect[], catalog: Catalog): readonly Effect[] {
  const [made] = effects;
  if (made?.kind !== 'create-table' || !made.of) return effects;
  const { sources, overrides } = made.of;
  const found = sources.map((source) => ({ source, table: catalog.tables[source.table] }));
  if (catalog.tables[made.table]) return effects;
  const missing = found.find(({ table }) => table === undefined);
  if (missing)
    return [
      {
        kind: 'not-understood',
        what: `CREATE TABLE: its columns are those of ${missing.source.table}, which is not there or in another schema`,
      },
    ];
  const open = found.some(({ table }) => table?.open);
  const given = found.map(({ source, table }) => ({
    source,
    columns: (table?.columns ?? []).map((column) => specOf(column, source)),
  }));
  const inherited = given.filter(({ source }) => source.how !== 'like').flatMap(({ columns }) => columns);
  const own = made.columns.flatMap((column, at) => [...likeAt(given, at), column]);
  const all = merged([...inherited, ...own, ...likeAt(given, made.columns.length)]).map((column) => {
    const said = overrides.find((one) => one.column === column.name);
    return said
      ? {
          ...column,
          notNull: column.notNull || said.notNull,
          ...(said.default === undefined ? {} : { default: said.default }),
        }
      : column;
  });
  return [{ ...made, columns: all, of: { ...made.of, open } }, ...effects.slice(1)];
}

const likeAt = (given: readonly { source: Source; columns: ColumnSpec[] }[], at: number): ColumnSpec[] =>
  given.filter(({ source }) => source.how === 'like' && source.at === at).flatMap(({ columns }) => columns);

/** A ColumnDef of PARTITION OF has no type. */
export const isOverride = (element: Node): boolean =>
  'ColumnDef' in element && element.ColumnDef.typeName === undefined;
