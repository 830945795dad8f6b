/** Another run in the same database: looking at it while it works, going on with it when nobody does. */
import { EXIT, UserError } from '../exit.ts';
import { runRow, stepRows } from '../postgres/store.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Event, OtherRun, Resumed } from '../wizard/types.ts';
import type { Course } from './course.ts';
import { settleOpen } from './lone.ts';
import type { Ownership } from './ownership.ts';
import type { Recorder } from './recorder.ts';

/** Milliseconds between two looks at it. */
const EVERY_MS = 2_000;

type Looking = (session: Session) => Promise<OtherRun | null>;

export interface Watch {
  /** Until {@link Watch.stop}; emits `other-run` at each look. */
  start(session: () => Promise<Session>, look: Looking, emit: (event: Event) => void): Promise<void>;
  stop(): void;
}

/** Looks at nothing yet. */
export function createWatch(): Watch {
  let stop: (() => void) | null = null;
  return {
    async start(session, look, emit) {
      stop?.();
      let over = false;
      const stopped = new Promise<void>((resolve) => {
        stop = () => {
          over = true;
          resolve();
        };
      });
      while (!over) {
        const other = await look(await session());
        if (over) return;
        emit({ type: 'other-run', other });
        let timer: NodeJS.Timeout | undefined;
        const pause = new Promise((resolve) => (timer = setTimeout(resolve, EVERY_MS)));
        await Promise.race([pause, stopped]);
        clearTimeout(timer);
      }
    },
    stop: () => stop?.(),
  };
}

export interface TakeOver {
  session: Session;
  schema: string;
  /** The run to go on with. */
  wanted: string;
  plan: string;
  course: Course;
  owner: Ownership;
  recorder: Recorder;
}

/**
 * Goes on with a run whose session is gone, under its id: takes the lock of all runs, then looks again whether it is
 * still as it was, then takes over its row and its journal.
 * @returns null when another session holds the lock
 * @throws {UserError} when it cannot be gone on with
 */
export async function takeOver(request: TakeOver): Promise<Resumed | null> {
  const { session, wanted, course, owner, recorder } = request;
  if (!(await owner.take(session))) return null;
  try {
    const row = await runRow(session, wanted);
    refuseUnless(row !== null, `The database knows of no run ${wanted}.`, 'See "backout runs".');
    refuseUnless(
      row.endedAt === null,
      `Run ${wanted} has come to its end.`,
      'There is nothing to go on with.',
    );
    refuseUnless(
      row.kind === course.kind && row.undoes === course.undoes,
      `Run ${wanted} is ${row.kind === 'undo' ? 'an undo' : `a ${row.kind}`}, and this is not.`,
      `Go on with it by "backout resume ${wanted}".`,
    );
    refuseUnless(
      row.plan === request.plan && row.schema === request.schema,
      `Run ${wanted} was begun with another plan, or on another schema.`,
      `Go on with it by "backout resume ${wanted}", with the runbook it was begun with.`,
    );
    await settleOpen(session, wanted);
    const done = await stepRows(session, wanted);
    const from = { operator: toLine(row.operator), host: toLine(row.host) };
    await recorder.adopt(wanted, from);
    await owner.own(session, request.schema, wanted, true);
    const titles = Object.fromEntries(done.map(({ step, title }) => [step, toLine(title)]));
    return { run: wanted, doneBefore: done.map(({ step }) => step), titles, ...from };
  } catch (error) {
    await owner.end(session, wanted, null).catch(() => undefined);
    throw error;
  }
}

function refuseUnless(holds: boolean, message: string, advice: string): asserts holds {
  if (!holds) throw new UserError(toLine(message), advice, EXIT.prerequisiteFailed);
}
