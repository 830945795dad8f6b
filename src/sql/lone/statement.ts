/**
 * Statements that the server refuses inside a transaction block, which every step otherwise is. Source: the manual's page
 * of each (PreventInTransactionBlock in the server's source).
 */
import type { DefElem, Node } from '@pgsql/types';
import type { Plan } from '../types.ts';

const isOn = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((node) => {
    const option: DefElem | null = 'DefElem' in node ? node.DefElem : null;
    return option?.defname === name && !isOff(option.arg);
  });

/** As defGetBoolean reads it: `(CONCURRENTLY false)` says no. */
function isOff(value: Node | undefined): boolean {
  if (!value) return false;
  if ('Boolean' in value) return value.Boolean.boolval !== true;
  if ('Integer' in value) return (value.Integer.ival ?? 0) === 0;
  return 'String' in value && /^(false|off|0)$/i.test(value.String.sval ?? '');
}

const isDetached = (node: Node): boolean =>
  'AlterTableCmd' in node &&
  node.AlterTableCmd.subtype === 'AT_DetachPartition' &&
  node.AlterTableCmd.def !== undefined &&
  'PartitionCmd' in node.AlterTableCmd.def &&
  node.AlterTableCmd.def.PartitionCmd.concurrent === true;

/**
 * What a statement is called that runs by itself, outside of transactions; null for every other, and for those that
 * {@link refusedOutside} names. ANALYZE, CLUSTER of one table and REFRESH MATERIALIZED VIEW CONCURRENTLY run in a
 * transaction.
 */
export function loneName(tree: Node): string | null {
  if ('IndexStmt' in tree && tree.IndexStmt.concurrent) return 'CREATE INDEX CONCURRENTLY';
  if ('DropStmt' in tree && tree.DropStmt.concurrent) return 'DROP INDEX CONCURRENTLY';
  if ('ReindexStmt' in tree) {
    const { kind, params } = tree.ReindexStmt;
    const one = kind === 'REINDEX_OBJECT_INDEX' || kind === 'REINDEX_OBJECT_TABLE';
    return one && isOn(params, 'concurrently') ? 'REINDEX CONCURRENTLY' : null;
  }
  if ('VacuumStmt' in tree && tree.VacuumStmt.is_vacuumcmd) return 'VACUUM';
  if ('AlterTableStmt' in tree && (tree.AlterTableStmt.cmds ?? []).some(isDetached))
    return 'DETACH PARTITION CONCURRENTLY';
  return null;
}

const AFTERWARDS = 'take it out of the steps, and run it by itself afterwards';
const BESIDE = 'this is work on the server, not on the schema: take it out of the steps';

const REFUSED: Readonly<Record<string, readonly [what: string, how: string]>> = {
  CreatedbStmt: ['CREATE DATABASE', BESIDE],
  DropdbStmt: ['DROP DATABASE', BESIDE],
  CreateTableSpaceStmt: ['CREATE TABLESPACE', BESIDE],
  DropTableSpaceStmt: ['DROP TABLESPACE', BESIDE],
  AlterSystemStmt: ['ALTER SYSTEM', BESIDE],
  CreateSubscriptionStmt: ['CREATE SUBSCRIPTION', BESIDE],
  DropSubscriptionStmt: ['DROP SUBSCRIPTION', BESIDE],
};

/** What no step may hold because it runs in no transaction and is about more than some tables, and what to do instead. */
export function refusedOutside(tree: Node): { what: string; how: string } | null {
  const known = REFUSED[Object.keys(tree)[0] ?? ''];
  if (known) return { what: known[0], how: known[1] };
  if ('ReindexStmt' in tree) {
    const { kind } = tree.ReindexStmt;
    const one = kind === 'REINDEX_OBJECT_INDEX' || kind === 'REINDEX_OBJECT_TABLE';
    return one ? null : { what: 'REINDEX of more than a table', how: AFTERWARDS };
  }
  if ('ClusterStmt' in tree && !tree.ClusterStmt.relation)
    return { what: 'CLUSTER of all tables', how: 'name the table, or take it out of the steps' };
  if ('AlterDatabaseStmt' in tree && isOn(tree.AlterDatabaseStmt.options, 'tablespace'))
    return { what: 'ALTER DATABASE … SET TABLESPACE', how: BESIDE };
  return null;
}

/** The first statement of the plan that no step may hold, in a sentence, with its line; null where there is none. */
export function refusedIn(plan: Plan): { line: number; words: string } | null {
  for (const { tree, line } of plan.steps.flatMap(({ statements }) => statements)) {
    const refused = refusedOutside(tree);
    if (refused) return { line, words: `${refused.what} cannot be part of a step: ${refused.how}.` };
  }
  return null;
}
