/** The quick rollback: what would be run and where, what was looked at before, its output, what it did. */
import { askedOf } from '../wizard/asked.ts';
import { confirmWord, stepName } from '../wizard/judge.ts';
import { isOpen } from '../wizard/procedure.ts';
import {
  quickCommand,
  quickDidSomething,
  quickFindings,
  quickOffer,
  quickSaidWell,
} from '../wizard/quick.ts';
import type { QuickFinding, RecordedMigration } from '../quick/types.ts';
import type { Block, Mark, Option, Question, Screen, State } from '../wizard/types.ts';
import {
  bytes,
  count,
  errorBlocks,
  gap,
  heading,
  item,
  log,
  option,
  prose,
  safe,
  sql,
  text,
  wait,
} from './blocks.ts';
import { screen } from './screen.ts';

export const quickScreen = (state: State): Screen =>
  screen(state, 'quick', 'Quick rollback', blocks(state), question(state));

const RUNS: readonly State['quick']['status'][] = ['keeping', 'running', 'stopping', 'settling'];

function blocks(state: State): Block[] {
  const { status, error, output } = state.quick;
  if (RUNS.includes(status)) return [...theCommand(state), gap, log(output)];
  if (status === 'unsettled' && error) {
    return [heading('What it did could not be read'), ...errorBlocks(error, state.runbook), gap, log(output)];
  }
  if (status === 'ended') return afterIt(state);
  return [
    ...(error ? [heading('It could not be looked at'), ...errorBlocks(error, state.runbook), gap] : []),
    ...theCommand(state),
    ...findingBlocks(state),
    ...taken(state),
    ...kept(state),
    ...inTheRunbook(state),
  ];
}

/** Whole, as it is given to the shell. */
function theCommand(state: State): Block[] {
  const { look, give } = state.quick;
  const command = quickCommand(state);
  if (!look || !command) return look ? [text(`The runbook writes: ${look.written}`, 'quiet')] : [];
  return [
    heading('The command'),
    // As SQL is: the confirmation is not taken before the end of what stands below it was in sight.
    sql(command.command),
    text(
      `in ${look.folder ?? 'a folder that is still to be said'}${look.folderFrom === '' ? '' : ` (${look.folderFrom})`}`,
    ),
    text(
      give === 'url'
        ? 'It is given DATABASE_URL, the connection of this run, in its environment. It is not shown here.'
        : 'It uses its own configuration: what backout connects with is not given to it.',
      'quiet',
    ),
  ];
}

const MARKS: Record<QuickFinding['status'], Mark> = { pass: 'pass', warn: 'warn', fail: 'fail' };

const findingBlock = ({ status, title, detail, items }: QuickFinding): Block =>
  item(MARKS[status], title, { detail, lines: items });

function findingBlocks({ quick: { look } }: State): Block[] {
  if (!look) return [];
  const order: QuickFinding['status'][] = ['fail', 'warn', 'pass'];
  const sorted = order.flatMap((status) => look.findings.filter((finding) => finding.status === status));
  return [gap, heading('Looked at'), ...sorted.map(findingBlock)];
}

const migration = ({ version, file }: RecordedMigration): string => file ?? version;

function taken(state: State): Block[] {
  const { look } = state.quick;
  const several = (look?.commands ?? []).filter(({ takes }) => takes.length > 1);
  return several.flatMap(({ command, takes, passedOver }) => [
    gap,
    heading(safe(`"${command}" takes back`)),
    ...takes.map((one) =>
      item(one.version === state.runbook.migration?.version ? 'none' : 'warn', safe(migration(one))),
    ),
    ...passedOver.map((one) =>
      item('skipped', `${one.version} is recorded, its file is gone: it is passed over.`),
    ),
  ]);
}

function kept({ quick: { look }, withoutArchive }: State): Block[] {
  if (!look) return [];
  if (withoutArchive) return [gap, text('Nothing is copied before it: you go without an archive.', 'warn')];
  return [
    gap,
    heading('Copied before it, into backout_archive'),
    ...look.keeps.map(({ table, rows, bytes: size }) =>
      item('none', table, {
        detail: `${rows < 0 ? 'rows not estimated' : `about ${count(rows, 'row')}`}, ${bytes(size)}`,
      }),
    ),
    text(
      'It can be undone from these copies, as every run can. Nobody is kept from writing meanwhile: stop the application first.',
      'quiet',
    ),
  ];
}

function inTheRunbook({ runbook }: State): Block[] {
  const words = runbook.quick?.text ?? '';
  return words === '' ? [] : [gap, heading('The runbook says'), ...prose(words)];
}

function afterIt(state: State): Block[] {
  const { end, output } = state.quick;
  if (!end) return [];
  const [first, ...words] = end.found.words;
  const good = quickDidSomething(state) && quickSaidWell(state);
  const left = state.steps.filter(isOpen).map(({ id }) => stepName(id));
  return [
    ...(first === undefined ? [] : [text(first, good ? 'good' : 'warn')]),
    ...words.map((line) => item('none', line)),
    ...(quickDidSomething(state)
      ? [
          item(
            'none',
            left.length === 0
              ? 'Every step is found done.'
              : `Step by step, what is left: ${left.join(', ')}.`,
          ),
        ]
      : []),
    ...end.found.notUndoable.map((line) => item('warn', line)),
    gap,
    heading('Its output'),
    log(output.length > 0 ? output : ['(it said nothing)']),
  ];
}

