/** Practice keeps what every wizard keeps, whatever arrives: in the story, before the coach, in the debrief, on the list. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCoach } from '../../src/practice/coach/follow.ts';
import { drillStateOf, freePractice } from '../../src/practice/coach/state.ts';
import { traced } from '../../src/practice/drill/trace.ts';
import { debriefOf } from '../../src/practice/score/debrief.ts';
import { questionOf, screenOf } from '../../src/steps/index.ts';
import { askedOf } from '../../src/wizard/asked.ts';
import { isAtDebrief } from '../../src/wizard/debrief.ts';
import { plainPractice } from '../../src/wizard/drill.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import { initialState } from '../../src/wizard/state.ts';
import type { DrillState, Question, State, Task } from '../../src/wizard/types.ts';
import { aDrill } from '../practice/a-drill.ts';
import { DRILL, end, journal, RIGHT } from '../practice/score/support.ts';
import { answersOf } from './answers.ts';
import { beginningOf, moves, play, type Game } from './play.ts';
import { keepsActions, keepsQuestion, keepsUnattended } from './promises.ts';
import { failure } from './support.ts';

const RUNS = { numRuns: 40 };
const RESULT = debriefOf(DRILL, journal(RIGHT), end(240));

const drillOf = (n: number): DrillState => {
  if (n % 7 === 0) return freePractice();
  const named = n % 3 > 0;
  return drillStateOf(aDrill(), {
    named,
    simulated: n % 2 ? ['A blocker.'] : [],
    following: n % 4 ? 'two' : null,
  });
};

/** As in a drill that is done: with the coach keeping up, and what comes into view written down. */
const INSIDE: Game = {
  begins: (n) => initialState({ ...beginningOf(n), environment: 'PRACTICE', drill: drillOf(n) }),
  rules: () => withCoach(traced(reduce, questionOf)),
  actions: ['coach', 'coach', 'coach'],
  answersOf: (task, n) => {
    if (task.type !== 'debrief') return answersOf(task, n);
    return n % 4 === 0
      ? [{ type: 'debrief-failed', error: failure() }]
      : [{ type: 'debriefed', debrief: RESULT, paths: ['/r.md'] }];
  },
};

const listed = (id: string) =>
  ({ id, title: id, level: 'first day', minutes: 6, attempts: 1, best: 70 }) as const;

const LIST: Game = {
  ...INSIDE,
  begins: (n) => {
    const drills = ['calm', 'two', 'three'].slice(0, n % 4).map(listed);
    const list = { drills, first: drills[0]?.id ?? null, broken: [], chosen: null };
    return initialState({ ...beginningOf(0), environment: 'PRACTICE', drill: { ...plainPractice(), list } });
  },
  // Nothing runs behind it, and nothing else reaches it.
  rules: () => (state, event) =>
    event.type === 'answer' || event.type === 'action' ? reduce(state, event) : { state, tasks: [] },
  answersOf: () => [],
};

const records = (tasks: readonly Task[]) =>
  tasks.flatMap((task) => (task.type === 'record' ? [task.event] : []));

/** It stands in front of everything but the question whether to leave, and is gone with the run. */
const isOpen = ({ drill, leaving, outcome }: State): boolean =>
  drill?.coach.open != null && !leaving && outcome === null;

