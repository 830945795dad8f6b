/**
 * While a step waits for a lock: who holds it, asked over a second session during each try (between tries nobody is
 * waited for, so nobody could be named), and what the operator wants done about it.
 */
import { actOnBlocker, blockersOf, waitedFor, waitersInTurn } from '../postgres/blockers.ts';
import type { LockTry } from '../sql/execute.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Blocker, Event, LockWait, Task } from '../wizard/types.ts';
import { progressOf } from './progress.ts';

export type LockAction = Extract<Task, { type: 'lock-action' }>;

type Acting = Extract<LockAction, { pid: number }>;

export interface LockWatchRequest {
  emit(event: Event): void;
  now(): number;
  /** A second session; null for the embedded database, where nobody can block anybody. */
  openOther: (() => Promise<Session>) | null;
}

type During = LockWait['during'];

/** How one step's waiting is followed. Its failures never are the step's: what cannot be seen is left out. */
export interface LockWatch {
  trying(tried: LockTry, backendPid: number, during?: During): void;
  missed(tried: LockTry, pauseMs: number | null, during?: During): void;
  taken(): void;
  /**
   * Until the next call of another kind: a statement outside of transactions is at work in the session of this pid, and
   * may wait for others at any time. `tell` hears of each phase that the server reports, once.
   */
  following(
    of: Pick<LockTry, 'step' | 'table' | 'level'>,
    backendPid: number,
    tell: (text: string) => void,
  ): void;
  /** Resolves after that long, or as soon as the operator wants the next try or an end of it. */
  pause(ms: number): Promise<void>;
  act(task: LockAction): void;
  /** Ends a pause: the operator wants to stop. */
  wake(): void;
  /** Who stood in the way when it was last looked at. */
  readonly blockers: Blocker[];
  /** What was waited for then, as the server called it; null when that was not seen. */
  readonly wanted: { table: string; level: string } | null;
  /** Whether one of them waits for us in turn; null when nobody was seen. */
  readonly deadlocked: boolean | null;
  close(): Promise<void>;
}

/** A try that is over this soon was not waiting for anybody. Milliseconds. */
const SOON_MS = 40;
/** Between two looks while a try waits: each is twice as long as the one before. Milliseconds. */
const LOOK_MS = 15;
const LONGEST_LOOK_MS = 500;

