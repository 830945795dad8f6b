/** Lets a statement read the contents that tables will have, instead of the real tables. */
import type { Node, RangeVar } from '@pgsql/types';
import { KEY, type Contents, type World } from '../contents.ts';
import { cteNames, textsOf, walk } from '../parse-tree.ts';
import type { KeyRef } from './guard.ts';
import { name } from './text.ts';

export interface Rewritten<T> {
  tree: T;
  /** The tables it reads, in order of appearance. */
  read: Contents[];
  tables: Map<object, KeyRef>;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when hidden columns would be seen: `*`, a whole row, a natural join. */
function seesEverything(tree: unknown): boolean {
  const tables = new Set<string>();
  const alone: string[] = [];
  let seen = false;
  walk(tree, (kind, fields) => {
    if (kind === 'A_Star' || (kind === 'JoinExpr' && fields.isNatural === true)) seen = true;
    if (kind === 'RangeVar')
      tables.add(String((fields.alias as { aliasname?: string })?.aliasname ?? fields.relname));
    if (kind === 'ColumnRef') {
      const parts = textsOf(fields.fields as Node[]);
      if (parts.length === 1) alone.push(parts[0] ?? '');
    }
  });
  return seen || alone.some((one) => tables.has(one));
}

function columnRef(column: string): Node {
  return { ColumnRef: { fields: [{ String: { sval: column } }] } };
}

/** A sub-query with the columns that the table really has. */
function visibleOnly(contents: Contents, aliasname: string): Node {
  return {
    RangeSubselect: {
      alias: { aliasname },
      subquery: {
        SelectStmt: {
          targetList: contents.columns.map((column): Node => ({
            ResTarget: { val: columnRef(column.name) },
          })),
          fromClause: [{ RangeVar: { relname: contents.cte, inh: true, relpersistence: 'p' } }],
          limitOption: 'LIMIT_OPTION_DEFAULT',
          op: 'SETOP_NONE',
        },
      },
    },
  };
}

export function rewriteTables<T>(world: World, original: T): Rewritten<T> {
  const ctes = cteNames(original);
  const hide = seesEverything(original);
  const read: Contents[] = [];
  const tables = new Map<object, KeyRef>();
  const table = (range: RangeVar): Node | null => {
    const known = range.schemaname === undefined && ctes.has(range.relname ?? '');
    const contents = known ? null : world.find(range.relname ?? '', range.schemaname);
    if (!contents) return null;
    read.push(contents);
    const aliasname = range.alias?.aliasname ?? range.relname ?? '';
    const of = (column: string): string => `${name(aliasname)}.${name(column)}`;
    const key = { keyColumns: contents.keyColumns, table: contents.name };
    if (hide) {
      const node = visibleOnly(contents, aliasname);
      const columns = contents.keyRefs?.map(of).join(', ');
      const sql = columns === undefined ? 'CAST(NULL AS jsonb)' : `pg_catalog.jsonb_build_array(${columns})`;
      tables.set(Object.values(node)[0] as object, { ...key, sql });
      return node;
    }
    const node: Node = { RangeVar: { ...range, relname: contents.cte, alias: range.alias ?? { aliasname } } };
    delete node.RangeVar.schemaname;
    tables.set(node.RangeVar, { ...key, sql: `${name(aliasname)}.${KEY}` });
    return node;
  };
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    if (!isFields(value)) return value;
    if ('RangeVar' in value) return table(value.RangeVar as RangeVar) ?? value;
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, copy(below)]));
  };
  return { tree: copy(original) as T, read, tables };
}
