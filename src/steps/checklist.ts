/** Screen 7: the runbook's post-rollback items, one at a time; what helps with one is done only when asked for. */
import type { CommandHelp, Help, ItemCheck } from '../checklist/types.ts';
import type { CommandResult } from '../journal/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { commandOf, isProbed, probesOf } from '../wizard/checklist.ts';
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

function focused(state: State): Block[] {
  const { checklist } = state;
  const entry = checklist.items[checklist.focus];
  if (!entry) {
    const open = checklist.items.filter((candidate) => candidate.done !== true).length;
    const words =
      open === 0 ? 'Every item is done.' : `${count(open, 'item')} left open; the report says which.`;
    return [gap, text(words, open === 0 ? 'good' : 'warn')];
  }
  // What has just come of it stands first: on a small terminal the rest is below.
  return [...output(entry), ...checks(entry), ...entry.help.flatMap((help) => helpBlocks(help, entry))];
}

/** What would be done, before anything is. */
function helpBlocks(help: Help, entry: ChecklistState): Block[] {
  switch (help.kind) {
    case 'command':
      return commandBlocks(help, entry);
    case 'log':
      return [gap, heading('Its logs'), ...logBlocks(help.files)];
    case 'probe':
      return [
        gap,
        heading(`Its probes: ${count(help.probes.length, 'query', 'queries')}, read only`),
        ...help.probes.flatMap(({ title, sql: query, expect }) => [
          text(`${title}${expect === undefined ? '' : ` (expected: ${expect})`}`),
          sql(query),
        ]),
      ];
    case 'note':
      return [gap, text(NOTES[help.about], 'quiet')];
  }
}

const NOTES = {
  documentation: 'What has changed for good, and where it is written down: a note is kept in the report.',
  plan: 'What is to be mended before the migration is tried again, by whom and when: a note is kept in the report.',
};

const FROM = { runbook: 'from the runbook', config: 'from the configuration' };

function commandBlocks(
  { role, command: written, from, why, word, asks, folder, seconds }: CommandHelp,
  { prepared }: ChecklistState,
): Block[] {
  const command = prepared?.command ?? written;
  if (command === null) {
    const what = role === 'start' ? 'starts the application' : 'runs the tests';
    return [
      gap,
      text(`Neither the runbook nor the configuration says which command ${what}: it can be typed.`, 'quiet'),
    ];
  }
  const where = folder === null ? 'where backout was started' : `in ${folder}`;
  const how =
    role === 'start'
      ? `Run ${where}; its output is watched for ${duration(seconds)}, and what is still running then stays only if you say so.`
      : `Run ${where}; its output is shown here.`;
  return [
    gap,
    heading(`Its command, ${from === null ? '' : FROM[from]}`),
    sql(command),
    ...(prepared?.why ? [text(`It is not run. ${prepared.why}`, 'warn')] : []),
    ...(asks && !prepared?.word ? [text(`${why ?? ''} It is asked for, then shown whole.`, 'quiet')] : []),
    word === null && !asks ? text(`Only text to copy. ${why ?? ''}`, 'warn') : text(how, 'quiet'),
  ];
}

