/**
 * A drill while it lasts, around the wizard of each of its runs: what is traced, what happens to the operator and when,
 * and what stands there in the end. It decides nothing of the run itself.
 */
import type { JournalBody, JournalEvent, UnwrittenEvent } from '../../journal/types.ts';
import { screenOf } from '../../steps/index.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { Event, Reduce, Task } from '../../wizard/types.ts';
import { drillStarted } from '../score/debrief.ts';
import { createInjector, type Injector } from './inject.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { traced } from './trace.ts';
import type { Drill } from './types.ts';

type Emit = (event: Event) => void;

/** What performs the wizard's tasks. */
export interface Tasks {
  perform(task: Task, emit: Emit): void;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
}

export interface Live {
  /** Goes around the wizard. */
  around(reduce: Reduce): Reduce;
  /** Goes around what performs the tasks of the run that begins now. */
  tasks(inner: Tasks): Tasks;
  /** Hears every line of the journal when it is written. */
  heard(event: JournalEvent | UnwrittenEvent): void;
  /** What was heard since it was asked last. */
  happened(): JournalBody[];
  injector: Injector;
}

export interface LiveOptions {
  drill: Drill;
  stage: Promise<Stage>;
  /** Who does it, for the record. */
  person: string;
}

/** They end or hurry what is under way: they never wait. */
const AT_ONCE: ReadonlySet<Task['type']> = new Set([
  'record',
  'cancel-step',
  'lock-action',
  'watch',
  'unwatch',
  'cancel-command',
  'cancel-backup',
  'stop-quick',
]);

const ignore = (): void => undefined;

export function liveDrill({ drill, stage, person }: LiveOptions): Live {
  let ready: Stage | null = null;
  stage.then(
    (made) => (ready = made),
    // The connect task tells of it.
    ignore,
  );
  let heard: JournalBody[] = [];
  let current: Tasks | null = null;
  /** Runs of the drill that have ended; one that is gone on with stands here as well. */
  const ended = new Set<string>();
  /** Something of the plan was carried out: the tables may be called otherwise. */
  let acted = false;

  const record = (event: JournalBody): void => current?.perform({ type: 'record', event }, ignore);
  // A cut is armed in the turn in which its moment is seen: nothing may be waited for first.
  const scene: Scene = {
    act: (act) => (ready ? ready.scene.act(act) : stage.then((made) => made.scene.act(act))),
  };
  const injector = createInjector({ drill, scene, record });

  async function endWith(): Promise<void> {
    await injector.settled();
    const made = ready ?? (await stage.catch(() => null));
    // Without a stage there is nothing to count, and the result says why.
    if (!made) return;
    const earlier = ended.size > 0 ? { earlier: [...ended] } : {};
    record({ type: 'drill-ended', keeps: await made.keeps(acted), ...earlier });
  }

  function tasks(inner: Tasks): Tasks {
    current = inner;
    let waiting = 0;
    let last: Promise<void> | null = null;

    /** In order, once everything before it has been handed on. */
    function later(before: () => Promise<void>, task: Task, emit: Emit): void {
      waiting += 1;
      const done: Promise<void> = (last ?? Promise.resolve())
        .then(before)
        // Without what it counts there is no debrief: the journal says why.
        .catch((error: unknown) =>
          record({ type: 'note', text: toLine(`The drill could not be followed to here: ${String(error)}`) }),
        )
        .then(() => inner.perform(task, emit))
        .finally(() => {
          waiting -= 1;
          if (last === done) last = null;
        });
      last = done;
    }

    return {
      perform(task, emit) {
        if (task.type === 'record') {
          const { event } = task;
          if (event.type === 'result') return later(endWith, task, emit);
          if (last) later(() => Promise.resolve(), task, emit);
          else inner.perform(task, emit);
          if (event.type === 'run-started') {
            void stage.then(({ simulated }) => record(drillStarted(drill, person, simulated)), ignore);
          }
          return injector.saw(event);
        }
        if (AT_ONCE.has(task.type)) return inner.perform(task, emit);
        if (last || injector.busy()) return later(() => injector.settled(), task, emit);
        inner.perform(task, emit);
      },
      async idle() {
        do {
          while (last) await last;
          await inner.idle();
        } while (waiting > 0);
      },
    };
  }

  return {
    around: (reduce) => traced(reduce, (state) => screenOf(state).question),
    tasks,
    heard(event) {
      if (event.type === 'step-finished' && event.outcome === 'done') acted = true;
      if (event.type === 'quick') acted = true;
      if (event.type === 'result') ended.add(event.run);
      heard.push(event);
      injector.saw(event);
    },
    happened() {
      const since = heard;
      heard = [];
      return since;
    },
    injector,
  };
}
