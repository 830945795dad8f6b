/** What is known of a backup, of taking one, and of the proof that it can be restored. */

/** How a backup is written; what is none of these is `unknown`. */
export type ArchiveKind = 'custom' | 'directory' | 'tar' | 'plain' | 'gzip' | 'physical' | 'unknown';

export interface Finding {
  /** fail: this backup does not bring the data back. warn: it may not, or it could not be seen. */
  severity: 'fail' | 'warn';
  /** One sentence. */
  text: string;
}

/** What was found out about one backup, without restoring it. */
export interface BackupCheck {
  path: string;
  kind: ArchiveKind;
  bytes: number;
  /** ISO 8601, or null where neither the archive nor its file tells. */
  createdAt: string | null;
  ageSeconds: number | null;
  /** As the archive's header has it. */
  database: string | null;
  /** Of the server it was dumped from, e.g. `15.18`. */
  serverVersion: string | null;
  /** Tables whose rows it holds; null where that cannot be listed. */
  tables: number | null;
  /** Every byte of it was read by pg_restore, not only its table of contents. */
  readWhole: boolean;
  findings: Finding[];
}

/** What a backup is checked against; what is left out is not checked. */
export interface Expected {
  database?: string;
  schema?: string;
  /** Of that schema, in which rows must be. */
  tables?: readonly string[];
  /** Names that the plan's tables have at other times: a backup from then is from another state of the migration. */
  otherNames?: readonly string[];
}

export interface BackupProgress {
  what: 'dumping' | 'checking' | 'restoring' | 'comparing' | 'dropping';
  /** Tables that are done, and how many there are; null where that is not known. */
  tables: number;
  ofTables: number | null;
  /** Bytes that the tables done have in the database, and all of them together; the basis is pg_table_size. */
  bytes: number;
  ofBytes: number | null;
  /** The table under way. */
  table: string | null;
  /** Size of what is written so far; null where nothing is written. */
  fileBytes: number | null;
}

export interface TakenBackup {
  path: string;
  bytes: number;
  seconds: number;
  /** e.g. `15.18`. */
  dumpVersion: string;
  check: BackupCheck;
}

/** One table, in the database and in the restored backup. */
export interface TableComparison {
  table: string;
  /** Null: the table is not there. */
  rowsLive: number | null;
  rowsBackup: number | null;
  equal: boolean;
  /** Rows told apart by key; null where there are too many that differ, or no key. */
  difference: { onlyLive: number; onlyBackup: number; changed: number; keys: string[] } | null;
  /** Columns that only one of them has. */
  columns: string[];
}

export interface BackupProof {
  path: string;
  /** equal: same rows everywhere. changed: restored whole, but rows differ. failed: it did not restore, or lacks tables. */
  verdict: 'equal' | 'changed' | 'failed';
  tables: TableComparison[];
  /** What pg_restore complained of, a line each. */
  errors: string[];
  seconds: number;
  /** The scratch database, when it could not be dropped again. */
  leftOver: string | null;
}
