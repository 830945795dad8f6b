import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GENERAL_NOTES } from '../../src/practice/coach/notes.ts';
import { withCoach } from '../../src/practice/coach/follow.ts';
import { drillStateOf, freePractice } from '../../src/practice/coach/state.ts';
import { screenOf } from '../../src/steps/index.ts';
import { actionsOf } from '../../src/wizard/actions.ts';
import { askedOf } from '../../src/wizard/asked.ts';
import { plainPractice } from '../../src/wizard/drill.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import type { DrillState, Event, State } from '../../src/wizard/types.ts';
import { aDrill } from '../practice/a-drill.ts';
import { moves, play } from './play.ts';
import { Walk, wordsIn } from './support.ts';

const TELLING = { named: true, simulated: ['A blocker is simulated.'], following: 'two' };
const drill = (change: Partial<DrillState> = {}): DrillState => ({
  ...drillStateOf(aDrill(), TELLING),
  ...change,
});

/** A walk in a drill, with the coach keeping up. */
class Drilled extends Walk {
  private readonly reduce = withCoach(reduce);

  constructor(about: DrillState = drill({ told: true })) {
    super({ environment: 'PRACTICE', drill: about });
  }

  override send(...events: Event[]): this {
    for (const event of events) {
      const next = this.reduce(this.state, event);
      this.state = next.state;
      this.last = next.tasks;
      this.tasks.push(...next.tasks);
    }
    return this;
  }

  get coached() {
    return this.journal.flatMap((event) => (event.type === 'coach' ? [event] : []));
  }
}

describe('the story', () => {
  it('stands in front of the target, says what is simulated, and is told once', () => {
    const walk = new Drilled(drill()).connected();
    expect(walk.screen.title).toBe('Drill: The calm one');
    expect(walk.words).toContain('Nobody is in a hurry');
    expect(walk.words).toContain('A blocker is simulated.');
    expect(walk.question.kind).toBe('continue');
    walk.answer('next');
    expect(walk.screen.title).toBe('Target');
    expect(walk.state.prerequisites.status).toBe('idle');
    walk.answer('next').act('back');
    expect(walk.screen.title).not.toContain('Drill');
  });

  it('connects behind it, so that nobody waits afterwards', () => {
    const walk = new Drilled(drill()).send({ type: 'start' });
    expect(walk.started('connect')).toBe(1);
  });

  it('does not name a drill that was drawn, nor its level', () => {
    const walk = new Drilled(drillStateOf(aDrill(), { ...TELLING, named: false })).connected();
    expect(`${walk.screen.title} ${walk.words}`).not.toMatch(/calm|first day/i);
    expect(walk.words).toContain('Nobody is in a hurry');
  });
});

