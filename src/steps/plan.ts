/** Screen 4: the whole plan, before any of it: steps, statements, locks, what is at stake, the full SQL. */
import { askedOf } from '../wizard/asked.ts';
import { positionOf, stepName } from '../wizard/judge.ts';
import { isAtRehearsal } from '../wizard/rehearsal.ts';
import { isOpen, offersOf, procedureOf } from '../wizard/procedure.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { Block, Question, Screen, State } from '../wizard/types.ts';
import { gap, goOn, heading, item, prose, text } from './blocks.ts';
import { formScreen } from './form-choice.ts';
import { lockBlocks } from './locks.ts';
import { outsideWords } from '../sql/lone/words.ts';
import { FORM_NAMES, NOTHING_KEPT, actionBlocks, archiveBlocks, formLines } from './procedure.ts';
import { rehearsalScreen, rehearsedBlocks } from './rehearsing.ts';
import { runWord, stepLabel } from './purpose.ts';
import { dataAtRiskBlocks, failingBlocks, inventedBlocks, uncheckedBlocks } from './risk.ts';
import { planStatements, POSITION_MARKS, positionWords } from './statements.ts';
import { screen } from './screen.ts';

export function planScreen(state: State): Screen {
  if (state.choosing) return formScreen(state, 'plan');
  if (isAtRehearsal(state)) return rehearsalScreen(state);
  const blocks = [
    ...resumedBlocks(state),
    ...steps(state),
    ...rehearsedBlocks(state),
    ...forms(state),
    ...stakes(state),
    ...attachments(state),
    ...fullSql(state),
  ];
  return screen(
    state,
    'plan',
    state.purpose === 'rollback' ? 'Plan' : `Plan of the ${runWord(state)}`,
    blocks,
    question(state),
  );
}

function question(state: State): Question {
  const when = state.wholePlan
    ? 'Each step is confirmed there by itself; nothing runs before the last of them is.'
    : 'Nothing runs before you confirm it there, step by step.';
  return goOn(askedOf(state).id, `Enter goes on to the first step. ${when}`);
}

/** What a run that is gone on with has behind it. */
export function resumedBlocks({ resumed }: State): Block[] {
  if (!resumed) return [];
  const { run, operator, host, doneBefore } = resumed;
  const done =
    doneBefore.length === 0
      ? 'None of its steps was done.'
      : `Done by it: ${doneBefore.map(stepName).join(', ')}.`;
  return [
    item('done', `This goes on with run ${run}, begun by ${operator} on ${host}`, { detail: done }),
    gap,
  ];
}

function steps(state: State): Block[] {
  const hash = state.survey?.hash ?? '';
  return [
    heading('Steps'),
    ...state.plan.steps.map((step) => {
      const position = positionOf(state.survey, step.id);
      const done = state.steps.some(({ id, status }) => id === step.id && status === 'done');
      const form = !done && position?.state !== 'applied' ? procedureOf(state, step.id)?.form : undefined;
      const how = form === undefined ? '' : `; form: ${FORM_NAMES[form]}`;
      return item(
        done ? 'done' : POSITION_MARKS[position?.state ?? 'conflict'],
        `${stepLabel(state, step.id)}: ${step.title}`,
        {
          detail: done
            ? 'done by this run'
            : `${positionWords(state, step, position)}${how}${step.lone === undefined ? '' : '; outside of a transaction'}`,
        },
      );
    }),
    ...(state.withoutArchive ? [NOTHING_KEPT] : []),
    transactions(state),
    ...state.plan.steps.flatMap(({ id, lone }) =>
      lone === undefined ? [] : [text(`${stepLabel(state, id)}: ${outsideWords(lone)}`, 'warn')],
    ),
    text(`This plan rests on what was found in the database (${hash.slice(0, 12)}).`, 'quiet'),
  ];
}

const transactions = ({ wholePlan }: State): Block =>
  wholePlan
    ? text(
        'The whole plan in one transaction: all of it happens, or nothing. Every lock is held from its step to the end of the last one, and the work of all steps is lost if one of them fails.',
        'warn',
      )
    : text('One transaction a step: it happens whole or not at all.', 'quiet');

/** In what each step is carried out, what that costs, and why not in another: below the list, which stays short. */
function forms(state: State): Block[] {
  const open = state.steps.filter((step) => isOpen(step) && offersOf(state.survey, step.id).length > 0);
  if (open.length === 0) return [];
  return [
    gap,
    heading('Forms'),
    ...open.map(({ id }) => {
      const procedure = procedureOf(state, id);
      const form = procedure ? FORM_NAMES[procedure.form] : 'in no form';
      return item(procedure ? 'none' : 'conflict', `${stepLabel(state, id)}: ${form}`, {
        lines: formLines(state, id, procedure),
      });
    }),
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
    ...lockBlocks(state, openProcedures(state)),
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

const openProcedures = (state: State): Procedure[] =>
  state.steps.filter(isOpen).flatMap(({ id }) => procedureOf(state, id) ?? []);

function fullSql(state: State): Block[] {
  const whole = state.plan.steps.flatMap((step) => {
    const position = positionOf(state.survey, step.id);
    const run = state.steps.find(({ id }) => id === step.id);
    const procedure = run && isOpen(run) ? procedureOf(state, step.id) : null;
    return [
      gap,
      heading(`${stepLabel(state, step.id)}: ${step.title}`),
      ...prose(step.words),
      ...(procedure ? archiveBlocks(state, procedure) : []),
      ...(procedure ? actionBlocks(state, step, position, procedure, true) : planStatements(step, position)),
    ];
  });
  const ours = "The SQL of backout's own actions is shown whole where the step is confirmed.";
  return [...whole, gap, text(ours, 'quiet')];
}
