/** What is wrong with a drill beyond its form: what it gives away, what it names that is not there. Pure. */
import type { Plan } from '../../sql/types.ts';
import type { DrillProblem } from './problem.ts';
import type { Drill, Moment } from './types.ts';

const problem = (message: string, advice: string): DrillProblem => ({ line: null, message, advice });

/** Every moment of a drill, with where it stands. */
function momentsOf(drill: Drill): { where: string; moment: Moment }[] {
  const at = (where: string, moments: readonly Moment[]) => moments.map((moment) => ({ where, moment }));
  return [
    ...at('fault', [drill.fault.met]),
    ...drill.risks.flatMap(({ id, noticed }) => at(`risk ${id}`, noticed)),
    ...drill.must.flatMap(({ moments }, n) => at(`must ${n + 1}`, moments)),
    ...drill.mustNot.flatMap(({ moments }, n) => at(`must not ${n + 1}`, moments)),
    ...drill.events.flatMap(({ id, when, act }) =>
      at(`event ${id}`, act.kind === 'hold' && act.until ? [when, act.until] : [when]),
    ),
    ...drill.hints.flatMap(({ from }, n) => at(`hint ${n + 1}`, [from])),
    ...drill.coach.flatMap((note) => at('coach', [note.at])),
    ...drill.questions.flatMap((question) => at(`question ${question.id}`, [question.at])),
    ...drill.expert.flatMap(({ moment }, n) => (moment ? at(`expert ${n + 1}`, [moment]) : [])),
    ...drill.plays.flatMap(({ name, answers }) => answers.flatMap((one) => at(`play "${name}"`, [one.at]))),
  ];
}

const ABOUT_STEPS: ReadonlySet<Moment['kind']> = new Set([
  'started',
  'statement',
  'committing',
  'finished',
  'waiting',
]);

/** Steps, events and questions of the coach that are named and not there. */
export function strayNames(drill: Drill, plan: Pick<Plan, 'steps'>): DrillProblem[] {
  const steps = plan.steps.map(({ id }) => id);
  const known: [is: (moment: Moment) => boolean, names: string[], what: string][] = [
    [({ kind, screen }) => ABOUT_STEPS.has(kind) || (kind !== 'coach' && screen === 'step'), steps, 'step'],
    [({ kind }) => kind === 'injected', drill.events.map(({ id }) => id), 'event'],
    [
      ({ kind, name }) => kind === 'coach' && name === 'ask',
      drill.questions.map(({ id }) => id),
      'question of the coach',
    ],
  ];
  return momentsOf(drill).flatMap(({ where, moment }) =>
    known.flatMap(([is, names, what]) => {
      const { subject } = moment;
      // A repair has steps of its own, and their names are made when it is.
      const repair = what === 'step' && subject !== undefined && !subject.startsWith('step-');
      if (subject === undefined || !is(moment) || names.includes(subject) || repair) return [];
      const there = names.length === 0 ? 'There is none.' : `There is: ${names.join(', ')}.`;
      return [problem(`${where}: "${moment.text}" names a ${what} that is not there`, there)];
    }),
  );
}

/** A moment after which the fault is known: whatever is offered from there on may name it. */
function isMet({ met }: Drill['fault'], from: Moment): boolean {
  return (
    from.kind === met.kind &&
    (met.screen === undefined || from.screen === met.screen) &&
    (met.name === undefined || from.name === met.name) &&
    (met.subject === undefined || from.subject === met.subject)
  );
}

/** Where the words of the fault stand before it is met. */
export function givenAway(drill: Drill): DrillProblem[] {
  const { fault } = drill;
  const told: { where: string; text: string }[] = [
    { where: 'the title', text: drill.title },
    { where: 'the story', text: drill.story },
    ...drill.hints
      .filter(({ from }) => !isMet(fault, from))
      .map(({ text }, n) => ({ where: `hint ${n + 1}`, text })),
    ...drill.coach
      .filter(({ at }) => !isMet(fault, at))
      .map(({ at, text }) => ({ where: `the coach's note "${at.text}"`, text })),
    ...drill.questions
      .filter(({ at }) => !isMet(fault, at))
      .map(({ id, question, options }) => ({
        where: `the coach's question ${id}`,
        text: [question, ...options.flatMap(({ text, why }) => [text, why])].join('\n'),
      })),
  ];
  return told.flatMap(({ where, text }) =>
    fault.words
      .filter((word) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}`, 'iu').test(text))
      .map((word) =>
        problem(
          `${where} says "${word}" before the fault is met (${fault.met.text})`,
          'Say it in other words, or from a later moment on.',
        ),
      ),
  );
}

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
