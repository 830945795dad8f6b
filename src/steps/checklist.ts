/** Screen 7: the runbook's post-rollback items, one at a time; commands run only when asked for. */
import { askedOf } from '../wizard/asked.ts';
import type { CommandResult } from '../journal/types.ts';
import type { Block, ChecklistState, Mark, Question, Screen, State } from '../wizard/types.ts';
import { count, duration, gap, goOn, heading, item, log, option, safe, sql, text, wait } from './blocks.ts';
import { screen } from './screen.ts';

export const checklistScreen = (state: State): Screen =>
  screen(state, 'checklist', 'Checklist', [...items(state), ...focused(state)], question(state));

function markOf({ running, done }: ChecklistState): Mark {
  if (running) return 'running';
  if (done === null) return 'waiting';
  return done ? 'done' : 'warn';
}

function items({ checklist }: State): Block[] {
  return checklist.items.map((entry, index) =>
    item(markOf(entry), entry.text, {
      detail: entry.done === false ? 'left open' : '',
      lines: entry.note === '' ? [] : [`Note: ${entry.note}`],
      ...(index === checklist.focus ? { focused: true } : {}),
    }),
  );
}

function focused({ checklist }: State): Block[] {
  const entry = checklist.items[checklist.focus];
  if (!entry) {
    const open = checklist.items.filter((candidate) => candidate.done !== true).length;
    const words =
      open === 0 ? 'Every item is done.' : `${count(open, 'item')} left open; the report says which.`;
    return [gap, text(words, open === 0 ? 'good' : 'warn')];
  }
  if (entry.command === null) return [];
  return [gap, heading('Its command'), sql(entry.command), ...output(entry)];
}

function output({ output: lines, result }: ChecklistState): Block[] {
  return [
    ...(lines.length === 0 ? [] : [gap, heading('Output'), log(lines)]),
    ...(result ? [resultText(result)] : []),
  ];
}

function resultText({ exitStatus, signal, seconds }: CommandResult): Block {
  const took = `after ${duration(seconds)}`;
  if (exitStatus === 0) return text(`The command ended well (exit status 0) ${took}.`, 'good');
  const how = signal === null ? `exit status ${exitStatus ?? 'not known'}` : `signal ${signal}`;
  return text(`The command failed (${how}) ${took}.`, 'bad');
}

function question(state: State): Question {
  const { id, name, subject, values } = askedOf(state);
  const entry = state.checklist.items[state.checklist.focus];
  if (name === 'checklist') return goOn(id, 'Enter writes the report.');
  if (name === 'command') return wait(id, 'The command is running…');
  if (name === 'note') {
    return {
      kind: 'text',
      id,
      prompt: safe(`Note on: ${entry?.text ?? ''}`),
      required: false,
      placeholder: 'one line for the report',
      secret: false,
      ...(subject === undefined ? {} : { subject }),
    };
  }
  const run = values?.includes('run')
    ? [
        option(
          'run',
          'r',
          entry?.result ? 'Run its command again' : 'Run its command',
          'On this machine, as you.',
        ),
      ]
    : [];
  return {
    kind: 'choice',
    id,
    prompt: safe(`Is this done? ${entry?.text ?? ''}`),
    options: [
      option('done', 'd', 'Done'),
      option('open', 'o', 'Not done', 'Stays open in the report.'),
      option('note', 'n', 'Write a note'),
      ...run,
    ],
    default: 'open',
    unattended: 'open',
    ...(subject === undefined ? {} : { subject }),
  };
}
