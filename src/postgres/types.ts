/** What is known about the server, the connection and what is going on in the database. */

export type SettingName =
  | 'host'
  | 'port'
  | 'user'
  | 'dbname'
  | 'password'
  | 'sslmode'
  | 'sslrootcert'
  | 'sslcert'
  | 'sslkey'
  | 'connect_timeout'
  | 'application_name'
  | 'options'
  | 'service';

/** One connection setting and where it came from. The password's value is never in here: `value` is `(set)`. */
export interface ResolvedSetting {
  name: SettingName;
  value: string;
  /** e.g. `--database URL`, `DATABASE_URL`, `PGHOST`, `service file ~/.pg_service.conf [orders]`, `passfile ~/.pgpass`, `default`. */
  origin: string;
}

export interface ServerInfo {
  /** e.g. `15.18`. */
  version: string;
  /** server_version_num, e.g. 150018. */
  versionNumber: number;
  database: string;
  user: string;
  host: string;
  port: string;
  superuser: boolean;
  standby: boolean;
  readOnly: boolean;
  /** What the connection is protected with, e.g. `TLSv1.3, verified: full`, `unix socket`, `PLAINTEXT`. */
  encryption: string;
  /** pg_control_system().system_identifier, or null where it may not be read. */
  systemIdentifier: string | null;
  /** The embedded practice database. */
  embedded: boolean;
}

/** A failure put into words for the operator. Texts from the server are already sanitised for display. */
export interface ExplainedError {
  sqlstate?: string;
  message: string;
  detail?: string;
  hint?: string;
  /** The statement, and the 1-based character offset of the caret in it. */
  statement?: string;
  position?: number;
  /** What happened, in a sentence or two. */
  explanation: string;
  /** What to do about it. */
  advice: string;
  /** Title of the runbook's troubleshooting entry that matches. */
  troubleshooting?: string;
  /** What the server says it is about, as the catalog spells it: to look it up, not to show. */
  about?: { table?: string; column?: string; constraint?: string };
}

export type PrerequisiteStatus = 'pass' | 'warn' | 'fail';

export interface Prerequisite {
  /** Stable: what `--accept ID` names. */
  id: string;
  title: string;
  status: PrerequisiteStatus;
  /** What was found, in a sentence. */
  detail: string;
  /** What to do when it is not a pass; '' for a pass. */
  advice: string;
  /** Single findings, one a line (attachments, sessions, rows …). */
  items: string[];
  /** Title of the runbook's troubleshooting entry on what would have failed. */
  troubleshooting?: string;
}

/** Something that hangs on a table of the plan (mechanics §3g) and what the plan does to it. */
export interface Attachment {
  table: string;
  kind: string;
  name: string;
  detail: string;
  /** follows: stays right; breaks: the plan would fail on it; lost: it would go or stop working without an error. */
  outcome: 'follows' | 'breaks' | 'lost' | 'restored';
  words: string;
  /** Of what is lost: its definition is in the archive, and an undo brings it back. */
  undone?: true;
}

export interface Evidence {
  id: string;
  /** The criterion's text, or what was measured. */
  title: string;
  supports: 'rollback' | 'fix-forward' | 'neutral';
  detail: string;
  source: 'database' | 'operator';
}

export interface Recommendation {
  /** none: nothing says when to roll back, and it can be done. The choice is the operator's alone. */
  choice: 'rollback' | 'fix-forward' | 'none';
  reasons: string[];
  evidence: Evidence[];
}
