/** A command of a shell in a step: shown whole, to be copied and done; asked is only whether it is. */
import { commandNow } from '../wizard/step-command.ts';
import type { Asked } from '../wizard/asked.ts';
import type { Block, Question, State } from '../wizard/types.ts';
import { gap, heading, option, safe, sql, text } from './blocks.ts';
import { stepLabel } from './purpose.ts';

/** In front of the step's own blocks, so that it is what is seen first. */
export function commandBlocks(state: State): Block[] {
  const now = commandNow(state);
  if (!now) return [];
  const { command, step } = now;
  const name = stepLabel(state, step.id);
  const when =
    command.place === 'after'
      ? `${name} is committed. This command of the runbook comes after it.`
      : `This command of the runbook comes before ${name}.`;
  return [
    heading(`Yours to run (line ${command.line})`),
    text(`${when} backout does not run it: copy it, run it, and say when it is done.`),
    ...(command.amid
      ? [
          text(
            'It stands between statements of the step. The step is one transaction, in which nothing else can be done: do it now where that is right, or stop and make two steps of it.',
            'warn',
          ),
        ]
      : []),
    { ...sql(command.text), quiet: true },
    gap,
  ];
}

export function commandQuestion(state: State, asked: Asked): Question {
  const now = commandNow(state);
  const id = now?.command.id ?? '';
  return {
    kind: 'choice',
    id: asked.id,
    prompt: safe(`Is the command in line ${now?.command.line ?? ''} done?`),
    options: [
      option('done', 'd', 'It is done', 'You have run it, and it did what it was to do.'),
      option('skip', 'w', 'Go on without it', 'The report says that it was not done.'),
      option('stop', 's', 'Stop here'),
    ],
    default: 'stop',
    flag: `--done ${id}`,
    unattended: 'skip',
    subject: id,
  };
}
