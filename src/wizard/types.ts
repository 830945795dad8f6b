/**
 * The wizard as data: (state, event) → state and tasks. No I/O, no React, nothing but types is imported.
 *
 * Every surface (the terminal UI, line prompts, the unattended run, practice playing itself) shows the same
 * `Screen`, built from the state by `src/steps`, and answers its one `Question` with an `answer` event.
 */
import type { ArchivedObject, CommandResult, JournalBody, Outcome, RunKind } from '../journal/types.ts';
import type {
  Attachment,
  Evidence,
  ExplainedError,
  Prerequisite,
  Recommendation,
  ResolvedSetting,
  ServerInfo,
} from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { ActionRole, Form, StepOffers } from '../sql/procedure/types.ts';
import type { Lock, Plan, Position, Risk, Verification } from '../sql/types.ts';

export type { ArchivedObject };

/** In the order the operator meets them; `forward` stands in for plan … checklist when that is the choice. */
export type ScreenId =
  | 'target'
  | 'prerequisites'
  | 'decision'
  | 'forward'
  | 'plan'
  | 'step'
  | 'verification'
  | 'checklist'
  | 'report';

// ---- state ----------------------------------------------------------------------------------------------------

/** Everything read from the database about the plan, in one consistent snapshot. */
export interface Survey {
  position: Position;
  locks: Lock[];
  risk: Risk;
  attachments: Attachment[];
  /** Rows by table before anything runs: what verification compares with. */
  baseline: Record<string, number>;
  /** How each step that still has something to run may be carried out; the first that is not refused is recommended. */
  offers: StepOffers[];
  /** Changes when the plan's text or the catalog it was judged against changes. */
  hash: string;
}

export type StepStatus =
  | 'waiting'
  /** Found applied in the database before we ran anything. */
  | 'already-applied'
  | 'running'
  | 'cancelling'
  | 'done'
  | 'failed'
  | 'unknown';

/** One action of the step's procedure, as it runs. */
export interface StatementRun {
  /** The action's, from 1 within the procedure: what statement events name. */
  index: number;
  sql: string;
  role: ActionRole;
  /** Indexes of the runbook's statements that it carries out. */
  carries: number[];
  /** What it does, one sentence; '' for a statement as written. */
  words: string;
  status: 'waiting' | 'skipped' | 'running' | 'done' | 'failed';
  rows: number | null;
  seconds: number | null;
  notices: string[];
}

export interface StepRun {
  id: string;
  status: StepStatus;
  attempt: number;
  /** The hash of the procedure the operator confirmed, or null: nothing may run without it. */
  confirmed: string | null;
  statements: StatementRun[];
  seconds: number | null;
  error: ExplainedError | null;
  /** ms since the epoch, as the event said; for the running clock. */
  startedAt: number | null;
  /** The last attempt ended because the operator asked for it. */
  cancelled: boolean;
}

export interface ChecklistState {
  id: string;
  text: string;
  command: string | null;
  done: boolean | null;
  note: string;
  running: boolean;
  output: string[];
  result: CommandResult | null;
}

/** Looking at the database again in the middle of a run: after an unknown outcome, a conflict, or a survey that failed. */
export interface Look {
  status: 'idle' | 'checking';
  results: Prerequisite[];
  /** What the journal's row in the database says of the step whose outcome was not known; null without such a journal. */
  found: Found | null;
  error: ExplainedError | null;
}

export type Found = 'done' | 'not-done' | 'still-running';

/** A session that holds a lock we wait for. Texts are sanitised. */
export interface Blocker {
  pid: number;
  /** With the pid, what tells this session from a later one with the same pid. */
  backendStart: string;
  user: string;
  application: string;
  address: string;
  /** pg_stat_activity.state. */
  state: string;
  /** Of its transaction. */
  ageSeconds: number | null;
  query: string;
  /** e.g. `ACCESS SHARE on codebase_snapshots`. */
  holds: string[];
  mayCancel: boolean;
  mayTerminate: boolean;
}

export interface LockWait {
  step: string;
  table: string;
  level: string;
  /** From 1. */
  attempt: number;
  attempts: number;
  /** ms since the epoch: when the first try began. */
  since: number;
  /** ms since the epoch: between two tries; null while a try is under way. */
  nextTryAt: number | null;
  /** Length of the pause before the next try, in seconds; null while a try is under way. */
  pauseSeconds: number | null;
  blockers: Blocker[];
  /** What is being done to a blocker right now, in words. */
  acting: string | null;
}

