/** Which tables a migration's file speaks of, against those of the plan: the file may be another text of the migration. Pure. */

/** The part that runs on a rollback: from `def down` on; the whole text where there is none (`change`). */
export function downOf(text: string): string {
  const at = text.search(/^[ \t]*def\s+down\b/m);
  if (at < 0) return text;
  const rest = text.slice(at);
  const next = rest.slice(1).search(/^[ \t]*def\s+(?:up|change)\b/m);
  return next < 0 ? rest : rest.slice(0, next + 1);
}

const IDENTIFIER = '"?([a-z_][a-z0-9_]*)"?';

/** Tables that Ecto's macros and the SQL in it name. */
export function tablesNamed(text: string): string[] {
  const patterns = [
    /\btable\(\s*:([a-z_][a-z0-9_]*)/g,
    /\btable\(\s*"([a-z_][a-z0-9_]*)"/g,
    new RegExp(
      `\\b(?:DROP|CREATE|ALTER|LOCK)\\s+TABLE\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?${IDENTIFIER}`,
      'gi',
    ),
    new RegExp(`\\bRENAME\\s+TO\\s+${IDENTIFIER}`, 'gi'),
    new RegExp(`\\bINSERT\\s+INTO\\s+${IDENTIFIER}`, 'gi'),
    new RegExp(`\\bDELETE\\s+FROM\\s+${IDENTIFIER}`, 'gi'),
    new RegExp(`\\bUPDATE\\s+${IDENTIFIER}\\s+SET\\b`, 'gi'),
  ];
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
  return [...new Set(found.map((name) => name.toLowerCase()))].sort();
}

const mentioned = (text: string, table: string): boolean =>
  new RegExp(`(?<![\\w])${table.replace(/[^\w]/g, '\\$&')}(?![\\w])`, 'i').test(text);

export interface TableDifference {
  /** Of the plan, never named by the file. */
  missing: string[];
  /** Named by the file, and not of the plan. */
  strange: string[];
}

/** @param known every name that a table of the plan has at some time, without the table of versions */
export function tableDifference(
  file: string,
  known: readonly string[],
  versions: string | null,
): TableDifference {
  const down = downOf(file).replace(/^\s*#.*$/gm, '');
  const own = known.filter((table) => table !== versions);
  return {
    missing: own.filter((table) => !mentioned(down, table)),
    strange: tablesNamed(down).filter((table) => table !== versions && !own.includes(table)),
  };
}
