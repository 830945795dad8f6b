/** The rows that a DELETE will hit, kept right before it by its own conditions. */
import type { DeleteStmt, Node, SelectStmt } from '@pgsql/types';
import { deletionOf } from '../deletion.ts';
import { renderStatement } from '../parse-render.ts';
import type { Statement } from '../types.ts';
import { sameKey } from '../undo/match.ts';
import { ARCHIVE_SCHEMA, draft, relation } from './draft.ts';
import { isStored, keyOf, type Kept } from './columns.ts';
import type { Snapshot } from './follow.ts';
import { archiveName } from './names.ts';

function column(alias: string, from: string, to: string): Node {
  const val: Node = {
    ColumnRef: { fields: [{ String: { sval: alias } }, { String: { sval: from } }] },
  };
  return { ResTarget: from === to ? { val } : { name: to, val } };
}

/**
 * The SELECT of exactly the rows a DELETE removes. What it joins with (USING) becomes EXISTS, so that a row that
 * matches twice is kept once; in the DELETE an unqualified name that both tables have would be refused as ambiguous,
 * so no name changes its meaning.
 */
function selectOf(remove: DeleteStmt, columns: readonly Node[]): Node {
  const { relation: target, usingClause, whereClause, withClause } = remove;
  const inner: SelectStmt = {
    targetList: [{ ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } }],
    ...(usingClause ? { fromClause: usingClause } : {}),
    ...(whereClause ? { whereClause } : {}),
    limitOption: 'LIMIT_OPTION_DEFAULT',
    op: 'SETOP_NONE',
  };
  const joined: Node = {
    SubLink: { subLinkType: 'EXISTS_SUBLINK', subselect: { SelectStmt: inner } },
  };
  const where = usingClause ? joined : whereClause;
  return {
    SelectStmt: {
      targetList: [...columns],
      fromClause: [{ RangeVar: target ?? {} }],
      ...(where ? { whereClause: where } : {}),
      ...(withClause ? { withClause } : {}),
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  };
}

/** The table as the statement names it, wherever it is, as `t`. */
function here({ relation: target }: DeleteStmt): string {
  const range: Node = { RangeVar: { ...target, alias: { aliasname: 't' } } };
  return renderStatement({
    SelectStmt: {
      targetList: [{ ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } }],
      fromClause: [range],
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  });
}

/**
 * Keeps the rows that the statement deletes, with the columns the table had before the step, under their names then.
 *
 * @param unsteady the condition may choose others when it is asked again: then all rows are kept, and those that are still
 *   there are taken out of the copy behind the deletion
 * @throws {Error} when the copy cannot be written so that it means the same
 */
export function archiveDeleted(
  statement: Statement,
  { table, now, names }: Snapshot,
  place: { run: string; step: string; seq: number },
  unsteady = false,
): Kept {
  const remove = deletionOf(statement, now ?? table.definition.name);
  if (!remove) throw new Error('Only a DELETE or a TRUNCATE is kept this way.');
  const { definition } = table;
  const alias = remove.relation?.alias?.aliasname ?? remove.relation?.relname ?? definition.name;
  const stored = new Set(definition.columns.filter(isStored).map((one) => one.name));
  const kept = [...names].filter(([, before]) => stored.has(before));
  const asked: DeleteStmt = unsteady && remove.relation ? { relation: remove.relation } : remove;
  const select = renderStatement(
    selectOf(
      asked,
      kept.map(([now, before]) => column(alias, now, before)),
    ),
  );
  const { run, step, seq } = place;
  const archived = archiveName(run, step, seq, definition.name);
  const words = `The rows that statement ${statement.index} deletes from ${definition.name}.`;
  const key = keyOf(
    definition,
    definition.columns.map((one) => one.name).filter((one) => !kept.some(([, before]) => before === one)),
  );
  if (unsteady && key.length === 0)
    throw new Error(
      `Statement ${statement.index} deletes other rows each time it is run, and by then ${definition.name} has no key to tell which. Make it a step of its own.`,
    );
  const copy = relation(ARCHIVE_SCHEMA, archived);
  const named = (before: string): string => kept.find(([, was]) => was === before)?.[0] ?? before;
  return {
    drafts: [
      draft(
        'archive',
        `CREATE TABLE ${copy} AS ${select}`,
        unsteady
          ? `Keeps every row of ${definition.name}: which of them statement ${statement.index} deletes is known when it has run.`
          : `Keeps ${words.charAt(0).toLowerCase()}${words.slice(1)}`,
        { command: 'CREATE TABLE AS' },
      ),
    ],
    after: unsteady
      ? [
          draft(
            'archive',
            `DELETE FROM ${copy} AS a WHERE EXISTS (${here(remove)} WHERE ${sameKey(definition, key, ['t', 'a'], named)})`,
            `Takes out of the copy what statement ${statement.index} has left in ${definition.name}.`,
            { command: 'DELETE' },
          ),
        ]
      : [],
    entry: {
      seq,
      kind: 'rows',
      object: definition.name,
      archived,
      key,
      columns: kept.map(([, before]) => before),
      words,
    },
  };
}
