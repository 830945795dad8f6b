/** What the SQL lacks when somebody pastes it into psql instead of letting backout carry it out. */
import type { Effect, Plan, Statement } from '../../sql/types.ts';
import type { Runbook } from '../types.ts';
import type { Finding } from './types.ts';

/** Takes ACCESS EXCLUSIVE, behind which every reader waits (manual, explicit-locking). */
const EXCLUSIVE: Partial<Record<Effect['kind'], true>> = {
  'drop-table': true,
  'rename-table': true,
  'add-column': true,
  'drop-column': true,
  'rename-column': true,
  'set-not-null': true,
  'alter-type': true,
  'add-constraint': true,
  'drop-constraint': true,
  'drop-index': true,
};

const locks = ({ effects }: Statement): boolean => effects.some(({ kind }) => EXCLUSIVE[kind] === true);

/** Whether a statement changes anything: a SELECT leaves nothing half-done. */
const changes = ({ effects }: Statement): boolean => effects.some(({ kind }) => kind !== 'select');

export function pastedFindings(runbook: Runbook, plan: Plan): Finding[] {
  const statements = plan.steps.flatMap((step) => step.statements);
  const first = statements.find(locks);
  const bounded = statements.some(({ sql }) => /\block_timeout\b/i.test(sql));
  const timeout: Finding[] =
    first === undefined || bounded
      ? []
      : [
          {
            line: first.line,
            severity: 'note',
            rule: 'no-lock-timeout',
            message: `No statement sets lock_timeout. Pasted into psql, this ${first.command} and those after it wait behind any open transaction, and everybody else behind them. (backout waits for a moment only, lets go and tries again.)`,
          },
        ];
  // A BEGIN with its COMMIT is no statement of the plan any more.
  const own = runbook.steps.some(({ blocks }) =>
    blocks.some(({ text }) => /^\s*(BEGIN|START\s+TRANSACTION)\b[^;]*;/im.test(text)),
  );
  const several = plan.steps.find((step) => step.statements.filter(changes).length > 1);
  const transaction: Finding[] =
    several === undefined || own
      ? []
      : [
          {
            line: several.statements.find(changes)?.line ?? 0,
            severity: 'note',
            rule: 'no-transaction',
            message:
              'Pasted into psql these steps are no transaction, and psql goes on after an error: what fails is left half-done. (backout runs each step as one transaction.)',
          },
        ];
  return [...timeout, ...transaction];
}
