/** Screen 2: the prerequisites as they come in, the consent to each warning, the way out of a failure. */
import type { Prerequisite } from '../postgres/types.ts';
import { WITHOUT_ARCHIVE, askedOf } from '../wizard/asked.ts';
import { allApplied, failing, hasDoneAnything } from '../wizard/judge.ts';
import type { Block, Mark, Question, Screen, State } from '../wizard/types.ts';
import { count, errorBlocks, gap, goOn, heading, item, option, safe, text, wait } from './blocks.ts';
import { backupScreen } from './backup.ts';
import { otherRunBlocks, otherRunQuestion } from './other-run.ts';
import { foundAs, runWord, toDo } from './purpose.ts';
import { screen } from './screen.ts';
import { failedEntries, mendable, mendOption } from './trouble.ts';

export const prerequisitesScreen = (state: State): Screen =>
  state.backup.at === 'closed' ? checks(state) : backupScreen(state);

const checks = (state: State): Screen =>
  screen(
    state,
    'prerequisites',
    'Prerequisites',
    [...trouble(state), ...otherRunBlocks(state), ...results(state), ...conclusion(state)],
    question(state),
  );

function trouble(state: State): Block[] {
  const { error } = state.prerequisites;
  return error
    ? [heading('The prerequisites could not be checked'), ...errorBlocks(error, state.runbook), gap]
    : [];
}

const MARKS: Record<Prerequisite['status'], Mark> = { pass: 'pass', warn: 'warn', fail: 'fail' };

/** What a prerequisite's finding says, and what to do about it where it is no pass. */
export function prerequisiteItem(result: Prerequisite, more: { accepted: boolean; focused: boolean }): Block {
  const accepted = more.accepted ? ' (accepted)' : '';
  return item(MARKS[result.status], `${result.title}${accepted}`, {
    detail: result.detail,
    lines: [...result.items, ...(result.advice === '' ? [] : [result.advice])],
    ...(more.focused ? { focused: true } : {}),
  });
}

function results(state: State): Block[] {
  const { accepted } = state.prerequisites;
  const asked = askedOf(state);
  return state.prerequisites.results.map((result) =>
    prerequisiteItem(result, {
      accepted: accepted.includes(result.id),
      focused: asked.name === 'accept' && asked.subject === result.id,
    }),
  );
}

function conclusion(state: State): Block[] {
  const { status, results: found, accepted } = state.prerequisites;
  if (status !== 'done') return [];
  const failed = failing(found);
  if (allApplied(state.survey)) {
    return [
      gap,
      text(
        hasDoneAnything(state)
          ? 'Every step of this run is done. What is left is to verify it.'
          : `There is nothing to ${toDo(state)}: every step is already ${foundAs(state)} here.`,
        'strong',
      ),
      ...(hasDoneAnything(state)
        ? []
        : [
            text('Nothing was run. You can still verify the state this database is in.'),
            ...failedEntries(state),
            ...mendable(state),
          ]),
    ];
  }
  if (failed.length > 0) {
    return [
      gap,
      text(
        `${count(failed.length, 'prerequisite')} failed, so the ${runWord(state)} does not start. Nothing was run.`,
        'bad',
      ),
      text('What to do stands under each. Mend it and check again.'),
      ...failedEntries(state),
      ...mendable(state),
    ];
  }
  const warnings = found.filter((result) => result.status === 'warn').length;
  const words =
    warnings === 0
      ? 'All prerequisites pass.'
      : `No prerequisite failed. ${count(accepted.length, 'warning')} of ${warnings} accepted.`;
  return [gap, text(words, 'good')];
}

function question(state: State): Question {
  const { id, name, subject, values } = askedOf(state);
  const other = otherRunQuestion(state);
  if (other) return other;
  const about = state.prerequisites.results.find((result) => result.id === subject);
  switch (name) {
    case 'accept':
      return {
        kind: 'confirm',
        id,
        prompt: safe(`Warning: ${about?.title ?? ''}. ${about?.detail ?? ''} Go on in spite of it?`),
        yes: 'Accept this warning; it is recorded',
        no: 'Do not accept it',
        flag: `--accept ${subject ?? ''}`,
        ...(subject === undefined ? {} : { subject }),
      };
    case 'prerequisites':
      return goOn(id, `Enter goes on to the ${goesOnTo(state)}. Nothing is run there.`);
    case 'declined':
      return { ...declined(id, about?.title ?? ''), ...(subject === undefined ? {} : { subject }) };
    case 'blocked':
      return blocked(state, id, values ?? []);
    case 'without-archive':
      return withoutArchive(id);
    case 'check-failed':
      return {
        kind: 'choice',
        id,
        prompt: 'The prerequisites could not be checked. What now?',
        options: [option('retry', 'r', 'Check again'), option('leave', 'l', 'Leave', 'Nothing was run.')],
        default: 'leave',
        unattended: 'leave',
      };
    default:
      return wait(id, 'Checking the prerequisites. This only reads…');
  }
}

const declined = (id: string, title: string): Question => ({
  kind: 'choice',
  id,
  prompt: safe(`Not accepted: ${title}. What now?`),
  options: [
    option('again', 'a', 'Look at the warning again'),
    option('retry', 'r', 'Check everything again', 'After mending what it warns of.'),
    option('leave', 'l', 'Leave', 'Nothing was run.'),
  ],
  default: 'again',
  unattended: 'leave',
});

const goesOnTo = (state: State): string =>
  state.purpose !== 'rollback' || hasDoneAnything(state) ? 'plan' : 'decision';

const withoutArchive = (id: string): Question => ({
  kind: 'typed',
  id,
  prompt: `Without an archive nothing that the steps destroy is kept, and the run cannot be undone. To go on like that, type: ${WITHOUT_ARCHIVE}`,
  expected: WITHOUT_ARCHIVE,
  flag: '--without-archive',
});

function blocked(state: State, id: string, values: string[]): Question {
  // Broken off between the last COMMIT and the verification: gone on with, that is what is left of the run.
  const toVerify = hasDoneAnything(state) && values.includes('verify');
  const most = toVerify ? 'verify' : 'leave';
  return {
    kind: 'choice',
    id,
    prompt: toVerify
      ? 'Every step is done, and not verified yet. What now?'
      : `The ${runWord(state)} does not start here. What now?`,
    options: [
      ...mendOption(state, values),
      option('retry', 'r', 'Check again'),
      ...(values.includes('without-archive')
        ? [
            option(
              'without-archive',
              'w',
              'Go without an archive',
              'Nothing is kept; the words are to be typed.',
            ),
          ]
        : []),
      ...(values.includes('verify')
        ? [option('verify', 'v', 'Verify the state of the database', 'Reads only.')]
        : []),
      ...(values.includes('forward')
        ? [option('forward', 'f', 'See what is wrong and how to fix it forward', 'Reads only.')]
        : []),
      option('leave', 'l', 'Leave', toVerify ? 'Nothing more is run.' : 'Nothing was run.'),
    ],
    default: most,
    unattended: most,
  };
}
