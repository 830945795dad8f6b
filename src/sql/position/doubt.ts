/**
 * Rows that a statement still finds show that it has not run, unless a later statement may have put them there. Then
 * that later one must show by itself that it has not run either; otherwise nobody can say which of the two is true.
 */
import type { Node } from '@pgsql/types';
import type { Session } from '../session.ts';
import type { Catalog, Statement } from '../types.ts';
import { isComposed } from '../parts/index.ts';
import { evidenceFor, isGuarded, mayRunAgain } from './evidence.ts';
import { missingFor, rowEffect } from './missing.ts';
import { both, count, countMatching } from './probe.ts';
import { mayHaveMade, touchesOf } from './touch.ts';

export interface Decided {
  step: string;
  statement: Statement;
  state: string;
  /** The catalog shows that it has not been reached. */
  certain: boolean;
  /** The rows alone decided. */
  byRows: boolean;
  /**
   * Its step may have been broken off somewhere: the catalog is as after some of its statements. Where it is not,
   * something else has been at work, and that a later statement is done says nothing about an earlier one.
   */
  fits: boolean;
}

type Looking = { session: Pick<Session, 'query'>; catalog: Catalog };

/** An UPDATE of a table without rows, or an INSERT of a query that gives none, leaves nothing to find. */
async function leavesNothing(statement: Statement, { session, catalog }: Looking): Promise<boolean> {
  if (isComposed(statement)) return false;
  const { tree } = statement;
  const relation = 'UpdateStmt' in tree ? tree.UpdateStmt.relation : undefined;
  return relation !== undefined && (await count(session, catalog, countMatching(relation, undefined))) === 0;
}

/** True when its own rows say that it has still to run, or that it can have changed nothing. */
async function isOpen(statement: Statement, looking: Looking): Promise<boolean> {
  if (missingFor(statement, looking.catalog).length > 0) return true;
  try {
    if (await leavesNothing(statement, looking)) return true;
    const evidence = await evidenceFor(statement, { ...looking, passed: false, writers: null });
    const unguarded = 'InsertStmt' in statement.tree && !isGuarded(statement.tree.InsertStmt);
    const query = 'InsertStmt' in statement.tree ? statement.tree.InsertStmt.selectStmt : undefined;
    const values = query && 'SelectStmt' in query && query.SelectStmt.valuesLists !== undefined;
    return evidence.state === 'pending' || (unguarded && !values && evidence.state === 'applied');
  } catch {
    return false;
  }
}

/** Rows that the earlier UPDATE finds and that hold what the later one would leave; null where that cannot be asked. */
async function leftBy(
  early: Statement,
  late: Statement,
  { session, catalog }: Looking,
): Promise<number | null> {
  if (isComposed(early) || isComposed(late)) return null;
  if (!('UpdateStmt' in early.tree) || !('UpdateStmt' in late.tree)) return null;
  const { relation, whereClause, fromClause, withClause } = early.tree.UpdateStmt;
  const other = late.tree.UpdateStmt;
  if (!relation || relation.relname !== other.relation?.relname) return null;
  if (other.fromClause || relation.alias || other.relation?.alias) return null;
  const holds = (other.targetList ?? []).flatMap((node): Node[] => {
    const target = 'ResTarget' in node ? node.ResTarget : undefined;
    if (!target?.val || 'SetToDefault' in target.val || 'MultiAssignRef' in target.val) return [];
    const lexpr: Node = {
      ColumnRef: {
        fields: [{ String: { sval: relation.relname ?? '' } }, { String: { sval: target.name ?? '' } }],
      },
    };
    const name = [{ String: { sval: '=' } }];
    return [{ A_Expr: { kind: 'AEXPR_NOT_DISTINCT', name, lexpr, rexpr: target.val } }];
  });
  if (holds.length !== (other.targetList ?? []).length) return null;
  const [first] = holds;
  const any = holds.length === 1 ? first : ({ BoolExpr: { boolop: 'OR_EXPR', args: holds } } as Node);
  return count(session, catalog, countMatching(relation, both([whereClause, any]), fromClause, withClause));
}

/** The same for rows that a later INSERT … SELECT would add: they hold its constants, and the defaults it leaves. */
async function addedBy(
  early: Statement,
  late: Statement,
  { session, catalog }: Looking,
): Promise<number | null> {
  if (isComposed(early) || isComposed(late)) return null;
  if (!('UpdateStmt' in early.tree) || !('InsertStmt' in late.tree)) return null;
  const { relation, whereClause, fromClause, withClause } = early.tree.UpdateStmt;
  const { relation: into, cols = [], selectStmt } = late.tree.InsertStmt;
  const table = catalog.tables[into?.relname ?? ''];
  const list = selectStmt && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt.targetList : undefined;
  if (!relation || !table || !list || cols.length === 0 || relation.relname !== table.name) return null;
  const target = relation.alias?.aliasname ?? table.name;
  const named = cols.map((node) => ('ResTarget' in node ? node.ResTarget.name : undefined));
  const holds = table.columns.flatMap((column): Node[] => {
    const at = named.indexOf(column.name);
    const item = list[at];
    const value = item && 'ResTarget' in item ? item.ResTarget.val : undefined;
    const bare = value && 'TypeCast' in value ? value.TypeCast.arg : value;
    const empty = at < 0 && column.default === null && column.generated === '' && column.identity === '';
    const rexpr: Node | undefined = empty
      ? { A_Const: { isnull: true } }
      : bare && 'A_Const' in bare
        ? value
        : undefined;
    const lexpr: Node = {
      ColumnRef: { fields: [{ String: { sval: target } }, { String: { sval: column.name } }] },
    };
    const name = [{ String: { sval: '=' } }];
    return rexpr ? [{ A_Expr: { kind: 'AEXPR_NOT_DISTINCT', name, lexpr, rexpr } }] : [];
  });
  return count(
    session,
    catalog,
    countMatching(relation, both([whereClause, ...holds]), fromClause, withClause),
  );
}

async function showsNothing(early: Statement, late: Statement, looking: Looking): Promise<boolean> {
  if (await isOpen(late, looking)) return false;
  // What it takes from another table cannot be told from what was there; the earlier one looks for itself.
  const fromElsewhere = 'UpdateStmt' in late.tree && late.tree.UpdateStmt.fromClause !== undefined;
  if (fromElsewhere && mayRunAgain(early)) return false;
  try {
    const made = (await leftBy(early, late, looking)) ?? (await addedBy(early, late, looking));
    return made !== 0;
  } catch {
    return true;
  }
}

/** Statements that the rows call pending while a later one may have made these rows, and that later one. */
export async function doubts(all: readonly Decided[], looking: Looking): Promise<Map<Statement, string>> {
  const found = new Map<Statement, string>();
  const touches = touchesOf(
    all.map(({ statement }) => statement),
    looking.catalog,
  );
  for (const [at, one] of all.entries()) {
    const early = touches[at];
    if (!early || !one.byRows || !one.fits || one.state !== 'pending') continue;
    for (const [place, later] of all.entries()) {
      const late = touches[place];
      if (place <= at || !late || later.certain || !rowEffect(later.statement)) continue;
      if (!mayHaveMade(late, early)) continue;
      if (!(await showsNothing(one.statement, later.statement, looking))) continue;
      const which = `statement ${later.statement.index} of ${later.step}`;
      found.set(
        one.statement,
        `What it still finds may be what ${which} left after it: the rows do not show which of the two has run.`,
      );
      break;
    }
  }
  return found;
}