/** Another run that the database knows of: at work, or broken off. Texts are sanitised. */
export interface OtherRun {
  run: string;
  kind: RunKind;
  operator: string;
  host: string;
  startedAt: string;
  ageSeconds: number;
  /** Its session is still there. */
  live: boolean;
  pid: number | null;
  /** Ids of its steps that are committed. */
  stepsDone: string[];
  /** What its session does now. */
  activity: string;
}

/** A run that is gone on with under its own id. */
export interface Resumed {
  run: string;
  /** Ids of the steps that it had committed. */
  doneBefore: string[];
  host: string;
  operator: string;
}

export interface State {
  environment: 'PRACTICE' | 'PRODUCTION';
  purpose: RunKind;
  /** The run an undo takes back. */
  undoes: string | null;
  /** The run's id, known from the start; another's once that was taken over. */
  run: string;
  version: string;
  runbook: Runbook;
  plan: Plan;
  screen: ScreenId;
  target: {
    status: 'idle' | 'connecting' | 'connected' | 'failed';
    settings: ResolvedSetting[];
    server: ServerInfo | null;
    error: ExplainedError | null;
    /** The operator is typing another connection URL. */
    changing: boolean;
  };
  prerequisites: {
    status: 'idle' | 'running' | 'done' | 'failed';
    results: Prerequisite[];
    /** Ids of warnings the operator consented to, one by one. */
    accepted: string[];
    /** The warning the operator would not accept, until they look at it again. */
    declined: string | null;
    /** How often the checks were started: what a warning's question id is made from after the first time. */
    round: number;
    error: ExplainedError | null;
  };
  survey: Survey | null;
  /** The survey is older than the last commit: nothing may be confirmed before the database was looked at again. */
  stale: boolean;
  /** What differs from the survey the operator saw last, in sentences; empty once they have answered. */
  changes: string[];
  look: Look;
  decision: {
    status: 'idle' | 'gathering' | 'asking' | 'deciding' | 'reason' | 'decided';
    evidence: Evidence[];
    /** Criteria the database cannot answer, still to be asked. */
    toAsk: { id: string; text: string; supports: 'rollback' | 'fix-forward' }[];
    recommendation: Recommendation | null;
    choice: 'rollback' | 'fix-forward' | null;
    reason: string | null;
    error: ExplainedError | null;
  };
  /** The operator's choice by step; absent: the first form that is not refused. */
  forms: Record<string, Form>;
  /** The step whose form is being chosen; `more`: then that of the next one. */
  choosing: { step: string; more: boolean } | null;
  /** All steps in one transaction. */
  wholePlan: boolean;
  /** Typed consent was given: nothing is kept. */
  withoutArchive: boolean;
  /** The operator is typing that consent. */
  consenting: boolean;
  steps: StepRun[];
  /** Index into steps of the one the step screen shows. */
  current: number;
  /** The operator said no to the step and is asked what to do instead. */
  paused: boolean;
  /** While the running step waits for a lock. */
  waiting: LockWait | null;
  /** What the operator wants while it waits: left to wait for those blockers, or about to type a pid. */
  atLock:
    { kind: 'left'; blockers: string } | { kind: 'terminate'; pid: number; backendStart: string } | null;
  /** Another run, as the check or the watch last found it. */
  otherRun: OtherRun | null;
  /** What is done about it. */
  withOther: 'asking' | 'watching' | 'taking-over';
  resumed: Resumed | null;
  /** Of this run, in the order of the steps. */
  archived: ArchivedObject[];
  verification: {
    status: 'idle' | 'running' | 'done' | 'failed';
    result: Verification | null;
    error: ExplainedError | null;
  };
  checklist: { items: ChecklistState[]; focus: number; noting: boolean };
  report: {
    status: 'idle' | 'writing' | 'written' | 'failed';
    markdownPath: string | null;
    jsonPath: string | null;
    summary: string[];
    error: ExplainedError | null;
  };
  /** The operator asked to leave and is being asked whether they mean it. */
  leaving: boolean;
  /** The runbook's escalation section stands in front of the screen. */
  escalating: boolean;
  /** A sentence about what came of the last answer, e.g. why it was refused. */
  notice: string | null;
  /** Counts what was answered: the part of question ids that keeps late key presses from the next question. */
  turn: number;
  /** What the run ended as: set when the result is recorded, before the report is written. */
  ending: { outcome: Outcome; exitStatus: number } | null;
  /**
   * Set once, at the very end; the surface leaves with it after the last task. `next`: the operator asked on the
   * report for an undo of that run: the command begins it as a new wizard with that purpose.
   */
  outcome: { outcome: Outcome; exitStatus: number; next?: { undo: string } } | null;
}

// ---- events ---------------------------------------------------------------------------------------------------

