/** "Check migration status": what the runbook asks the database, and where backout itself says it stands. Reads only. */
import { ask } from '../postgres/scope.ts';
import type { Runbook } from '../runbook/types.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import type { Plan } from '../sql/types.ts';
import { asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { databaseOf, openOn, type EscalationPlace } from './place.ts';

export interface StatusAsked {
  runbook: Pick<Runbook, 'escalation'>;
  plan: Plan;
  /** Reads the position; null for a plan that has none of its own (an undo, which is made of what was recorded). */
  position: ((session: Session) => Promise<{ title: string; state: string }[]>) | null;
}

const MOST_ROWS = 20;

type Told = { lines: string[]; tables: { columns: string[]; rows: string[][] } | null };

/** On a session of its own. @throws {DatabaseError} when the database cannot be reached */
export async function migrationStatus(place: EscalationPlace, asked: StatusAsked): Promise<Told> {
  const session = await openOn(place, databaseOf(place));
  try {
    const steps = asked.position ? await positionLines(session, asked.position) : [];
    const answers: Told[] = [];
    for (const sql of queriesOf(asked.runbook)) answers.push(await answerTo(session, place, sql));
    return {
      lines: [...steps, ...answers.flatMap(({ lines }) => lines)],
      tables: answers.find(({ tables }) => tables !== null)?.tables ?? null,
    };
  } finally {
    await session.close();
  }
}

/** Whoever asks in an emergency does not wait for a lock: a step that runs holds its tables for as long as it takes. */
const SOON = '2s';

/** The work, with a short `lock_timeout`; not inside a transaction. @throws {DatabaseError} 55P03 when a lock was not had */
export async function readSoon<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.query("SELECT pg_catalog.set_config('lock_timeout', $1, false)", [SOON]);
  return work();
}

const LOCKED = '55P03';

async function positionLines(
  session: Session,
  position: NonNullable<StatusAsked['position']>,
): Promise<string[]> {
  try {
    const steps = await readSoon(session, () => position(session));
    return steps.map(({ title, state }) => toLine(`${title}: ${state}`, 300));
  } catch (error) {
    if (!(error instanceof DatabaseError) || session.lost) throw error;
    const why =
      error.sqlstate === LOCKED
        ? 'somebody holds these tables, as a step does while it runs. Look again afterwards.'
        : error.message;
    return [toLine(`Where the steps stand could not be read: ${why}`, 400)];
  }
}

/** Of the escalation: what its SQL asks. Anything that does more than read is refused by the server. */
const queriesOf = ({ escalation }: Pick<Runbook, 'escalation'>): string[] =>
  (escalation?.blocks ?? [])
    .filter(({ language }) => language === 'sql')
    .flatMap(({ text }) => text.split(/;\s*(?:\n|$)/))
    .map((sql) => sql.trim())
    .filter((sql) => sql !== '');

async function answerTo(session: Session, place: EscalationPlace, sql: string): Promise<Told> {
  try {
    const { rows, fields } = await ask(session, place.schema ?? 'public', sql);
    const shown = rows
      .slice(0, MOST_ROWS)
      .map((row) => fields.map((name) => toLine(asTextOrNull(row[name]) ?? 'NULL', 200)));
    const more = rows.length > MOST_ROWS ? ` The first ${MOST_ROWS} are shown.` : '';
    return {
      lines: [`${toLine(sql, 300)}: ${rows.length} row${rows.length === 1 ? '' : 's'}.${more}`],
      tables: shown.length === 0 ? null : { columns: fields.map((name) => toLine(name, 60)), rows: shown },
    };
  } catch (error) {
    if (!(error instanceof DatabaseError) || session.lost) throw error;
    return { lines: [toLine(`${sql}: ${error.message} (SQLSTATE ${error.sqlstate})`, 500)], tables: null };
  }
}
