/** Questions of the finders: read only, stopped after a minute, and a refusal is no failure of the search. */
import { ask } from '../../../postgres/scope.ts';
import { DatabaseError, type QueryResult } from '../../../sql/session.ts';
import { asNumber } from '../../../sql/values.ts';
import { visible } from '../../../sql/risk/text.ts';
import type { RepairContext } from '../../find.ts';

/** undefined_table, undefined_column (manual, errcodes-appendix): what is asked about is not there. */
const NOT_THERE = ['42P01', '42703'];

export type Answer =
  | { kind: 'rows'; result: QueryResult }
  /** The tables or columns of the question are not there. */
  | { kind: 'not-there' }
  /** The server refused it for another reason. */
  | { kind: 'refused'; why: string };

/** On the runbook's schema. @throws {DatabaseError} when the connection is lost */
export async function asked({ session, schema }: RepairContext, sql: string): Promise<Answer> {
  try {
    return { kind: 'rows', result: await ask(session, schema, sql) };
  } catch (error) {
    if (session.lost || !(error instanceof DatabaseError)) throw error;
    if (NOT_THERE.includes(error.sqlstate)) return { kind: 'not-there' };
    return { kind: 'refused', why: visible(`${error.message} (${error.sqlstate})`) };
  }
}

/** The number that a query returns as its first value; null where it cannot be had. @throws {DatabaseError} */
export async function counted(context: RepairContext, sql: string): Promise<number | null> {
  const answer = await asked(context, sql);
  if (answer.kind !== 'rows') return null;
  const { rows, fields } = answer.result;
  return asNumber(rows[0]?.[fields[0] ?? '']);
}
