/** Statements that the server refuses inside a transaction, which every step is. Source: the manual's page of each. */
import type { DefElem, Node } from '@pgsql/types';
import type { Plan, Statement } from '../../sql/types.ts';
import type { Finding } from './types.ts';

const AFTERWARDS =
  'take it out of the steps and run it by itself afterwards (an item of the checklist reminds of it)';
const BESIDE = 'this is work on the server, not on the schema: take it out of the steps';

const isOn = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((node) => {
    const option: DefElem | null = 'DefElem' in node ? node.DefElem : null;
    return option?.defname === name;
  });

const KINDS: Readonly<Record<string, readonly [what: string, how: string]>> = {
  CreatedbStmt: ['CREATE DATABASE', BESIDE],
  DropdbStmt: ['DROP DATABASE', BESIDE],
  CreateTableSpaceStmt: ['CREATE TABLESPACE', BESIDE],
  DropTableSpaceStmt: ['DROP TABLESPACE', BESIDE],
  AlterSystemStmt: ['ALTER SYSTEM', BESIDE],
};

/** What cannot run in a transaction, and what to do instead; null for a statement that can. */
export function outsideOnly(tree: Node): { what: string; how: string } | null {
  const [kind = ''] = Object.keys(tree);
  const known = KINDS[kind];
  if (known) return { what: known[0], how: known[1] };
  if ('IndexStmt' in tree && tree.IndexStmt.concurrent) {
    const how = `without CONCURRENTLY it runs in the step, and keeps writers out while it builds; or ${AFTERWARDS}`;
    return { what: 'CREATE INDEX CONCURRENTLY', how };
  }
  if ('DropStmt' in tree && tree.DropStmt.concurrent) {
    const how = 'without CONCURRENTLY it runs in the step, and takes a moment once it has its lock';
    return { what: 'DROP INDEX CONCURRENTLY', how };
  }
  if ('ReindexStmt' in tree) {
    const { kind: of, params } = tree.ReindexStmt;
    const whole = of === 'REINDEX_OBJECT_DATABASE' || of === 'REINDEX_OBJECT_SYSTEM';
    if (whole || of === 'REINDEX_OBJECT_SCHEMA')
      return { what: 'REINDEX of more than a table', how: AFTERWARDS };
    return isOn(params, 'concurrently') ? { what: 'REINDEX CONCURRENTLY', how: AFTERWARDS } : null;
  }
  // ANALYZE is a VacuumStmt as well, and runs in a transaction.
  if ('VacuumStmt' in tree && tree.VacuumStmt.is_vacuumcmd) return { what: 'VACUUM', how: AFTERWARDS };
  if ('ClusterStmt' in tree && !tree.ClusterStmt.relation)
    return { what: 'CLUSTER of all tables', how: AFTERWARDS };
  if ('AlterTableStmt' in tree) {
    const detaches = (tree.AlterTableStmt.cmds ?? []).some(
      (node) =>
        'AlterTableCmd' in node &&
        node.AlterTableCmd.subtype === 'AT_DetachPartition' &&
        node.AlterTableCmd.def !== undefined &&
        'PartitionCmd' in node.AlterTableCmd.def &&
        node.AlterTableCmd.def.PartitionCmd.concurrent === true,
    );
    if (detaches) {
      return { what: 'DETACH PARTITION CONCURRENTLY', how: 'without CONCURRENTLY it runs in the step' };
    }
  }
  return null;
}

function findingOf(statement: Statement): Finding[] {
  const at = { line: statement.line };
  if ('TransactionStmt' in statement.tree) {
    const message = `${statement.command} in a step: every step is one transaction already. Leave it out.`;
    return [{ ...at, severity: 'warning', rule: 'transaction-control', message }];
  }
  if (
    'AlterEnumStmt' in statement.tree &&
    statement.tree.AlterEnumStmt.newVal &&
    !statement.tree.AlterEnumStmt.oldVal
  ) {
    const message =
      'A value that is added to an enum cannot be used before the step has ended, and PostgreSQL has no way to take it back.';
    return [{ ...at, severity: 'warning', rule: 'enum-value', message }];
  }
  const outside = outsideOnly(statement.tree);
  if (!outside) return [];
  const message = `${outside.what} cannot run inside a transaction, and a step is one: the server refuses it and the step is rolled back. How it can be run: ${outside.how}.`;
  return [{ ...at, severity: 'error', rule: 'not-in-transaction', message }];
}

export function transactionFindings(plan: Plan): Finding[] {
  return plan.steps.flatMap(({ statements }) => statements.flatMap(findingOf));
}