function logBlocks(files: string[]): Block[] {
  const how =
    'Looked through for errors of queries since this run began: undefined tables and columns, and others of Ecto.';
  if (files.length === 0) return [text(`${how} The configuration names no file: one can be named.`, 'quiet')];
  return [...files.map((file) => text(file, 'code')), text(how, 'quiet')];
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

const VERDICTS: Record<ItemCheck['verdict'], Mark> = { ok: 'pass', failed: 'fail', unclear: 'unknown' };

function checks({ checks: made }: ChecklistState): Block[] {
  if (made.length === 0) return [];
  return [
    gap,
    heading('What was found'),
    ...made.map(({ verdict, title, words, lines, kind }) =>
      item(VERDICTS[verdict], title, { lines: [words, ...(kind === 'command' ? [] : lines.slice(-5))] }),
    ),
  ];
}

/** For the report: what nobody has done yet. */
export function openItemBlocks({ checklist, verification }: State): Block[] {
  if (verification.status !== 'done' && verification.status !== 'failed') return [];
  const open = checklist.items.filter(({ done }) => done !== true);
  if (open.length === 0) return [];
  return [
    gap,
    heading(`Left open: ${count(open.length, 'checklist item')}`),
    ...open.map((entry) =>
      item('waiting', entry.text, {
        lines: entry.checks
          .filter(({ verdict }) => verdict === 'failed')
          .map(({ title, words }) => `${title}: ${words}`),
      }),
    ),
  ];
}

function question(state: State): Question {
  const { id, name, subject } = askedOf(state);
  const entry = state.checklist.items[state.checklist.focus];
  const about = subject === undefined ? {} : { subject };
  if (name === 'checklist' || !entry) return goOn(id, 'Enter writes the report.');
  const help = commandOf(entry);
  switch (name) {
    case 'command':
      return wait(id, 'Under way…');
    case 'watched':
      return wait(id, `Watching it for ${duration(help?.seconds ?? 60)}…`);
    case 'note':
      return typed(id, `Note on: ${entry.text}`, 'one line for the report', about);
    case 'own-command':
      return typed(id, 'The command, whole. Enter runs it on this machine, as you:', 'as in a shell', about);
    case 'log-file':
      return typed(id, 'Which log file is to be looked through?', 'a path on this machine', about);
    case 'command-placeholder':
      return typed(id, placeholderPrompt(entry), 'put in as one word', about);
    case 'run-command':
      return {
        kind: 'typed',
        id,
        prompt: safe(
          `To run exactly the command shown above on this machine, as you, type: ${wordOf(entry)}`,
        ),
        expected: wordOf(entry),
        unattended: '',
        ...about,
      };
    case 'stays':
      return staysQuestion(id, entry, about);
    default:
      return itemQuestion(state, entry);
  }
}

const wordOf = (entry: ChecklistState): string => entry.prepared?.word ?? commandOf(entry)?.word ?? '';

function placeholderPrompt({ prepared }: ChecklistState): string {
  const [question] = prepared?.questions ?? [];
  return `What stands for ${question?.text ?? ''} in its command? ${question?.why ?? ''} Enter alone: it is not run.`;
}

const typed = (id: string, prompt: string, placeholder: string, about: { subject?: string }): Question => ({
  kind: 'text',
  id,
  prompt: safe(prompt),
  required: false,
  placeholder,
  secret: false,
  unattended: '',
  ...about,
});

function staysQuestion(id: string, { stays }: ChecklistState, about: { subject?: string }): Question {
  return {
    kind: 'choice',
    id,
    prompt: `It is still running after ${duration(stays?.seconds ?? 0)}. What now?`,
    options: [
      option('stop', 's', 'Stop it', 'With everything it started.'),
      option('leave', 'v', 'Leave it running', `Its output goes on into ${stays?.file ?? ''}.`),
      option('longer', 'w', 'Watch it longer'),
    ],
    default: 'longer',
    unattended: 'stop',
    ...about,
  };
}

/** Where nobody answers probes are asked by themselves; everything else is answered by --check, or stays open. */
function itemQuestion(state: State, entry: ChecklistState): Question {
  const { id, values } = askedOf(state);
  const offered = itemOptions(entry).filter(({ value }) => values?.includes(value));
  const answered = isProbed(entry) ? { flag: `--check ${entry.id}` } : { unattended: 'probe' };
  return {
    kind: 'choice',
    id,
    prompt: safe(`Is this done? ${entry.text}`),
    options: offered,
    default: 'open',
    subject: entry.id,
    ...answered,
  };
}

function itemOptions(entry: ChecklistState): ReturnType<typeof option>[] {
  const help = commandOf(entry);
  const again = entry.result ? ' again' : '';
  const run =
    help?.role === 'start'
      ? `Start it${again}, and watch it for ${duration(help.seconds)}`
      : `Run its command${again}`;
  const own = help?.command === null ? 'Give the command' : 'Give another command';
  return [
    option('done', 'd', 'Done'),
    option('open', 'o', 'Not done', 'Stays open in the report.'),
    option('note', 'n', 'Write a note'),
    option('probe', 'p', `Ask its ${count(probesOf(entry).length, 'probe')}`, 'Reads only.'),
    option('run', 'r', run, 'On this machine, as you; it is shown and confirmed first.'),
    option('command', 'g', own),
    option('scan', 'l', 'Look through its logs'),
    option('file', 'f', 'Look through another file'),
  ];
}
