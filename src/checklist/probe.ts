/** Probes of a checklist item: the runbook's queries, each asked read-only and judged by what it expects. */
import { ask } from '../postgres/scope.ts';
import type { Probe } from '../runbook/types.ts';
import { parseOne } from '../sql/parse.ts';
import { answerLines } from '../sql/psql/answer.ts';
import { questionIn } from '../sql/psql/looks.ts';
import { queryOf } from '../sql/psql/queries.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { ItemCheck } from './types.ts';

/** Rows that are shown of a result. */
const SHOWN = 10;

/**
 * Why a probe is not asked, or null. A read-only transaction refuses writes to tables; that nothing else is set going
 * (a COPY to a program, a function called by name alone) is left to being nothing but a SELECT.
 */
export function notAProbe(sql: string): string | null {
  try {
    const tree = parseOne(sql);
    const select = 'SelectStmt' in tree ? tree.SelectStmt : null;
    if (!select) return 'A probe is a SELECT and nothing else.';
    return select.intoClause ? 'A probe only reads: SELECT … INTO makes a table.' : null;
  } catch (error) {
    return `This SQL is not understood: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/**
 * Asks in a read-only transaction on the run's schema that is rolled back, for a minute at the most. Not for use inside
 * a transaction; `loadParser` must have been awaited.
 * @throws {DatabaseError} when the connection is lost: any other failure is a verdict
 */
export async function probe(
  session: Session,
  schema: string,
  asked: Probe,
  now: () => number,
): Promise<ItemCheck> {
  const began = now();
  const check = (verdict: ItemCheck['verdict'], words: string, lines: string[] = []): ItemCheck => ({
    kind: 'probe',
    title: toLine(asked.title),
    verdict,
    words: toLine(words, 1000),
    seconds: (now() - began) / 1000,
    lines,
  });
  const question = asked.sql.startsWith('\\') ? questionIn(asked.sql) : null;
  const refused = question ? null : notAProbe(asked.sql);
  if (refused !== null) return check('unclear', `Not asked. ${refused}`);
  try {
    if (question) {
      const query = queryOf(question);
      const answer = await ask(session, schema, query.sql, query.params);
      const printed = answerLines(question, answer).map((line) => toLine(line));
      return check('unclear', 'Shown as psql would; nothing in particular is expected.', printed);
    }
    const { rows, fields } = await ask(session, schema, asked.sql);
    const lines = rows.slice(0, SHOWN).map((row) => fields.map((name) => asText(row[name])).join(' | '));
    return judged(asked, { last: rows.map((row) => asText(row[fields.at(-1) ?? ''])), lines }, check);
  } catch (error) {
    if (session.lost || !(error instanceof DatabaseError)) throw error;
    const state = error.sqlstate === undefined ? '' : ` (SQLSTATE ${error.sqlstate})`;
    return check('failed', `The query failed: ${error.message}${state}.`);
  }
}

/** A boolean is `t` on the wire and `true` to who writes a runbook. */
const plain = (value: string): string => (value === 't' ? 'true' : value === 'f' ? 'false' : value);

function judged(
  { expect }: Probe,
  { last, lines }: { last: string[]; lines: string[] },
  check: (verdict: ItemCheck['verdict'], words: string, lines?: string[]) => ItemCheck,
): ItemCheck {
  const shown = lines.map((line) => toLine(line));
  const rows = `${last.length} ${last.length === 1 ? 'row' : 'rows'}`;
  if (expect === undefined)
    return check('unclear', `${rows}. The runbook does not say what is expected.`, shown);
  if (last.length === 0) return check('failed', `Expected ${expect}, found no rows.`);
  const wrong = last.filter((value) => plain(value) !== plain(expect));
  if (wrong.length === 0) return check('ok', `As expected: ${expect}.`, shown);
  return check('failed', `Expected ${expect}, found ${wrong.slice(0, 3).join(', ')}.`, shown);
}
