/** A run, begun: its first state, what performs its tasks, and how it is brought to an end whatever happens. */
import type { Config } from '../config/types.ts';
import type { JournalBody, JournalEvent, Outcome, RunKind, UnwrittenEvent } from '../journal/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Course } from '../runtime/course.ts';
import type { Runtime, RuntimeOptions } from '../runtime/types.ts';
import type { CommandsAllowed } from '../shell/consent.ts';
import type { Plan } from '../sql/types.ts';
import type { Beginning } from '../wizard/state.ts';
import type { Event, Reduce, State, Task } from '../wizard/types.ts';
import { EXIT, UserError } from '../exit.ts';
import { whyNotWhole } from '../wizard/lone.ts';
import type { Options } from './args.ts';
import { configOf } from './config.ts';
import type { Io } from './io.ts';
import { runbookPath, shortPath } from './load.ts';
import { loadPlanAs } from './record-table.ts';
import { withGiven } from '../plain/given-repairs.ts';
import type { Tasks } from '../practice/drill/live.ts';
import { tellWebhooks, type OnJournal } from './told.ts';

export type Surface = Extract<JournalBody, { type: 'run-started' }>['surface'];

/** Where the run's database is: a connection, or one that is still being made ready. */
export interface Place {
  connection: Promise<RuntimeOptions['connection']>;
  /** Practice, whatever server it is on. */
  embedded: boolean;
  /** Of practice, once the connection is there: what a second session meets. */
  seconds?: () => RuntimeOptions['seconds'];
}

/** What the run is about. */
export interface Subject {
  kind: RunKind;
  runbook: Runbook;
  plan: Plan;
  /** The run that an undo takes back. */
  undoes: string | null;
  /** The run that is gone on with. */
  resume: string | null;
  /** Its id, where one was set aside for it. */
  run?: string;
  /** What a repair goes back to. */
  after?: State['after'];
  /** Absent: that of a rollback by the runbook. */
  course?: Course;
  /** The rollback that a repair was begun from. */
  from?: Subject;
}

/** What a run is in practice. */
export interface Practised {
  drill: NonNullable<State['drill']>;
  /** Goes around the wizard, inside of the coach. */
  around?: ((reduce: Reduce) => Reduce) | undefined;
  /** What was written into the journal beside the wizard since it was asked last. */
  happened?: (() => JournalBody[]) | undefined;
  /** Hears the journal's lines. */
  onJournal?: OnJournal | undefined;
  /** Goes around what performs the tasks. */
  tasks?: ((inner: Tasks) => Tasks) | undefined;
}

export interface BeginOptions {
  options: Options;
  /** How the subject is come by: the first frame may stand before it. */
  subject: () => Promise<Subject>;
  surface: Surface;
  place: Place;
  /** With the escalation in front. */
  escalating?: boolean;
  /** Once its database is on its way: the first frame may stand before it. */
  practice?: (() => Promise<Practised>) | undefined;
  onJournal?: (event: JournalEvent | UnwrittenEvent) => void;
}

export interface Begun {
  initial: State;
  reduce: Reduce;
  perform: (task: Task, emit: (event: Event) => void) => void;
  idle: () => Promise<void>;
  /** The run's folder, once something was recorded. */
  folder(): string | null;
  /** Writes an end into the journal of a run that did not come to one by itself. */
  endAs(outcome: Outcome, exitStatus: number): Promise<void>;
  /** Cancels what runs, says so in the journal, closes: for a program that is being ended from outside. */
  interrupt: () => Promise<void>;
  /** Before the last words: what webhooks could not be told, a sentence each. Waits three seconds at the most. */
  settle: () => Promise<string[]>;
  close: () => Promise<void>;
}

const INTERRUPTED = 'backout was stopped from outside before the run came to an end.';

function startedRecord(io: Io, { surface, place }: BeginOptions, subject: Subject): JournalBody {
  const { runbook, kind, undoes } = subject;
  return {
    type: 'run-started',
    version: io.version,
    surface,
    environment: place.embedded ? 'PRACTICE' : 'PRODUCTION',
    runbook: {
      path: runbook.path,
      title: runbook.title,
      sha256: runbook.sha256,
      migration: runbook.migration?.version ?? null,
      ...(runbook.values && runbook.values.given.length > 0 ? { values: runbook.values.given } : {}),
    },
    operator: { user: io.osUser, host: io.hostname },
    kind,
    undoes,
  };
}