describe('in a drill, whatever arrives', () => {
  it('every screen keeps its question, its answers and its actions', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const rules = INSIDE.rules();
        play(
          list,
          (_, __, after) => {
            keepsQuestion(after);
            keepsUnattended(after, rules);
            keepsActions(after, rules);
          },
          INSIDE,
        );
      }),
      RUNS,
    );
  });

  it('a hint is taken by its own answer alone, at the price that was shown, and once', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const taken: string[] = [];
        play(
          list,
          (before, event, _, tasks) => {
            for (const record of records(tasks)) {
              if (record.type !== 'coach' || record.what !== 'hint') continue;
              const { question } = screenOf(before);
              expect(event).toEqual({ type: 'answer', question: question.id, value: 'hint' });
              expect(JSON.stringify(question)).toContain(`costs ${record.cost} point`);
              expect(question.kind === 'choice' && question.default).not.toBe('hint');
              taken.push(record.id);
            }
          },
          INSIDE,
        );
        expect(new Set(taken).size).toBe(taken.length);
      }),
      RUNS,
    );
  });

  it('what is answered to the coach starts nothing', () => {
    fc.assert(
      fc.property(moves, (list) => {
        play(
          list,
          (before, event, _, tasks) => {
            if (!isOpen(before) || event.type !== 'answer') return;
            expect(tasks.every(({ type }) => type === 'record')).toBe(true);
            expect(records(tasks).every(({ type }) => type === 'coach' || type === 'shown')).toBe(true);
          },
          INSIDE,
        );
      }),
      RUNS,
    );
  });

  it('the result is the last line, the debrief is asked for after it, and tells nothing before', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const { tasks } = play(
          list,
          (before, _, after, now) => {
            if (before.ending) expect(records(now)).toEqual([]);
            for (const { type } of now) if (type === 'debrief') expect(after.ending).not.toBeNull();
            if (!isAtDebrief(after)) expect(JSON.stringify(screenOf(after))).not.toContain(DRILL.fault.text);
          },
          INSIDE,
        );
        expect(
          records(tasks)
            .slice(0, -1)
            .map(({ type }) => type),
        ).not.toContain('result');
      }),
      RUNS,
    );
  });

  it('Enter alone takes no hint and runs nothing', () => {
    const enter = (question: Question): string => {
      if (question.kind === 'choice') return question.default;
      return question.kind === 'confirm' ? 'no' : 'next';
    };
    fc.assert(
      fc.property(moves, (list) => {
        const { state } = play(list, () => undefined, INSIDE);
        const rules = INSIDE.rules();
        const opened = rules(state, { type: 'action', action: 'coach' }).state;
        if (!isOpen(opened)) return;
        let now = opened;
        for (let at = 0; at < 4 && isOpen(now); at += 1) {
          const { question } = screenOf(now);
          const next = rules(now, { type: 'answer', question: question.id, value: enter(question) });
          expect(records(next.tasks).some((event) => event.type === 'coach' && event.cost > 0)).toBe(false);
          expect(next.tasks.every(({ type }) => type === 'record')).toBe(true);
          now = next.state;
        }
        expect(isOpen(now)).toBe(false);
      }),
      RUNS,
    );
  });

  it('the moves do reach the story, the coach and the debrief', () => {
    const missing = new Set([
      'story',
      'coach',
      'coach-ask',
      'coach-hint',
      'debrief',
      'confirm',
      'verification',
    ]);
    fc.assert(
      fc.property(moves, (list) => {
        if (missing.size === 0) return;
        for (const place of play(list, () => undefined, INSIDE).reached) {
          missing.delete(place.split('/')[1] ?? '');
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    expect([...missing]).toEqual([]);
  });
});

describe('on the list, whatever arrives', () => {
  it('it keeps its promises, starts nothing, and ends with what was chosen', () => {
    fc.assert(
      fc.property(moves, fc.nat(), (list, n) => {
        const first = LIST.begins(n);
        const { state, tasks } = play(
          list,
          (_, __, after) => {
            if (after.outcome) return;
            keepsQuestion(after);
            keepsUnattended(after);
          },
          { ...LIST, begins: () => first },
        );
        expect(tasks).toEqual([]);
        const chosen = state.drill?.list?.chosen ?? null;
        const value = chosen?.kind === 'drill' ? chosen.id : chosen?.kind;
        if (value !== undefined) expect(askedOf(first).values).toContain(value);
        expect(chosen !== null && state.outcome === null).toBe(false);
      }),
      RUNS,
    );
  });

  it('the moves do choose, leave, and stay', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(moves, fc.nat(), (list, n) => {
        const { state } = play(list, () => undefined, { ...LIST, begins: () => LIST.begins(n) });
        ends.add(state.outcome ? (state.drill?.list?.chosen?.kind ?? 'left') : 'stayed');
      }),
      { numRuns: 300, seed: 7 },
    );
    expect([...ends].sort()).toEqual(['drill', 'free', 'left', 'random', 'stayed']);
  });
});
