/** The quick rollback: the migration framework's own command, looked at before it runs and after it has ended. */
import type { ArchivedObject, CommandResult } from '../journal/types.ts';

export interface QuickFinding {
  id: string;
  title: string;
  /** warn: it may be run, after the steps, with this said. fail: it is not offered. */
  status: 'pass' | 'warn' | 'fail';
  detail: string;
  items: string[];
}

/** A migration that is recorded as applied. */
export interface RecordedMigration {
  version: string;
  /** Its file's name, without the folder; null when there is none. */
  file: string | null;
}

export interface QuickCommand {
  /** written: what the runbook says. to: down to and including this migration. */
  id: 'written' | 'to';
  /** As it is given to the shell, in the project's folder. */
  command: string;
  /** Recorded migrations that it takes back, newest first. */
  takes: RecordedMigration[];
  /** Recorded migrations that it passes over, because their files are gone. */
  passedOver: RecordedMigration[];
}

/** A table that is copied before the command runs. */
export interface QuickKept {
  table: string;
  /** Estimated; -1 where the server has none. */
  rows: number;
  bytes: number;
}

/** What was found before it is run. Texts are sanitised. */
export interface QuickLook {
  /** What the runbook writes, on one line. */
  written: string;
  /** Where it would run; absolute. Null: not known. */
  folder: string | null;
  /** Where that is from: "--project", "backout.toml", … */
  folderFrom: string;
  findings: QuickFinding[];
  /** Those that take this migration back; the first is the one that is meant. */
  commands: QuickCommand[];
  /** Nobody has said where the project is: it is asked for. */
  asksFolder: boolean;
  keeps: QuickKept[];
  /** A connection URL could be given to the command. */
  mayGiveUrl: boolean;
}

/** What the database says after the command has ended. */
export interface QuickFound {
  /** Whether anything that the plan names, or the version's row, is different from before. */
  changed: boolean;
  /** The version is still recorded; null where there is no such table. */
  recorded: boolean | null;
  /** Sentences, the most important first. */
  words: string[];
  /** What an undo of it could not bring back, one sentence each. */
  notUndoable: string[];
  /** Its row is in the journal in the database: it can be undone. */
  undoable: boolean;
}

/** How it ended, and what was found then. */
export interface QuickEnd {
  result: CommandResult;
  found: QuickFound;
  /** What an undo of it rests on; empty where it cannot be undone. */
  archived: ArchivedObject[];
}
