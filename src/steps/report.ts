/** Screen 8: what the run ended as, and where its report is. */
import type { Outcome } from '../journal/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { stepOutcome } from '../wizard/ending.ts';
import { stepName } from '../wizard/judge.ts';
import type { Block, Mark, Question, Screen, State, Tone } from '../wizard/types.ts';
import { errorBlocks, gap, goOn, heading, item, option, text, wait } from './blocks.ts';
import { screen } from './screen.ts';

export const reportScreen = (state: State): Screen =>
  screen(
    state,
    'report',
    'Report',
    [...outcome(state), ...whatNext(state), ...files(state), ...steps(state), ...summary(state)],
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

function outcome({ ending }: State): Block[] {
  if (!ending) return [];
  const { words, tone } = OUTCOMES[ending.outcome];
  return [text(words, tone), text(`Exit status ${ending.exitStatus}.`, 'quiet')];
}

const STEP_MARKS: Record<ReturnType<typeof stepOutcome>, Mark> = {
  done: 'done',
  'rolled-back': 'fail',
  'not-run': 'waiting',
  unknown: 'unknown',
};

const STEP_WORDS: Record<ReturnType<typeof stepOutcome>, string> = {
  done: 'done',
  'rolled-back': 'rolled back',
  'not-run': 'not run',
  unknown: 'not known',
};

function steps(state: State): Block[] {
  if (state.steps.length === 0) return [];
  const line = (step: State['steps'][number]): Block => {
    const became = stepOutcome(step);
    const words = step.status === 'already-applied' ? 'found applied, passed over' : STEP_WORDS[became];
    const mark = step.status === 'already-applied' ? 'skipped' : STEP_MARKS[became];
    return item(mark, `${stepName(step.id)}: ${words}`);
  };
  return [gap, heading('Steps'), ...state.steps.map(line)];
}

const NEXT: Partial<Record<Outcome, string>> = {
  'sql-failed':
    'Mend what made the step fail, then run backout again: it goes on from where the database stands.',
  stopped: 'Run backout again to go on: it reads from the database which steps are done.',
  'verification-failed': 'Look at what does not hold, then run "backout verify".',
  unknown:
    'Run nothing by hand. Run "backout status" as soon as the database answers: it reads what is there.',
};

function whatNext({ ending }: State): Block[] {
  const words = ending && NEXT[ending.outcome];
  return words ? [gap, text(words, 'strong')] : [];
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
  if (name === 'close') return goOn(id, 'Enter closes backout; the summary stays on the terminal.');
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
