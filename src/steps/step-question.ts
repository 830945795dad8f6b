/** The questions of the step screen. None of them runs anything on Enter. */
import { askedOf, type Asked } from '../wizard/asked.ts';
import { confirmWord, currentStep, firstOpen, hasDoneAnything, stepRisk } from '../wizard/judge.ts';
import { brokeOff } from '../wizard/lone.ts';
import { together } from '../wizard/procedure.ts';
import type { Option, Question, State, StepRun } from '../wizard/types.ts';
import { count, goOn, option, safe, wait } from './blocks.ts';
import { lockQuestion } from './lock-wait.ts';
import { commandQuestion } from './step-command.ts';
import { mendOf } from './trouble.ts';
import { foundAs, stepLabel } from './purpose.ts';

export function stepQuestion(state: State): Question {
  const asked = askedOf(state);
  const step = currentStep(state);
  const name = step ? stepLabel(state, step.id) : 'The step';
  const lock = lockQuestion(state, name);
  if (lock) return lock;
  switch (asked.name) {
    case 'confirm':
      return confirm(state, asked, name);
    case 'step-command':
      return commandQuestion(state, asked);
    case 'after':
      return { ...goOn(asked.id, after(state, name)), ...about(asked) };
    case 'paused':
      return choice(state, asked, `${name} was not confirmed; nothing was run. What now?`, 'again');
    case 'failed':
      return choice(
        state,
        asked,
        `${name} ${step && brokeOff(step) ? 'broke off' : 'is rolled back'}. What now?`,
        'stop',
      );
    case 'unknown':
      return choice(state, asked, `What became of ${name} is not known. What now?`, 'look');
    case 'stale':
      return choice(
        state,
        asked,
        `The database has to be looked at again before ${name} can be confirmed.`,
        'look',
      );
    case 'conflict':
      return choice(
        state,
        asked,
        `${name} does not fit the database as it is, so it cannot be run. What now?`,
        'stop',
      );
    case 'not-met':
      return choice(
        state,
        asked,
        `A prerequisite is not met any more, so ${name} cannot be run. What now?`,
        'stop',
      );
    case 'no-form':
      return choice(state, asked, `${name} can be carried out in no form here. What now?`, 'stop');
    case 'look':
      return wait(asked.id, 'Looking at the database again. This only reads…');
    case 'cancelling':
      return wait(
        asked.id,
        'Cancelling; waiting for the server to say what became of the step…',
        step?.startedAt ?? null,
      );
    default:
      return wait(asked.id, `${name} is running${underWay(step)}…`, step?.startedAt ?? null);
  }
}

/** Which statement is under way: on a surface of lines nothing else tells. */
function underWay(step: StepRun | undefined): string {
  const running = step?.statements.find(({ status }) => status === 'running');
  return running ? `, action ${running.index} of ${step?.statements.length}` : '';
}

const about = ({ subject }: Asked): { subject?: string } => (subject === undefined ? {} : { subject });

function confirm(state: State, asked: Asked, name: string): Question {
  const word = confirmWord(state);
  const { now, to, yes } = toConfirm(state, asked.subject ?? '', name);
  if (asked.kind === 'confirm') {
    return {
      kind: 'confirm',
      id: asked.id,
      prompt: `${now}, exactly the SQL shown above?`,
      yes,
      no: 'Run nothing',
      flag: '--confirm',
      ...about(asked),
    };
  }
  const isName = word === state.target.server?.database;
  return {
    kind: 'typed',
    id: asked.id,
    prompt: safe(
      `${stakes(state, asked.subject ?? '')} To ${to}, exactly the SQL shown above, type ${isName ? "the database's name" : 'this word'}: ${word}`,
    ),
    expected: word,
    flag: '--confirm',
    ...about(asked),
  };
}

