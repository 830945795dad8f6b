/** Failures in words: what happened, what to do, and what the runbook says about it. */
import { UserError } from '../exit.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import { Stopped } from '../sql/execute/transaction.ts';
import { DatabaseError } from '../sql/session.ts';
import { toDisplay, toLine } from '../terminal/sanitize.ts';
import { explainConnection } from './explain/connection.ts';
import { wordsFor, type Words } from './explain/sqlstates.ts';
import { clueOf } from './explain/clues.ts';
import { matchTroubleshooting } from './explain/troubleshooting.ts';
import type { ExplainedError } from './types.ts';

export interface ExplainContext {
  /** The statement that was sent. */
  statement?: string;
  runbook?: Runbook;
  /** What the runbook's steps are about. */
  plan?: Plan;
}

/** Never throws. Every text of the result may be shown as it is. */
export function explainError(error: unknown, context: ExplainContext = {}): ExplainedError {
  if (error instanceof UserError) {
    return { message: toDisplay(error.message), explanation: '', advice: toDisplay(error.advice) };
  }
  if (error instanceof DatabaseError) return explainDatabaseError(error, context);
  if (error instanceof Stopped) {
    return {
      message: error.message,
      explanation: 'No statement was under way: the server had nothing to cancel.',
      advice: '',
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    message: toDisplay(message || 'an error without a message'),
    explanation: 'This is a mistake in backout, not in the database.',
    advice: 'Nothing more was run. Keep the journal of this run and report the message above with it.',
  };
}

function explainDatabaseError(
  error: DatabaseError,
  { statement, runbook, plan }: ExplainContext,
): ExplainedError {
  const words: Words =
    explainConnection(error) ?? wordsFor(error.sqlstate, error.more.connectionLost ?? false);
  const explained: ExplainedError = {
    sqlstate: error.sqlstate,
    message: toDisplay(error.message || 'The server sent no message.'),
    explanation: words.explanation,
    advice: words.advice,
  };
  if (error.more.detail) explained.detail = toDisplay(error.more.detail);
  if (error.more.hint) explained.hint = toDisplay(error.more.hint);
  if (statement !== undefined) explained.statement = toDisplay(statement, 100_000);
  const { table, column, constraint } = error.more;
  if (table !== undefined || constraint !== undefined) {
    explained.about = {
      ...(table === undefined ? {} : { table }),
      ...(column === undefined ? {} : { column }),
      ...(constraint === undefined ? {} : { constraint }),
    };
  }
  // A caret is only right while every character is shown as one character.
  if (statement !== undefined && error.more.position !== undefined && statement === explained.statement) {
    explained.position = error.more.position;
  }
  const entry = runbook ? matchTroubleshooting(clueOf(error, plan), runbook) : null;
  if (entry) explained.troubleshooting = toLine(entry.title);
  return explained;
}
