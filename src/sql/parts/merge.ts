/**
 * MERGE as the UPDATE, DELETE and INSERT it is made of. For each row the first WHEN whose condition holds is carried out
 * (manual, sql-merge): a CASE says the same, NULL and all.
 */
import type { MergeStmt, MergeWhenClause, Node, SelectStmt } from '@pgsql/types';
import { both } from '../position/probe.ts';

const bool = (boolval: boolean): Node => ({ A_Const: { boolval: boolval ? { boolval } : {} } });

export function whensOf({ mergeWhenClauses = [] }: MergeStmt): MergeWhenClause[] {
  return mergeWhenClauses.flatMap((node) => ('MergeWhenClause' in node ? [node.MergeWhenClause] : []));
}

/** Holds for the rows for which one of these is carried out, among the WHENs of their kind. */
function chosen(all: readonly MergeWhenClause[], own: readonly MergeWhenClause[]): Node | undefined {
  const same = all.filter(({ matchKind }) => matchKind === own[0]?.matchKind);
  if (same.length === 1 && same[0]?.condition === undefined) return undefined;
  const args = same.map((one): Node => ({
    CaseWhen: { expr: one.condition ?? bool(true), result: bool(own.includes(one)) },
  }));
  return { CaseExpr: { args, defresult: bool(false) } };
}

const select = (parts: SelectStmt): Node => ({
  SelectStmt: { ...parts, limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' },
});

/** The rows of the source without a counterpart. */
function unmatched({ relation, joinCondition }: MergeStmt): Node {
  const found = select({
    targetList: [{ ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } }],
    fromClause: relation ? [{ RangeVar: relation }] : [],
    ...(joinCondition ? { whereClause: joinCondition } : {}),
  });
  return {
    BoolExpr: {
      boolop: 'NOT_EXPR',
      args: [{ SubLink: { subLinkType: 'EXISTS_SUBLINK', subselect: found } }],
    },
  };
}

/** Those that are carried out alike belong together: all that delete, each that does something else by itself. */
export function grouped(merge: MergeStmt): [MergeWhenClause, ...MergeWhenClause[]][] {
  const all = whensOf(merge).filter(({ commandType }) => commandType !== 'CMD_NOTHING');
  const [first, ...more] = all.filter(({ commandType }) => commandType === 'CMD_DELETE');
  const others = all.filter(({ commandType }) => commandType !== 'CMD_DELETE');
  return [
    ...(first ? [[first, ...more] as [MergeWhenClause, ...MergeWhenClause[]]] : []),
    ...others.map((one): [MergeWhenClause] => [one]),
  ];
}

/** What WHENs of {@link grouped} do, as a statement of its own; null where it cannot be written so. */
export function whenAlone(merge: MergeStmt, group: [MergeWhenClause, ...MergeWhenClause[]]): Node | null {
  const [own] = group;
  const { relation, sourceRelation, joinCondition, withClause } = merge;
  if (!relation || !sourceRelation) return null;
  const more = withClause ? { withClause } : {};
  const which = chosen(whensOf(merge), group);
  const whereClause = both([joinCondition, which]) ?? bool(true);
  if (own.commandType === 'CMD_DELETE')
    return { DeleteStmt: { relation, usingClause: [sourceRelation], whereClause, ...more } };
  if (own.commandType === 'CMD_UPDATE')
    return {
      UpdateStmt: {
        relation,
        targetList: own.targetList ?? [],
        fromClause: [sourceRelation],
        whereClause,
        ...more,
      },
    };
  if (own.commandType !== 'CMD_INSERT' || !own.values) return null;
  const selectStmt = select({
    targetList: own.values.map((val): Node => ({ ResTarget: { val } })),
    fromClause: [sourceRelation],
    whereClause: both([unmatched(merge), which]) ?? unmatched(merge),
  });
  const target = { ...relation };
  delete target.alias;
  return {
    InsertStmt: {
      relation: target,
      ...(own.targetList ? { cols: own.targetList } : {}),
      selectStmt,
      override: 'OVERRIDING_NOT_SET',
      ...more,
    },
  };
}
