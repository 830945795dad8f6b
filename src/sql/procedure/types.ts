/**
 * How one step is carried out: the very statements that are sent, in order, in one transaction. Made before the
 * operator confirms, shown to them, and run as it stands; what is confirmed is its hash.
 */
import type { TableDefinition } from '../definition.ts';
import type { ObjectsRecord } from '../objects/types.ts';
import type { Elsewhere, LockLevel } from '../types.ts';

/**
 * as-written: the step's own statements. rewrite: the table is written once instead of several times, under one lock.
 * copy-and-swap: the restored table is built beside the current one while readers keep working, then they swap.
 */
export type Form = 'as-written' | 'rewrite' | 'copy-and-swap';

export type ActionRole =
  /** A statement of the runbook, as written. */
  | 'statement'
  /** Carries out what statements of the runbook say, in another way. */
  | 'instead'
  /** Keeps what would be destroyed. */
  | 'archive'
  /** A stronger lock, taken in the middle: tried and retried at a savepoint, so that nothing done so far is lost. */
  | 'lock'
  /** A command of psql in the runbook: a query of ours whose answer is shown as psql would. Changes nothing. */
  | 'look'
  /** The journal's row. The last action of every procedure that keeps a journal in the database. */
  | 'record';

export interface Action {
  /** From 1 within the procedure. */
  index: number;
  role: ActionRole;
  /** Indexes of the step's statements that it carries out; empty for what is ours alone. */
  carries: number[];
  /** Exactly one statement. */
  sql: string;
  /** Values for $1 …: only for what would make the SQL unreadable. */
  params?: string[];
  /** Upper-case command, e.g. `ALTER TABLE`. */
  command: string;
  /** What it does, one sentence; '' for a statement as written. */
  words: string;
  /** The statement's line in the runbook, when it is one. */
  line?: number;
  /** Sent outside of any transaction: the server would refuse it in one. */
  outside?: true;
  /** Of a look: the command, and whether `\x` is on. */
  look?: { text: string; expanded: boolean };
}

export interface StepLocks {
  /** In the run's schema unless given. */
  schema?: string;
  table: string;
  level: LockLevel;
  /**
   * Not the table: the advisory lock with this key (a bigint), under which a migration tool works. `table` then says
   * whose, `level` what such a lock comes to.
   */
  advisory?: string;
}

/** One thing that is kept. `archived` is its name in schema backout_archive; null where only a definition is kept. */
export interface ArchiveEntry {
  seq: number;
  /**
   * table: the table itself, moved. columns: key and some columns of every row that holds something in them.
   * rows: whole rows. definition: SQL that makes the object again. created: a table that the step created (an undo moves it).
   */
  kind: 'table' | 'columns' | 'rows' | 'definition' | 'created';
  /** The object's name before the step, e.g. `codebase_snapshots`, `codebase_snapshots_codebase_id_index`. */
  object: string;
  archived: string | null;
  /** For `columns` and `rows`: the key's columns and the columns kept, under their names before the step. */
  key: string[];
  columns: string[];
  /** Of `columns`: every row is kept, also those that hold nothing in these columns. */
  full?: boolean;
  /** One sentence for the report. */
  words: string;
  /** An object that is no table lies in the archive: as DROP names it there. */
  moved?: string;
}

export interface FormCost {
  /** Level and duration of the strongest lock, in words: "ACCESS EXCLUSIVE for the whole step". */
  lock: string;
  /** May readers and writers go on while most of the work is done? */
  readers: boolean;
  writers: boolean;
  /** Estimated bytes written (tables and indexes), and what the estimate rests on. */
  bytes: number;
  basis: string;
  /** Bytes that stay in the archive until it is purged. */
  archiveBytes: number;
}

/** What undo needs to know of a step; kept as jsonb in `backout.step.detail`. */
export interface StepRecord {
  schema: string;
  form: Form;
  /** Definitions of the tables that existed before the step and that it changes or drops. */
  before: TableDefinition[];
  /** Table names: before the step → after it, for those it renames. */
  renamed: Record<string, string>;
  /** By the table's name after the step: column names after → before. */
  renamedColumns: Record<string, Record<string, string>>;
  created: string[];
  dropped: string[];
  /** Tables that existed before and into which the step inserts rows; names before the step. */
  inserted?: string[];
  /** Tables whose own sequences it lets begin anew; names before the step. */
  restarted?: string[];
  archive: ArchiveEntry[];
  notUndoable: string[];
  /** Objects beside tables that it changes. */
  objects?: ObjectsRecord;
  /** By the table's name before the step: columns whose values it changes, so that no row is known by them. */
  unsteady?: Record<string, string[]>;
  /** `forward=` blocks of the runbook for this step. */
  forward: ForwardMapping[];
  /** What kept a migration tool out, and will when the step is undone. */
  toolLocks?: StepLocks[];
  /** Tables of other schemas that the plan names, by the names they have here. */
  elsewhere?: Elsewhere;
}

/** How rows of a restored table become rows of a forward one: a SELECT written in the runbook (```sql forward=TABLE key=a,b fill=c). */
export interface ForwardMapping {
  step: string;
  /** The forward table. */
  table: string;
  /** Columns of the SELECT that identify a row of it. */
  key: string[];
  /** Columns of the SELECT that only fill what holds nothing in the forward table. */
  fill?: string[];
  sql: string;
  line: number;
}

export interface Procedure {
  step: string;
  title: string;
  form: Form;
  actions: Action[];
  /** Taken first, in this order. */
  locks: StepLocks[];
  /** Tables whose full definition must be unchanged once the locks are held. */
  guarded: string[];
  archive: ArchiveEntry[];
  cost: FormCost;
  /** What an undo could not bring back, one sentence each. */
  notUndoable: string[];
  /** sha256 over the look it rests on, the form, the locks and every action's SQL and values: what is confirmed. */
  hash: string;
  /**
   * Of a step that is no transaction (src/sql/lone/statement.ts). The actions before those that are `outside` are one
   * transaction, under the locks; so are those after them.
   */
  lone?: Lone;
}

export interface Lone {
  /** What the statement is called, e.g. `CREATE INDEX CONCURRENTLY`. */
  name: string;
  /** What shows in the catalog that it has come to its end. */
  proof: Proof;
  /** What is SET for it, by name: put back afterwards. */
  settings: string[];
}

/** Names are unquoted. `index`: it is there and valid, or it is gone. `none`: nothing shows it, and it may be run again. */
export type Proof =
  | { kind: 'index'; schema: string; name: string; there: boolean }
  | { kind: 'detached'; schema: string; parent: string; partition: string }
  | { kind: 'none' };

export interface FormOffer {
  form: Form;
  /** Why it is not offered, one sentence each; empty when it is. */
  refused: string[];
  /** Null when refused. */
  procedure: Procedure | null;
}

/** The forms of one step that still has something to run. The first that is not refused is the recommended one. */
export interface StepOffers {
  step: string;
  offers: FormOffer[];
}