/** With --take-backup, --backup says where the new one goes. */
const backupsOf = ({ backup, takeBackup, proveBackup }: Options): Beginning['backup'] => ({
  path: takeBackup ? null : (backup ?? null),
  wanted: { take: takeBackup, prove: proveBackup, place: takeBackup ? (backup ?? null) : null },
});

/** A rollback by the runbook named on the command line, or by the one that ships. */
export function rollbackBy(io: Io, options: Options, positional: string | null): () => Promise<Subject> {
  return async () => {
    const loaded = await loadPlanAs(io, options, runbookPath(io, options, positional));
    const why = options.wholePlan ? whyNotWhole(loaded) : null;
    if (why !== null) throw new UserError(why, 'Leave --whole-plan out.', EXIT.usage);
    return { kind: 'rollback', ...loaded, undoes: null, resume: null };
  };
}

/**
 * What the options decide in place of the plan screen. Connecting forgets everything that was said about another
 * database, so it is said again whenever that happens.
 */
export function withPresets(
  reduce: Reduce,
  { forms, wholePlan, repairs = [] }: Pick<Options, 'forms' | 'wholePlan' | 'repairs'>,
): Reduce {
  return (state, event) => {
    const next = reduce(state, event);
    const chosen = repairs.length > 0 ? withRepairs(state, next.state, repairs) : null;
    if (chosen) return { ...next, state: chosen };
    if (next.state.target.status !== 'connecting' || state.target.status === 'connecting') return next;
    return { ...next, state: { ...next.state, forms: { ...forms }, wholePlan } };
  };
}

/** What was just found, with what the command line says of it; null where nothing was found just now. */
function withRepairs(before: State, now: State, given: readonly string[]): State | null {
  const { forward, repairs } = now;
  if (forward !== before.forward && before.forward.status === 'looking')
    return { ...now, forward: { ...forward, ...withGiven(forward.found, given) } };
  if (repairs.found !== before.repairs.found && repairs.status === 'done' && before.repairs.status !== 'done')
    return { ...now, repairs: { ...repairs, ...withGiven(repairs.found, given) } };
  return null;
}

async function practised(reduce: Reduce, practice: Practised | undefined): Promise<Reduce> {
  if (!practice) return reduce;
  const { withCoach } = await import('../practice/coach/follow.ts');
  return withCoach(practice.around?.(reduce) ?? reduce, practice.happened);
}

/** A runtime that may still be on its way: tasks wait for it, in their order. */
function whenReady(ready: Promise<Runtime>) {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  async function hand(task: Task, emit: (event: Event) => void): Promise<void> {
    try {
      (await ready).perform(task, emit);
    } catch (error) {
      const { explainError } = await import('../postgres/explain.ts');
      const explained = explainError(error);
      // Without a connection the wizard asks for nothing but these.
      if (task.type === 'connect') emit({ type: 'connect-failed', error: explained });
      if (task.type === 'record') emit({ type: 'trouble', what: 'record', error: explained });
      if (task.type === 'write-report') emit({ type: 'report-failed', error: explained });
    }
  }

  return {
    perform(task: Task, emit: (event: Event) => void): void {
      waiting += 1;
      last = hand(task, emit).finally(() => {
        waiting -= 1;
      });
    },
    async idle(): Promise<void> {
      while (waiting > 0) await last;
      await (await ready.catch(() => null))?.idle();
    },
  };
}

/** Of a repair those of the runbook it was begun from. */
async function commandsOf(
  io: Io,
  { options, place }: BeginOptions,
  subject: Subject,
): Promise<CommandsAllowed> {
  const { commandsAllowedFor } = await import('./allowed.ts');
  return commandsAllowedFor(io, options, {
    runbook: (subject.from ?? subject).runbook,
    embedded: place.embedded,
  });
}

