/** Instead of the plan: what is wrong with the migrated state, and what to do about it. Changes nothing. */
import { askedOf } from '../wizard/asked.ts';
import { failing, possibility, stepName } from '../wizard/judge.ts';
import type { Block, Screen, State } from '../wizard/types.ts';
import { codeBlocks, count, gap, goOn, heading, item, prose, text } from './blocks.ts';
import { failingBlocks, uncheckedBlocks } from './risk.ts';
import { screen } from './screen.ts';

export const forwardScreen = (state: State): Screen =>
  screen(
    state,
    'forward',
    'Fix forward',
    [...opening(state), ...wrong(state), ...kept(state), ...advice(state)],
    goOn(
      askedOf(state).id,
      'Nothing was changed. Enter writes the report of this decision (exit status 11: nothing was run; 10 if a prerequisite failed).',
    ),
  );

function opening(state: State): Block[] {
  const decided = state.decision.choice === 'fix-forward';
  return [
    text(
      decided
        ? 'You decided to leave the migration in place and repair what is wrong with it.'
        : 'The rollback cannot start here; this is what was found and what can be done forward.',
      'strong',
    ),
    text('backout runs nothing for this: every change below is for you to make, as a new migration.'),
  ];
}

/** What stands in the way of both directions: conflicts, rows that hold unexpected values, failed prerequisites. */
function wrong(state: State): Block[] {
  const { survey } = state;
  const conflicts = (survey?.position.steps ?? []).flatMap((step) =>
    step.statements
      .filter((statement) => statement.state === 'conflict')
      .map((statement) => item('conflict', `${stepName(step.id)}, ${statement.index}: ${statement.reason}`)),
  );
  const partial = (survey?.position.steps ?? [])
    .filter((step) => step.state === 'partial')
    .map((step) =>
      item('partial', `${stepName(step.id)} was begun and not finished: the tables are between both states.`),
    );
  const attachments = (survey?.attachments ?? [])
    .filter(({ outcome }) => outcome === 'breaks' || outcome === 'lost')
    .map((entry) => item('warn', `${entry.kind} ${entry.name} on ${entry.table}`, { detail: entry.words }));
  const rows = failingBlocks(survey?.risk.failing ?? []);
  const failed = failing(state.prerequisites.results).map((result) =>
    item('fail', result.title, { detail: result.detail, lines: [result.advice] }),
  );
  const all = [...conflicts, ...partial, ...failed, ...rows];
  return [
    gap,
    heading('What is wrong'),
    ...(all.length === 0
      ? [text('Nothing was found wrong with the tables of this migration as far as the plan looks at them.')]
      : all),
    ...(attachments.length === 0
      ? []
      : [gap, heading('What a rollback would break or lose'), ...attachments]),
    ...uncheckedBlocks(survey?.risk.unchecked ?? []),
  ];
}

function kept(state: State): Block[] {
  const rows = state.survey?.risk.dataAtRisk ?? [];
  if (rows.length === 0) return [];
  return [
    gap,
    heading('What stays, because nothing is rolled back'),
    ...rows.map((entry) =>
      item(
        'pass',
        `${entry.table}${entry.column === undefined ? '' : `.${entry.column}`}, ${count(entry.rows, 'row')}`,
        { detail: entry.detail },
      ),
    ),
  ];
}

function advice(state: State): Block[] {
  const { possible } = possibility(state.survey);
  const steps = [
    'Write down each finding above as a change of its own, with the query that shows it.',
    ...(possible
      ? []
      : ['Resolve conflicts and failing rows first: they would stop a later rollback as well.']),
    'Try the new migration on a copy of this database, then apply it.',
    'Keep the application and the schema in step: deploy what expects the migrated tables.',
  ];
  const related = state.runbook.troubleshooting.flatMap((entry) => [
    item('none', entry.title, { detail: entry.cause, lines: entry.solution.split('\n') }),
    ...codeBlocks(entry.blocks),
  ]);
  return [
    gap,
    heading('What to do'),
    ...steps.map((words) => item('none', words)),
    ...(related.length === 0 ? [] : [gap, heading("The runbook's troubleshooting"), ...related]),
    ...(state.runbook.related
      ? [gap, heading(state.runbook.related.title), ...prose(state.runbook.related.text)]
      : []),
  ];
}
