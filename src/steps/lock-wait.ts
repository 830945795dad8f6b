/** While a step waits for a lock: who holds it, and what can be done about them. */
import { askedOf, type Asked } from '../wizard/asked.ts';
import { MOST_ACTED_ON, toTerminate, whyNotCancel, whyNotTerminate } from '../wizard/lock-wait.ts';
import type { Block, Blocker, LockWait, Option, Question, State } from '../wizard/types.ts';
import { duration, gap, item, option, safe, text, wait as waitFor } from './blocks.ts';

const what = ({ during, level, table }: LockWait): string =>
  during === 'outside' ? `others who use ${table}, or whose transactions are older` : `${level} on ${table}`;

/** Who waits: the step, or a look at the tables before or after it. */
const whose = ({ during }: LockWait, name: string): string =>
  during === 'step' || during === 'outside'
    ? name
    : during === 'look'
      ? `The look before ${name}`
      : `${name} is committed; the look at what it left`;

const LOOKING: Record<LockWait['during'], string | null> = {
  step: null,
  outside: 'It waits until these have ended, and goes on by itself. Readers and writers go on meanwhile.',
  look: 'Nothing of the step has been run: first the tables are looked at.',
  after: 'The step is committed. What comes next is looked at before it is asked for.',
};

function tries({ during, attempt, attempts, pauseSeconds }: LockWait): string {
  if (during === 'outside') return 'not given up in between';
  const next = pauseSeconds === null ? 'trying now' : `next in ${pauseSeconds.toFixed(1)} s`;
  return `try ${attempt} of ${attempts}, ${next}`;
}

export function lockWaitBlocks({ waiting }: State): Block[] {
  if (!waiting) return [];
  return [
    item('running', `Waiting for ${what(waiting)}`, { detail: tries(waiting) }),
    ...(LOOKING[waiting.during] === null ? [] : [text(LOOKING[waiting.during] ?? '')]),
    ...(waiting.acting === null ? [] : [text(waiting.acting, 'strong')]),
    ...(waiting.blockers.length === 0
      ? [text('Who holds it is not to be seen with this role, or they have just let go.')]
      : waiting.blockers.map(blockerItem)),
    ...(waiting.during === 'outside'
      ? []
      : [text('Between tries backout does not stand in the queue for it.', 'quiet')]),
    gap,
  ];
}

const who = ({ pid, user, application, address }: Blocker): string =>
  [`pid ${pid}`, `user ${user}`, application === '' ? 'no application name' : application, address]
    .filter((part) => part !== '')
    .join(', ');

const WAITS_FOR_US =
  'It waits for you: it wants what this step holds, so neither goes on before the other ends. Cancel its query, or stop the step.';

function blockerItem(blocker: Blocker): Block {
  const { state, ageSeconds, holds, query, waitsForUs } = blocker;
  const age = ageSeconds === null ? '' : `, transaction open for ${duration(ageSeconds)}`;
  return item('warn', who(blocker), {
    detail: `${state}${age}.`,
    lines: [
      ...(waitsForUs ? [WAITS_FOR_US] : []),
      ...(holds.length === 0 ? [] : [`Holds ${holds.join(', ')}.`]),
      ...(query === '' ? [] : [`${state.startsWith('idle') ? 'Its last query' : 'Its query'}: ${query}`]),
    ],
  });
}

/** The question of a waiting step; `name` puts the step into words. */
export function lockQuestion(state: State, name: string): Question | null {
  const { waiting } = state;
  if (!waiting) return null;
  const asked = askedOf(state);
  switch (asked.name) {
    case 'lock':
      return asked.kind === 'wait' ? stillWaiting(asked, waiting, name) : choice(asked, waiting, name);
    case 'terminate':
      return terminate(state, asked);
    default:
      return null;
  }
}

const stillWaiting = ({ id }: Asked, wait: LockWait, name: string): Question =>
  waitFor(id, `${whose(wait, name)} waits for ${what(wait)} (${tries(wait)})…`, wait.since);

/** Letters that nothing else on the screen uses; digits cancel, letters terminate. */
const TERMINATE_KEYS = 'tuvxy';

function choice(asked: Asked, waiting: LockWait, name: string): Question {
  const blockers = waiting.blockers.slice(0, MOST_ACTED_ON);
  return {
    kind: 'choice',
    id: asked.id,
    prompt: safe(`${whose(waiting, name)} waits for ${what(waiting)}. What now?`),
    options: [
      option(
        'wait',
        'w',
        'Wait',
        waiting.during === 'after'
          ? 'It is tried again by itself. Ctrl-C ends the look.'
          : waiting.during === 'outside'
            ? 'It goes on by itself. Ctrl-C breaks it off.'
            : 'It is tried again by itself. Ctrl-C stops the step.',
      ),
      ...(waiting.during === 'outside' ? [] : [option('retry', 'r', 'Try again now')]),
      ...blockers.map((blocker, index) =>
        orWhyNot(
          option(`cancel:${blocker.pid}`, `${index + 1}`, `Cancel the query of pid ${blocker.pid}`),
          whyNotCancel(blocker),
        ),
      ),
      ...blockers.map((blocker, index) =>
        orWhyNot(
          option(
            `terminate:${blocker.pid}`,
            TERMINATE_KEYS.charAt(index),
            `Terminate pid ${blocker.pid}`,
            'Its pid is to be typed.',
          ),
          whyNotTerminate(blocker),
        ),
      ),
    ],
    default: 'wait',
    unattended: 'wait',
    ...(asked.subject === undefined ? {} : { subject: asked.subject }),
  };
}

const orWhyNot = (one: Option, why: string | null): Option =>
  why === null ? one : { ...one, disabled: safe(why) };

function terminate(state: State, asked: Asked): Question | null {
  const blocker = toTerminate(state);
  if (!blocker) return null;
  return {
    kind: 'typed',
    id: asked.id,
    prompt: safe(
      `This ends the session of ${who(blocker)}: its transaction is rolled back, its connection closed. To do that, type its pid: ${blocker.pid}`,
    ),
    expected: String(blocker.pid),
    // Nobody but an operator ever comes here.
    unattended: '',
    ...(asked.subject === undefined ? {} : { subject: asked.subject }),
  };
}
