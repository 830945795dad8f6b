/** Screen 8: what the run ended as, and where its report is. */
import { brokeOff } from '../wizard/lone.ts';
import type { Outcome, RunKind } from '../journal/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { stepOutcome, stepOutcomes } from '../wizard/ending.ts';
import { isJudged } from '../wizard/debrief.ts';
import { hasDoneAnything, hasTriedAnything, stepName } from '../wizard/judge.ts';
import { quickDidSomething, quickTried } from '../wizard/quick.ts';
import type { ArchivedObject, Block, Mark, Question, Screen, State, Tone } from '../wizard/types.ts';
import { count, errorBlocks, gap, goOn, heading, item, option, span, spans, text, wait } from './blocks.ts';
import { openItemBlocks } from './checklist.ts';
import { stoppedBlocks } from './escalate.ts';
import { resumedBlocks } from './plan.ts';
import { NOTHING_KEPT, keptName } from './procedure.ts';
import { foundAs, stepLabel } from './purpose.ts';
import { screen } from './screen.ts';
import { missedData } from './trouble-afterwards.ts';

export const reportScreen = (state: State): Screen =>
  screen(
    state,
    'report',
    'Report',
    [
      ...outcome(state),
      ...stoppedBlocks(state),
      ...resumedBlocks(state),
      ...whatNext(state),
      ...files(state),
      ...steps(state),
      ...openItemBlocks(state),
      ...missedData(state),
      ...kept(state),
      ...summary(state),
    ],
    question(state),
  );

const OUTCOMES: Record<Outcome, { words: string; tone: Tone }> = {
  verified: { words: 'Rolled back and verified.', tone: 'good' },
  'prerequisite-failed': { words: 'A prerequisite failed. Nothing was run.', tone: 'warn' },
  declined: { words: 'Stopped before anything was run.', tone: 'plain' },
  'fix-forward': { words: 'Fix forward: the migration stays in place. Nothing was run.', tone: 'plain' },
  'sql-failed': { words: 'A step failed and was rolled back.', tone: 'bad' },
  stopped: { words: 'Stopped. Every step is either done or not begun.', tone: 'warn' },
  'verification-failed': { words: 'The steps are done, but the result is not verified.', tone: 'bad' },
  unknown: { words: 'It is not known whether a step was committed.', tone: 'bad' },
  'nothing-to-do': { words: 'There was nothing to roll back. Nothing was run.', tone: 'plain' },
  error: { words: 'The database could not be reached. Nothing was run.', tone: 'bad' },
};

/** Where the other kinds of runs end otherwise than a rollback. */
const OUTCOMES_OF: Record<RunKind, Partial<Record<Outcome, string>>> = {
  rollback: {},
  undo: {
    verified: 'Undone and verified: what the run took away is back.',
    'nothing-to-do': 'There was nothing to undo. Nothing was run.',
  },
  repair: {
    verified: 'Repaired and verified.',
    'nothing-to-do': 'There was nothing to repair. Nothing was run.',
  },
};

const BROKEN_OFF = 'A statement broke off outside of a transaction: nothing took back what it had done.';

function outcome({ ending, purpose, steps: all }: State): Block[] {
  if (!ending) return [];
  const { tone, words: usual } = OUTCOMES[ending.outcome];
  const broken = all.filter(brokeOff);
  const left = broken.flatMap((step) => step.left ?? []).map((one) => item('warn', one));
  const words = broken.length > 0 ? BROKEN_OFF : (OUTCOMES_OF[purpose][ending.outcome] ?? usual);
  return [text(words, tone), ...left, text(`Exit status ${ending.exitStatus}.`, 'quiet')];
}

const STEP_MARKS: Record<ReturnType<typeof stepOutcome>, Mark> = {
  done: 'done',
  'rolled-back': 'fail',
  'broken-off': 'partial',
  'not-run': 'waiting',
  unknown: 'unknown',
};

const STEP_WORDS: Record<ReturnType<typeof stepOutcome>, string> = {
  done: 'done',
  'rolled-back': 'rolled back',
  'broken-off': 'broke off outside of a transaction',
  'not-run': 'not run',
  unknown: 'not known',
};

function steps(state: State): Block[] {
  if (state.steps.length === 0) return [];
  const line = (step: State['steps'][number]): Block => {
    const became = stepOutcome(step);
    const words =
      step.status === 'already-applied' ? `found ${foundAs(state)}, passed over` : STEP_WORDS[became];
    const mark = step.status === 'already-applied' ? 'skipped' : STEP_MARKS[became];
    return item(mark, `${stepLabel(state, step.id)}: ${words}`);
  };
  return [gap, heading('Steps'), ...quickLine(state), ...state.steps.map(line)];
}

