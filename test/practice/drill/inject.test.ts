import { describe, expect, it } from 'vitest';
import type { JournalBody } from '../../../src/journal/types.ts';
import { createInjector } from '../../../src/practice/drill/inject.ts';
import { parseMoment } from '../../../src/practice/drill/moment.ts';
import type { InjectedAct, Injection } from '../../../src/practice/drill/types.ts';

const event = (id: string, when: string, act: InjectedAct, byInstructor = false): Injection => ({
  id,
  title: `T ${id}`,
  when: parseMoment(when),
  byInstructor,
  act,
});
const SQL: InjectedAct = { kind: 'sql', sql: 'SELECT 1' };
const at = (screen: string): JournalBody => ({ type: 'shown', screen, asked: 'plan', subject: null });

function injecting(events: Injection[], fail = false) {
  const done: string[] = [];
  const recorded: JournalBody[] = [];
  const scene = {
    async act(act: InjectedAct) {
      done.push(act.kind);
      if (fail) throw new Error('no such table');
      return { simulated: act.kind === 'hold', end: async () => void done.push(`${act.kind} ended`) };
    },
  };
  const injector = createInjector({ drill: { events }, scene, record: (body) => void recorded.push(body) });
  return { injector, done, recorded };
}

describe('events of a drill', () => {
  it('happen once, at their moment, and are recorded', async () => {
    const { injector, done, recorded } = injecting([event('late', 'at plan', SQL)]);
    injector.saw(at('decision'));
    expect(injector.busy()).toBe(false);
    injector.saw(at('plan'));
    injector.saw(at('plan'));
    expect(done).toEqual(['sql']);
    await injector.settled();
    expect(recorded).toEqual([
      { type: 'injected', id: 'late', title: 'T late', by: 'drill', simulated: false },
    ]);
    expect(injector.waiting()).toEqual([]);
  });

  it('last until their end comes, or the drill is over', async () => {
    const hold = (until: string | null): InjectedAct => ({
      kind: 'hold',
      sql: '',
      application: 'a',
      until: until === null ? null : parseMoment(until),
    });
    const { injector, done } = injecting([
      event('a', 'at plan', hold('at step')),
      event('b', 'at plan', hold(null)),
    ]);
    injector.saw(at('plan'));
    await injector.settled();
    injector.saw(at('step'));
    await injector.settled();
    expect(done).toEqual(['hold', 'hold', 'hold ended']);
    await injector.close();
    expect(done).toEqual(['hold', 'hold', 'hold ended', 'hold ended']);
  });

  it('are made by the instructor alone where the drill says so, and nothing else is', async () => {
    const { injector, done, recorded } = injecting([event('mara', 'at', SQL, true)]);
    injector.saw(at('plan'));
    expect(done).toEqual([]);
    expect(await injector.inject('DROP TABLE x')).toBe('The drill has no such event.');
    expect(await injector.inject('mara')).toBe('T mara (done)');
    expect(await injector.inject('mara')).toBe('That has happened already.');
    expect(done).toEqual(['sql']);
    expect(recorded).toMatchObject([{ type: 'injected', by: 'instructor' }]);
  });

  it('that fail are told in the journal', async () => {
    const { injector, recorded } = injecting([event('late', 'at plan', SQL)], true);
    injector.saw(at('plan'));
    await injector.settled();
    expect(recorded).toEqual([
      { type: 'note', text: 'The event late of the drill could not be made to happen: no such table' },
    ]);
  });
});
