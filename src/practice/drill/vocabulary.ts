/** What a drill may name: screens, questions and keys of the wizard. A name that does not exist never happens. */
import type { Outcome, StepOutcome } from '../../journal/types.ts';
import type { ActionId, ScreenId } from '../../wizard/types.ts';
import type { Decision } from './types.ts';

/** What stands in front of any screen. */
export const ESCALATION = 'escalation';

const WIZARD_SCREENS: Record<ScreenId, true> = {
  target: true,
  prerequisites: true,
  decision: true,
  forward: true,
  quick: true,
  plan: true,
  step: true,
  verification: true,
  checklist: true,
  report: true,
};

export const SCREENS: readonly string[] = [...Object.keys(WIZARD_SCREENS), ESCALATION];

/** As src/wizard/asked.ts names them; what is only waited for included. */
export const QUESTIONS: readonly string[] = [
  ...['accept', 'after', 'application', 'application-folder', 'blocked', 'check-failed', 'checking'],
  ...['backup', 'backup-path', 'backup-place', 'backup-looking', 'backup-taking', 'backup-proving'],
  ...[
    'backup-dropping',
    'checklist',
    'choose',
    'close',
    'command',
    'command-placeholder',
    'confirm',
    'conflict',
  ],
  ...['connect-failed', 'connecting', 'criterion', 'declined', 'edit-files', 'ended', 'evidence'],
  ...['evidence-failed', 'failed', 'form', 'forward', 'forward-failed', 'item', 'leave', 'lock', 'log-file'],
  ...['look', 'looking-forward', 'mend', 'mend-value', 'no-form', 'not-met', 'not-verified', 'note'],
  ...['other-run', 'own-command', 'paused', 'plan', 'prerequisites', 'quick-confirm', 'quick-done'],
  ...['quick-ended', 'quick-folder', 'quick-idle', 'quick-keeping', 'quick-looking', 'quick-nothing'],
  ...['quick-ready', 'quick-running', 'quick-settling', 'quick-stopping', 'quick-unsettled', 'reason'],
  ...[
    'report',
    'report-failed',
    'run-command',
    'running',
    'cancelling',
    'skeleton',
    'stale',
    'stays',
    'step',
    'step-command',
  ],
  ...['taking-over', 'target', 'terminate', 'unknown', 'url', 'value', 'values', 'verification'],
  ...['verify-failed', 'verifying'],
  ...['rehearsal', 'rehearsing', 'watched', 'watching', 'without-archive', 'writing-skeleton'],
  ...['story', 'list', 'coach', 'coach-ask', 'coach-hint'],
  ...['escalation-menu', 'escalation-path', 'escalation-question', 'escalation-preparing'],
  ...['escalation-read', 'escalation-confirm', 'escalation-working', 'escalation-done'],
];

const WIZARD_ACTIONS: Partial<Record<ActionId, true>> = {
  next: true,
  back: true,
  retry: true,
  change: true,
  stop: true,
  cancel: true,
  'run-command': true,
  note: true,
  up: true,
  down: true,
  forms: true,
  whole: true,
  rehearse: true,
  blockers: true,
  backup: true,
  undo: true,
  rollback: true,
  mend: true,
  application: true,
  sql: true,
  leave: true,
  stay: true,
  help: true,
  coach: true,
  escalate: true,
};

/** Keys beside a question. */
export const ACTIONS: readonly string[] = Object.keys(WIZARD_ACTIONS);

const ALL_OUTCOMES: Record<Outcome, true> = {
  verified: true,
  'prerequisite-failed': true,
  declined: true,
  'fix-forward': true,
  'sql-failed': true,
  stopped: true,
  'verification-failed': true,
  unknown: true,
  'nothing-to-do': true,
  error: true,
};
export const OUTCOMES = Object.keys(ALL_OUTCOMES) as [Outcome, ...Outcome[]];

const ALL_STEP_OUTCOMES: Record<StepOutcome, true> = {
  done: true,
  'rolled-back': true,
  'broken-off': true,
  'not-run': true,
  unknown: true,
};
export const STEP_OUTCOMES: readonly string[] = Object.keys(ALL_STEP_OUTCOMES);

export const DECISIONS: readonly [Decision, ...Decision[]] = ['rollback', 'fix-forward', 'quick', 'stop'];

export const COACH_WHAT: readonly string[] = ['opened', 'ask', 'hint'];
