/** The vocabulary shared by everything that reads SQL: statements, effects, the catalog, and what follows from them. */
import type { Node } from '@pgsql/types';
import type { Around } from './objects/every.ts';
import type { Override, Source } from './family/create.ts';
import type { Family } from './family/types.ts';
import type { ObjectEffect, ObjectStates } from './objects/types.ts';

// ---- the catalog snapshot -------------------------------------------------------------------------------------

export interface Column {
  name: string;
  /** As `format_type` writes it, e.g. `character varying(255)`. */
  type: string;
  notNull: boolean;
  /** The default's expression as `pg_get_expr` writes it, or null. */
  default: string | null;
  /** `''`, or `s`/`v` for GENERATED ALWAYS AS (stored/virtual). */
  generated: string;
  /** `''`, `a` (always) or `d` (by default). */
  identity: string;
  /** Its type is a domain. */
  domain?: true;
}

export interface Index {
  name: string;
  /** `pg_get_indexdef`. */
  definition: string;
  columns: string[];
  unique: boolean;
  primary: boolean;
  valid: boolean;
  /** The parent's index that it is a part of. */
  parent?: string;
}

export interface Constraint {
  name: string;
  /** pg_constraint.contype: p, u, f, c, x, n. */
  type: string;
  /** `pg_get_constraintdef`. */
  definition: string;
  columns: string[];
  /** The parent's constraint that it comes and goes with. */
  parent?: string;
}

/** Where a table is: both names as the database has them. */
export interface Place {
  schema: string;
  name: string;
}

/**
 * Tables and indexes of other schemas, by the names they are known by here: `schema.name`. Indexes go by their bare names
 * everywhere, so those that are `hidden` are left out of what the catalog shows of the table: the plan means others.
 */
export type Elsewhere = Readonly<Record<string, Place & { hidden?: readonly string[] }>>;

export interface Table {
  schema: string;
  /** Of a table in another schema than the run's with that schema in front: `schema.name`. */
  name: string;
  /** Of such a table: its name alone. */
  bare?: string;
  oid: number;
  /** pg_class.relkind: r, p, v, m, f. */
  kind: string;
  owner: string;
  /** reltuples; -1 when never analysed. An estimate, to be shown as one. */
  estimatedRows: number;
  /** pg_total_relation_size, bytes. */
  bytes: number;
  columns: Column[];
  indexes: Index[];
  constraints: Constraint[];
  /** Partitions, parents, children; absent where there are none. */
  family?: Family;
  /** A table that the plan makes of a query: it may have columns that are not among these. */
  open?: true;
}

/** One schema as the database has it, read in one snapshot. Names are unquoted, as in pg_class. */
export interface Catalog {
  /** The schema in which the runbook's unqualified names are resolved. */
  schema: string;
  tables: Record<string, Table>;
  /** The tables of other schemas that were looked for, there or not. */
  elsewhere?: Elsewhere;
  /** The objects beside tables that were looked for. */
  objects?: ObjectStates;
  /** Who the session is, and what there is where a statement means everything; read where a plan asks for it. */
  around?: Around;
  /** Functions that the plan calls for every row of a table and that are VOLATILE, as it names them. */
  volatile?: readonly string[];
  /** Steps that the run's journal says it has carried out: decides where the catalog cannot. */
  done?: readonly string[];
}

// ---- statements and effects -----------------------------------------------------------------------------------

/** A column as a statement declares it (ADD COLUMN, CREATE TABLE). `type` is normalised to format_type's spelling. */
export interface ColumnSpec {
  name: string;
  type: string;
  notNull: boolean;
  default: string | null;
  /** `a` (always) or `d` (by default) when declared GENERATED … AS IDENTITY. */
  identity?: string;
  /** `s` or `v` when declared GENERATED ALWAYS AS (…). */
  generated?: string;
}

/**
 * What a statement does to the catalog and the data. Table and index names are as written, without quotes;
 * a schema qualification is kept in `schema` only when written. `reads` are the tables a statement reads beside the
 * one it writes (that one too, when it is read a second time), as `schema.name` when qualified.
 */
