/** The rehearsal, in front of the plan: what it would do, how it goes, what came of it. */
import { DEFAULT_LIMITS } from '../rehearse/types.ts';
import { outcomeWords } from '../rehearse/words.ts';
import { askedOf } from '../wizard/asked.ts';
import { isRehearsing, rehearsalHolds } from '../wizard/rehearsal.ts';
import type { Block, Mark, Question, Screen, State } from '../wizard/types.ts';
import { errorBlocks, gap, heading, item, log, option, safe, text, wait } from './blocks.ts';
import { findingBlocks, leftBlocks } from './rehearsal.ts';
import { screen } from './screen.ts';

export const rehearsalScreen = (state: State): Screen =>
  screen(state, 'plan', 'Rehearsal', blocks(state), question(state));

const OUT_OF_DATE =
  'This is out of date: the plan, its forms or the database have changed since. Rehearse again to know.';

/** What came of it first: it has to be seen without scrolling. */
function blocks(state: State): Block[] {
  const { error, result, lines } = state.rehearsal;
  if (isRehearsing(state))
    return [text('Nothing is changed in the tables themselves.', 'quiet'), gap, log(lines)];
  return [
    ...(error === null ? [] : [heading('It did not work'), ...errorBlocks(error, state.runbook), gap]),
    ...(result === null
      ? about(state)
      : [...cameOf(state), ...leftBlocks(result), gap, ...findingBlocks(result)]),
  ];
}

function cameOf(state: State): Block[] {
  const { result } = state.rehearsal;
  if (!result) return [];
  const stale = rehearsalHolds(state) ? [] : [item('warn', OUT_OF_DATE)];
  return [item(markOf(state), safe(outcomeWords(result))), ...stale];
}

function markOf({ rehearsal: { result } }: State): Mark {
  if (result?.outcome === 'ok') return 'pass';
  return result && ['limit', 'stopped', 'refused'].includes(result.outcome) ? 'warn' : 'fail';
}

function about({ environment }: State): Block[] {
  const minutes = Math.round(DEFAULT_LIMITS.timeLimitSeconds / 60);
  const size = `${DEFAULT_LIMITS.sizeLimit / 1024 ** 3} GB`;
  return [
    text(
      'Every step runs on a copy of its tables, then the verification, then the undo. Nothing of it is left.',
    ),
    gap,
    item('none', 'It finds errors before the real thing, with the rows that cause them, and measures times.'),
    item('none', `On the tables themselves it takes the lock of a SELECT, for at most ${minutes} minutes.`),
    item(
      'none',
      `The copy takes disk and write-ahead log for a while: at most ${size} of tables and indexes.`,
      {
        detail: 'Of larger tables a sample is taken. With too little room it does not begin.',
      },
    ),
    ...(environment === 'PRODUCTION'
      ? [item('none', 'Other limits, a sample, another way: backout rehearse --help')]
      : []),
  ];
}

function question(state: State): Question {
  const { id, kind } = askedOf(state);
  const { progress, since, cancelling, result } = state.rehearsal;
  if (kind === 'wait') return wait(id, cancelling ? 'Stopping it…' : (progress ?? 'Beginning…'), since);
  return {
    kind: 'choice',
    id,
    prompt: result === null ? 'Rehearse the plan now?' : 'Rehearsed. What now?',
    options: [
      option('rehearse', 'r', result === null ? 'Rehearse now' : 'Rehearse again'),
      option('close', 'c', 'Back to the plan'),
    ],
    default: 'close',
    unattended: 'close',
  };
}

/** On the plan's screen: the last one, in a line. */
export function rehearsedBlocks(state: State): Block[] {
  const { result } = state.rehearsal;
  return result ? [gap, heading('Rehearsal'), ...cameOf(state)] : [];
}
