/** Errors in an application's output and logs, told by their words. Pure. */

export type FoundError =
  | { kind: 'table'; name: string }
  | { kind: 'column'; name: string; table: string | null }
  /** Another error of Ecto or of the database. */
  | { kind: 'query'; name: string };

/**
 * PostgreSQL's words for SQLSTATE 42P01 and 42703 (messages of parse_relation.c), as the server's log and
 * Postgrex.Error both carry them; the codes alone where the server speaks another language.
 */
const RELATION = /relation "([^"]{1,200})" does not exist/;
const COLUMN_OF = /column "([^"]{1,200})" of relation "([^"]{1,200})" does not exist/;
const COLUMN = /column (?:"([^"]{1,200})"|([\w.]{1,200})) does not exist/;
const MISSING_TABLE = /\b42P01\b|\bundefined_table\b/;
const MISSING_COLUMN = /\b42703\b|\bundefined_column\b/;
const OTHER = /\((Postgrex\.Error|Ecto\.[A-Z][A-Za-z.]*Error)\)/;

/** The error that a line tells of, or null. What the server logs beside it (STATEMENT, HINT) is no second error. */
export function errorIn(line: string): FoundError | null {
  const columnOf = COLUMN_OF.exec(line);
  if (columnOf) return { kind: 'column', name: columnOf[1] ?? '', table: columnOf[2] ?? null };
  const relation = RELATION.exec(line);
  if (relation) return { kind: 'table', name: bare(relation[1] ?? '') };
  const column = COLUMN.exec(line);
  if (column) return { kind: 'column', name: bare(column[1] ?? column[2] ?? ''), table: null };
  if (MISSING_TABLE.test(line)) return { kind: 'table', name: '' };
  if (MISSING_COLUMN.test(line)) return { kind: 'column', name: '', table: null };
  const other = OTHER.exec(line);
  return other ? { kind: 'query', name: other[1] ?? '' } : null;
}

/** `public.orders` and Ecto's `c0.event_type` without what stands before the dot. */
const bare = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const TROUBLE =
  /\berrors?\b|\bexception\b|\bfatal\b|\bpanic\b|\bcrash(ed)?\b|\btraceback\b|\*\* \(|\bEXIT\b/i;
const NONE = /\b(no|0|zero|without) (errors?|exceptions?|warnings?)\b|\b(errors?|exceptions?)\s*[:=]\s*0\b/i;

/** Whether a line of an application that is being watched speaks of an error. */
export const speaksOfError = (line: string): boolean =>
  errorIn(line) !== null || (TROUBLE.test(line) && !NONE.test(line));

/** Which of a plan's tables are there before, and which after the rollback. */
export interface PlanTables {
  /** Gone after the rollback: what names them expects the schema that was taken back. */
  gone: readonly string[];
  /** There after the rollback. */
  there: readonly string[];
}

/** Errors by what they name, most first: `relation "codebase_snapshots" (gone since the rollback): 3`. */
export function tally(errors: readonly FoundError[], { gone, there }: PlanTables): string[] {
  const counts = new Map<string, number>();
  for (const error of errors) {
    const words = wordsOf(error, gone, there);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([words, count]) => `${words}: ${count}`);
}

function wordsOf(error: FoundError, gone: readonly string[], there: readonly string[]): string {
  const place = (table: string): string => {
    if (gone.includes(table)) return ' (gone since the rollback)';
    return there.includes(table) ? ' (a table of the rollback)' : '';
  };
  switch (error.kind) {
    case 'table':
      return error.name === '' ? 'a table that does not exist' : `table ${error.name}${place(error.name)}`;
    case 'column': {
      const of = error.table === null ? '' : ` of ${error.table}${place(error.table)}`;
      return error.name === '' ? 'a column that does not exist' : `column ${error.name}${of}`;
    }
    case 'query':
      return error.name;
  }
}
