/** A COMMIT whose answer never came: the row that the step writes about itself says what became of it. */
import { stepOutcome, storeState, type StepFound } from '../postgres/store.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import type { Event } from '../wizard/types.ts';
import { settleOpen } from './lone.ts';

/** The transaction that was about to be committed. */
export interface Pending {
  run: string;
  steps: string[];
  /** Null: it was sent outside of transactions. */
  xid: string | null;
  /** Whether its steps write rows about themselves: without them, only the tables can tell. */
  recorded: boolean;
}

/** As long as a session goes on with it on the server (a standby that is waited for), its row may still come. */
const WAIT_MS = 20_000;
const LOOK_MS = 250;

interface Request {
  session: Session;
  emit(event: Event): void;
  now(): number;
}

/**
 * Asks for the rows, again while the transaction is still running, and tells what was found of each step.
 * @returns false while it is still running after that time: nothing may be run before it has ended
 * @throws {DatabaseError}
 */
export async function resolveUnknown(pending: Pending, request: Request): Promise<boolean> {
  if (!pending.recorded) return true;
  const { session, emit, now } = request;
  await askable(session);
  const until = now() + WAIT_MS;
  const first = pending.steps[0] ?? '';
  let found = await outcome(session, pending, first);
  while (found === 'still-running' && now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    found = await outcome(session, pending, first);
  }
  // One transaction: what holds for its first row holds for all.
  for (const step of pending.steps) emit({ type: 'step-found', step, found });
  return found !== 'still-running';
}

/** The row that was to be written; where it is not there, what a statement outside of transactions left in the catalog. */
async function outcome(session: Session, { run, xid }: Pending, step: string): Promise<StepFound> {
  const found = await stepOutcome(session, run, step, xid === null ? {} : { xid });
  if (found !== 'not-done') return found;
  return (await settleOpen(session, run)).get(step) ?? found;
}

/** A journal that may not be read is no journal without the row. */
async function askable(session: Session): Promise<void> {
  const { state, words } = await storeState(session);
  if (state === 'ready' || state === 'absent') return;
  throw new DatabaseError(
    `the journal in the database cannot be asked what became of the step: ${words.join('; ')}`,
    '42501',
  );
}
