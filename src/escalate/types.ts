/** What an escalation knows and does: who is connected, who may connect, which databases stand beside. */
import type { Finding } from '../backup/types.ts';

/** A right to connect that somebody was given: all but the owner's own. */
export interface Grant {
  /** Null: PUBLIC, everybody. */
  grantee: string | null;
  grantor: string;
  /** WITH GRANT OPTION. */
  grantable: boolean;
}

/** Kept in the database's comment, written in the transaction that takes the rights away. */
export interface StoppedMark {
  at: string;
  by: string;
  grants: Grant[];
  /** The connection limit before; null where it was left alone. */
  limit: number | null;
}

/** Kept in the comment of a database that stands beside another, or that took its place. */
export interface BesideMark {
  /** restored: from a backup. kept: the damaged one, after the exchange. live: restored, and in its place. */
  kind: 'restored' | 'kept' | 'live';
  /** Name of the database it is about. */
  of: string;
  at: string;
  /** The backup it was restored from; null for the damaged one. */
  backup: string | null;
  /** Only a checked one may take the place of the other. */
  state: 'restoring' | 'failed' | 'restored' | 'checked';
  /** Rows of the runbook's tables as they were counted. */
  rows: Record<string, number>;
}

/** A database's comment, taken apart. */
export interface Marks {
  /** What others wrote. */
  text: string | null;
  stopped: StoppedMark | null;
  beside: BesideMark | null;
}

/** Who may connect, and what was done about it. Names are as they are: pass them through `toLine` to show them. */
export interface Access {
  database: string;
  oid: string;
  owner: string;
  /** datconnlimit; -1: none. */
  limit: number;
  grants: Grant[];
  role: string;
  superuser: boolean;
  /** A superuser, or one with the rights of the owner: only they may take rights away (manual, sql-revoke). */
  manages: boolean;
  /** Grants by others than the owner can be given back as they were. */
  actsAsGrantors: boolean;
  marks: Marks;
}

/** Texts are sanitised. */
export interface ConnectedSession {
  pid: number;
  /** With the pid, what tells this session from a later one with the same pid. */
  backendStart: string;
  user: string;
  application: string;
  address: string;
  state: string;
  query: string;
  /** Null: it is ended. Otherwise why it is left. */
  left: string | null;
  /** It comes back at once: neither rights nor the limit keep it out. */
  returns: boolean;
}

/** A database of the same server that is about the one that is meant. */
export interface Beside extends BesideMark {
  name: string;
  bytes: number | null;
}

/** One look. */
export interface EscalationLook {
  access: Access;
  sessions: ConnectedSession[];
  /** Sentences on what goes on writing all the same: prepared transactions, subscriptions, superusers. */
  remains: string[];
  beside: Beside[];
}

export interface RestoredCheck {
  database: string;
  backup: string;
  ok: boolean;
  /** Of the runbook's tables. Null: not there, or it cannot be read. */
  tables: { table: string; restored: number | null; damaged: number | null }[];
  /** Tables whose rows the backup holds, and how many of them are there. */
  listed: number;
  found: number;
  findings: Finding[];
}

/** What came of an act, for the screen and the journals: sentences, the last of them what to do next. */
export interface Acted {
  ok: boolean;
  lines: string[];
}
