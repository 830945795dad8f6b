/** What is found wrong with a database, with the SQL that mends it. Carried out by a run of its own, like any runbook. */

/** A value that must hold once the repair is done. */
export interface RepairCheck {
  title: string;
  /** A query that returns one value. */
  sql: string;
  /** That value, as text. */
  expect: string;
}

/** What was found and is to be weighed before a repair is chosen, or why none can be had. */
export interface RepairNote {
  title: string;
  /** Sentences. */
  lines: string[];
  /** Two things side by side. */
  table?: { columns: string[]; rows: string[][] };
}

/** A value that only the operator knows: without it the repair is not carried out. */
export interface RepairInput {
  /** What it is asked for with. */
  prompt: string;
  accepts: 'number' | 'integer' | 'text';
  /** Most characters; null: no limit is known. */
  longest: number | null;
  /** What stands for it in the SQL, once: a literal of SQL text, or one that is read as jsonb. */
  as: 'literal' | 'json';
  /** Null until it was given. */
  value: string | null;
}

export interface Repair {
  /** Names what it is about, so that the same defect has the same id every time: `index:orders_created_at_index`. */
  id: string;
  /** What is done, imperative, one line: "Create index orders_created_at_index on orders". */
  title: string;
  /** What was found, with its figures, one or two sentences. */
  found: string;
  /** What to weigh before it is run, one sentence each. */
  careful: string[];
  /** One or more statements, as they would stand in a runbook. */
  sql: string;
  checks: RepairCheck[];
  /** Harmless enough, and needed enough, to be chosen from the start. */
  recommended: boolean;
  /** Absent: all of its SQL is known. */
  input?: RepairInput;
}
