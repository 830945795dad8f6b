/** What an undo of one step is made from, and what is made. */
import type { TableDefinition } from '../definition.ts';
import type { ObjectStates } from '../objects/types.ts';
import type { ArchiveEntry, Procedure, StepRecord } from '../procedure/types.ts';

/** The journal row of the step that is taken back. */
export interface UndoneStep {
  run: string;
  /** `step-1` … */
  step: string;
  title: string;
  /** backout.step.xid and .snapshot, as text. */
  xid: string;
  snapshot: string;
  record: StepRecord;
}

export interface ArchivedRow {
  entry: ArchiveEntry;
  rows: number | null;
  purged: boolean;
}

/** A later step of the same run, whose undo came first. */
export interface EarlierUndo {
  /** Names of the tables it is about, as they were before it. */
  tables: string[];
  /** What its undo kept and is still there. */
  entries: readonly ArchiveEntry[];
}

export interface UndoFacts {
  /** The undo's own run id. */
  run: string;
  step: UndoneStep;
  archived: readonly ArchivedRow[];
  /** Of the tables of {@link tablesOf} that exist in the step's schema now. */
  now: readonly TableDefinition[];
  /** Of the tables in `backout_archive` that `archived` names, spelled for the step's schema. */
  kept: readonly TableDefinition[];
  /** Of the objects of `undoneObjects`, by key. */
  objects?: ObjectStates;
  /** The steps that were undone before this one, the last one first. */
  earlier?: readonly EarlierUndo[];
  /** Answers to {@link writtenQueries}; empty before they were asked. */
  written: readonly Written[];
  /** The hash of the look all this rests on. */
  look: string;
}

/** Rows of one table that were written after the rollback. */
export interface Written {
  /** Its name now. */
  table: string;
  /** Inserted or changed. */
  rows: number;
  /** Of these, with a key that was not there before; null where that cannot be told. */
  inserted: number | null;
  /** Rows of before that are not there any more; null where that cannot be told. */
  deleted: number | null;
  /** Of `rows`, how many hold something in each column that has no place in the forward table. */
  without: Record<string, number>;
  /** Of `rows`, how many hold nothing in columns, by their names before, that could not be empty then and can be now. */
  empty?: Record<string, number>;
}

export interface WrittenQuery {
  table: string;
  /** Returns one row: rows, inserted, deleted, without (json), empty (json). */
  sql: string;
}

export interface UndoOffer {
  /** Null when refused. */
  procedure: Procedure | null;
  /** What will be, in sentences: what comes back, what is kept of rows written since, what has no place. */
  words: string[];
  /** Why it cannot be done, one sentence each; empty when it can. */
  refused: string[];
}
