/** Another run of backout on the same database: at work, or broken off. */
import { BESIDE, askedOf } from '../wizard/asked.ts';
import { OTHER_RUN, stepName, whyNotTakeOver } from '../wizard/judge.ts';
import type { Block, Option, OtherRun, Question, State } from '../wizard/types.ts';
import { duration, gap, heading, item, option, safe, text, wait } from './blocks.ts';

export function otherRunBlocks(state: State): Block[] {
  const { otherRun, withOther, prerequisites } = state;
  if (!otherRun || prerequisites.status !== 'done') return [];
  const why = whyNotTakeOver(state);
  return [
    heading(
      otherRun.live ? 'Another run of backout is at work here' : 'A run of backout was broken off here',
    ),
    ...about(otherRun, withOther === 'watching'),
    ...(otherRun.live || why === null
      ? []
      : [text(safe(`It cannot be taken over from here. ${why}`), 'warn')]),
    ...(withOther === 'watching'
      ? [text('Looked at every 2 seconds. Nothing of yours is run.', 'quiet')]
      : []),
    gap,
  ];
}

/** While it is watched, it is what the screen is about: it stays in view. */
function about(other: OtherRun, watched: boolean): Block[] {
  const { run, kind, operator, host, startedAt, ageSeconds, live, pid, stepsDone, activity } = other;
  const done = stepsDone.length === 0 ? 'none yet' : stepsDone.map(stepName).join(', ');
  return [
    item(
      watched ? 'running' : 'warn',
      `Run ${run}, ${kind === 'undo' ? 'an undo' : `a ${kind}`} by ${operator} on ${host}`,
      {
        detail: `begun ${toTheSecond(startedAt)}`,
      },
    ),
    item('none', `Age: ${duration(ageSeconds)}`),
    item('none', `Steps done: ${done}`),
    live
      ? item('none', `Now${pid === null ? '' : `, pid ${pid}`}: ${activity}`)
      : item('none', 'Its session is gone: nobody is at work on it.'),
  ];
}

function beside({ purpose, resumed }: State, { run }: OtherRun): Option {
  const what = purpose === 'undo' ? 'Begin the undo all the same' : 'Begin a new run';
  return option(
    BESIDE,
    'n',
    resumed ? 'Go on all the same' : what,
    `Run ${run} stays as it is, and listed as unfinished.`,
  );
}

/** `2026-11-22 15:49:03 UTC` of an ISO moment. */
const toTheSecond = (iso: string): string => iso.replace(/^([\d-]+)T([\d:]+)(?:\.\d+)?Z$/, '$1 $2 UTC');

/** Null when nothing is asked about another run. */
export function otherRunQuestion(state: State): Question | null {
  const { otherRun } = state;
  const { id, name, subject } = askedOf(state);
  if (!otherRun) return null;
  if (name === 'watching') return wait(id, `Watching run ${otherRun.run}…`);
  if (name === 'taking-over') return wait(id, `Taking over run ${otherRun.run}…`);
  if (name !== 'other-run') return null;
  const why = whyNotTakeOver(state);
  // Whoever asked to go on with this very run is not asked twice whether they mean it.
  const own = why === null && otherRun.run === state.run;
  const takeOver = option(
    'take-over',
    't',
    'Take it over',
    'Goes on with it under its id; nothing runs before you confirm it.',
  );
  return {
    kind: 'choice',
    id,
    prompt: safe(
      otherRun.live
        ? 'Only one run at a time works on a database. What now?'
        : `Run ${otherRun.run} was broken off and is not finished. What now?`,
    ),
    options: [
      option('watch', 'w', 'Watch it', 'Reads only.'),
      why === null ? takeOver : { ...takeOver, disabled: safe(why) },
      ...(otherRun.live ? [] : [beside(state, otherRun)]),
      option('retry', 'r', 'Check again'),
      option('leave', 'l', 'Leave', 'Nothing was run.'),
    ],
    default: own ? 'take-over' : 'leave',
    ...(otherRun.live || own
      ? { unattended: own ? 'take-over' : 'leave' }
      : { flag: `--accept ${OTHER_RUN}` }),
    ...(subject === undefined ? {} : { subject }),
  };
}