export type Effect = {
  schema?: string;
  /** Of a table that is known as `schema.name`: its name alone. */
  bare?: string;
  /** ALTER … IF EXISTS: nothing happens, and nothing is said, when this table or index is not there. */
  onlyIf?: string;
  /** Of a table that the statement does not name: a partition or a child of the one it names. */
  along?: true;
  /** ADD COLUMN IF NOT EXISTS with a constraint: nothing is added when the column is there. */
  unless?: { table: string; column: string };
} & (
  | {
      kind: 'create-table';
      table: string;
      columns: ColumnSpec[];
      primaryKey: string[];
      /** Those declared with it beside the primary key. */
      constraints?: { name: string | null; type: string; definition: string }[];
      /** Other tables that it gets columns from; `open`: it may have more than these. */
      of?: { sources: Source[]; overrides: Override[]; open: boolean };
      /** PARTITION BY. */
      partitioned?: string;
      ifNotExists: boolean;
      /** Made of a query: the tables it reads, whether it is made without rows, whether not all its columns are known. */
      as?: { reads: string[]; empty: boolean; open: boolean };
    }
  | { kind: 'drop-table'; table: string; ifExists: boolean; cascade: boolean }
  | { kind: 'rename-table'; from: string; to: string }
  | { kind: 'add-column'; table: string; column: ColumnSpec; ifNotExists: boolean }
  | { kind: 'drop-column'; table: string; column: string; ifExists: boolean; cascade: boolean }
  | { kind: 'rename-column'; table: string; from: string; to: string }
  | { kind: 'set-not-null'; table: string; column: string }
  | { kind: 'drop-not-null'; table: string; column: string }
  | { kind: 'set-default'; table: string; column: string; expression: string }
  | { kind: 'drop-default'; table: string; column: string }
  | { kind: 'alter-type'; table: string; column: string; type: string; using: boolean }
  | {
      kind: 'add-constraint';
      table: string;
      name: string | null;
      type: string;
      definition: string;
      notValid: boolean;
      /** USING INDEX: the index that stands behind it from now on, by its name before. */
      index?: string;
    }
  | { kind: 'drop-constraint'; table: string; name: string; ifExists: boolean; cascade: boolean }
  | { kind: 'rename-constraint'; table: string; from: string; to: string }
  | { kind: 'validate-constraint'; table: string; name: string }
  | {
      kind: 'create-index';
      name: string;
      table: string;
      columns: string[];
      unique: boolean;
      concurrently: boolean;
      ifNotExists: boolean;
    }
  | { kind: 'drop-index'; name: string; ifExists: boolean; concurrently: boolean; cascade: boolean }
  | { kind: 'rename-index'; from: string; to: string }
  /** REINDEX INDEX: builds it anew under its name; an invalid one is valid after it (manual, sql-reindex). */
  | { kind: 'reindex'; name: string }
  | { kind: 'update'; table: string; columns: string[]; reads: string[] }
  | { kind: 'insert'; table: string; columns: string[]; reads: string[] }
  | { kind: 'delete'; table: string; reads: string[]; truncate?: Truncation }
  | { kind: 'select'; reads: string[] }
  /** LOCK TABLE: holds until the step's transaction ends. */
  | { kind: 'lock'; table: string; level: LockLevel }
  /** SET of something that says how later statements run, until the step's transaction ends. */
  | { kind: 'setting'; name: string; value: string }
  /** VACUUM, ANALYZE, REINDEX TABLE: no row and no definition is another after it. */
  | { kind: 'upkeep'; what: string; table: string; level: LockLevel; rewrites: boolean }
  /** A block of code that only looks, and may refuse to go on: for the other statements of its step. */
  | { kind: 'guard'; reads: string[]; refuses: boolean }
  /** What was to be changed is not there, and IF EXISTS says that this is fine. */
  | { kind: 'nothing'; why: string }
  | { kind: 'comment'; on: string }
  | ObjectEffect
  /** Its types and functions come with it; what its script does is its own. */
  | { kind: 'create-extension'; name: string; ifNotExists: boolean }
  | { kind: 'not-understood'; what: string }
);

/** A TRUNCATE: all rows of a table, and what its options add. */
export interface Truncation {
  /** Tables whose foreign keys point at it are emptied as well. */
  cascade: boolean;
  /** The sequences that its columns own begin anew. */
  restart: boolean;
  /** The statement does not name the table: CASCADE takes it along. */
  along?: boolean;
}