export type Event =
  | { type: 'start' }
  /** `question` is the id the answer was given to: an answer to a question no longer asked is dropped. */
  | { type: 'answer'; question: string; value: string }
  | { type: 'action'; action: ActionId }
  // from tasks
  | { type: 'connecting'; settings: ResolvedSetting[] }
  | { type: 'connected'; server: ServerInfo }
  | { type: 'connect-failed'; error: ExplainedError }
  | { type: 'prerequisite'; result: Prerequisite }
  | { type: 'prerequisites-done'; survey: Survey }
  | { type: 'prerequisites-failed'; error: ExplainedError }
  | { type: 'evidence'; evidence: Evidence[]; toAsk: State['decision']['toAsk'] }
  | { type: 'evidence-failed'; error: ExplainedError }
  /**
   * Whole plan: `step-started`, the statements and `archived` come by step, in order; after the COMMIT a `step-done`
   * for each step, in order, the last of them with the survey. One `step-failed`, `step-unknown` or `survey-changed`
   * speaks for all of them.
   */
  | { type: 'step-started'; step: string; at: number }
  /** `index`: the action's. */
  | { type: 'statement-started'; step: string; index: number }
  /** Not told any more: a procedure holds only what is still to run. */
  | { type: 'statement-skipped'; step: string; index: number }
  | { type: 'statement-notice'; step: string; index: number; text: string }
  | { type: 'statement-done'; step: string; index: number; rows: number | null; seconds: number }
  | { type: 'statement-failed'; step: string; index: number }
  /** At each try, before and after its pause, and when the blockers change. The journal's line is written by the reducer. */
  | { type: 'lock-waiting'; wait: LockWait }
  | { type: 'lock-taken'; step: string }
  /** What came of cancelling or terminating. The journal's line is written by the reducer. */
  | { type: 'lock-acted'; text: string }
  /** What a committed step keeps, with its counts; before its `step-done`. The journal's line is written by the reducer. */
  | { type: 'archived'; step: string; objects: ArchivedObject[] }
  /** During a check, before `prerequisites-done`: what became of a step whose COMMIT was not answered. */
  | { type: 'step-found'; step: string; found: Found }
  /** During a check, and again while watching; null when it is over. */
  | { type: 'other-run'; other: OtherRun | null }
  /** The journal's line is written by the reducer. */
  | { type: 'taken-over'; run: string; resumed: Resumed; survey: Survey }
  /**
   * Committed. `survey` is read anew after the commit, so that the next step is confirmed against the catalog as it
   * now is: the reducer replaces state.survey with it, but keeps the first survey's baseline, risk and locks of the
   * steps already done for the report. Null when it could not be read (the next confirmation must re-check first).
   */
  | { type: 'step-done'; step: string; seconds: number; survey: Survey | null }
  /** Rolled back: the database is as it was before the step. */
  | { type: 'step-failed'; step: string; seconds: number; error: ExplainedError; cancelled: boolean }
  /** COMMIT was sent and no answer came. */
  | { type: 'step-unknown'; step: string; seconds: number; error: ExplainedError }
  /** What the catalog says differs from what was confirmed: the step did not run; here is the new survey. */
  | { type: 'survey-changed'; step: string; survey: Survey }
  | { type: 'verified'; verification: Verification }
  | { type: 'verify-failed'; error: ExplainedError }
  | { type: 'command-output'; item: string; line: string }
  | { type: 'command-done'; item: string; result: CommandResult }
  | { type: 'report-written'; markdownPath: string; jsonPath: string; summary: string[] }
  | { type: 'report-failed'; error: ExplainedError }
  /** A cancel or a journal entry that failed: shown as a notice; the step itself refuses to commit without its journal. */
  | { type: 'trouble'; what: TroubleWith; error: ExplainedError };

export type TroubleWith =
  'cancel-step' | 'cancel-command' | 'record' | 'lock-action' | 'watch' | 'take-over' | 'end-run';

// ---- tasks: what the reducer wants done; src/runtime does it ---------------------------------------------------

