/** Cuts a text of SQL into statements without understanding them: enough to show and run each query by itself. */

export interface Query {
  /** Without the closing semicolon and the comments above. */
  sql: string;
  /** The comment lines directly above, without `--`, joined by a space. */
  comment: string;
  /** 1-based line of the first character of `sql` within the text. */
  line: number;
}

/**
 * One alternative for each thing in which a semicolon ends nothing: line comment, block comment (one level), E'…'
 * with its backslashes, '…' and "…" with doubled quotes, $tag$…$tag$. (PostgreSQL manual, section 4.1.)
 */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?(?:\1|$)|;/g;

function queryOf(part: string, offset: number, text: string): Query | null {
  const skipped = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(part)?.[0] ?? '';
  const sql = part.slice(skipped.length).trimEnd();
  if (sql === '') return null;
  const lines = skipped
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim());
  const comments: string[] = [];
  for (const line of lines.reverse()) {
    if (!line.startsWith('--')) break;
    comments.unshift(line.replace(/^-+\s*/, ''));
  }
  const line = text.slice(0, offset + skipped.length).split('\n').length;
  return { sql, comment: comments.join(' '), line };
}

/** The statements of a text, in order. Never throws: what is no SQL comes out as it went in. */
export function splitQueries(text: string): Query[] {
  const found: (Query | null)[] = [];
  let start = 0;
  for (const token of text.matchAll(TOKEN)) {
    if (token[0] !== ';') continue;
    found.push(queryOf(text.slice(start, token.index), start, text));
    start = token.index + 1;
  }
  found.push(queryOf(text.slice(start), start, text));
  return found.filter((query) => query !== null);
}