export interface Statement {
  /** Position within its step, from 1. */
  index: number;
  /** The statement's exact text, without the closing semicolon and without leading comments. */
  sql: string;
  /** 1-based line of the statement's first character in the runbook file (or in the text given). */
  line: number;
  /** The comment lines directly above it, without `--`. */
  comment: string;
  /** Upper-case command, e.g. `ALTER TABLE`. */
  command: string;
  /** The parse tree of this statement alone; locations are byte offsets into `sql`. */
  tree: Node;
  effects: Effect[];
}

/** A command of psql in a step that shows something: asked by a query of ours. */
export interface StepLook {
  /** As written, from its backslash. */
  text: string;
  /** 1-based, in the runbook. */
  line: number;
  /** Index of the statement that it stands behind; 0: before the first. */
  after: number;
  /** `\x` is on. */
  expanded: boolean;
}

/** A command of a shell in a step: done by the operator, who says so. */
export interface StepCommand {
  /** `step-1:1` … in document order. */
  id: string;
  text: string;
  /** 1-based, in the runbook. */
  line: number;
  /** The step's transaction. */
  place: 'before' | 'after';
  /** It stands between statements of one transaction. */
  amid?: true;
}

export interface PlanStep {
  /** `step-1` … in document order. */
  id: string;
  /** "Restore detection_events" (the heading without "Step 1:"). */
  title: string;
  /** The prose of the step, plain text. */
  words: string;
  statements: Statement[];
  /** Commands of psql among them that show something; absent: none. */
  looks?: StepLook[];
  /** Commands of a shell that stand in it; absent: none. */
  commands?: StepCommand[];
  /** Of a step of the runbook that cannot be one transaction (src/sql/lone/parts.ts): which of its parts this is, from 1. */
  part?: { of: string; number: number; parts: number };
  /** Its one statement is refused inside a transaction and runs by itself: what it is called (src/sql/lone/statement.ts). */
  lone?: string;
}

export interface Plan {
  steps: PlanStep[];
  /** sha256 over the statements' exact texts and step ids: what a confirmation is bound to, with the catalog's. */
  hash: string;
}

// ---- what follows from effects and a catalog ------------------------------------------------------------------

export type PositionState = 'applied' | 'pending' | 'partial' | 'conflict';

export interface StatementPosition {
  index: number;
  state: PositionState;
  /** Why, in a sentence: what was found in the database. */
  reason: string;
}

export interface StepPosition {
  id: string;
  state: PositionState;
  statements: StatementPosition[];
}

export interface Position {
  steps: StepPosition[];
}

/** A table-level lock mode as LOCK TABLE spells it. */
export type LockLevel =
  | 'ACCESS SHARE'
  | 'ROW SHARE'
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE';

export interface Lock {
  step: string;
  index: number;
  table: string;
  level: LockLevel;
  /** Reads the whole table while the lock is held. */
  scans: boolean;
  /** Writes the whole table anew while the lock is held. */
  rewrites: boolean;
}

export interface DataAtRisk {
  step: string;
  index: number;
  table: string;
  /** Absent when whole rows go. */
  column?: string;
  rows: number;
  detail: string;
}

export interface Invented {
  step: string;
  index: number;
  table: string;
  column: string;
  /** The constant, as written in the SQL. */
  value: string;
  rows: number;
}

export interface Failing {
  step: string;
  index: number;
  table: string;
  column: string;
  kind: 'cast' | 'length' | 'not-null';
  /** How many rows. */
  rows: number;
  /** The first ten primary keys, in key order, as text. */
  keys: string[];
  /** The key's column names, joined by a comma. */
  keyColumns: string;
  detail: string;
}

/** Something that was not looked at, and why: never a silent gap. */
export interface Unchecked {
  step: string;
  index: number;
  what: string;
  why: string;
}

export interface Risk {
  dataAtRisk: DataAtRisk[];
  invented: Invented[];
  failing: Failing[];
  unchecked: Unchecked[];
}

/** What assessing a plan gives: the risk, and what verification will compare with. */
export interface AssessedRisk extends Risk {
  /** Rows each table will hold when the plan has run, by its name then; tables that could not be followed are left out. */
  rowsAfter: Record<string, number>;
}

export interface VerifyCheck {
  id: string;
  title: string;
  ok: boolean;
  expected: string;
  found: string;
  detail: string;
  /** What psql would print for the command that the runbook names: shown whatever came of the check. */
  shown?: string[];
}

export interface Verification {
  ok: boolean;
  checks: VerifyCheck[];
}
