/** The journal and the archive of a rehearsal: schemas of its own, so that nobody else's are touched or waited for. */
import { scanSync } from 'libpg-query';

/** Schema names by what they stand for. */
export type Renamed = Readonly<Record<string, string>>;

const plain = (text: string): string =>
  text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * The SQL with names of schemas replaced wherever they stand for a schema: before a dot, or after `SCHEMA`. Texts in
 * quotes are left alone. Needs `loadParser`.
 */
export function renamedSchemas(sql: string, renamed: Renamed): string {
  if (!Object.keys(renamed).some((name) => sql.includes(name))) return sql;
  const bytes = Buffer.from(sql, 'utf8');
  const { tokens } = scanSync(sql);
  let out = '';
  let done = 0;
  for (const [at, token] of tokens.entries()) {
    const to = Object.hasOwn(renamed, plain(token.text)) ? renamed[plain(token.text)] : undefined;
    if (to === undefined || token.tokenName === 'SCONST') continue;
    const before = tokens[at - 1]?.text;
    if (before === '.' || (tokens[at + 1]?.text !== '.' && before?.toUpperCase() !== 'SCHEMA')) continue;
    out += bytes.subarray(done, token.start).toString('utf8') + quoted(to);
    done = token.end;
  }
  return out + bytes.subarray(done).toString('utf8');
}
