/** A runbook: the Markdown document, read but not interpreted beyond its structure. */

import type { ObjectRef } from '../sql/objects/types.ts';
import type { GivenValue, OpenValue } from './values/types.ts';

/** A fenced code block with its place and what its info string says. */
export interface CodeBlock {
  /** Lower-case language, `''` when none is given. */
  language: string;
  /** `key=value` and `key="a b"` pairs, and bare words as `word: 'true'`, after the language. */
  info: Record<string, string>;
  text: string;
  /** 1-based line in the file of the first line of code. */
  line: number;
  /** Plain text of the paragraph right before it, or ''. */
  lead: string;
}

export interface RunbookStep {
  /** `step-1` … */
  id: string;
  number: number;
  title: string;
  /** Prose of the section, plain text. */
  words: string;
  line: number;
  blocks: CodeBlock[];
  /** Its paragraphs and list items; absent where there is no document. */
  said?: Said[];
  /** It does not call itself a step: it was taken for one by its number, its place or its list. */
  inferred?: true;
}

/** "Rollback if" / "Fix forward if" bullet, with the query that gathers evidence for it where there is one. */
export interface Criterion {
  /** Slug of the text, or the block's `evidence=` value. */
  id: string;
  text: string;
  supports: 'rollback' | 'fix-forward';
  line: number;
  /** A query returning `holds boolean, detail text` (holds NULL: cannot tell). Absent: the operator is asked. */
  query?: CodeBlock;
}

/** A command of psql whose answer is shown, as written from its backslash. */
export interface PsqlAsked {
  text: string;
  /** `\x` is on. */
  expanded: boolean;
}

/** Something the verification section expects. */
export type Expectation =
  | { kind: 'table'; name: string; exists: boolean; line: number; psql?: PsqlAsked }
  | { kind: 'index'; name: string; line: number; psql?: PsqlAsked }
  /** Of a migration tool's file alone: a view, a function, a trigger … */
  | { kind: 'object'; ref: ObjectRef; exists: boolean; line: number }
  /** A command of psql that expects nothing by itself: it is shown. */
  | { kind: 'psql'; psql: PsqlAsked; line: number }
  /** A query that is shown; with `expect=` every cell of its last column must equal that text. */
  | { kind: 'query'; title: string; sql: string; expect?: string; line: number };

/** `sql check="title" expect="…"` in Prerequisites: the state the plan may start from. */
export interface StateCheck {
  id: string;
  title: string;
  sql: string;
  /** What the single value returned must be, as text. */
  expect: string;
  /** What it means when it is not. */
  words: string;
  line: number;
}

export interface Troubleshooting {
  id: string;
  title: string;
  cause: string;
  solution: string;
  blocks: CodeBlock[];
  line: number;
}

export interface ChecklistItem {
  id: string;
  text: string;
  /** The command in backticks or in a block of the item, when it is one. */
  command?: string;
  /** Queries that look whether it is so. */
  probes?: Probe[];
  line: number;
}

/** `sql probe="title" expect="…"` in a checklist item, or below it. */
export interface Probe {
  id: string;
  title: string;
  sql: string;
  /** What every cell of its last column must equal, as text; absent: the result is only shown. */
  expect?: string;
  line: number;
}

/** `sql repair="title"`: what mends a defect. */
export interface ForwardFix {
  /** `id=`, else a slug of the title. */
  id: string;
  title: string;
  /** One or more statements. */
  sql: string;
  /** The paragraph before it: what to weigh. */
  words: string;
  /** Not chosen unless the operator does. */
  optional: boolean;
  line: number;
}

/** `sql defect="title"`: a query whose first column says of how many rows it holds, or whether it does. */
export interface Defect {
  id: string;
  title: string;
  sql: string;
  /** The paragraph before it: what it means. */
  words: string;
  line: number;
  /** In the order in which they are carried out. None: no SQL mends it. */
  repairs: ForwardFix[];
}

/** What a runbook says on fixing forward. */
export interface ForwardFixes {
  /** `sql migrated`: each statement is something that the migrated tables have, and is run where it is missing. */
  migrated: { sql: string; line: number; words: string }[];
  defects: Defect[];
  /** Repairs of no defect. */
  stray: ForwardFix[];
}

export interface Section {
  title: string;
  depth: number;
  text: string;
  blocks: CodeBlock[];
  line: number;
  /** Its paragraphs and list items, each at its line; absent where nobody read them off a document. */
  said?: Said[];
}

/** A paragraph, or what a list item says. */
export interface Said {
  text: string;
  line: number;
}

/** Where a migration tool records what it has applied: of a runbook read from one of its down migrations. */
export interface Bookkeeping {
  tool: string;
  /** Without quotes, in `schema` or, without one, in the schema of the run. */
  table: string;
  schema?: string;
  /** The column that tells versions apart. */
  column: string;
  /** As the tool records it. */
  version: string;
  /** The table holds the current version alone, not a row for each. */
  single: boolean;
  /** Of a single row: the version it goes back to; absent: to none. */
  previous?: string;
  /** A row counts only where this condition holds, which rests on these columns. */
  applied?: { columns: string[]; sql: string };
  /** A boolean column that is true while a migration is at work, and after it broke off. */
  dirty?: string;
  /** How the keys of the tool's own advisory locks are computed; null: it takes none, or locks the table. */
  lock:
    'golang-migrate' | 'goose' | 'node-pg-migrate' | 'rails' | 'flyway' | 'prisma' | 'sqitch' | 'sqlx' | null;
  /** The column that says in which order versions were applied; absent: their numbers say it. */
  order?: string;
  /** Taken back by these statements instead of by one on the row alone. `T(name)` is a table beside the record. */
  statements?: string[];
}

/** Values that the document leaves open (src/runbook/values). */
export interface RunbookValues {
  given: GivenValue[];
  missing: OpenValue[];
  /** Every name that a value may be given for. */
  names: string[];
  /** Names that it gives a value itself, with the line. */
  own: [name: string, line: number][];
}

export interface Runbook {
  path: string;
  /** sha256 of the file's bytes. */
  sha256: string;
  title: string;
  /** From the text: the digits of the migration, and its name without digits and extension. */
  migration: { version: string; name: string } | null;
  /** "Quick Rollback", or null. */
  quick: Section | null;
  /** "What the Rollback Does": its subsections. */
  overview: Section[];
  prerequisites: Section | null;
  stateChecks: StateCheck[];
  steps: RunbookStep[];
  expectations: Expectation[];
  criteria: Criterion[];
  troubleshooting: Troubleshooting[];
  fixes: ForwardFixes;
  escalation: Section | null;
  checklist: ChecklistItem[];
  related: Section | null;
  /** The section on differences from an earlier edition, when there is one. */
  differences: Section | null;
  /** Headings that were not recognised, so that lint can name them. */
  unrecognised: Section[];
  /** Markers (`<!-- backout: … -->`) whose word is not known. */
  strayMarks?: Said[];
  /** Present when something in it is left open, or was. */
  values?: RunbookValues;
  /** Present when it was made of a migration tool's file. */
  bookkeeping?: Bookkeeping | null;
}

/** How a run names its runbook, in its journal and in the database. */
export interface RunbookOfRun {
  path: string;
  title: string;
  sha256: string;
  migration: string | null;
  /** What it left open, as it was given; null: a secret, which is not written down. Absent: nothing. */
  values?: GivenValue[];
}