const pausing = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing is opened before a try takes longer than it should. */
export function watchLocks({ emit, now, openOther }: LockWatchRequest): LockWatch {
  let other: Promise<Session> | null = null;
  let wait: LockWait | null = null;
  let blockers: Blocker[] = [];
  let wanted: LockWatch['wanted'] = null;
  let asked: Acting | null = null;
  let hurry = false;
  let wakeUp: (() => void) | null = null;
  let closed = false;
  /** Counts the tries: what a look finds after its try has ended says nothing of the next. */
  let round = 0;
  let ourPid = 0;
  let looking: Promise<unknown> = Promise.resolve();

  const tell = (more: Partial<LockWait>): void => {
    if (!wait) return;
    wait = { ...wait, ...more };
    emit({ type: 'lock-waiting', wait });
  };

  async function second(open: () => Promise<Session>): Promise<Session> {
    const known = await other?.catch(() => null);
    if (!known || known.lost) other = open();
    return other!;
  }

  /** Until somebody is seen to stand in the way, or the try is over. */
  async function look(mine: number, pid: number, open: () => Promise<Session>): Promise<void> {
    if (!wait) await pausing(SOON_MS);
    for (let pause = LOOK_MS; mine === round && !closed; pause = Math.min(2 * pause, LONGEST_LOOK_MS)) {
      const session = await second(open);
      const seen = await blockersOf(session, pid);
      if (mine !== round || closed) return;
      if (seen.length > 0) {
        blockers = seen;
        wanted = (await waitedFor(session, pid)) ?? wanted;
        if (mine !== round || closed) return;
        if (wait && !same(wait.blockers, seen)) tell({ ...wanted, blockers: seen });
        const task = asked;
        asked = null;
        if (task) await carryOut(session, pid, task);
        return;
      }
      await pausing(pause);
    }
  }

  /** Who stands in the way of a statement that is never given up and tried again: it waits until they have ended. */
  async function follow(
    mine: number,
    of: Pick<LockTry, 'step' | 'table' | 'level'>,
    pid: number,
    open: () => Promise<Session>,
    hear: (text: string) => void,
  ): Promise<void> {
    let phase = '';
    await pausing(SOON_MS);
    for (let pause = LOOK_MS; mine === round && !closed; pause = Math.min(2 * pause, LONGEST_LOOK_MS)) {
      const session = await second(open);
      const progress = await progressOf(session, pid);
      const seen = await blockersOf(session, pid);
      if (mine !== round || closed) return;
      if (progress && progress.phase !== phase) hear(progress.line);
      phase = progress?.phase ?? phase;
      if (seen.length > 0) {
        blockers = seen;
        const known = wait !== null && same(wait.blockers, seen);
        wait ??= { ...shown({ ...of, attempt: 1, attempts: 1, since: now() }, null), ...OUTSIDE };
        if (!known) tell({ blockers: seen });
        const task = asked;
        asked = null;
        if (task) await carryOut(session, pid, task);
      } else if (wait) {
        emit({ type: 'lock-taken', step: of.step });
        wait = null;
        blockers = [];
      }
      await pausing(pause);
    }
  }

  /** Between two tries: whoever waits for us in turn is refused to us at once, and never seen while we wait. */
  async function lookInTurn(mine: number, pid: number, open: () => Promise<Session>): Promise<void> {
    const session = await second(open);
    const seen = await waitersInTurn(session, pid);
    if (mine !== round || closed || seen.length === 0) return;
    const others = blockers.filter((known) => !seen.some((one) => one.pid === known.pid));
    blockers = [...seen, ...others];
    if (wait && !same(wait.blockers, blockers)) tell({ blockers });
    const task = asked;
    if (!task || !seen.some((one) => one.pid === task.pid)) return;
    asked = null;
    await carryOut(session, pid, task);
  }

  async function carryOut(session: Session, pid: number, task: Acting): Promise<void> {
    const verb = task.action === 'cancel' ? 'cancelling the query of' : 'terminating';
    tell({ acting: `${verb} pid ${task.pid}` });
    const text = await actOnBlocker(session, pid, task, task.action).catch(
      (error: unknown) =>
        `Nothing was done to pid ${task.pid}: ${toLine(error instanceof Error ? error.message : String(error))}.`,
    );
    emit({ type: 'lock-acted', text });
    tell({ acting: null });
  }

  const wake = (): void => {
    hurry = true;
    wakeUp?.();
  };

  return {
    trying(tried, backendPid, during = 'step') {
      round += 1;
      hurry = false;
      ourPid = backendPid;
      if (wait) tell({ ...shown(tried, wanted), during, nextTryAt: null, pauseSeconds: null });
      if (!openOther) return;
      const mine = round;
      const begun = look(mine, backendPid, openOther).catch(() => undefined);
      looking = Promise.all([looking, begun]);
    },
    missed(tried, pauseMs, during = 'step') {
      round += 1;
      wait ??= {
        ...shown(tried, wanted),
        during,
        nextTryAt: null,
        pauseSeconds: null,
        blockers: [],
        acting: null,
      };
      tell({
        ...shown(tried, wanted),
        during,
        nextTryAt: pauseMs === null ? null : now() + pauseMs,
        pauseSeconds: pauseMs === null ? null : pauseMs / 1000,
        blockers,
      });
      if (!openOther || !tried.amid || pauseMs === null) return;
      const begun = lookInTurn(round, ourPid, openOther).catch(() => undefined);
      looking = Promise.all([looking, begun]);
    },
    taken() {
      round += 1;
      if (asked) {
        emit({
          type: 'lock-acted',
          text: `Nothing was done to pid ${asked.pid}: the lock was free before.`,
        });
      }
      asked = null;
      if (wait) emit({ type: 'lock-taken', step: wait.step });
      wait = null;
      blockers = [];
      wanted = null;
    },
    following(of, backendPid, hear) {
      round += 1;
      if (!openOther) return;
      const begun = follow(round, of, backendPid, openOther, hear).catch(() => undefined);
      looking = Promise.all([looking, begun]);
    },
    async pause(ms) {
      if (hurry) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wakeUp = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      wakeUp = null;
    },
    act(task) {
      if (task.action !== 'retry-now') asked = task;
      wake();
    },
    wake,
    get blockers() {
      return blockers;
    },
    get wanted() {
      return wanted;
    },
    get deadlocked() {
      return blockers.length === 0 ? null : blockers.some(({ waitsForUs }) => waitsForUs);
    },
    async close() {
      closed = true;
      round += 1;
      wake();
      await looking;
      await (await other?.catch(() => null))?.close();
    },
  };
}

/** It stands in nobody's way and is not tried again: it waits. */
const OUTSIDE = {
  during: 'outside',
  nextTryAt: null,
  pauseSeconds: null,
  blockers: [],
  acting: null,
} satisfies Partial<LockWait>;

/** A look does not say which table it came to: the server does, once somebody is in the way. */
const shown = (
  { step, table, level, attempt, attempts, since }: Omit<LockTry, 'amid'>,
  wanted: LockWatch['wanted'],
): Pick<LockWait, 'step' | 'table' | 'level' | 'attempt' | 'attempts' | 'since'> => ({
  step,
  table: table === '' ? (wanted?.table ?? 'a table of the plan') : toLine(table),
  level: table === '' ? (wanted?.level ?? level) : level,
  attempt,
  attempts,
  since,
});

/** The same sessions, in the same state, at the same query: their age alone is no news. */
function same(one: readonly Blocker[], two: readonly Blocker[]): boolean {
  const key = (blocker: Blocker): unknown => ({ ...blocker, ageSeconds: null });
  return JSON.stringify(one.map(key)) === JSON.stringify(two.map(key));
}

/** One blocker in a line: for the failure that ends the waiting, and for the journal. */
export function blockerLine(blocker: Blocker): string {
  const { pid, application, user, address, state, ageSeconds, query, holds, waitsForUs } = blocker;
  const name = application ? ` "${application}"` : '';
  const age = ageSeconds === null ? '' : `, transaction open for ${Math.round(ageSeconds)} s`;
  const held = holds.length > 0 ? `, holds ${holds.join(', ')}` : '';
  const ours = waitsForUs ? ', waits for this step itself' : '';
  return toLine(
    `pid ${pid}${name}, user ${user}, from ${address}, ${state || 'state not visible'}${age}${held}${ours}${query ? `: ${query}` : ''}`,
  );
}
