/** What a statement does to the catalog and the data, read off its parse tree. */
import { parseSync } from 'libpg-query';
import type {
  CommentStmt,
  CreateExtensionStmt,
  DropStmt,
  IndexElem,
  IndexStmt,
  Node,
  ReindexStmt,
  RenameStmt,
} from '@pgsql/types';
import {
  createTableAsEffects,
  deleteEffects,
  insertEffects,
  selectEffects,
  updateEffects,
} from './effects-query.ts';
import { copyEffects } from './copy/effects.ts';
import { doEffects } from './effects-do.ts';
import { lockEffects, onlyIf, settingEffects } from './effects-session.ts';
import { alterTableEffects, createTableEffects } from './effects-table.ts';
import { truncateEffects } from './effects-truncate.ts';
import { reindexTableEffects, vacuumEffects } from './effects-upkeep.ts';
import {
  alterRelation,
  commentOnObject,
  dropObjects,
  objectEffects,
  renameColumn,
  renameObject,
} from './objects/effects.ts';
import { composedEffects } from './parts/index.ts';
import { commandOf } from './parse-commands.ts';
import { nameParts } from './parse-tree.ts';
import { nameOf } from './query-columns.ts';
import { shorten } from './symbolic-names.ts';
import type { Effect } from './types.ts';

function notUnderstood(what: string): Effect[] {
  return [{ kind: 'not-understood', what }];
}

function qualified(parts: readonly string[]): { name: string; schema?: string } {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  return schema === undefined ? { name } : { name, schema };
}

function dropEffects(drop: DropStmt): Effect[] {
  const ifExists = drop.missing_ok === true;
  const cascade = drop.behavior === 'DROP_CASCADE';
  const concurrently = drop.concurrent === true;
  const objects = (drop.objects ?? []).map((node) => qualified(nameParts(node)));
  if (drop.removeType === 'OBJECT_TABLE') {
    return objects.map(({ name, ...rest }) => ({
      kind: 'drop-table',
      ...rest,
      table: name,
      ifExists,
      cascade,
    }));
  }
  if (drop.removeType === 'OBJECT_INDEX') {
    return objects.map((object) => ({ kind: 'drop-index', ...object, ifExists, concurrently, cascade }));
  }
  return dropObjects(drop) ?? notUnderstood(`${commandOf({ DropStmt: drop })} is not covered`);
}

/** With IF EXISTS; of what is neither a table, a part of one nor an index it is not followed whether it is there. */
function renameEffects(rename: RenameStmt): Effect[] {
  const renamed = renamedEffects(rename);
  const what =
    rename.renameType === 'OBJECT_INDEX' ||
    rename.relationType === 'OBJECT_TABLE' ||
    rename.renameType === 'OBJECT_TABLE';
  if (!rename.missing_ok) return renamed;
  if (!what) return notUnderstood('RENAME: IF EXISTS would do nothing, and say nothing, when it is missing');
  return onlyIf(renamed, rename.relation?.relname ?? '');
}

function renamedEffects(rename: RenameStmt): Effect[] {
  const { subname: from = '', newname: to = '', relation } = rename;
  const table = relation?.relname ?? '';
  const place = relation?.schemaname ? { schema: relation.schemaname } : {};
  switch (rename.renameType) {
    case 'OBJECT_TABLE':
      return [{ kind: 'rename-table', ...place, from: table, to }];
    case 'OBJECT_INDEX':
      return [{ kind: 'rename-index', ...place, from: table, to }];
    case 'OBJECT_TABCONSTRAINT':
      return [{ kind: 'rename-constraint', ...place, table, from, to }];
    case 'OBJECT_COLUMN':
      if (rename.relationType === 'OBJECT_TABLE')
        return [{ kind: 'rename-column', ...place, table, from, to }];
      if (renameColumn(rename) !== null) return renameColumn(rename) ?? [];
      return notUnderstood('renaming a column of something that is no table is not covered');
    default:
      return (
        renameObject(rename) ?? notUnderstood(`${commandOf({ RenameStmt: rename })} … RENAME is not covered`)
      );
  }
}

/**
 * The columns in the name of an index that is given none: table_column_column_idx. An expression goes by the name that a
 * column of a query would have, and one that is there already gets a number (ChooseIndexColumnNames, FigureIndexColname).
 */
function indexParts(elements: readonly IndexElem[]): string[] {
  const parts: string[] = [];
  for (const { name, expr } of elements) {
    const figured = name ?? (expr ? nameOf(expr) : null);
    const origin = figured === null || figured === '?column?' ? 'expr' : figured;
    let part = origin;
    for (let number = 1; parts.includes(part); number += 1) part = `${origin}${number}`;
    parts.push(part);
  }
  return parts;
}

