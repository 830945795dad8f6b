/** The answers to psql's commands beside what they expect. */
import type { PsqlAsked } from '../../runbook/types.ts';
import { answerLines } from '../psql/answer.ts';
import { psqlCommand } from '../psql/command.ts';
import { questionIn } from '../psql/looks.ts';
import { queryOf } from '../psql/queries.ts';
import { DatabaseError, type Session } from '../session.ts';
import type { VerifyCheck } from '../types.ts';

type Asking = Pick<Session, 'query'>;

interface Answer {
  lines: string[];
  rows: number;
  failed: string | null;
}

async function answer(session: Asking, { text, expanded }: PsqlAsked): Promise<Answer> {
  const question = questionIn(text);
  if (!question) return { lines: [], rows: 0, failed: 'it is not answered' };
  const { sql, params } = queryOf(question);
  try {
    const result = await session.query(sql, params);
    return { lines: answerLines(question, result, expanded), rows: result.rows.length, failed: null };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.more.connectionLost) throw error;
    return { lines: [], rows: 0, failed: `error ${error.sqlstate}: ${error.message}` };
  }
}

/** The check with what the command of psql that it came from would print. */
export async function withAnswer(
  session: Asking,
  { psql }: { psql?: PsqlAsked },
  check: VerifyCheck,
): Promise<VerifyCheck> {
  if (!psql) return check;
  const { lines } = await answer(session, psql);
  return lines.length === 0 ? check : { ...check, shown: [psql.text, ...lines] };
}

/** A command that expects nothing: it holds when it could be asked. */
export async function psqlCheck(session: Asking, psql: PsqlAsked, index: number): Promise<VerifyCheck> {
  const base = { id: `psql:${index + 1}`, title: psql.text, expected: 'shown', detail: '' };
  const command = psqlCommand(psql.text);
  if (command.kind === 'refused')
    return { ...base, ok: true, found: `not asked: backout does not carry out ${command.name}` };
  const { lines, rows, failed } = await answer(session, psql);
  return {
    ...base,
    ok: failed === null,
    found: failed ?? `${rows} ${rows === 1 ? 'row' : 'rows'}`,
    ...(lines.length === 0 ? {} : { shown: lines }),
  };
}
