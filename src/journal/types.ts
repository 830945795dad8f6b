/**
 * The journal of a run: what happened, in order, one JSON object a line, only ever appended to.
 * `backout run --json` prints the same events. Everything in a report is derived from them alone.
 */
import type {
  Attachment,
  Evidence,
  ExplainedError,
  Prerequisite,
  Recommendation,
  ServerInfo,
} from '../postgres/types.ts';
import type { DataAtRisk, Invented, Lock, Position, Verification } from '../sql/types.ts';

export type StepOutcome = 'done' | 'rolled-back' | 'not-run' | 'unknown';

export type Outcome =
  | 'verified'
  | 'prerequisite-failed'
  | 'declined'
  | 'fix-forward'
  | 'sql-failed'
  | 'stopped'
  | 'verification-failed'
  | 'unknown'
  | 'nothing-to-do'
  | 'error';

export type JournalBody =
  | {
      type: 'run-started';
      version: string;
      surface: 'tui' | 'plain' | 'unattended' | 'self-play';
      environment: 'PRACTICE' | 'PRODUCTION';
      runbook: { path: string; title: string; sha256: string; migration: string | null };
      operator: { user: string; host: string };
    }
  | { type: 'connected'; server: ServerInfo }
  | { type: 'prerequisites'; results: Prerequisite[]; attachments: Attachment[] }
  | { type: 'consent'; id: string; detail: string }
  | {
      type: 'decision';
      choice: 'rollback' | 'fix-forward';
      recommendation: Recommendation;
      evidence: Evidence[];
      /** Typed by the operator when going against the recommendation. */
      reason: string | null;
    }
  | {
      type: 'plan';
      hash: string;
      position: Position;
      locks: Lock[];
      dataAtRisk: DataAtRisk[];
      invented: Invented[];
      baseline: Record<string, number>;
    }
  | { type: 'step-confirmed'; step: string; title: string; hash: string; typed: string | null }
  | { type: 'step-started'; step: string; attempt: number }
  | {
      type: 'statement';
      step: string;
      index: number;
      sql: string;
      command: string;
      rows: number | null;
      seconds: number;
      notices: string[];
    }
  /** Written and synced to disk right before COMMIT is sent. */
  | { type: 'step-committing'; step: string }
  | {
      type: 'step-finished';
      step: string;
      outcome: StepOutcome;
      seconds: number;
      error: ExplainedError | null;
    }
  | { type: 'verification'; verification: Verification }
  | {
      type: 'checklist';
      item: string;
      text: string;
      done: boolean;
      note: string;
      command: CommandResult | null;
    }
  | { type: 'note'; text: string }
  | {
      type: 'result';
      outcome: Outcome;
      exitStatus: number;
      run: string;
      steps: { id: string; outcome: StepOutcome }[];
    };

export type JournalEvent = JournalBody & {
  schema: 'backout.event/1';
  /** From 1, without gaps. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
};

export interface CommandResult {
  command: string;
  exitStatus: number | null;
  signal: string | null;
  seconds: number;
  /** The last lines, sanitised. */
  tail: string[];
}
