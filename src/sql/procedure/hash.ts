/** What a confirmation is bound to. */
import { createHash } from 'node:crypto';
import type { Action, Form, StepLocks } from './types.ts';

/**
 * sha256 over the look a procedure rests on, its form, its locks and every action's SQL and values. The journal row's
 * place for the hash itself is covered as it stands before it is filled.
 */
export function procedureHash(
  look: string,
  form: Form,
  locks: readonly StepLocks[],
  actions: readonly Action[],
): string {
  const sent = actions.map(({ role, sql, params }) => [role, sql, params ?? []]);
  return createHash('sha256')
    .update(JSON.stringify([look, form, locks, sent]))
    .digest('hex');
}
