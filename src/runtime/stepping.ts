/** Steps on the one session: running one, stopping it, waiting for its locks, and what became of a lost COMMIT. */
import { stepRows } from '../postgres/store.ts';
import type { ExplainContext } from '../postgres/explain.ts';
import type { JournalBody, Outcome } from '../journal/types.ts';
import { AMID_WORK, BEFORE_WORK, type LockPolicy } from '../sql/execute/lock-policy.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import type { Event, Task } from '../wizard/types.ts';
import { archivedOf } from './archived.ts';
import type { Course, CourseRequest } from './course.ts';
import type { Ownership } from './ownership.ts';
import { performStep } from './step.ts';
import { resolveUnknown, type Pending } from './unknown.ts';
import { watchLocks, type LockAction, type LockWatch } from './waiting.ts';

type Emit = (event: Event) => void;

export interface Stepping {
  run(task: Extract<Task, { type: 'run-step' }>, emit: Emit): Promise<void>;
  /** Asks the server to stop what runs. Never during COMMIT: a cancel there can only make the outcome uncertain. */
  cancel(): Promise<void>;
  act(task: LockAction): void;
  /** What became of a COMMIT that was not answered, if there is one. @throws {DatabaseError} */
  resolve(open: CourseRequest, emit: Emit): Promise<void>;
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
      const open = await parts.request();
      const { session, schema, run } = open;
      watch = watchLocks({ emit, now, openOther: embedded ? null : open.openOther });
      const look = await course.look(open);
      const timeline = await timelineOf(session);
      await performStep(task, look, {
        session,
        schema,
        survey: async () => course.survey(await parts.request()),
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
        answered() {
          pending = null;
        },
        policies: {
          before: { ...BEFORE_WORK, ...parts.lockPolicy },
          amid: { ...AMID_WORK, ...parts.lockPolicy },
        },
        watch,
        context,
        now,
        random: Math.random,
      }).finally(() => watch?.close());
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
      if (pending && (await resolveUnknown(pending, { session, emit, now }))) pending = null;
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
