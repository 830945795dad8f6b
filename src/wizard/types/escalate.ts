/** Escalating, in front of any screen: what can be done, what was prepared and stands to be confirmed, what came of it. */
import type { Placeholder } from '../../shell/placeholders.ts';
import type { ExplainedError } from '../../postgres/types.ts';

/** What can be done. `command-N`: the N-th of the commands that the configuration and the runbook name. */
export type EscalationAct =
  | 'stop-writes'
  | 'allow-writes'
  | 'restore'
  | 'swap'
  | 'swap-back'
  | 'status'
  | 'hand-over'
  | `command-${number}`;

/** A command that the configuration or the runbook names for an emergency. */
export interface EscalationCommand {
  act: `command-${number}`;
  command: string;
  from: 'runbook' | 'config';
  /** What it is for, as its heading or its comment says. */
  words: string;
  what: 'stop' | 'migrate' | 'restore' | 'other';
}

/** What stands beside the database, and whether writes are stopped. Texts are sanitised. */
export interface EscalationFacts {
  stopped: { at: string; by: string } | null;
  /** Why nobody could be kept out by this role; null where they could. */
  whyNotStop: string | null;
  whyNotSwap: string | null;
  whyNotBack: string | null;
  /** One sentence each: databases that backout made or kept. */
  beside: string[];
}

/** What would be done, to be shown whole before it is confirmed. Texts are sanitised. */
export interface Prepared {
  act: EscalationAct;
  /** What a confirmation is given to: the runtime keeps what stands behind it. */
  token: string;
  title: string;
  words: string[];
  /** SQL, or a command, in the order in which it is run. */
  statements: string[];
  /** Ended one by one; `left`: why one is not. */
  sessions: { what: string; left: string | null }[];
  tables: { columns: string[]; rows: string[][] } | null;
  /** To be answered before there is anything to confirm. */
  questions: Placeholder[];
  /** What has to be typed; null: there is nothing to confirm, only to read or to copy. */
  confirm: string | null;
}

export interface EscalationDone {
  act: EscalationAct;
  ok: boolean;
  /** One line for the journal. */
  summary: string;
  lines: string[];
  tables: { columns: string[]; rows: string[][] } | null;
  /** The database under the name is another one now: this run is about the one that was there before. */
  exchanged: boolean;
}

export interface Escalation {
  commands: EscalationCommand[];
  facts: EscalationFacts | null;
  /** As last looked, or as this run left it. */
  stopped: boolean;
  /** The look for the facts failed: its reason. Nothing is forbidden by that. */
  blind: string | null;
  at: 'menu' | 'path' | 'preparing' | 'question' | 'prepared' | 'working' | 'done';
  act: EscalationAct | null;
  /** Given so far, by the placeholder's id; `path` for the backup. */
  answers: Record<string, string>;
  prepared: Prepared | null;
  output: string[];
  done: EscalationDone | null;
  error: ExplainedError | null;
  /** ms since the epoch. */
  since: number | null;
}

export type EscalationTask =
  | { type: 'escalate'; do: 'look' }
  /** Reads only. */
  | { type: 'escalate'; do: 'prepare'; act: EscalationAct; answers: Record<string, string> }
  | { type: 'escalate'; do: 'carry-out'; token: string }
  | { type: 'escalate'; do: 'cancel' };

export type EscalationEvent =
  | { type: 'escalate-looked'; facts: EscalationFacts }
  | { type: 'escalate-blind'; why: string }
  | { type: 'escalate-prepared'; prepared: Prepared }
  | { type: 'escalate-begun'; at: number }
  | { type: 'escalate-output'; line: string }
  | { type: 'escalate-done'; done: EscalationDone }
  | { type: 'escalate-failed'; error: ExplainedError };