export type Task =
  /** `url` when the operator typed another one. */
  | { type: 'connect'; url?: string }
  /** What it says of the archive holds until the next check, for the surveys after each step as well. */
  | { type: 'check'; withoutArchive?: boolean }
  | { type: 'gather-evidence' }
  /** Runs only if `confirmed` equals what a fresh look makes of the same forms. */
  | {
      type: 'run-step';
      /** The first of them. */
      step: string;
      /** The whole plan in one transaction: all steps, in order. */
      steps?: string[];
      attempt: number;
      /** The procedure's hash; with `steps`, the `wholeHash` of theirs (src/wizard/whole.ts). */
      confirmed: string;
      /** The form of every step named here. */
      forms: Record<string, Form>;
    }
  | { type: 'cancel-step' }
  | { type: 'lock-action'; action: 'retry-now' }
  | { type: 'lock-action'; action: 'cancel' | 'terminate'; pid: number; backendStart: string }
  /** Looks at the other run every 2 s until `unwatch`, and counts as under way as long. */
  | { type: 'watch' }
  | { type: 'unwatch' }
  /** Of a run whose session is gone. Ends in `taken-over`, or in `other-run` when it is not so any more. */
  | { type: 'take-over'; run: string }
  /**
   * With the result, when a step was tried: frees the lock of the run. Whether an outcome ends the run in the database
   * too is for the runtime to say: after 'stopped', 'sql-failed' and 'unknown' it can be gone on with.
   */
  | { type: 'end-run'; outcome: Outcome }
  | { type: 'verify' }
  | { type: 'run-command'; item: string; command: string }
  | { type: 'cancel-command' }
  | { type: 'record'; event: JournalBody }
  | { type: 'write-report' };

export type Reduce = (state: State, event: Event) => { state: State; tasks: Task[] };

// ---- what a surface shows -------------------------------------------------------------------------------------

export type ActionId =
  | 'next'
  | 'back'
  | 'retry'
  | 'change'
  | 'stop'
  | 'cancel'
  | 'run-command'
  | 'note'
  | 'up'
  | 'down'
  | 'forms'
  | 'whole'
  | 'blockers'
  | 'undo'
  | 'leave'
  | 'stay'
  | 'help'
  | 'escalate';

/** A key that works now. A disabled one stays visible and answers with its reason. */
export interface Action {
  id: ActionId;
  /** Names as the key decoder gives them: `enter`, `escape`, `r`, `ctrl-c`, `up`. */
  keys: string[];
  label: string;
  enabled: boolean;
  reason?: string;
}

export interface Option {
  value: string;
  label: string;
  detail?: string;
  /** A letter that picks it at once. */
  key: string;
  disabled?: string;
}

export type Question = AnyQuestion & {
  /** What it is about: the id of the prerequisite, criterion, step or checklist item. */
  subject?: string;
  /** What a run without an operator answers. Absent where only a flag may: nothing here changes the database. */
  unattended?: string;
};

type AnyQuestion =
  /** Enter does nothing destructive: `default` is the harmless option. */
  | { kind: 'choice'; id: string; prompt: string; options: Option[]; default: string; flag?: string }
  /** Yes or no; Enter is no. `flag` names the flag that answers it in an unattended run. */
  | { kind: 'confirm'; id: string; prompt: string; yes: string; no: string; flag?: string }
  /** The operator must type `expected` exactly. Anything else is a no, with a sentence. */
  | { kind: 'typed'; id: string; prompt: string; expected: string; flag?: string }
  | {
      kind: 'text';
      id: string;
      prompt: string;
      required: boolean;
      placeholder: string;
      secret: boolean;
      flag?: string;
    }
  /** Nothing to decide: Enter (value 'next') goes on. */
  | { kind: 'continue'; id: string; prompt: string }
  /** Work is under way; there is nothing to answer. */
  | { kind: 'wait'; id: string; prompt: string; since: number | null };

export type Tone = 'plain' | 'strong' | 'quiet' | 'good' | 'warn' | 'bad' | 'code';

export interface Span {
  text: string;
  tone: Tone;
}

export type Mark =
  | 'pass'
  | 'warn'
  | 'fail'
  | 'done'
  | 'waiting'
  | 'running'
  | 'skipped'
  | 'unknown'
  | 'conflict'
  | 'partial'
  | 'none';

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; spans: Span[] }
  | { kind: 'item'; mark: Mark; text: string; detail?: string; lines?: string[]; focused?: boolean }
  /** The first row of `rows` is data, not a header. `align` by column. */
  | { kind: 'table'; columns: string[]; rows: string[][]; align: ('left' | 'right')[] }
  /** `caret`: 1-based character offset to point at. `quiet`: backout's own, complete but less loud than the runbook's. */
  | { kind: 'sql'; sql: string; caret?: number; quiet?: boolean }
  | { kind: 'log'; lines: string[] }
  | { kind: 'gap' };

export interface Screen {
  id: ScreenId;
  title: string;
  blocks: Block[];
  question: Question;
  /** Beside the question's own keys. */
  actions: Action[];
}

/** One line of the road on the left: where you are, what is done, what is next. */
export interface RoadStop {
  label: string;
  mark: Mark;
  here: boolean;
}