function indexEffects(index: IndexStmt): Effect[] {
  const table = index.relation?.relname ?? '';
  const elements = (index.indexParams ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : []));
  const columns = elements.map((element) => element.name ?? '');
  const parts = indexParts(elements).join('_');
  return [
    {
      kind: 'create-index',
      ...(index.relation?.schemaname ? { schema: index.relation.schemaname } : {}),
      name: index.idxname ?? shorten(table, parts, 'idx'),
      table,
      columns,
      unique: index.unique === true,
      concurrently: index.concurrent === true,
      ifNotExists: index.if_not_exists === true,
    },
  ];
}

/** With CONCURRENTLY it ends in the same, outside of a transaction (manual, sql-reindex). */
function reindexEffects({ kind, relation, params = [] }: ReindexStmt): Effect[] {
  const name = relation?.relname ?? '';
  if (kind !== 'REINDEX_OBJECT_INDEX') return notUnderstood('REINDEX: only REINDEX INDEX is covered');
  const strange = params.find((one) => !('DefElem' in one) || one.DefElem.defname !== 'concurrently');
  if (strange) return notUnderstood('REINDEX: no option but CONCURRENTLY is covered');
  return [{ kind: 'reindex', ...(relation?.schemaname ? { schema: relation.schemaname } : {}), name }];
}

function commentEffects(comment: CommentStmt): Effect[] {
  const beside = commentOnObject(comment);
  if (beside !== null) return beside;
  const object = nameParts(comment.object).join('.');
  return [
    { kind: 'comment', on: `${(comment.objtype ?? '').replace(/^OBJECT_/, '').toLowerCase()} ${object}` },
  ];
}

/** CASCADE makes others along, and a version is one of many: neither can be told from the name. */
function extensionEffects(create: CreateExtensionStmt): Effect[] {
  const options = (create.options ?? []).map((node) =>
    'DefElem' in node ? (node.DefElem.defname ?? '') : '',
  );
  const strange = options.find((option) => option !== 'schema');
  if (strange !== undefined)
    return notUnderstood(`CREATE EXTENSION … ${strange.toUpperCase()} is not covered`);
  return [
    { kind: 'create-extension', name: create.extname ?? '', ifNotExists: create.if_not_exists === true },
  ];
}

/** A statement of a block of code. One that does not parse is not understood. */
function within(sql: string): { tree: Node; effects: Effect[] } {
  try {
    const [first, ...others] = parseSync(sql).stmts ?? [];
    const tree = first?.stmt;
    if (tree && others.length > 0)
      return { tree, effects: notUnderstood('it runs several statements from one text') };
    if (tree) return { tree, effects: effectsOf(tree) };
  } catch {
    // Said below.
  }
  return { tree: { List: {} }, effects: notUnderstood('a statement of it does not parse') };
}

const WHY: Readonly<Record<string, string>> = {
  TransactionStmt: 'a step is one transaction already; a statement of its own would break it apart',
};

/**
 * The effects of one statement, in the order they take place. What is not covered, or might do more than its text
 * says, is `not-understood` with the reason.
 */
export function effectsOf(tree: Node): Effect[] {
  const composed = composedEffects(tree);
  if (composed !== null) return composed;
  if ('CreateStmt' in tree) return createTableEffects(tree.CreateStmt);
  if ('AlterTableStmt' in tree)
    return alterRelation(tree.AlterTableStmt) ?? alterTableEffects(tree.AlterTableStmt);
  if ('DropStmt' in tree) return dropEffects(tree.DropStmt);
  if ('RenameStmt' in tree) return renameEffects(tree.RenameStmt);
  if ('IndexStmt' in tree) return indexEffects(tree.IndexStmt);
  if ('ReindexStmt' in tree) return reindexTableEffects(tree.ReindexStmt) ?? reindexEffects(tree.ReindexStmt);
  if ('VacuumStmt' in tree)
    return vacuumEffects(tree.VacuumStmt) ?? notUnderstood('without a table it works on all of the database');
  if ('UpdateStmt' in tree) return updateEffects(tree.UpdateStmt);
  if ('InsertStmt' in tree) return insertEffects(tree.InsertStmt);
  if ('DeleteStmt' in tree) return deleteEffects(tree.DeleteStmt);
  if ('CopyStmt' in tree) return copyEffects(tree.CopyStmt, selectEffects);
  if ('DoStmt' in tree) return doEffects(tree.DoStmt, within);
  if ('TruncateStmt' in tree) return truncateEffects(tree.TruncateStmt);
  if ('LockStmt' in tree) return lockEffects(tree.LockStmt);
  if ('VariableSetStmt' in tree) return settingEffects(tree.VariableSetStmt);
  if ('SelectStmt' in tree) return selectEffects(tree.SelectStmt);
  if ('CommentStmt' in tree) return commentEffects(tree.CommentStmt);
  if ('CreateExtensionStmt' in tree) return extensionEffects(tree.CreateExtensionStmt);
  const beside = objectEffects(tree);
  if (beside !== null) return beside;
  if ('CreateTableAsStmt' in tree) return createTableAsEffects(tree.CreateTableAsStmt);
  return notUnderstood(WHY[Object.keys(tree)[0] ?? ''] ?? `${commandOf(tree)} is not covered`);
}
