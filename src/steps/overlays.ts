/** What may stand in front of any screen: the question whether to leave. */
import { actionsOf } from '../wizard/actions.ts';
import { askedOf } from '../wizard/asked.ts';
import { endingOf } from '../wizard/ending.ts';
import { hasDoneAnything, hasTriedAnything, stepName } from '../wizard/judge.ts';
import { brokeOff } from '../wizard/lone.ts';
import type { Block, Screen, State } from '../wizard/types.ts';
import { item, text } from './blocks.ts';
import { stoppedBlocks } from './escalate.ts';

/** "Leave?", with what is true of the database at this moment. */
export function leavingScreen(state: State): Screen {
  const { id } = askedOf(state);
  return {
    id: state.screen,
    title: 'Leave?',
    blocks: [...standing(state), ...stoppedBlocks(state)],
    question: {
      kind: 'confirm',
      id,
      prompt: `Leave backout now? (exit status ${(state.ending ?? endingOf(state)).exitStatus})`,
      yes: 'Leave; the report is written first',
      no: 'Stay',
      // Without an operator this is only asked because somebody interrupted the run.
      unattended: 'yes',
    },
    actions: actionsOf(state),
  };
}

function standing(state: State): Block[] {
  if (state.steps.some((step) => step.status === 'unknown')) {
    return [text('It is not known whether a step was committed. Better look again before you leave.', 'bad')];
  }
  const left = state.steps.flatMap((step) => (brokeOff(step) ? (step.left ?? []) : []));
  if (left.length > 0) {
    return [
      text('A statement broke off outside of a transaction, and something of it is left:', 'warn'),
      ...left.map((words) => item('warn', words)),
    ];
  }
  if (!hasDoneAnything(state)) {
    return [
      text(
        hasTriedAnything(state)
          ? 'What was tried is rolled back: the database is as this run found it.'
          : 'Nothing was run: the database is as this run found it.',
      ),
    ];
  }
  return [
    text(
      'Leaving here is safe: every step is either done whole or not begun. Running backout again goes on from there.',
    ),
    ...state.steps.map((step) =>
      step.status === 'done' || step.status === 'already-applied'
        ? item('done', `${stepName(step.id)}: done`)
        : item('waiting', `${stepName(step.id)}: not done`),
    ),
  ];
}
