/** The same in a transaction, where nobody else is at work: on a copy that is thrown away. Needs `loadParser`. */
import { scanSync } from 'libpg-query';
import { parseOne } from '../parse.ts';
import type { Procedure } from '../procedure/types.ts';
import { loneName } from './statement.ts';

/** The statement without CONCURRENTLY; null where it then still runs in no transaction, or cannot be written so. */
function withoutConcurrently(sql: string): string | null {
  const bytes = Buffer.from(sql, 'utf8');
  const tokens = scanSync(sql).tokens;
  const at = tokens.findIndex(({ text }) => text.toUpperCase() === 'CONCURRENTLY');
  const word = tokens[at];
  if (!word) return null;
  const [before, after] = [tokens[at - 1], tokens[at + 1]];
  const alone = before?.text === '(' && after?.text === ')';
  const [start, end] = alone ? [before.start, after.end] : [word.start, word.end];
  const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]).toString('utf8');
  try {
    return loneName(parseOne(rest)) === null ? rest : null;
  } catch {
    return null;
  }
}

export interface Within {
  /** Null: nothing of it can be tried so. */
  procedure: Procedure | null;
  /** In what it differs from the real one. */
  words: string;
}

/** A step outside of transactions as one transaction. */
export function inTransaction({ lone, ...procedure }: Procedure): Within {
  const actions = procedure.actions.map(({ outside, ...action }) => {
    const sql = outside ? withoutConcurrently(action.sql) : action.sql;
    return sql === null ? null : { ...action, sql };
  });
  const possible = actions.every((action) => action !== null);
  const name = lone?.name ?? 'It';
  return possible
    ? {
        procedure: { ...procedure, actions },
        words: `${name} runs in no transaction, and the copy is in one: it ran without CONCURRENTLY there. How it works beside others is not rehearsed.`,
      }
    : {
        procedure: null,
        words: `${name} runs in no transaction, and the copy is in one: it is not rehearsed.`,
      };
}
