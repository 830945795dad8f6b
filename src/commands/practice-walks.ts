/** Practice with an operator: from the list into a drill, from there to the next, until they leave. */
import type { JournalBody } from '../journal/types.ts';
import type { Injector } from '../practice/drill/inject.ts';
import type { Drill } from '../practice/drill/types.ts';
import type { Instructed } from '../practice/instructor/serve.ts';
import type { ListChoice, Next, Reduce, State } from '../wizard/types.ts';
import { EXIT } from '../exit.ts';
import type { Options } from './args.ts';
import { rollbackBy, type Place, type Practised } from './begin.ts';
import type { Io } from './io.ts';
import { chooseDrill, type Reached } from './practice-list-screen.ts';
import type { OnJournal } from './told.ts';
import { walk } from './walk.ts';

/** A drill's database and surroundings, made ready or on their way; the screens do not wait for them. */
export interface Staged {
  place: Place;
  /** As if the story's options had been given on the command line. */
  options: Options;
  /** Known once it stands. */
  ready: Promise<{
    /** What of it is simulated on this machine, a sentence each. */
    simulated: string[];
    /** Makes the drill's events happen; null: it has none. */
    injector: Pick<Injector, 'inject' | 'waiting'> | null;
  }>;
  /** Goes around the wizard, inside of the coach: what is traced and injected. */
  around?: (reduce: Reduce) => Reduce;
  /** Goes around what performs the tasks. */
  tasks?: Practised['tasks'];
  onJournal?: OnJournal;
  /** With the last state of the drill's last run; null when it ended by an error or a signal. */
  stop(last: State | null): Promise<void>;
}

export interface Practice {
  drills: readonly Drill[];
  broken: string[];
  /** What is begun with; null: the list. */
  first: ListChoice | null;
  /** Null: the plain walk. */
  stage(drill: Drill | null): Staged;
  /** Makes a stage ready in the background, while the list is read. */
  warm?(): void;
  /** Read anew each time the list is shown. */
  reached(): Promise<Readonly<Record<string, Reached>>>;
  random(): number;
}

interface Begin {
  drill: Drill | null;
  named: boolean;
}

const drawn = (drills: readonly Drill[], random: () => number): Drill | null =>
  drills[Math.floor(random() * drills.length)] ?? null;

function begun(choice: ListChoice, { drills, random }: Practice): Begin {
  switch (choice.kind) {
    case 'free':
      return { drill: null, named: true };
    case 'random':
      return { drill: drawn(drills, random), named: false };
    case 'drill':
      return { drill: drills.find(({ id }) => id === choice.id) ?? null, named: true };
  }
}

/** The drill after this one in the list; null after the last. */
export function followingOf(drills: readonly Drill[], drill: Drill): string | null {
  return drills[drills.findIndex(({ id }) => id === drill.id) + 1]?.id ?? null;
}

/** What is written into the journal by others than the wizard, until it was taken. */
function besideWizard(): { hear: OnJournal; take(): JournalBody[] } {
  let heard: JournalBody[] = [];
  return {
    hear(event) {
      if (event.type === 'injected') heard.push(event);
    },
    take() {
      const taken = heard;
      heard = [];
      return taken;
    },
  };
}

/** Nothing can be made to happen before the stage stands. */
function onceReady(ready: Staged['ready']): Pick<Injector, 'inject' | 'waiting'> {
  let injector: Pick<Injector, 'inject' | 'waiting'> | null = null;
  void ready.then(
    (made) => (injector = made.injector),
    () => undefined,
  );
  return {
    inject: async (id) => (await (await ready).injector?.inject(id)) ?? 'This drill has no events.',
    waiting: () => injector?.waiting() ?? [],
  };
}

/** What the wizard has of a drill, and who may look over the operator's shoulder meanwhile. */
async function practisedIn(io: Io, { drill, named }: Begin, practice: Practice, staged: Staged) {
  const { attemptAt, judgedAs, personOf } = await import('./practice-judged.ts');
  const { drillStateOf, freePractice } = await import('../practice/coach/state.ts');
  if (!drill) return { practised: { drill: freePractice(), around: staged.around }, instructed: null };
  // Without sessions to simulate there is nothing to wait for: the story stands while its database is made ready.
  const simulated = drill.stage === 'embedded' ? [] : (await staged.ready).simulated;
  const { serveInstructor } = await import('../practice/instructor/serve.ts');
  const { controlFolder } = await import('../practice/instructor/place.ts');
  const instructed: Instructed | null = await serveInstructor({
    folder: controlFolder(io.env, io.home),
    person: io.osUser,
    drill,
    injector: onceReady(staged.ready),
  });
  const beside = besideWizard();
  const practised: Practised = {
    drill: drillStateOf(drill, { named, simulated, following: followingOf(practice.drills, drill) }),
    around: staged.around,
    tasks: staged.tasks,
    happened: () => beside.take(),
    onJournal(event) {
      beside.hear(event);
      staged.onJournal?.(event);
      instructed?.hear(event);
    },
  };
  const attempt = await attemptAt(io, drill, personOf(io, staged.options));
  return { practised: judgedAs(practised, attempt), instructed };
}

/** One drill, with every run that follows on it; what was asked for as it was left. */
async function oneDrill(
  io: Io,
  options: Options,
  begin: Begin,
  practice: Practice,
): Promise<{ status: number; next: Next | null }> {
  const staged = practice.stage(begin.drill);
  // Whoever waits for it hears of a failure; nobody may be waiting yet.
  staged.ready.catch(() => undefined);
  let last = null as State | null;
  let made = null as ReturnType<typeof practisedIn> | null;
  try {
    const status = await walk(io, {
      options: staged.options,
      subject: rollbackBy(io, options, null),
      place: staged.place,
      practice: async () => (await (made ??= practisedIn(io, begin, practice, staged))).practised,
      ended: (state) => (last = state),
    });
    return { status, next: last?.outcome?.next ?? null };
  } finally {
    const { instructed } = (await made?.catch(() => null)) ?? {};
    await instructed?.close();
    await staged.stop(last);
  }
}

/** Walks through drills until the operator leaves; returns the exit status of the last one. */
export async function practise(io: Io, options: Options, practice: Practice): Promise<number> {
  let choice: ListChoice | null = practice.first;
  let pointed: string | null = null;
  let status: number = EXIT.ok;
  for (;;) {
    if (!choice) {
      practice.warm?.();
      const { drills, broken } = practice;
      const reached = await practice.reached();
      choice = await chooseDrill(io, options, { drills, broken, reached, first: pointed });
    }
    if (!choice) return status;
    const begin = begun(choice, practice);
    const walked = await oneDrill(io, options, begin, practice);
    status = walked.status;
    if (walked.next?.kind !== 'drill') return status;
    const { drill } = walked.next;
    pointed = begin.drill ? followingOf(practice.drills, begin.drill) : null;
    choice = drill === null ? null : { kind: 'drill', id: drill };
  }
}
