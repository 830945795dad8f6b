/** The list of drills, before any run: what is chosen there is begun by src/commands/practice-walks.ts. */
import type { Drill } from '../practice/drill/types.ts';
import type { DrillList, DrillState, ListChoice, ListedDrill, State } from '../wizard/types.ts';
import type { Options } from './args.ts';
import type { Begun } from './begin.ts';
import type { Io } from './io.ts';

/** What a person has reached in a drill so far. */
export interface Reached {
  attempts: number;
  best: number | null;
}

export interface Listing {
  drills: readonly Drill[];
  /** By the drill's id. */
  reached: Readonly<Record<string, Reached>>;
  /** Files that could not be read, a sentence each. */
  broken: string[];
  /** Pointed at; absent: the first. */
  first?: string | null;
}

const NOTHING: Reached = { attempts: 0, best: null };

const listed = (drill: Drill, { attempts, best }: Reached): ListedDrill => ({
  id: drill.id,
  title: drill.title,
  level: drill.level,
  minutes: drill.minutes,
  attempts,
  best,
});

/** Ordered as the files are: from the first day to the expert. */
export function listOf({ drills, reached, broken, first }: Listing): DrillList {
  const ids = drills.map(({ id }) => id);
  return {
    drills: drills.map((drill) => listed(drill, reached[drill.id] ?? NOTHING)),
    first: first !== undefined && first !== null && ids.includes(first) ? first : (ids[0] ?? null),
    broken,
    chosen: null,
  };
}

/** A wizard of one screen, with no run. */
export async function emptyWizard(
  io: Io,
  show: Partial<Pick<DrillState, 'list' | 'instructor'>>,
): Promise<Begun> {
  const [{ idleWizard }, { plainPractice }] = await Promise.all([
    import('./idle-wizard.ts'),
    import('../wizard/drill.ts'),
  ]);
  const drill = { ...plainPractice(), ...show };
  return idleWizard('', { environment: 'PRACTICE', version: io.version, drill });
}

/** Shows the list and returns what was chosen; null: to leave. */
export async function chooseDrill(io: Io, options: Options, listing: Listing): Promise<ListChoice | null> {
  const { onScreens, inLines } = await import('./walk.ts');
  const begin = (): Promise<Begun> => emptyWizard(io, { list: listOf(listing) });
  const last: State =
    options.plain || io.dumb ? await inLines(io, await begin()) : await onScreens(io, true, begin);
  return last.drill?.list?.chosen ?? null;
}
