/**
 * Plays the wizard with whatever arrives, in whatever order: bursts of keys, late answers, garbage, and a database
 * that answers tasks, fails, changes or goes silent, so that the runs go deep.
 */
import fc from 'fast-check';
import { screenOf } from '../../src/steps/index.ts';
import { actionsOf } from '../../src/wizard/actions.ts';
import { askedOf } from '../../src/wizard/asked.ts';
import { reduce } from '../../src/wizard/reducer.ts';
import { initialState, type Beginning } from '../../src/wizard/state.ts';
import type { ActionId, Event, Option, Question, Reduce, State, Task } from '../../src/wizard/types.ts';
import { answersOf, garbage, pick } from './answers.ts';
import { BEGINNING, RUNBOOK } from './support.ts';

const ACTIONS: ActionId[] = [
  'next',
  'back',
  'retry',
  'change',
  'stop',
  'cancel',
  'run-command',
  'note',
  'up',
  'down',
  'forms',
  'whole',
  'blockers',
  'backup',
  'undo',
  'rollback',
  'mend',
  'application',
  'leave',
  'stay',
  'help',
  'escalate',
  'sql',
];

export interface Move {
  kind: 'good' | 'answer' | 'late' | 'action' | 'task' | 'garbage';
  n: number;
}

export const moves = fc.array(
  fc.record<Move>({
    kind: fc.constantFrom(
      'good',
      'good',
      'good',
      'answer',
      'late',
      'action',
      'task',
      'task',
      'task',
      'garbage',
    ),
    n: fc.noBias(fc.nat(10_000)),
  }),
  { minLength: 10, maxLength: 120, size: 'max' },
);

const ENDS = ['leave', 'stop', 'close'];

const onwards = (options: Option[]): Option[] => options.filter(({ value }) => !ENDS.includes(value));

const isQuick = ({ value, disabled }: Option): boolean => value === 'quick' && disabled === undefined;

/** What a question that is answered sensibly gets, so that a run comes along. */
function goodAnswer(question: Question, n: number): string {
  switch (question.kind) {
    case 'choice':
      if (n % 3 > 0 && question.options.some(isQuick)) return 'quick';
      if (question.options.some(({ value }) => value === 'rollback')) return 'rollback';
      return pick(n % 6 === 0 ? question.options : onwards(question.options), n).value;
    case 'confirm':
      return question.id.startsWith('leave') && n % 4 > 0 ? 'no' : 'yes';
    case 'typed':
      return n % 4 > 0 ? question.expected : 'orders ';
    case 'text':
      return pick(['because', '', 'x\u202ey', 'postgresql://h/d'], n);
    default:
      return 'next';
  }
}

function anyAnswer(n: number): string {
  return pick(
    ['yes', 'no', 'next', 'orders', 'rollback', 'retry', 'stop', 'leave', 'look', '', 'x', 'verify'],
    n,
  );
}

/** Now and then one that is offered, so that what is under way is stopped too. */
function anyAction(state: State, n: number, actions: readonly ActionId[]): ActionId {
  const offered = actionsOf(state).flatMap(({ id, enabled }) => (enabled && id !== 'leave' ? [id] : []));
  return n % 3 === 0 && offered.length > 0 ? pick(offered, n) : pick(actions, n);
}

/** One game of two has a quick rollback in its runbook; in some the command line asks for a backup. */
export function beginningOf(n: number): Beginning {
  const quick = { title: 'Quick Rollback', depth: 2, text: 'Prefer the steps.', blocks: [], line: 3 };
  const wanted = { take: n % 5 === 0, prove: n % 3 === 0, place: null };
  return {
    ...BEGINNING,
    ...(n % 2 ? { runbook: { ...RUNBOOK, quick } } : {}),
    ...(n % 4 < 2 ? { backup: { path: n % 8 < 2 ? '/backups/named.dump' : null, wanted } } : {}),
  };
}

/** Another game than that of a rollback alone. */
export interface Game {
  begins(n: number): State;
  /** Made anew for each game: it may remember. */
  rules(): Reduce;
  /** Keys beside those of every wizard. */
  actions: readonly ActionId[];
  answersOf(task: Task, n: number): Event[];
}

const ROLLBACK: Game = {
  begins: (n) => initialState(beginningOf(n)),
  rules: () => reduce,
  actions: [],
  answersOf,
};

/** Plays the moves and hands every transition to `check`. */
export function play(
  list: Move[],
  check: (before: State, event: Event, after: State, tasks: Task[]) => void,
  game: Game = ROLLBACK,
): { state: State; tasks: Task[]; reached: Set<string> } {
  let state = game.begins(list[0]?.n ?? 0);
  const rules = game.rules();
  const actions = [...ACTIONS, ...game.actions];
  const tasks: Task[] = [];
  const open: Task[] = [];
  const ids: string[] = [];
  const reached = new Set<string>();
  const send = (event: Event): void => {
    const before = state;
    const next = rules(before, event);
    check(before, event, next.state, next.tasks);
    state = next.state;
    tasks.push(...next.tasks);
    open.push(...next.tasks.filter(({ type }) => type !== 'record'));
    reached.add(`${state.screen}/${askedOf(state).name}`);
    ids.push(askedOf(state).id);
  };
  send({ type: 'start' });
  for (const { kind, n } of list) {
    const { question } = screenOf(state);
    if (kind === 'task') {
      const task = open.splice(n % Math.max(1, open.length), 1)[0];
      for (const event of task ? game.answersOf(task, n) : []) send(event);
    } else if (kind === 'action') send({ type: 'action', action: anyAction(state, n, actions) });
    else if (kind === 'garbage') send(garbage(n));
    else if (kind === 'late')
      send({ type: 'answer', question: pick(ids, n), value: pick(['yes', 'next', 'orders'], n) });
    else if (kind === 'good') send({ type: 'answer', question: question.id, value: goodAnswer(question, n) });
    else send({ type: 'answer', question: question.id, value: anyAnswer(n) });
  }
  return { state, tasks, reached };
}
