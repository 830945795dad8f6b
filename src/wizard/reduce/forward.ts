/** Fixing forward: looking for what is wrong, choosing, leaving for the run that mends it, or writing it to a file. */
import { finish } from '../ending.ts';
import { failureNote, to, typedLine, type Reduced } from '../reduced.ts';
import { noForward } from '../state.ts';
import type { Event, State, Task } from '../types.ts';
import { repairNext, toggled } from './repairs.ts';

/** Of the answer that takes a repair in or out; the id follows. */
export const TOGGLE = 'toggle:';

const withForward = (state: State, forward: Partial<State['forward']>): State => ({
  ...state,
  forward: { ...state.forward, ...forward },
});

/** Looks anew each time: what was found before may be mended by now. */
export const enterForward = (state: State, ...before: Task[]): Reduced =>
  to(
    { ...state, screen: 'forward', forward: { ...noForward(), status: 'looking', sql: state.forward.sql } },
    ...before,
    { type: 'find-repairs', about: { kind: 'forward' } },
  );

export function onForward(
  state: State,
  event: Extract<Event, { type: 'repairs' | 'repairs-failed' }>,
): Reduced {
  if (event.type === 'repairs-failed') {
    const { error } = event;
    return to(
      withForward(state, { status: 'failed', error }),
      failureNote('What is wrong with the migrated state could not be looked for', error),
    );
  }
  const { found, notes = [], place = null } = event;
  const chosen = found.filter(({ recommended }) => recommended).map(({ id }) => id);
  return to(withForward(state, { status: 'done', found, notes, chosen, place }));
}

export function onSkeleton(
  state: State,
  event: Extract<Event, { type: 'skeleton-written' | 'skeleton-failed' }>,
): Reduced {
  if (state.forward.skeleton.status !== 'writing') return to(state);
  if (event.type === 'skeleton-failed') {
    return to(withForward(state, { skeleton: { status: 'failed', paths: [], error: event.error } }));
  }
  const { paths } = event;
  const text = `A skeleton of a forward migration was written: ${paths.join(', ')}`;
  return to(withForward(state, { skeleton: { status: 'written', paths, error: null } }), {
    type: 'record',
    event: { type: 'note', text },
  });
}

export function answerForward(state: State, name: string, value: string): Reduced {
  const { found, chosen } = state.forward;
  if (name === 'skeleton') return writeTo(state, value);
  if (value.startsWith(TOGGLE)) {
    return to(withForward(state, { chosen: toggled(found, chosen, value.slice(TOGGLE.length)) }));
  }
  switch (value) {
    case 'retry':
      return enterForward(state);
    case 'skeleton':
      return to(withForward(state, { skeleton: { status: 'asking', paths: [], error: null } }));
    case 'repair':
      return carryOut(state);
    default:
      return ended(state, foundRecord(state, null));
  }
}

/** The records come before the result: nothing is written after it. */
function ended(state: State, ...before: Task[]): Reduced {
  const after = finish(state);
  return to(after.state, ...before, ...after.tasks);
}

function foundRecord({ forward }: State, run: string | null): Task {
  const found = forward.found.map(({ id, title, found: words }) => ({
    id,
    title,
    found: words,
    chosen: run !== null && forward.chosen.includes(id),
  }));
  const notes = forward.notes.map(({ title, lines }) => ({ title, lines }));
  return { type: 'record', event: { type: 'repairs', run, found, notes } };
}

function carryOut(state: State): Reduced {
  const { found, chosen, place } = state.forward;
  const { version } = state.runbook.migration ?? {};
  const left = repairNext(state, chosen, {
    title:
      version === undefined ? `Fix forward: ${state.runbook.title}` : `Fix forward: migration ${version}`,
    after: null,
    found,
    ...(place ? { run: place.run, schema: place.schema } : {}),
  });
  if (!left.state.outcome?.next) return left;
  return to(left.state, foundRecord(state, place?.run ?? ''), ...left.tasks);
}

/** Nothing typed: the name that is offered. */
function writeTo(state: State, value: string): Reduced {
  const { found, notes, chosen, place } = state.forward;
  const path = typedLine(value) === '' ? (place?.file ?? '') : value.trim();
  return to(withForward(state, { skeleton: { status: 'writing', paths: [], error: null } }), {
    type: 'write-skeleton',
    path,
    repairs: found.filter(({ id }) => chosen.includes(id)),
    left: found.filter(({ id }) => !chosen.includes(id)),
    notes,
  });
}

export const dropSkeleton = (state: State): Reduced =>
  to(withForward(state, { skeleton: { status: 'idle', paths: [], error: null } }));

export const toggleSql = (state: State): Reduced => to(withForward(state, { sql: !state.forward.sql }));
