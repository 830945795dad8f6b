/** Stopping all writes to a database, and letting them in again. */
import { EXIT, UserError } from '../exit.ts';
import type { Session } from '../sql/session.ts';
import { allowSql, differences, readAccess, stopSql, whyNotStop } from './access.ts';
import { lookWith } from './look.ts';
import { beside, databaseOf, inTransaction, type EscalationPlace } from './place.ts';
import { endSessions, gone, isStray } from './sessions.ts';
import type { Access, Acted, ConnectedSession, EscalationLook } from './types.ts';

export interface StopPlan {
  /** One transaction. */
  statements: string[];
  /** Ended after it, one by one. */
  ending: ConnectedSession[];
  leaving: ConnectedSession[];
  refused: string | null;
}

/** What stopping would do, from one look: what is shown is what is done. */
export function stopPlan({ access, sessions }: EscalationLook, place: EscalationPlace): StopPlan {
  const refused = whyNotStop(access);
  return {
    statements: refused === null ? stopSql(access, place.now().toISOString(), place.by) : [],
    ending: sessions.filter(({ left }) => left === null),
    leaving: sessions.filter(({ left }) => left !== null),
    refused,
  };
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

/** What a confirmation of these rights rests on. */
const same = (one: Access, other: Access): boolean =>
  JSON.stringify([one.oid, one.owner, one.limit, one.grants]) ===
  JSON.stringify([other.oid, other.owner, other.limit, other.grants]);

/**
 * Takes the right to connect away, then ends the sessions that were shown, and no others.
 * @param shown the look that was confirmed
 * @throws {UserError} when it cannot be done, or is not as it was shown; {DatabaseError}
 */
export function stopWrites(place: EscalationPlace, shown: EscalationLook): Promise<Acted> {
  return beside(place, async (session) => {
    const access = await readAccess(session, databaseOf(place));
    const { statements, ending, refused } = stopPlan({ ...shown, access }, place);
    if (refused !== null) throw refusal(refused);
    if (!same(access, shown.access)) throw changed();
    await inTransaction(session, statements);
    const told = await endSessions(session, access.oid, ending);
    const still = await gone(session, access, ending);
    return afterStop(await lookWith(session, access.database), { ...told, still: still.length });
  });
}

function afterStop(
  { sessions, remains }: EscalationLook,
  told: { ended: number; refused: string[]; still: number },
): Acted {
  const here = sessions.filter(isStray);
  return {
    ok: here.length === 0 && told.refused.length === 0,
    lines: [
      `Nobody new may connect. ${count(told.ended, 'session')} ended.`,
      ...told.refused,
      ...(here.length === 0
        ? ['No session of the application is left.']
        : [
            `${count(here.length, 'session')} of the application ${here.length === 1 ? 'is' : 'are'} there: ${here.map(({ pid, user }) => `pid ${pid} (${user})`).join(', ')}. They came since, have not ended yet, or this role may not end them: look again.`,
          ]),
      ...remains,
      'To let everybody in again, exactly as before: "backout escalate --allow-writes".',
    ],
  };
}

/**
 * Ends sessions alone, where the rights are taken away already.
 * @throws {UserError} {DatabaseError}
 */
export function endShown(place: EscalationPlace, shown: EscalationLook): Promise<Acted> {
  return beside(place, async (session) => {
    const access = await readAccess(session, databaseOf(place));
    if (access.oid !== shown.access.oid) throw changed();
    const ending = shown.sessions.filter(({ left }) => left === null);
    const told = await endSessions(session, access.oid, ending);
    const still = await gone(session, access, ending);
    return afterStop(await lookWith(session, access.database), { ...told, still: still.length });
  });
}

/** The statements that would let everybody in again. @throws {UserError} when writes were not stopped by backout */
export function allowPlan({ access }: EscalationLook): string[] {
  const { stopped } = access.marks;
  if (stopped === null) throw notStopped();
  return allowSql(access, stopped);
}

/** @throws {UserError} when backout did not stop them; {DatabaseError} */
export function allowWrites(place: EscalationPlace): Promise<Acted> {
  return beside(place, async (session) => letIn(session, databaseOf(place)));
}

async function letIn(session: Session, database: string): Promise<Acted> {
  const before = await readAccess(session, database);
  const mark = before.marks.stopped;
  if (!mark) throw notStopped();
  await inTransaction(session, allowSql(before, mark));
  const after = await readAccess(session, database);
  const differing = differences(after, mark);
  return {
    ok: differing.length === 0,
    lines: [
      differing.length === 0
        ? 'The same roles may connect as before, in the same way. What the application started is not started again by this.'
        : 'Writes are let in again, but not everything is as it was:',
      ...differing,
    ],
  };
}

const refusal = (why: string): UserError => new UserError(why, 'Nothing was changed.', EXIT.notPermitted);

const changed = (): UserError =>
  new UserError(
    'Somebody changed who may connect after this was shown, so it was not done.',
    'Nothing was changed. Look again, then confirm again.',
    EXIT.busy,
  );

const notStopped = (): UserError =>
  new UserError(
    'Writes to this database were not stopped by backout, so there is nothing to give back.',
    'Nothing was changed.',
    EXIT.usage,
  );