/** As the decision offers it. */
export function quickOption(state: State, recommended: boolean): Option | null {
  const offer = quickOffer(state);
  if (offer === 'none') return null;
  const command = quickCommand(state)?.command ?? state.quick.look?.written ?? 'the command of the runbook';
  const warnings = quickFindings(state, 'warn').map(({ detail }) => detail);
  const words =
    offer === 'first'
      ? `Runs "${command}", after copying the tables.`
      : `"${command}": ${warnings.join(' ')}`;
  const against = recommended ? '' : ' Against the recommendation: a reason is asked for.';
  const asks = state.quick.look?.asksFolder ? ' You are asked where the project is.' : '';
  const made = option('quick', 'x', 'Quick rollback', safe(`${words}${asks}${against}`));
  if (offer !== 'refused') return made;
  return {
    ...made,
    detail: safe(`Runs "${command}".`),
    disabled: safe(whyNotQuick(state) ?? state.quick.error?.message ?? 'It could not be looked at.'),
  };
}

/** Practice has no mix, so that alone would teach nothing: what would hold on a real database stands before it. */
function whyNotQuick(state: State): string | undefined {
  const failed = quickFindings(state, 'fail');
  if (state.environment !== 'PRACTICE') return failed[0]?.detail;
  const ofPractice = failed.filter(({ id }) => id === 'mix');
  const real = failed.filter(({ id }) => id !== 'mix');
  const asked = state.quick.look?.asksFolder === true;
  const warned = asked ? [] : quickFindings(state, 'warn');
  const words = [...real, ...warned, ...ofPractice].map(({ detail }) => detail);
  return words.length === 0 ? undefined : words.join(' ');
}

function question(state: State): Question {
  const asked = askedOf(state);
  const { id } = asked;
  switch (asked.name) {
    case 'quick-folder':
      return {
        kind: 'text',
        id,
        prompt: 'In which folder is the project (with its mix.exs)? It is remembered for this runbook.',
        required: true,
        placeholder: '/path/to/project',
        secret: false,
        flag: '--project',
      };
    case 'quick-confirm':
      return {
        kind: 'typed',
        id,
        prompt: safe(
          `Runs "${quickCommand(state)?.command ?? ''}" in ${state.quick.look?.folder ?? ''}. Which database it reaches, its own configuration says. Type ${confirmWord(state)} to run it.`,
        ),
        expected: confirmWord(state),
        flag: '--confirm',
      };
    case 'quick-ready':
      return ready(state, id, asked.values ?? []);
    case 'quick-unsettled':
      return {
        kind: 'choice',
        id,
        prompt: 'The command has ended, and what it did is not known. What now?',
        options: [
          option('look', 'r', 'Look again', 'Reads only.'),
          option('stop', 's', 'Stop here', 'The copies stay. "backout resume" looks again.'),
        ],
        default: 'look',
        unattended: 'stop',
      };
    case 'quick-nothing':
      return {
        kind: 'choice',
        id,
        prompt: 'What now?',
        options: [
          option('again', 'a', 'Back to the command', 'Looks at everything again; nothing is run.'),
          option('steps', 't', 'Step by step', 'The plan, each step confirmed by itself.'),
          option('stop', 's', 'Stop here'),
        ],
        default: 'stop',
        unattended: 'stop',
      };
    case 'quick-done':
      return done(state, id);
    default:
      return waiting(state, id);
  }
}

function done(state: State, id: string): Question {
  const left = state.steps.some(isOpen);
  return {
    kind: 'choice',
    id,
    prompt: left ? 'What is left is done step by step, each confirmed by itself.' : 'Nothing is left to do.',
    options: [
      option(
        'next',
        'g',
        left ? 'Go on with what is left' : 'Go on to the verification',
        'Shows it; nothing is run yet.',
      ),
      option('stop', 's', 'Stop here', '"backout resume" goes on, "backout undo" takes it back.'),
    ],
    default: 'next',
    unattended: quickSaidWell(state) ? 'next' : 'stop',
  };
}

function ready(state: State, id: string, values: readonly string[]): Question {
  const { look, give } = state.quick;
  const [first] = look?.commands ?? [];
  const sound = quickOffer(state) === 'first';
  const commands = (look?.commands ?? []).map((command) =>
    option(
      command.id,
      command === first ? 'x' : 'o',
      `Run ${command.command}`,
      `Takes back ${command.takes.map(migration).join(', ')}. The database's name is typed first.`,
    ),
  );
  const url = option(
    'url',
    'd',
    give === 'url' ? 'Do not give it DATABASE_URL' : 'Give it DATABASE_URL',
    'The connection of this run, in the environment of the command, never in its arguments.',
  );
  const rest = [
    option('folder', 'p', 'Another project folder'),
    option('retry', 'r', 'Look again'),
    option('steps', 't', 'Step by step', 'The plan, each step confirmed by itself.'),
    option('leave', 'l', 'Leave', 'Nothing was run.'),
  ];
  return {
    kind: 'choice',
    id,
    prompt: 'What now?',
    options: [...commands, url, ...rest].filter(({ value }) => values.includes(value)),
    default: 'steps',
    // With warnings somebody has to look: nobody is here who could.
    unattended: sound ? (first?.id ?? 'leave') : 'leave',
  };
}

const WAITS: Partial<Record<State['quick']['status'], string>> = {
  looking: 'Looking for mix, for the project and for what is recorded…',
  keeping: 'Copying the tables…',
  running: 'The command is running. ctrl-c asks it to stop.',
  stopping: 'It was asked to stop. ctrl-c again ends it and everything it started.',
  settling: 'Looking at what it did. A session that it left on the server is waited for…',
};

const waiting = ({ quick: { status, startedAt } }: State, id: string): Question =>
  wait(id, WAITS[status] ?? 'Working…', status === 'running' || status === 'stopping' ? startedAt : null);
