/** Statements that the server refuses inside a transaction, which every step is. Source: the manual's page of each. */
import { loneName, refusedOutside } from '../../sql/lone/statement.ts';
import { outsideWords } from '../../sql/lone/words.ts';
import type { Plan, Statement } from '../../sql/types.ts';
import type { Finding } from './types.ts';

/** The same without CONCURRENTLY is whole or nothing, at the price of a lock. */
const INSTEAD: Readonly<Record<string, string>> = {
  'CREATE INDEX CONCURRENTLY':
    'Without CONCURRENTLY it would be whole or nothing in the step, and keep writers out while it builds.',
  'DROP INDEX CONCURRENTLY':
    'Without CONCURRENTLY it would be whole or nothing in the step, and take a moment once it has its lock.',
  'DETACH PARTITION CONCURRENTLY':
    'Without CONCURRENTLY it would be whole or nothing in the step, with everybody kept out for a moment.',
};

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
  const refused = refusedOutside(statement.tree);
  if (refused) {
    const message = `${refused.what} cannot be part of a step: ${refused.how}.`;
    return [{ ...at, severity: 'error', rule: 'not-in-transaction', message }];
  }
  const lone = loneName(statement.tree);
  if (lone === null) return [];
  const hint = INSTEAD[lone] === undefined ? '' : ` ${INSTEAD[lone]}`;
  const message = `It is carried out as a part of its own, which is confirmed by itself. ${outsideWords(lone)}${hint}`;
  return [{ ...at, severity: 'warning', rule: 'not-in-transaction', message }];
}

export function transactionFindings(plan: Plan): Finding[] {
  return plan.steps.flatMap(({ statements }) => statements.flatMap(findingOf));
}
