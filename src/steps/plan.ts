/** Screen 4: the whole plan, before any of it: steps, statements, locks, what is at stake, the full SQL. */
import { askedOf } from '../wizard/asked.ts';
import { positionOf, stepName } from '../wizard/judge.ts';
import type { Block, Screen, State } from '../wizard/types.ts';
import { count, gap, goOn, heading, item, prose, text } from './blocks.ts';
import { dataAtRiskBlocks, failingBlocks, inventedBlocks, lockBlocks, uncheckedBlocks } from './risk.ts';
import { planStatements, POSITION_MARKS, positionWords } from './statements.ts';
import { screen } from './screen.ts';

export const planScreen = (state: State): Screen =>
  screen(
    state,
    'plan',
    'Plan',
    [...steps(state), ...stakes(state), ...attachments(state), ...fullSql(state)],
    goOn(
      askedOf(state).id,
      'Enter goes on to the first step. Nothing runs before you confirm it there, step by step.',
    ),
  );

function steps(state: State): Block[] {
  const hash = state.survey?.hash ?? '';
  return [
    heading('Steps'),
    ...state.plan.steps.map((step) => {
      const position = positionOf(state.survey, step.id);
      return item(POSITION_MARKS[position?.state ?? 'conflict'], `${stepName(step.id)}: ${step.title}`, {
        detail: positionWords(step, position),
      });
    }),
    text(
      `One transaction a step: it happens whole or not at all. What you confirm is bound to ${hash.slice(0, 12)}.`,
      'quiet',
    ),
  ];
}

function stakes(state: State): Block[] {
  const risk = state.survey?.risk;
  if (!risk) return [];
  return [
    gap,
    heading('Data at risk'),
    ...dataAtRiskBlocks(risk.dataAtRisk),
    gap,
    heading('Invented values'),
    ...inventedBlocks(risk.invented),
    ...(risk.failing.length === 0 ? [] : [gap, heading('Would fail'), ...failingBlocks(risk.failing)]),
    ...(risk.unchecked.length === 0 ? [] : [gap, ...uncheckedBlocks(risk.unchecked)]),
    gap,
    heading('Locks'),
    ...lockBlocks(state.plan, state.survey?.locks ?? []),
  ];
}

function attachments(state: State): Block[] {
  const found = (state.survey?.attachments ?? []).filter(({ outcome }) => outcome !== 'follows');
  if (found.length === 0) return [];
  return [
    gap,
    heading('What hangs on these tables'),
    ...found.map((entry) =>
      item(
        entry.outcome === 'restored' ? 'pass' : 'warn',
        `${entry.kind} ${entry.name} on ${entry.table}: ${entry.outcome}`,
        { detail: entry.words },
      ),
    ),
  ];
}

function fullSql(state: State): Block[] {
  return state.plan.steps.flatMap((step) => [
    gap,
    heading(`${stepName(step.id)}: ${step.title} (${count(step.statements.length, 'statement')})`),
    ...prose(step.words),
    ...planStatements(step, positionOf(state.survey, step.id)),
  ]);
}