describe('the coach', () => {
  it('does not exist outside of practice', () => {
    const walk = new Walk().checked();
    expect(actionsOf(walk.state).some(({ id }) => id === 'coach')).toBe(false);
    const before = walk.state;
    expect(walk.act('coach').state).toBe(before);
  });

  it('asks first, and tells only then; what was answered is recorded', () => {
    const walk = new Drilled().checked().act('coach');
    expect(walk.question.prompt).toBe('What would you look at first?');
    expect(walk.words).not.toContain('not green');
    walk.answer('0');
    expect(walk.words).toContain('You said: The backup');
    expect(walk.words).toContain('Read what is not green.');
    expect(walk.coached).toMatchObject([
      { what: 'opened', id: 'prerequisites/prerequisites' },
      { what: 'ask', id: 'first', right: true, cost: 0 },
    ]);
  });

  it('says what is right where the answer was wrong, and asks no question twice', () => {
    const walk = new Drilled().checked().act('coach').answer('1');
    expect(walk.words).toContain('pass The backup');
    expect(walk.words).toContain('fail You said: The clock');
    walk.act('coach').act('coach');
    expect(walk.question.prompt).toBe('Anything else?');
    expect(walk.coached.filter(({ what }) => what === 'ask')).toHaveLength(1);
  });

  it('Enter neither answers the question nor takes a hint', () => {
    const walk = new Drilled().checked().act('coach');
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'tell' });
    walk.answer('tell');
    expect(walk.coached.at(-1)).toMatchObject({ what: 'ask', right: null, cost: 0 });
    expect(walk.question).toMatchObject({ kind: 'choice', default: 'close' });
    walk.answer('close');
    expect(walk.state.drill?.coach.open).toBeNull();
    expect(walk.coached.some(({ what }) => what === 'hint')).toBe(false);
  });

  it('offers a hint only once its moment has come, and says its cost before it is taken', () => {
    const walk = new Drilled().connected().act('coach');
    expect(walk.question.kind).toBe('continue');
    walk.act('coach').checked().act('coach').answer('tell');
    const offer =
      walk.question.kind === 'choice' ? walk.question.options.find(({ value }) => value === 'hint') : null;
    expect(offer?.label).toBe('Take a hint: costs 5 points of 100');
    expect(walk.words).not.toContain('Count the warnings');
    walk.answer('hint');
    expect(walk.words).toContain('Count the warnings.');
    expect(walk.coached.at(-1)).toMatchObject({ what: 'hint', id: '1', cost: 5 });
    // The second is for a later moment.
    expect(walk.question.kind).toBe('continue');
  });

  it('stands in front while a step runs, and the step goes on', () => {
    const walk = new Drilled().planned().answer('next');
    const { question } = walk;
    walk.answer(question.kind === 'typed' ? question.expected : 'yes');
    walk.send({ type: 'step-started', step: 'step-1', at: 0 }).act('coach');
    expect(walk.words).toContain('A step is running and goes on while you are here.');
    const first = { type: 'statement-started', step: 'step-1', index: 1 } as const;
    walk.send(first);
    expect(walk.state.steps[0]?.statements[0]?.status).toBe('running');
    expect(walk.screen.title).toMatch(/^Coach:/);
    expect(walk.screen.actions.find(({ id }) => id === 'cancel')?.enabled).toBe(true);
  });

  it('gives way to the escalation, and comes back in front of it', () => {
    const walk = new Drilled().checked().act('coach').act('escalate');
    expect(walk.screen.title).toBe('Escalate');
    walk.act('coach');
    expect(walk.screen.title).toBe('Coach: Escalate');
    walk.act('back');
    expect(walk.screen.title).toBe('Escalate');
  });

  it('whatever happened before: opening and closing it changes nothing and confirms nothing', () => {
    const rest = ({ drill: _drill, turn: _turn, notice: _notice, ...others }: State) => others;
    fc.assert(
      fc.property(moves, fc.nat(3), (list, n) => {
        const state: State = { ...play(list, () => undefined).state, drill: drill({ told: true }) };
        const coach = withCoach(reduce);
        const opened = coach(state, { type: 'action', action: 'coach' });
        if (state.outcome || state.leaving) {
          expect(opened.state.drill?.coach.open).toBeNull();
          return;
        }
        expect(screenOf(opened.state).title).toMatch(/^Coach: /);
        const { id, values } = askedOf(opened.state);
        const answer = values?.[n % values.length] ?? '';
        const answered = coach(opened.state, { type: 'answer', question: id, value: answer });
        const open = answered.state.drill?.coach.open !== null;
        const closed = open ? coach(answered.state, { type: 'action', action: 'back' }) : answered;
        expect(closed.state.drill?.coach.open).toBeNull();
        expect(rest(closed.state)).toEqual(rest(state));
        const tasks = [...opened.tasks, ...answered.tasks];
        expect(
          tasks.every((task) => task.type === 'record' && task.event.type === 'coach' && !state.ending),
        ).toBe(true);
        // An answer that was meant for what stood there before the coach is not taken any more by what is asked now.
        const late = askedOf(state);
        if (late.kind !== 'wait' && late.id !== askedOf(closed.state).id) {
          const stray = reduce(closed.state, { type: 'answer', question: late.id, value: 'yes' });
          expect(stray.state).toBe(closed.state);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the general notes', () => {
  it('have something to say on every screen', () => {
    const screens: State['screen'][] = [
      'target',
      'prerequisites',
      'decision',
      'forward',
      'quick',
      'plan',
      'step',
      'verification',
      'checklist',
      'report',
    ];
    for (const screen of [...screens, 'story', 'escalation']) expect(GENERAL_NOTES[screen]).toBeDefined();
  });

  it('are there without a drill', () => {
    const walk = new Drilled(freePractice()).checked().act('coach');
    expect(walk.question.kind).toBe('continue');
    expect(walk.words).toContain('What an expert looks at');
  });
});

describe('the list', () => {
  const listed = { id: 'calm', title: 'The calm one', level: 'first day', minutes: 6 } as const;
  const list = {
    drills: [
      { ...listed, attempts: 2, best: 71 },
      { ...listed, id: 'two', title: 'Two of us', level: 'expert', attempts: 0, best: null } as const,
    ],
    first: 'calm',
    broken: ['03-odd.md cannot be used.'],
    chosen: null,
  };
  const walk = (): Walk => new Walk({ environment: 'PRACTICE', drill: { ...plainPractice(), list } });

  it('points at the calm one, and tells what was reached', () => {
    const { question, screen } = walk();
    expect(question).toMatchObject({ kind: 'choice', default: 'calm' });
    const options = question.kind === 'choice' ? question.options : [];
    expect(options.map(({ detail }) => detail).slice(0, 2)).toEqual([
      '6 min; best 71, 2 attempts',
      '6 min; not tried yet',
    ]);
    expect(options.map(({ group }) => group)).toEqual(['first day', 'expert', 'any level', 'any level']);
    expect(new Set(options.map(({ key }) => key)).size).toBe(options.length);
    expect(wordsIn(screen.blocks)).toContain('03-odd.md cannot be used.');
  });

  it.each([
    ['two', { kind: 'drill', id: 'two' }],
    ['random', { kind: 'random' }],
    ['free', { kind: 'free' }],
  ])('%s ends it with what is begun next, and nothing was run', (value, chosen) => {
    const after = walk().answer(value);
    expect(after.state.drill?.list?.chosen).toEqual(chosen);
    expect(after.state.outcome).toMatchObject({ exitStatus: 0 });
    expect(after.tasks).toEqual([]);
  });

  it('Ctrl-C leaves without asking', () => {
    const after = walk().act('leave');
    expect(after.state.outcome).not.toBeNull();
    expect(after.state.drill?.list?.chosen).toBeNull();
  });
});
