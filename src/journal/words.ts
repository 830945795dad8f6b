/** The words for how things ended, the same in reports, summaries and lists. */
import type { Form } from '../sql/procedure/types.ts';
import type { Outcome, RunKind, StepOutcome } from './types.ts';

const OUTCOME_WORDS: Record<Outcome, string> = {
  verified: 'Rolled back and verified',
  'prerequisite-failed': 'A prerequisite failed; nothing was run',
  declined: 'Declined by the operator; nothing was run',
  'fix-forward': 'Fix forward was chosen; nothing was run',
  'sql-failed': 'SQL failed; the step was rolled back',
  stopped: 'Stopped between steps',
  'verification-failed': 'Ran, but verification failed',
  unknown: 'Outcome unknown',
  'nothing-to-do': 'Nothing to roll back',
  error: 'backout failed',
};

/** Where the other kinds of runs end otherwise than a rollback. */
const WORDS_OF: Record<RunKind, Partial<Record<Outcome, string>>> = {
  rollback: {},
  undo: { verified: 'Undone and verified', 'nothing-to-do': 'Nothing to undo' },
  repair: { verified: 'Repaired and verified', 'nothing-to-do': 'Nothing to repair' },
};

export const RUN_WORDS: Record<RunKind, { report: string; noun: string }> = {
  rollback: { report: 'Rollback report', noun: 'rollback' },
  undo: { report: 'Undo report', noun: 'undo' },
  repair: { report: 'Repair report', noun: 'repair' },
};

export const FORM_WORDS: Record<Form, string> = {
  'as-written': 'as written',
  rewrite: 'rewrite',
  'copy-and-swap': 'copy and swap',
};

export const STEP_WORDS: Record<StepOutcome, string> = {
  done: 'done',
  'rolled-back': 'rolled back: the database is as it was before the step',
  'broken-off': 'BROKEN OFF outside of a transaction: something of it may be left, see the notes',
  'not-run': 'not run',
  unknown: 'UNKNOWN: look at the database before anything else',
};

/** An end that did not come from the wizard is told by its exit status. */
const ERROR_WORDS: Record<number, string> = {
  64: 'Stopped: an option or an answer is missing or wrong',
  69: 'No connection to the database; nothing was run',
  77: 'Stopped: not permitted',
};

/**
 * How a run ended, in words.
 * @param steps what became of them: what broke off outside of a transaction was rolled back by nobody
 */
export function outcomeWords(
  outcome: Outcome,
  exitStatus: number | null,
  kind: RunKind = 'rollback',
  steps: readonly { outcome: StepOutcome }[] = [],
): string {
  if (outcome === 'sql-failed' && steps.some((step) => step.outcome === 'broken-off'))
    return 'SQL failed outside of a transaction; something of it may be left';
  const told = outcome === 'error' ? ERROR_WORDS[exitStatus ?? 0] : undefined;
  return told ?? WORDS_OF[kind][outcome] ?? OUTCOME_WORDS[outcome];
}

/** `1 row`, `2 rows`, `1,234 rows`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`;
}

/** Seconds as an operator reads them: `0.04 s`, `12.3 s`, `4 min 05 s`. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
