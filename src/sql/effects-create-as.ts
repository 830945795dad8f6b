/** CREATE TABLE … AS and SELECT … INTO: a new table, with the columns and the rows of a query. */
import type { CreateTableAsStmt, IntoClause, Node, SelectStmt } from '@pgsql/types';
import { tablesIn, textsOf } from './parse-tree.ts';
import { columnsOf } from './query-columns.ts';
import type { Catalog, Effect, Statement } from './types.ts';

export interface MadeOf {
  into: IntoClause;
  query: SelectStmt;
}

/** The query behind a table that is made of one; null for any other statement. */
export function madeOf(tree: Node): MadeOf | null {
  if ('CreateTableAsStmt' in tree) {
    const { into, query, objtype } = tree.CreateTableAsStmt;
    if (objtype !== 'OBJECT_TABLE' || !into || !query || !('SelectStmt' in query)) return null;
    return { into, query: query.SelectStmt };
  }
  if (!('SelectStmt' in tree) || !tree.SelectStmt.intoClause) return null;
  const { intoClause, ...query } = tree.SelectStmt;
  return { into: intoClause, query };
}

function notUnderstood(command: string, why: string): Effect[] {
  return [{ kind: 'not-understood', what: `${command}: ${why}` }];
}

/**
 * Which columns it gets is known together with the catalog: {@link withQueryColumns}.
 *
 * @param unclear says why a query may do more than give rows
 */
export function createAsEffects(
  tree: { CreateTableAsStmt: CreateTableAsStmt } | { SelectStmt: SelectStmt },
  unclear: (query: unknown) => string | null,
): Effect[] {
  const command = 'CreateTableAsStmt' in tree ? 'CREATE TABLE AS' : 'SELECT INTO';
  const made = madeOf(tree);
  const rel = made?.into.rel;
  if (!made || !rel) return notUnderstood(command, 'its rows come from a statement that was prepared');
  if (rel.relpersistence === 't') return notUnderstood(command, 'the table is temporary');
  const why = unclear(made.query);
  if (why !== null) return notUnderstood(command, why);
  const { relname: table = '', schemaname: schema } = rel;
  const empty = made.into.skipData === true;
  return [
    {
      kind: 'create-table',
      ...(schema === undefined ? {} : { schema }),
      table,
      columns: [],
      primaryKey: [],
      ifNotExists: 'CreateTableAsStmt' in tree && tree.CreateTableAsStmt.if_not_exists === true,
      as: { reads: tablesIn(made.query), empty, open: true },
    },
  ];
}

/** With the columns that the query gives, as far as the catalog says; none has a default or is NOT NULL. */
export function withQueryColumns(
  effects: readonly Effect[],
  { tree }: Pick<Statement, 'tree'>,
  catalog: Catalog,
): readonly Effect[] {
  const made = madeOf(tree);
  if (!made) return effects;
  return effects.map((effect): Effect => {
    if (effect.kind !== 'create-table' || !effect.as) return effect;
    const found = columnsOf(made.query, { catalog, with: new Map() });
    if (found === null) return effect;
    const names = textsOf(made.into.colNames);
    const columns = found.map(({ name, type }, at) => ({
      name: names[at] ?? name,
      type,
      notNull: false,
      default: null,
    }));
    return { ...effect, columns, as: { ...effect.as, open: false } };
  });
}