async function runtimeFor(
  io: Io,
  begin: BeginOptions,
  run: string,
  subject: Subject,
  { config, onJournal }: { config: Config; onJournal: OnJournal },
): Promise<Runtime> {
  const { runbook, plan, course, resume } = subject;
  const [{ createRuntime }, { runsDirectory }, { quickOptions }, connection] = await Promise.all([
    import('../runtime/create.ts'),
    import('../journal/folder.ts'),
    import('./quick-options.ts'),
    begin.place.connection,
  ]);
  return createRuntime({
    run,
    version: io.version,
    runbook,
    plan,
    connection,
    embedded: begin.place.embedded,
    ...(begin.place.seconds ? { seconds: begin.place.seconds() } : {}),
    schema: begin.options.schema,
    ...(begin.options.takeBackup ? {} : { backup: begin.options.backup }),
    config,
    commandsAllowed: await commandsOf(io, begin, subject),
    quick: quickOptions(io, begin.options, { config, connection, practice: begin.place.embedded }),
    runsDir: runsDirectory(io.env, io.home),
    onJournal,
    operator: { user: io.osUser, host: io.hostname },
    ...(course === undefined ? {} : { course }),
    ...(resume === null ? {} : { resume }),
  });
}

/**
 * Begins a run. Nothing is connected yet: the wizard's own first task does that.
 * @throws {UserError} when the runbook cannot be used
 */
export async function beginRun(io: Io, begin: BeginOptions): Promise<Begun> {
  const [subject, { newRunId }, { shownConfig }, { initialState }, { reduce }, { stepOutcomes }] =
    await Promise.all([
      begin.subject(),
      import('../journal/folder.ts'),
      import('../config/types.ts'),
      import('../wizard/state.ts'),
      import('../wizard/reducer.ts'),
      import('../wizard/ending.ts'),
    ]);
  const { runbook, plan, kind, undoes } = subject;
  const practice = await begin.practice?.();
  const { config, path: configPath } = await configOf(io, begin.options, {
    embedded: begin.place.embedded,
    runbook: (subject.from ?? subject).runbook.path,
  });
  const [{ checklistHelp }, { checkProject }] = await Promise.all([
    import('./checklist.ts'),
    import('./quick-options.ts'),
  ]);
  checkProject(begin.options);
  const help = await checklistHelp(io, begin.options, { runbook, config, embedded: begin.place.embedded });
  const run = subject.resume ?? subject.run ?? newRunId(io.now());
  const environment = begin.place.embedded ? 'PRACTICE' : 'PRODUCTION';
  const shown = { ...runbook, path: shortPath(runbook.path, process.cwd(), io.home) };
  const initial = initialState({
    environment,
    run,
    version: io.version,
    runbook: shown,
    plan,
    purpose: kind,
    ...(undoes === null ? {} : { undoes }),
    after: subject.after ?? null,
    backup: backupsOf(begin.options),
    config: shownConfig(config, configPath),
    escalating: begin.escalating === true,
    help,
    drill: practice?.drill ?? null,
  });
  const decide = await practised(withPresets(reduce, begin.options), practice);
  const ignore = (): void => undefined;
  let latest = initial;
  let runtime: Runtime | null = null;
  const note = (text: string): void => perform({ type: 'record', event: { type: 'note', text } }, ignore);
  const told = await tellWebhooks(
    io,
    {
      // What happens in practice is nobody's alarm, whatever file was named.
      config: begin.place.embedded ? { ...config, webhooks: [] } : config,
      run,
      onJournal: begin.onJournal ?? practice?.onJournal,
    },
    note,
  );
  const ready = runtimeFor(io, begin, run, subject, { config, onJournal: told.onJournal });
  // Whoever waits for it hears of a failure; nobody may be waiting yet.
  ready.then((made) => {
    runtime = made;
  }, ignore);
  const inner = whenReady(ready);
  const { perform, idle } = practice?.tasks?.(inner) ?? inner;

  perform({ type: 'record', event: startedRecord(io, begin, subject) }, ignore);
  const settle = async (): Promise<string[]> => {
    await idle();
    const undelivered = await told.settle();
    await idle();
    return undelivered;
  };
  const close = async (): Promise<void> => {
    await settle();
    await (await ready.catch(() => null))?.close();
  };

  return {
    initial,
    reduce(state, event) {
      const next = decide(state, event);
      latest = next.state;
      return next;
    },
    perform,
    idle,
    folder: () => runtime?.folder ?? null,
    async endAs(outcome, exitStatus) {
      await idle();
      if (latest.ending) return;
      const steps = stepOutcomes(latest);
      perform(
        { type: 'record', event: { type: 'result', outcome, exitStatus, run: latest.run, steps } },
        ignore,
      );
      await idle();
      perform({ type: 'write-report' }, ignore);
      await idle();
    },
    async interrupt() {
      perform({ type: 'cancel-step' }, ignore);
      await idle();
      if (!latest.ending) note(INTERRUPTED);
      await close();
    },
    settle,
    close,
  };
}