/** What a yes does: of several steps in one transaction only the last yes runs anything. */
function toConfirm(state: State, id: string, name: string): Record<'now' | 'to' | 'yes', string> {
  const steps = together(state, id);
  if (steps.length < 2) return { now: `Run ${name} now`, to: `run ${name}`, yes: `Run ${name}` };
  const left = steps.filter((step) => step.confirmed === null).length;
  if (left > 1) {
    const of = `Confirm ${name} (${left} steps to confirm; nothing runs before the last)`;
    return { now: of, to: of.replace('Confirm', 'confirm'), yes: `Confirm ${name}` };
  }
  const all = `all ${steps.length} steps`;
  return { now: `Run ${all} now, ${name} with them`, to: `run ${all}, ${name} with them`, yes: `Run ${all}` };
}

/** Why a key is not enough, in a sentence. */
function stakes(state: State, id: string): string {
  const { dataAtRisk, unchecked, notUnderstood, notUndoable } = stepRisk(state, id);
  if (dataAtRisk.length > 0) {
    const rows = Math.max(...dataAtRisk.map((entry) => entry.rows));
    const kept = state.withoutArchive ? 'nothing of it is kept' : 'the archive keeps it';
    return `This puts data at risk (${count(dataAtRisk.length, 'finding')}, up to ${count(rows, 'row')} each); ${kept}.`;
  }
  if (notUndoable.length > 0) return 'An undo could not bring back all of this.';
  if (notUnderstood.length > 0)
    return 'Part of this step is not understood, so nobody can say that no data is lost.';
  return unchecked.length > 0 ? 'Part of this step could not be checked for data at risk.' : '';
}

const OPTIONS: Record<string, (state: State) => Option> = {
  mend: mendOf,
  again: () => option('again', 'a', 'Look at the step again', 'Asks for the confirmation once more.'),
  look: () => option('look', 'l', 'Look at the database again', 'Reads only.'),
  retry: () => option('retry', 'r', 'Try the step again', 'Asks for a new confirmation first.'),
  back: () => option('back', 'b', 'Back to the plan'),
  stop: (state) => option('stop', 's', 'Stop here', stopDetail(state)),
};

const stopDetail = (state: State): string =>
  hasDoneAnything(state)
    ? 'Steps that are done stay done. A later run goes on from where the database then stands.'
    : 'Writes the report and ends the run.';

/** How long nobody waits before they look what became of a COMMIT without an answer: a server may be starting again. */
const PAUSES_MS = [500, 2_000, 5_000];

/**
 * Without an operator a failed or conflicting step ends the run; one that is only unread is looked at, and so is one
 * whose outcome is not known, as often as there are pauses.
 */
function choice(state: State, asked: Asked, prompt: string, preset: string): Question {
  const values = asked.values ?? [];
  const options = values.flatMap((value) => {
    const make = OPTIONS[value];
    return make ? [make(state)] : [];
  });
  const blockedBack: Option[] = values.includes('back')
    ? []
    : [
        {
          ...option('back', 'b', 'Back to the plan'),
          disabled: 'A step of this run is committed, or may be, so the decision stands.',
        },
      ];
  const withBack = asked.name === 'failed' || asked.name === 'paused' ? blockedBack : [];
  return {
    kind: 'choice',
    id: asked.id,
    prompt: safe(prompt),
    options: [...options, ...withBack],
    default: preset,
    unattended: 'stop',
    ...unasked(state, asked),
    ...about(asked),
  };
}

function unasked({ look }: State, { name }: Asked): Pick<Question, 'unattended' | 'unattendedPauseMs'> {
  if (name === 'stale' && look.error === null) return { unattended: 'look' };
  const pause = name === 'unknown' ? PAUSES_MS[look.tries] : undefined;
  return pause === undefined ? {} : { unattended: 'look', unattendedPauseMs: pause };
}

function after(state: State, name: string): string {
  const done = currentStep(state)?.status === 'done' ? 'is done' : `was already ${foundAs(state)}`;
  const next = firstOpen(state.steps);
  const step = next === null ? undefined : state.steps[next];
  return step
    ? `${name} ${done}. Enter goes on to ${stepLabel(state, step.id)}; nothing runs before you confirm it.`
    : `${name} ${done}. Enter goes on to the verification, which only reads.`;
}
