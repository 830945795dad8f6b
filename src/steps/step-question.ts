/** The questions of the step screen. None of them runs anything on Enter. */
import { askedOf, type Asked } from '../wizard/asked.ts';
import { confirmWord, currentStep, firstOpen, hasDoneAnything, stepName, stepRisk } from '../wizard/judge.ts';
import type { Option, Question, State, StepRun } from '../wizard/types.ts';
import { count, goOn, option, safe, wait } from './blocks.ts';

export function stepQuestion(state: State): Question {
  const asked = askedOf(state);
  const step = currentStep(state);
  const name = step ? stepName(step.id) : 'The step';
  switch (asked.name) {
    case 'confirm':
      return confirm(state, asked, name);
    case 'after':
      return { ...goOn(asked.id, after(state, name)), ...about(asked) };
    case 'paused':
      return choice(state, asked, `${name} was not confirmed; nothing was run. What now?`, 'again');
    case 'failed':
      return choice(state, asked, `${name} is rolled back. What now?`, 'stop');
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
  return running ? `, statement ${running.index} of ${step?.statements.length}` : '';
}

const about = ({ subject }: Asked): { subject?: string } => (subject === undefined ? {} : { subject });

function confirm(state: State, asked: Asked, name: string): Question {
  const word = confirmWord(state);
  if (asked.kind === 'confirm') {
    return {
      kind: 'confirm',
      id: asked.id,
      prompt: `Run ${name} now, exactly the SQL shown above?`,
      yes: `Run ${name}`,
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
      `${stakes(state, asked.subject ?? '')} To run ${name}, exactly the SQL shown above, type ${isName ? "the database's name" : 'this word'}: ${word}`,
    ),
    expected: word,
    flag: '--confirm',
    ...about(asked),
  };
}

/** Why a key is not enough, in a sentence. */
function stakes(state: State, id: string): string {
  const { dataAtRisk, unchecked, notUnderstood } = stepRisk(state, id);
  if (dataAtRisk.length > 0) {
    const rows = Math.max(...dataAtRisk.map((entry) => entry.rows));
    return `This puts data at risk (${count(dataAtRisk.length, 'finding')}, up to ${count(rows, 'row')} each).`;
  }
  if (notUnderstood.length > 0)
    return 'Part of this step is not understood, so nobody can say that no data is lost.';
  return unchecked.length > 0 ? 'Part of this step could not be checked for data at risk.' : '';
}

const OPTIONS: Record<string, (state: State) => Option> = {
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

/** Without an operator a failed, conflicting or unknown step ends the run; one that is only unread is looked at. */
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
    unattended: asked.name === 'stale' && state.look.error === null ? 'look' : 'stop',
    ...about(asked),
  };
}

function after(state: State, name: string): string {
  const done = currentStep(state)?.status === 'done' ? 'is done' : 'was already applied';
  const next = firstOpen(state.steps);
  const step = next === null ? undefined : state.steps[next];
  return step
    ? `${name} ${done}. Enter goes on to ${stepName(step.id)}; nothing runs before you confirm it.`
    : `${name} ${done}. Enter goes on to the verification, which only reads.`;
}
