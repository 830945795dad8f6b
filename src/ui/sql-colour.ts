/** SQL in tones: a lexer for the eye only. What it does not know stays plain; nothing is added or lost. */
import type { UiSpan, UiTone } from './spans.ts';

/** Lexical rules: https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
const RULES: { tone: UiTone; pattern: RegExp }[] = [
  { tone: 'comment', pattern: /--[^\n]*/y },
  { tone: 'string', pattern: /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y },
  { tone: 'string', pattern: /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/y },
  { tone: 'string', pattern: /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)/y },
  { tone: 'plain', pattern: /(?:[uU]&)?"(?:[^"]|"")*(?:"|$)/y },
  { tone: 'number', pattern: /(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y },
  { tone: 'plain', pattern: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y },
];

const KEYWORDS = new Set(
  (
    'add all alter analyze and any array as asc begin between by cascade case cast check coalesce column comment commit ' +
    'concurrently conflict constraint create cross current_timestamp database default delete desc distinct do drop else ' +
    'end except exists extension false first foreign from full function generated grant group having identity if in index ' +
    'inner insert intersect into is join key language last lateral left like limit lock not null nulls offset on only or ' +
    'order outer owner partition primary procedure references rename replace restrict returning returns revoke right ' +
    'rollback row rows schema select sequence set table temporary then to transaction trigger true truncate type union ' +
    'unique update using vacuum valid validate values view when where with'
  ).split(' '),
);

/** A block comment, nested as PostgreSQL nests them; to the end of the text when it is not closed. */
function blockComment(sql: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return sql.length;
}

function nextToken(sql: string, at: number): UiSpan {
  if (sql.startsWith('/*', at)) return { text: sql.slice(at, blockComment(sql, at)), tone: 'comment' };
  for (const { tone, pattern } of RULES) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text === undefined || text === '') continue;
    return { text, tone: tone === 'plain' && KEYWORDS.has(text.toLowerCase()) ? 'keyword' : tone };
  }
  return { text: sql.charAt(at), tone: 'plain' };
}

/** The text in spans whose texts, joined, are the text. */
export function colourSql(sql: string): UiSpan[] {
  const spans: UiSpan[] = [];
  for (let at = 0; at < sql.length;) {
    const token = nextToken(sql, at);
    const last = spans.at(-1);
    if (last?.tone === token.tone) last.text += token.text;
    else spans.push(token);
    at += token.text.length;
  }
  return spans;
}
