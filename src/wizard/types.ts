/**
 * The wizard as data: (state, event) → state and tasks. No I/O, no React, nothing but types is imported.
 *
 * Every surface (the terminal UI, line prompts, the unattended run, practice playing itself) shows the same
 * `Screen`, built from the state by `src/steps`, and answers its one `Question` with an `answer` event.
 */
import type { ShownConfig } from '../config/types.ts';
import type { ArchivedObject, Outcome, RunKind } from '../journal/types.ts';
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
import type { Checklist } from './types/checklist.ts';
import type { Backups } from './types/backup.ts';
import type { Application } from './types/application.ts';
import type { Debriefing } from './types/debrief.ts';
import type { DrillState } from './types/drill.ts';
import type { Escalation } from './types/escalate.ts';
import type { Event } from './types/events.ts';
import type { Found, LockWait, OtherRun, Resumed } from './types/found.ts';
import type { Quick } from './types/quick.ts';
import type { Forward } from './types/forward.ts';
import type { Rehearsing } from './types/rehearsal.ts';
import type { Next, Repairs } from './types/repairs.ts';
import type { Task } from './types/tasks.ts';
import type { ValuesAsked } from './types/values.ts';

export type { ArchivedObject };
export type * from './types/checklist.ts';
export type * from './types/backup.ts';
export type * from './types/application.ts';
export type * from './types/debrief.ts';
export type * from './types/drill.ts';
export type * from './types/escalate.ts';
export type * from './types/events.ts';
export type * from './types/forward.ts';
export type * from './types/found.ts';
export type * from './types/quick.ts';
export type * from './types/rehearsal.ts';
export type * from './types/repairs.ts';
export type * from './types/shown.ts';
export type * from './types/tasks.ts';
export type * from './types/values.ts';

/** In the order the operator meets them; `forward` stands in for plan … checklist when that is the choice. */
export type ScreenId =
  | 'target'
  | 'prerequisites'
  | 'decision'
  | 'forward'
  | 'quick'
  | 'plan'
  | 'step'
  | 'verification'
  | 'checklist'
  | 'report';

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
  /** Between two steps: the prerequisites that somebody may have undone since. Absent: not looked at. */
  again?: Prerequisite[];
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
  /** It ran outside of transactions and broke off: what an attempt left in the database, a sentence each. */
  left?: string[] | null;
  /** What was confirmed last was not so any more: it was not begun, and nothing was confirmed since. */
  voided: boolean;
}

/** Looking at the database again in the middle of a run: after an unknown outcome, a conflict, or a survey that failed. */
export interface Look {
  status: 'idle' | 'checking';
  results: Prerequisite[];
  /** What the journal's row in the database says of the step whose outcome was not known; null without such a journal. */
  found: Found | null;
  error: ExplainedError | null;
  /** How often in a row it was looked in vain, this time included. */
  tries: number;
}

export interface State {
  environment: 'PRACTICE' | 'PRODUCTION';
  purpose: RunKind;
  /** The run an undo takes back. */
  undoes: string | null;
  /** What a repair was begun from and goes back to: a rollback that is not ended, or one that begins anew (null). */
  after: { rollback: string | null } | null;
  application: Application;
  repairs: Repairs;
  /** On a copy, from the plan's screen. */
  rehearsal: Rehearsing;
  forward: Forward;
  /** The migration framework's own command, beside the steps. */
  quick: Quick;
  /** They stand in front of the failed step or the prerequisites, to be chosen from. */
  mending: boolean;
  /** The run's id, known from the start; another's once that was taken over. */
  run: string;
  version: string;
  runbook: Runbook;
  plan: Plan;
  config: ShownConfig;
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
  backup: Backups;
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
  /** What was said of commands that stand in steps, by their ids. */
  stepCommands: Record<string, 'done' | 'skipped'>;
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
  checklist: Checklist;
  report: {
    status: 'idle' | 'writing' | 'written' | 'failed';
    markdownPath: string | null;
    jsonPath: string | null;
    summary: string[];
    error: ExplainedError | null;
  };
  /** Practice: of a drill, once its last run has ended. */
  debrief: Debriefing;
  /** The operator asked to leave and is being asked whether they mean it. */
  leaving: boolean;
  /** What the runbook leaves open is being asked for: there is no plan yet. */
  values: ValuesAsked | null;
  /** Null outside practice. */
  drill: DrillState | null;
  /** The escalation stands in front of the screen. */
  escalating: boolean;
  escalation: Escalation;
  /** A sentence about what came of the last answer, e.g. why it was refused. */
  notice: string | null;
  /** Counts what was answered: the part of question ids that keeps late key presses from the next question. */
  turn: number;
  /** What the run ended as: set when the result is recorded, before the report is written. */
  ending: { outcome: Outcome; exitStatus: number } | null;
  /**
   * Set once, at the very end; the surface leaves with it after the last task. `next`: the operator asked for it;
   * the command begins it as a new wizard with that purpose.
   */
  outcome: { outcome: Outcome; exitStatus: number; next?: Next } | null;
}

export type Reduce = (state: State, event: Event) => { state: State; tasks: Task[] };
