/** What could be mended: looking for it, choosing among it, leaving for the run that carries it out. */
import type { RepairAbout } from '../../repair/find.ts';
import type { Repair } from '../../repair/types.ts';
import { finish } from '../ending.ts';
import { to, type Reduced } from '../reduced.ts';
import { noRepairs } from '../state.ts';
import type { Event, Next, Repairs, State } from '../types.ts';

/** Looks for what could be mended, whatever was found before. */
export const lookForRepairs = (state: State, about: RepairAbout): Reduced =>
  to({ ...state, repairs: { ...noRepairs(), status: 'looking' } }, { type: 'find-repairs', about });

export function onRepairs(
  state: State,
  event: Extract<Event, { type: 'repairs' | 'repairs-failed' }>,
): Reduced {
  const unasked = event.unasked === true;
  if (state.repairs.status !== 'looking' && !unasked) return to(state);
  if (event.type === 'repairs-failed') {
    return to({ ...state, repairs: { ...noRepairs(), status: 'failed', error: event.error } });
  }
  const { found, notes = [] } = event;
  const chosen = found.filter(({ recommended }) => recommended).map(({ id }) => id);
  return to({ ...state, repairs: { ...noRepairs(), status: 'done', found, notes, chosen } });
}

/** What is chosen once this one is taken in or out, in the order of what was found. */
export function toggled(found: readonly Repair[], chosen: readonly string[], id: string): string[] {
  const now = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
  return found.map((repair) => repair.id).filter((one) => now.includes(one));
}

/** With the value that this one asks for, and chosen because of it. */
export function given(repairs: Repairs, id: string, value: string): Repairs {
  const found = repairs.found.map((repair) =>
    repair.id === id && repair.input ? { ...repair, input: { ...repair.input, value } } : repair,
  );
  const chosen = repairs.chosen.includes(id) ? repairs.chosen : toggled(found, repairs.chosen, id);
  return { ...repairs, found, chosen };
}

/** In or out of what is to be run; one that asks for a value goes in with it. */
export function toggleRepair(state: State, id: string): Reduced {
  const { found, chosen } = state.repairs;
  const asks = !chosen.includes(id) && found.some((repair) => repair.id === id && repair.input !== undefined);
  if (asks) return to({ ...state, repairs: { ...state.repairs, asking: id } });
  return to({ ...state, repairs: { ...state.repairs, chosen: toggled(found, chosen, id) } });
}

type NextRepair = Extract<Next, { kind: 'repair' }>;

/**
 * Ends this run as it stands and leaves for the one that carries out `ids`, each step confirmed there.
 * `found`: what the ids are of; by default what stands in the way.
 */
export function repairNext(
  state: State,
  ids: readonly string[],
  { found = state.repairs.found, ...next }: Omit<NextRepair, 'kind' | 'repairs'> & { found?: Repair[] },
): Reduced {
  const repairs = found.filter(({ id }) => ids.includes(id));
  if (repairs.length === 0) return to(state);
  const ended = finish(state);
  const { ending } = ended.state;
  if (!ending) return to(state);
  return to(
    { ...ended.state, outcome: { ...ending, next: { kind: 'repair', ...next, repairs } } },
    ...ended.tasks,
  );
}
