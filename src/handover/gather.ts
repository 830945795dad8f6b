/** Gathers what the next person has to know: from the database where it can be read, and from the journal on this machine. */
import { lookWith } from '../escalate/look.ts';
import { besideLine } from '../escalate/facts.ts';
import { databaseOf, openOn, type EscalationPlace } from '../escalate/place.ts';
import { readSoon } from '../escalate/status.ts';
import type { JournalEvent } from '../journal/types.ts';
import { allRuns, otherRun, stepRows } from '../postgres/store.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import { isUnknown, triedLines } from './tried.ts';
import type { HandOverFacts } from './types.ts';

export interface Gather {
  place: EscalationPlace;
  environment: HandOverFacts['environment'];
  /** Title. */
  runbook: string;
  contacts: HandOverFacts['contacts'];
  position: (session: Session) => Promise<{ title: string; state: string }[]>;
  /** Of the newest run on this database that this machine knows; null where there is none. */
  journal: { run: string; events: readonly JournalEvent[] } | null;
}

type Known = Pick<HandOverFacts, 'position' | 'runs' | 'stopped' | 'beside' | 'sessions'>;

/** Never throws: what cannot be read is said. Nothing is changed. */
export async function gatherHandOver(asked: Gather): Promise<HandOverFacts> {
  const { place, journal } = asked;
  const { host, port, user } = place.connection.parameters;
  const line = (text: string): string => toLine(text, 300);
  return {
    at: place.now().toISOString(),
    by: line(place.by),
    environment: asked.environment,
    server: { host: line(host), port: String(port), database: line(databaseOf(place)), user: line(user) },
    runbook: line(asked.runbook),
    contacts: asked.contacts.map(({ name, role, how }) => ({
      name: line(name),
      how: line(how),
      ...(role === undefined ? {} : { role: line(role) }),
    })),
    tried: journal ? triedLines(journal.events) : [],
    unknown: journal ? isUnknown(journal.events) : false,
    run: journal?.run ?? null,
    ...(await known(asked)),
  };
}

async function known(asked: Gather): Promise<Known> {
  let session: Session;
  try {
    session = await openOn(asked.place, databaseOf(asked.place));
  } catch (error) {
    return unread(error);
  }
  try {
    return await read(session, asked);
  } catch (error) {
    return unread(error);
  } finally {
    await session.close();
  }
}

function unread(error: unknown): Known {
  const failed = toLine(error instanceof Error ? error.message : String(error), 300);
  return { position: { steps: [], failed }, runs: [], stopped: null, beside: [], sessions: [] };
}

/** A step that runs holds its tables: what else is known is told all the same. */
async function positionFound(session: Session, { position }: Gather): Promise<Known['position']> {
  try {
    const steps = (await readSoon(session, () => position(session))).map(({ title, state }) => ({
      title: toLine(title, 200),
      state: toLine(state, 40),
    }));
    return { steps, failed: null };
  } catch (error) {
    if (session.lost) throw error;
    return { steps: [], failed: toLine(error instanceof Error ? error.message : String(error), 300) };
  }
}

async function read(session: Session, asked: Gather): Promise<Known> {
  const { place } = asked;
  const position = await positionFound(session, asked);
  const look = await lookWith(session, databaseOf(place));
  const { stopped } = look.access.marks;
  return {
    position,
    runs: await runsOf(session),
    stopped: stopped && { at: toLine(stopped.at, 40), by: toLine(stopped.by, 100) },
    beside: look.beside.map(besideLine),
    // Without their queries: what stands in one may be a secret.
    sessions: look.sessions.map(({ pid, user, application, address, state }) =>
      toLine(`pid ${pid}, ${user}, ${application}, ${address}, ${state}`, 300),
    ),
  };
}

/** Newest first. */
async function runsOf(session: Session): Promise<HandOverFacts['runs']> {
  const rows = (await allRuns(session)).reverse().slice(0, 10);
  if (rows.length === 0) return [];
  const holder = await otherRun(session, null);
  const runs: HandOverFacts['runs'] = [];
  for (const row of rows) {
    const steps = await stepRows(session, row.run);
    runs.push({
      run: toLine(row.run),
      kind: row.kind,
      operator: toLine(`${row.operator} on ${row.host}`),
      live: holder?.live === true && holder.run === row.run,
      ended: row.endedAt !== null,
      done: steps.filter(({ undoneBy }) => undoneBy === null).length,
    });
  }
  return runs;
}
