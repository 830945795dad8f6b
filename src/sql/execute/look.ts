/** A command of psql among a step's statements: asked, shown, and never a reason for the step to fail. */
import type { Action } from '../procedure/types.ts';
import { answerLines } from '../psql/answer.ts';
import { questionIn } from '../psql/looks.ts';
import { DatabaseError } from '../session.ts';
import type { StepRequest } from './types.ts';

const SAVEPOINT = 'backout_look';

/**
 * What it shows is told as notices of its action. A query that the server refuses (a pattern that is no regular
 * expression) is told so, and the step goes on, as psql would: at a savepoint, so that the transaction stays whole.
 * @throws {DatabaseError} when the connection is lost, or the step was asked to stop
 */
export async function runLook(request: StepRequest, step: string, action: Action): Promise<void> {
  const { session, hooks, now } = request;
  const { text, expanded } = action.look ?? { text: '', expanded: false };
  const question = questionIn(text);
  hooks.actionStarted(step, action);
  const began = now();
  await session.query(`SAVEPOINT ${SAVEPOINT}`);
  let rows: number | null = null;
  try {
    const result = await session.query(action.sql, action.params ?? []);
    rows = result.rowCount;
    for (const line of question ? answerLines(question, result, expanded) : [])
      hooks.notice(step, action, line);
  } catch (error) {
    if (!(error instanceof DatabaseError) || session.lost || request.stopped()) throw error;
    await session.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
    hooks.notice(step, action, `It could not be shown: ${error.message}`);
  }
  await session.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
  hooks.actionDone(step, action, rows, (now() - began) / 1000);
}
