/** In which form a step is carried out: every one that there is, with its cost or with what speaks against it. */
import type { FormOffer } from '../sql/procedure/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { offersOf, procedureOf } from '../wizard/procedure.ts';
import type { Block, Option, Question, Screen, State } from '../wizard/types.ts';
import { count, gap, item, option, safe, text } from './blocks.ts';
import { FORM_NAMES, costWords } from './procedure.ts';
import { stepLabel } from './purpose.ts';
import { screen } from './screen.ts';

const KEYS: Record<FormOffer['form'], string> = { 'as-written': 'a', rewrite: 'w', 'copy-and-swap': 'c' };

/** Stands in place of the plan, or of the step that it was asked from. */
export function formScreen(state: State, id: 'plan' | 'step'): Screen {
  const step = state.choosing?.step ?? '';
  const title = state.plan.steps.find((candidate) => candidate.id === step)?.title ?? '';
  const offers = offersOf(state.survey, step);
  return screen(
    state,
    id,
    `Form of ${stepLabel(state, step)}: ${title}`,
    [text('All forms end in the same rows and definitions.', 'quiet'), gap, ...offers.flatMap(block)],
    question(state, step, offers),
  );
}

function block({ form, refused, procedure }: FormOffer, index: number): Block[] {
  if (!procedure || refused.length > 0) {
    return [item('none', `${FORM_NAMES[form]}: not offered`, { lines: refused })];
  }
  const { cost, archive, notUndoable, actions } = procedure;
  const lost = notUndoable.map((words) => `An undo could not bring back: ${words}`);
  return [
    item('pass', `${FORM_NAMES[form]}${index === 0 ? ': recommended' : ''}`, {
      detail: costWords(cost),
      lines: [
        `${count(actions.length, 'action')}; ${count(archive.length, 'object')} kept in the archive.`,
        ...lost,
      ],
    }),
  ];
}

function question(state: State, step: string, offers: FormOffer[]): Question {
  const { id, values, subject } = askedOf(state);
  const now = procedureOf(state, step)?.form ?? '';
  const options = offers.map(({ form, refused }): Option => {
    const one = option(form, KEYS[form], FORM_NAMES[form], form === now ? 'As it is chosen now.' : undefined);
    return values?.includes(form) ? one : { ...one, disabled: safe(refused[0] ?? 'It is not offered.') };
  });
  return {
    kind: 'choice',
    id,
    prompt: `In which form is ${stepLabel(state, step)} to be carried out? Nothing is run by this.`,
    options,
    default: now,
    unattended: now,
    ...(subject === undefined ? {} : { subject }),
  };
}