/** The framework's own command, where it was begun; the steps after it are what it left. */
function quickLine(state: State): Block[] {
  if (!quickTried(state)) return [];
  const became = stepOutcomes(state)[0]?.outcome ?? 'unknown';
  const words = became === 'rolled-back' ? 'it changed nothing' : STEP_WORDS[became];
  return [item(became === 'rolled-back' ? 'none' : STEP_MARKS[became], `Quick rollback: ${words}`)];
}

const NEXT: Partial<Record<Outcome, string>> = {
  'sql-failed':
    'Mend what made the step fail, then go on: it is read from the database which steps are done.',
  stopped: 'It can be gone on with: it is read from the database which steps are done.',
  'verification-failed': 'Look at what does not hold, then run "backout verify".',
  unknown:
    'Run nothing by hand. Run "backout status" as soon as the database answers: it reads what is there.',
};

/** Only a run of which the database knows can be gone on with. */
const RESUMABLE: Outcome[] = ['sql-failed', 'stopped', 'unknown'];

function whatNext(state: State): Block[] {
  const { ending, run } = state;
  if (!ending) return [];
  const words = NEXT[ending.outcome];
  const commands = [
    ...(RESUMABLE.includes(ending.outcome) && hasTriedAnything(state)
      ? [[`backout resume ${run}`, 'goes on with this run']]
      : []),
    ...(canUndo(state)
      ? [
          [`backout undo ${run}`, 'takes this run back from its archive'],
          [`backout purge ${run}`, 'drops the archive, after showing what goes for good'],
        ]
      : []),
  ];
  if (words === undefined && commands.length === 0) return [];
  return [
    gap,
    ...(words === undefined ? [] : [text(words, 'strong')]),
    ...commands.map(([command = '', does = '']) =>
      spans(span(command, 'strong'), span(`  ${does}`, 'quiet')),
    ),
  ];
}

const canUndo = (state: State): boolean =>
  state.purpose !== 'undo' && hasDoneAnything(state) && !state.withoutArchive;

/** Every object with its count: what an undo rests on, and what a purge would drop. */
function kept(state: State): Block[] {
  const { archived, withoutArchive, steps: runs } = state;
  if (withoutArchive) return [gap, heading('Archive'), NOTHING_KEPT];
  const committed = quickDidSomething(state) || runs.some(({ status }) => status === 'done');
  if (archived.length === 0 || !committed) return [];
  const ids = [...new Set(archived.map(({ step }) => step))];
  return [
    gap,
    heading(`Archive: ${count(archived.length, 'object')} in schema backout_archive`),
    ...ids.flatMap((id) =>
      keptByStep(
        stepName(id),
        archived.filter(({ step }) => step === id),
      ),
    ),
  ];
}

function keptByStep(name: string, entries: ArchivedObject[]): Block[] {
  const definitions = entries.filter(({ kind }) => kind === 'definition');
  return [
    ...entries
      .filter(({ kind }) => kind !== 'definition')
      .map((entry) => {
        const rows = entry.rows === null ? '' : `, ${count(entry.rows, 'row')}`;
        const lines = entry.archived === null ? [] : [`As ${entry.archived}.`];
        return item('none', `${name}: ${keptName(entry)}${rows}`, { lines });
      }),
    ...(definitions.length === 0
      ? []
      : [
          item('none', `${name}: ${count(definitions.length, 'definition')}`, {
            lines: [definitions.map(({ object }) => object).join(', ')],
          }),
        ]),
  ];
}

function files(state: State): Block[] {
  const { status, markdownPath, jsonPath, error } = state.report;
  if (error) return [gap, heading('The report could not be written'), ...errorBlocks(error, state.runbook)];
  if (status !== 'written') return [];
  return [
    gap,
    heading('Files'),
    ...[markdownPath, jsonPath].flatMap((path) => (path === null ? [] : [text(path, 'code')])),
  ];
}

function summary({ report }: State): Block[] {
  if (report.status !== 'written') return [];
  return [gap, heading('Summary'), ...report.summary.map((line) => text(line))];
}

function question(state: State): Question {
  const { id, name } = askedOf(state);
  if (name === 'close') {
    const closes = 'Enter closes backout; the summary stays on the terminal.';
    return goOn(id, isJudged(state) ? 'Enter shows the debrief.' : closes);
  }
  if (name !== 'report-failed') return wait(id, 'Writing the report…');
  return {
    kind: 'choice',
    id,
    prompt: 'The report could not be written. What now?',
    options: [
      option('retry', 'r', 'Write it again'),
      option('close', 'c', 'Close without it', 'The journal of the run is kept.'),
    ],
    default: 'retry',
    unattended: 'close',
  };
}
