/** Steps on the one session: running one, stopping it, waiting for its locks, and what became of a lost COMMIT. */
import { stepRows } from '../postgres/store.ts';
import { explainError, type ExplainContext } from '../postgres/explain.ts';
import type { JournalBody, Outcome } from '../journal/types.ts';
import { AMID_WORK, BEFORE_WORK, type LockPolicy } from '../sql/execute/lock-policy.ts';
import { isCancel } from '../sql/execute/transaction.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import type { Event, Task } from '../wizard/types.ts';
import { archivedOf } from './archived.ts';
import type { Course, CourseRequest } from './course.ts';
import type { Ownership } from './ownership.ts';
import { patiently } from './patience.ts';
import { leftBehind, noteBrokenOff } from './lone.ts';
import { performStep } from './step.ts';
import { resolveUnknown, type Pending } from './unknown.ts';
import { watchLocks, type LockAction, type LockWatch } from './waiting.ts';

type Emit = (event: Event) => void;

export interface Stepping {
  run(task: Extract<Task, { type: 'run-step' }>, emit: Emit): Promise<void>;
  /** Asks the server to stop what runs. Never during COMMIT: a cancel there can only make the outcome uncertain. */
  cancel(): Promise<void>;
  act(task: LockAction): void;
  /**
   * What became of a COMMIT that was not answered, if there is one.
   * @returns true while a statement outside of transactions is still at work in the session that was lost
   * @throws {DatabaseError}
   */
  resolve(open: CourseRequest, emit: Emit): Promise<boolean>;
  end(run: string, outcome: Outcome): Promise<void>;
}

interface Request {
  course: Course;
  owner: Ownership;
  record(body: JournalBody): Promise<void>;
  request(): Promise<CourseRequest>;
  current(): Session | null;
  embedded: boolean;
  lockPolicy: Partial<LockPolicy>;
  context: ExplainContext;
  now(): number;
}

/** After these a run that has done something can be gone on with. */
const GOES_ON: ReadonlySet<Outcome> = new Set(['stopped', 'sql-failed', 'error']);

/** Runs nothing yet. */
export function createStepping(parts: Request): Stepping {
  const { course, owner, record, embedded, context, now } = parts;
  let stopAsked = false;
  let committing = false;
  let watch: LockWatch | null = null;
  let pending: Pending | null = null;

  return {
    async run(task, emit) {
      stopAsked = false;
      committing = false;
      const began = now();
      const open = await parts.request();
      const { session, schema, run } = open;
      const watching = watchLocks({ emit, now, openOther: embedded ? null : open.openOther });
      watch = watching;
      const policies = {
        before: { ...BEFORE_WORK, ...parts.lockPolicy },
        amid: { ...AMID_WORK, ...parts.lockPolicy },
      };
      const patience = {
        watch: watching,
        policy: policies.before,
        step: task.step,
        stopped: () => stopAsked,
        now,
        random: Math.random,
      };
      const looked = await patiently(() => course.look(open), { ...patience, session, during: 'look' })
        .then(async (look) => ({ look, timeline: await timelineOf(session) }))
        .catch((error: unknown) => ({ error }));
      if ('error' in looked) {
        await watching.close();
        emit(
          notLookedAt(task, looked.error, { stopped: stopAsked, seconds: (now() - began) / 1000, context }),
        );
        return;
      }
      const { look, timeline } = looked;
      await performStep(task, look, {
        session,
        schema,
        async survey(during) {
          const fresh = await parts.request();
          return patiently(() => course.survey(fresh), { ...patience, session: fresh.session, during });
        },
        own: (procedures) => owner.own(session, schema, run, procedures.some(isRecorded)),
        archived: async (step) => (await archivedOf(session, run)).filter((object) => object.step === step),
        record,
        emit,
        stopped: () => stopAsked,
        async committing({ xid, backendPid }, procedures) {
          const steps = procedures.map(({ step }) => step);
          await record({
            type: 'step-committing',
            step: task.step,
            ...(task.steps ? { steps } : {}),
            xid,
            backendPid,
            ...(open.server.systemIdentifier ? { systemIdentifier: open.server.systemIdentifier } : {}),
            ...(timeline === null ? {} : { timeline }),
          });
          if (stopAsked) return;
          committing = true;
          pending = { run, steps, xid, recorded: procedures.some(isRecorded) };
        },
        async leaving(backendPid, procedures) {
          const steps = procedures.map(({ step }) => step);
          await record({ type: 'step-committing', step: task.step, outside: true, backendPid });
          if (!stopAsked) pending = { run, steps, xid: null, recorded: procedures.some(isRecorded) };
        },
        async left(procedure) {
          await noteBrokenOff(session, run, procedure);
          return leftBehind(session, schema, procedure);
        },
        answered() {
          pending = null;
          // What is cancelled from here on is the look at what came of it.
          committing = false;
        },
        policies,
        watch: watching,
        context,
        now,
        random: Math.random,
      }).finally(() => watching.close());
    },
    async cancel() {
      if (committing) return;
      stopAsked = true;
      watch?.wake();
      // The embedded server runs in one thread and hears nothing until the statement has ended.
      if (!embedded) await parts.current()?.cancel();
    },
    act: (task) => watch?.act(task),
    async resolve({ session }, emit) {
      const outside = pending?.xid === null;
      if (pending && (await resolveUnknown(pending, { session, emit, now }))) pending = null;
      return pending !== null && outside;
    },
    async end(run, outcome) {
      let session = parts.current();
      if (!session) return;
      if (session.lost) {
        if (outcome === 'unknown' || GOES_ON.has(outcome)) return;
        ({ session } = await parts.request());
        await owner.regain(session, run);
      }
      const done = GOES_ON.has(outcome) ? await stepRows(session, run).catch(() => []) : [];
      const open = outcome === 'unknown' || done.length > 0;
      await owner.end(session, run, open ? null : outcome);
    },
  };
}

/** Nothing of the step was run. */
function notLookedAt(
  { step }: { step: string },
  error: unknown,
  more: { stopped: boolean; seconds: number; context: ExplainContext },
): Event {
  const { stopped, seconds, context } = more;
  const cancelled = stopped && isCancel(error);
  return { type: 'step-failed', step, seconds, error: explainError(error, context), cancelled };
}

const isRecorded = ({ actions }: Procedure): boolean => actions.at(-1)?.role === 'record';

/** Which history of the cluster this is: changes with a failover. May not be read by everybody. */
async function timelineOf(session: Session): Promise<number | null> {
  try {
    const { rows } = await session.query(
      'SELECT c.timeline_id AS id FROM pg_catalog.pg_control_checkpoint() c',
    );
    return Number(rows[0]?.['id']);
  } catch (error) {
    if (session.lost) throw error;
    return null;
  }
}
