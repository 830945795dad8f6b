/** Practice with an operator: from the list into a drill, from there to the next, until they leave. */
import type { Drill } from '../practice/drill/types.ts';
import type { JournalBody } from '../journal/types.ts';
import type { DrillState, ListChoice, Next, Reduce, State } from '../wizard/types.ts';
import { EXIT } from '../exit.ts';
import type { Options } from './args.ts';
import { rollbackBy, type Place } from './begin.ts';
import type { Io } from './io.ts';
import { chooseDrill, type Reached } from './practice-list-screen.ts';
import { walk } from './walk.ts';

/** A drill's database and surroundings, made ready or on their way; the screens do not wait for them. */
export interface Staged {
  place: Place;
  /** As if the story's options had been given on the command line. */
  options: Options;
  /** What of it is simulated on this machine. */
  simulated: string[];
  /** Goes around the wizard, inside of the coach: what is traced and injected. */
  around?: (reduce: Reduce) => Reduce;
  /** What was written into the journal beside the wizard since it was asked last. */
  happened?: () => JournalBody[];
  /** With the last state of the drill's last run; null when it ended by an error or a signal. */
  stop(last: State | null): Promise<void>;
}

export interface Practice {
  drills: readonly Drill[];
  broken: string[];
  /** What is begun with; null: the list. */
  first: (ListChoice & { named?: boolean }) | null;
  /** Null: the plain walk. */
  stage(drill: Drill | null): Staged;
  /** Makes a stage ready in the background, while the list is read. */
  warm?(): void;
  /** Read anew each time the list is shown. */
  reached(): Promise<Record<string, Reached>>;
  random(): number;
}

type Begin = { drill: Drill | null; named: boolean };

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

async function stateOf(drill: Drill | null, named: boolean, practice: Practice, simulated: string[]) {
  const { drillStateOf, freePractice } = await import('../practice/coach/state.ts');
  if (!drill) return freePractice();
  return drillStateOf(drill, { named, simulated, following: followingOf(practice.drills, drill) });
}

/** One drill, with every run that follows on it; what was asked for as it was left. */
async function oneDrill(
  io: Io,
  options: Options,
  { drill, named }: Begin,
  practice: Practice,
): Promise<{ status: number; next: Next | null }> {
  const staged = practice.stage(drill);
  let last: State | null = null;
  try {
    const state: DrillState = await stateOf(drill, named, practice, staged.simulated);
    const status = await walk(io, {
      options: staged.options,
      subject: rollbackBy(io, options, null),
      place: staged.place,
      practice: { drill: state, around: staged.around, happened: staged.happened },
      ended: (state) => (last = state),
    });
    return { status, next: nextOf(last) };
  } finally {
    await staged.stop(last);
  }
}

const nextOf = (last: State | null): Next | null => last?.outcome?.next ?? null;

/** Walks through drills until the operator leaves; returns the exit status of the last one. */
export async function practise(io: Io, options: Options, practice: Practice): Promise<number> {
  let choice: ListChoice | null = practice.first;
  let pointed: string | null = null;
  let status: number = EXIT.ok;
  for (;;) {
    if (!choice) {
      practice.warm?.();
      choice = await chooseDrill(io, options, {
        drills: practice.drills,
        reached: await practice.reached(),
        broken: practice.broken,
        first: pointed,
      });
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
