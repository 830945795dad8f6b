/** The backup that a run falls back on: finding, taking, naming and proving one. */
import type { ExplainedError } from '../../postgres/types.ts';

export interface FoundBackups {
  /** Where one is put when no other place is named. */
  folder: string;
  /** The newest that fits, and what is known of it. */
  proposal: { path: string; words: string } | null;
  /** Scratch databases of proofs that were broken off. */
  leftOvers: string[];
}

export type BackupWork = 'taking' | 'proving' | 'dropping';

export interface Backups {
  /** What this run falls back on: named, or taken here. */
  path: string | null;
  /** By the command line: before the first check, and after it. */
  wanted: { take: boolean; prove: boolean; place: string | null };
  /** closed: the prerequisites themselves are shown. */
  at: 'closed' | 'looking' | 'open' | 'naming' | 'placing' | BackupWork;
  /** It was asked to stop. */
  cancelling: boolean;
  /** ms since the epoch; of the work under way. */
  since: number | null;
  /** Where it stands, one line. */
  progress: string | null;
  /** What it was at before, a line each time it went on to another table. */
  lines: string[];
  found: FoundBackups | null;
  /** What came of taking or dropping, one sentence. */
  done: string | null;
  proof: Proof | null;
  error: ExplainedError | null;
}

export interface Proof {
  path: string;
  verdict: 'equal' | 'changed' | 'failed';
  /** The first says what it came to; then a line for each table that differs, and each complaint. */
  words: string[];
}

export type BackupTask =
  /** Ends in `backups-found` or `backup-failed`. Reads only. */
  | { type: 'find-backups' }
  /** `place`: a file that is not there yet, or a folder; null: the folder for backups. */
  | { type: 'take-backup'; place: string | null }
  | { type: 'prove-backup'; path: string }
  /** Drops the scratch databases of proofs that were broken off. */
  | { type: 'drop-scratch' }
  | { type: 'cancel-backup' };

export type BackupEvent =
  | { type: 'backups-found'; found: FoundBackups }
  | { type: 'backup-begun'; at: number }
  /** `line`: it went on to another table. */
  | { type: 'backup-progress'; words: string; line: boolean }
  | { type: 'backup-taken'; path: string; bytes: number; seconds: number; words: string }
  | { type: 'backup-proved'; proof: Proof; seconds: number }
  | { type: 'scratch-dropped'; names: string[] }
  | { type: 'backup-failed'; error: ExplainedError };
