/**
 * Who works on the database: one run at a time, by a lock of the working session that ends with it, and a row that says
 * whose it is. The lock is only ever tried for, never waited for.
 */
import { hostname } from 'node:os';
import { duration } from '../postgres/activity.ts';
import {
  endRun,
  otherRun,
  prepareStore,
  registerRun,
  releaseRunLock,
  runLockHolder,
  runRow,
  storeState,
  takeRunLock,
  type LockHolder,
} from '../postgres/store.ts';
import type { Outcome } from '../journal/types.ts';
import type { GivenValue } from '../runbook/values/types.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asTextOrNull } from '../sql/values.ts';
import type { OtherRun } from '../wizard/types.ts';
import type { Course } from './course.ts';
import type { Recorder } from './recorder.ts';
import type { RuntimeOptions } from './types.ts';

export interface Ownership {
  /**
   * Before anything of a step runs: the store made, the lock held by this very session, the run written down.
   * @throws {DatabaseError} 55P03 when another run holds the lock
   */
  own(session: Session, schema: string, run: string, keepsJournal: boolean): Promise<void>;
  /** After a lost connection: takes the lock back if it was held. What stands in the way, else null. */
  regain(session: Session, run: string): Promise<OtherRun | null>;
  /** Only the lock; false when another session holds it. */
  take(session: Session): Promise<boolean>;
  /** Frees the lock; with an outcome, writes the run's end as well. */
  end(session: Session, run: string, outcome: Outcome | null): Promise<void>;
}

/** For a run that goes on with it, and for the report. */
const valuesOf = ({ values }: RuntimeOptions['runbook']): { values?: GivenValue[] } =>
  values && values.given.length > 0 ? { values: values.given } : {};

type Options = Pick<RuntimeOptions, 'version' | 'connection' | 'operator' | 'runbook' | 'plan'>;

/** The session that held the lock, and what tells its backend from a later one with the same pid. */
interface Held {
  session: Session;
  pid: number;
  backendStart: string | null;
}

/** Our own dead session is given this long to go. Milliseconds, and how often it is looked for. */
const GONE_WITHIN_MS = 5_000;
const LOOK_MS = 50;

const ALIVE = [
  // A machine that died without a word would else hold the lock for two hours (manual, runtime-config-connection).
  ['tcp_keepalives_idle', '30'],
  ['tcp_keepalives_interval', '10'],
  ['tcp_keepalives_count', '3'],
] as const;

const SELF = `SELECT pg_catalog.pg_backend_pid() AS pid,
  (SELECT a.backend_start FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a) AS started`;

const END_OURS = `SELECT pg_catalog.pg_terminate_backend(a.pid)
  FROM pg_catalog.pg_stat_get_activity($1::pg_catalog.int4) a
 WHERE a.backend_start OPERATOR(pg_catalog.=) $2::pg_catalog.timestamptz`;

/** Holds nothing yet. */
export function createOwnership(options: Options, course: Pick<Course, 'kind' | 'undoes'>): Ownership {
  let held: Held | null = null;
  let registered: { session: Session; run: string } | null = null;

  async function take(session: Session): Promise<boolean> {
    if (held?.session === session && !session.lost) return true;
    if (!(await takeRunLock(session))) return false;
    const row = (await session.query(SELF)).rows[0] ?? {};
    held = { session, pid: Number(row['pid']), backendStart: asTextOrNull(row['started']) };
    for (const [name, value] of ALIVE) {
      await session.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value]);
    }
    return true;
  }

  /** The server may not have noticed that our former connection is gone, and its session still has the lock. */
  async function takeBack(session: Session): Promise<boolean> {
    const before = held;
    if (await take(session)) return true;
    const holder = await runLockHolder(session);
    if (!before?.backendStart || before.session === session || holder?.pid !== before.pid) return false;
    await session.query(END_OURS, [before.pid, before.backendStart]);
    for (let waited = 0; waited < GONE_WITHIN_MS; waited += LOOK_MS) {
      if (await take(session)) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }

  return {
    async own(session, schema, run, keepsJournal) {
      if (!(await takeBack(session)))
        throw heldByAnother(await otherRun(session, run), await runLockHolder(session));
      if (!keepsJournal || (registered?.session === session && registered.run === run)) return;
      await prepareStore(session);
      const { runbook, plan, operator } = options;
      await registerRun(session, {
        run,
        kind: course.kind,
        undoes: course.undoes,
        runbook: {
          path: runbook.path,
          title: runbook.title,
          sha256: runbook.sha256,
          migration: runbook.migration?.version ?? null,
          ...valuesOf(runbook),
        },
        plan: plan.hash,
        schema,
        operator: operator?.user ?? options.connection.osUser,
        host: operator?.host ?? hostname(),
        version: options.version,
      });
      if (course.undoes !== null) await endUndone(session, course.undoes);
      registered = { session, run };
    },
    async regain(session, run) {
      if (!held || held.session === session) return null;
      return (await takeBack(session)) ? null : otherRun(session, run);
    },
    take: takeBack,
    async end(session, run, outcome) {
      if (!held || held.session !== session || session.lost) return;
      const { state } = await storeState(session);
      if (outcome !== null && state === 'ready') await endRun(session, run, outcome);
      await releaseRunLock(session);
      held = null;
      registered = null;
    },
  };
}

/** Without a journal no step is committed, so nothing is made in the database for one either. */
export const withJournal = (owner: Ownership, { ready }: Pick<Recorder, 'ready'>): Ownership => ({
  ...owner,
  async own(...words) {
    await ready();
    await owner.own(...words);
  },
});

/** A run that was broken off is not gone on with once its undo has begun: what is done of it goes. */
async function endUndone(session: Session, undoes: string): Promise<void> {
  const row = await runRow(session, undoes);
  if (row && row.endedAt === null) await endRun(session, undoes, 'stopped');
}

/** In the words and with the SQLSTATE of a lock that is not to be had: try later. */
export function heldByAnother(other: OtherRun | null, holder: LockHolder | null): DatabaseError {
  return new DatabaseError(
    `another run of backout is at work in this database: ${who(other, holder)}`,
    '55P03',
    {
      detail: 'Only one run may change a database at a time. Nothing was run.',
      hint: 'Watch it, wait for its end, or take it over once its session is gone.',
    },
  );
}

function who(other: OtherRun | null, holder: LockHolder | null): string {
  if (other) {
    return `run ${other.run} by ${other.operator} on ${other.host}, begun ${duration(other.ageSeconds)} ago, ${other.activity}`;
  }
  const session = holder
    ? `pid ${holder.pid}, user ${holder.user}, from ${holder.address}`
    : 'which has just ended';
  return `this very run, taken over by another session (${session})`;
}
