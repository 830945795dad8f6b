import { afterEach, describe, expect, it } from 'vitest';
import { createStore, type Store, type StoreOptions } from '../../src/ui/store.ts';
import type { Event, Task } from '../../src/wizard/types.ts';
import { fakeWizard, going, screen } from './fake-wizard.ts';

const stores: Store[] = [];

function open(more: Partial<StoreOptions> = {}) {
  const wizard = fakeWizard([screen(going('one')), screen(going('two'))]);
  const commands: string[] = [];
  let ends = 0;
  const store = createStore({
    ...wizard,
    size: { columns: 80, rows: 24 },
    onCommand: (command) => commands.push(command),
    onOutcome: () => (ends += 1),
    ...more,
  });
  stores.push(store);
  return { store, wizard, commands, ends: () => ends };
}

afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

const key = (name: string) => ({ type: 'key', name, text: '' }) as const;

describe('createStore', () => {
  it('offers a dozen frames a second at most, however much happens, and the last state in the end', async () => {
    let turns = 0;
    const { store } = open({
      reduce: (state) => ({ state: { ...state, notice: String((turns += 1)) }, tasks: [] }),
    });
    let draws = 0;
    store.subscribe(() => (draws += 1));
    const before = performance.now();
    while (performance.now() - before < 400) store.dispatch({ type: 'start' });
    const most = Math.ceil((performance.now() - before) / 80) + 1;
    expect(turns).toBeGreaterThan(1000);
    expect(draws).toBeLessThanOrEqual(most);
    await expect.poll(() => store.scene().state.notice).toBe(String(turns));
  });

  it('takes events in order, also those a task sends while it is handed over', () => {
    const seen: string[] = [];
    const task: Task = { type: 'check' };
    const { store } = open({
      reduce(state, event) {
        seen.push(event.type);
        return { state, tasks: event.type === 'start' ? [task, task] : [] };
      },
      perform(_task: Task, emit: (event: Event) => void) {
        emit({ type: 'trouble', what: 'record', error: { message: '', explanation: '', advice: '' } });
        seen.push('handed over');
      },
    });
    store.dispatch({ type: 'start' });
    expect(seen).toEqual(['start', 'handed over', 'handed over', 'trouble', 'trouble']);
  });

  it('arms a question a moment after it was drawn, each for itself', async () => {
    const { store, wizard } = open();
    store.dispatch({ type: 'start' });
    store.input(key('enter'), 0);
    expect(wizard.heard).toEqual([]);
    await expect.poll(() => store.scene().view.armed).toBe(true);
    store.input(key('enter'), 1000);
    store.input(key('enter'), 1001);
    expect(wizard.heard).toEqual(['one=next']);
    await expect.poll(() => store.scene().view.armed && store.scene().view.question === 'two').toBe(true);
    store.input(key('enter'), 2000);
    expect(wizard.heard).toEqual(['one=next', 'two=next']);
  });

  it('tells of the outcome once, and takes no key after it', async () => {
    const { store, wizard, ends } = open();
    store.dispatch({ type: 'action', action: 'leave' });
    store.dispatch({ type: 'action', action: 'leave' });
    store.input(key('ctrl-c'), 0);
    expect(ends()).toBe(1);
    expect(wizard.heard).toEqual(['!leave', '!leave']);
  });

  it("hands the terminal what is the terminal's", () => {
    const { store, commands } = open();
    for (const name of ['ctrl-l', 'ctrl-z', 'ctrl-\\']) store.input(key(name), 0);
    expect(commands).toEqual(['redraw', 'suspend', 'quit-now']);
  });

  it('counts the seconds while something runs', async () => {
    const wizard = fakeWizard([screen({ kind: 'wait', id: 'w', prompt: 'Working', since: 0 })]);
    const { store } = open({ screenOf: wizard.screenOf });
    let draws = 0;
    store.subscribe(() => (draws += 1));
    store.dispatch({ type: 'start' });
    await expect.poll(() => draws, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  });
});
