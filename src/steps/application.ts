/** In front of the verification: which files of the application name tables that are called otherwise now, as a diff. */
import { applicationAnswers, EDIT_FILES } from '../wizard/application.ts';
import { askedOf } from '../wizard/asked.ts';
import type { Block, Option, Question, Screen, State } from '../wizard/types.ts';
import { count, errorBlocks, gap, heading, item, option, safe, sql, text, wait } from './blocks.ts';
import { screen } from './screen.ts';
import { entryBlocks } from './trouble.ts';

export const applicationScreen = (state: State): Screen =>
  screen(state, state.screen, 'The application', blocks(state), question(state));

function blocks(state: State): Block[] {
  const { scan, error, edited, patch } = state.application;
  return [
    ...(error ? [...errorBlocks(error, state.runbook), gap] : []),
    ...done(edited, patch),
    ...(scan
      ? found(state)
      : [text('Code that names the new tables fails on the old ones. backout looks for it by table name.')]),
    ...ownEntry(state),
  ];
}

function done(edited: State['application']['edited'], patch: string | null): Block[] {
  const files = (edited ?? []).map(({ path, copy, refused }) =>
    item(refused === null ? 'done' : 'fail', `${path}: ${refused ?? 'edited.'}`, {
      lines: copy === null ? [] : [`As it was: ${copy}`],
    }),
  );
  return [
    ...(edited === null ? [] : [heading('Edited'), ...files, gap]),
    ...(patch === null ? [] : [text(`The diff is written: ${patch}`, 'good'), gap]),
  ];
}

/** Those that have to change, then those to look at, then the diffs themselves. */
function found({ application }: State): Block[] {
  const { scan } = application;
  if (!scan) return [];
  const { changes, look, files, folder, cut } = scan;
  return [
    text(
      changes.length === 0
        ? `No file below ${folder} has to change: ${count(files, 'file')} looked into.`
        : `${count(changes.length, 'file')} below ${folder} must change; ${count(files, 'file')} looked into.`,
      changes.length === 0 ? 'good' : 'warn',
    ),
    ...(cut === null ? [] : [text(cut, 'warn')]),
    ...(changes.length === 0
      ? []
      : [
          text(
            'Read each: names are told apart by their quotes alone. Nothing is edited unless you ask for it.',
          ),
        ]),
    ...(look.length === 0
      ? []
      : [
          gap,
          heading('To look at yourself'),
          ...look.map(({ path, line, text: words, names }) =>
            item('warn', `${path}:${line} names ${names}`, { detail: words }),
          ),
        ]),
    ...changes.flatMap(({ path, diff }) => [gap, heading(path), sql(diff.trimEnd())]),
  ];
}

/** A few lines for the verification: what was found without being asked for. */
export function applicationSummary({ application }: State): Block[] {
  const { scan, open } = application;
  if (!scan || open) return [];
  const { changes, look } = scan;
  if (changes.length + look.length === 0) return [];
  return [
    gap,
    heading('The application'),
    ...changes.map(({ path }) => item('warn', `${path} names a table that is called otherwise now`)),
    ...(look.length === 0 ? [] : [item('warn', `${count(look.length, 'more line')} to look at`)]),
  ];
}

const ownEntry = ({ runbook }: State): Block[] =>
  runbook.troubleshooting
    .filter(({ title }) => /application (errors|fails)|schema files/i.test(title))
    .flatMap(entryBlocks);

const OPTIONS: Record<string, Option> = {
  write: option(
    'write',
    'w',
    'Write the diff to a file',
    'Beside the report of this run; no file of the application is touched.',
  ),
  edit: option(
    'edit',
    'e',
    'Edit the files',
    'Asks you to type it; each file is copied beside itself first.',
  ),
  folder: option('folder', 'f', 'Look in another folder'),
  close: option('close', 'b', 'Back to the verification'),
};

function question(state: State): Question {
  const { id, name, kind } = askedOf(state);
  if (kind === 'wait') return wait(id, 'Working on the source of the application…');
  switch (name) {
    case 'application-folder':
      return {
        kind: 'text',
        id,
        prompt: 'In which folder is the source of the application? (Empty: back.)',
        required: false,
        placeholder: '/srv/app',
        secret: false,
        unattended: '',
      };
    case 'edit-files':
      return {
        kind: 'typed',
        id,
        prompt: safe(
          `This edits ${count(state.application.scan?.changes.length ?? 0, 'file')} of the application. To do that, type: ${EDIT_FILES}`,
        ),
        expected: EDIT_FILES,
        unattended: '',
      };
    default:
      return {
        kind: 'choice',
        id,
        prompt: 'What is to be done about the application?',
        options: applicationAnswers(state).flatMap((value) => OPTIONS[value] ?? []),
        default: 'close',
        unattended: 'close',
      };
  }
}
