/**
 * What SQL leaves open, by psql's own rules (manual, app-psql, SQL Interpolation): `:name`, `:'name'` and `:"name"` outside
 * of quotes and comments; never `::type`, `:=`, or what stands in brackets (an array's bounds). Beside them what people
 * write for the same: `<name>`, `{{name}}`, `${NAME}`, `YOUR_NAME`, `/path/to/file`. Pure.
 */
import { withoutCopiedRows } from '../../sql/copy/inline.ts';
import { OPEN_PATH } from '../../shell/placeholders.ts';

/** How the value is put in. */
export type Manner =
  /** `:name`, and what stands for itself outside of quotes: the text as it is. */
  | 'raw'
  /** `:'name'`: a string constant. */
  | 'literal'
  /** `:"name"`: a name in double quotes. */
  | 'identifier'
  /** Within a string, an E string, a name in double quotes: what ends it is written twice. */
  | 'in-string'
  | 'in-escape-string'
  | 'in-name';

export interface OpenPlace {
  kind: 'open';
  name: string;
  manner: Manner;
  /** As it stands there. */
  written: string;
  from: number;
  to: number;
}

/** A command of psql, to the end of its line. */
export interface CommandPlace {
  kind: 'command';
  text: string;
  from: number;
  to: number;
  open: OpenPlace[];
}

/**
 * Who wrote the text. runbook: for psql, with what people write for the same, in quotes too. tool: for a migration tool,
 * which replaces nothing: what is in quotes is data. flyway: `${name}` is replaced wherever it stands, but in comments,
 * where it says nothing (documentation.red-gate.com/flyway, placeholders).
 */
export type Writing = 'runbook' | 'tool' | 'flyway';

const NAME = String.raw`[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*`;
const VARIABLE = new RegExp(String.raw`:(?:'(${NAME})'|"(${NAME})"|(${NAME}))`, 'y');
/** Without quotes: `a <b> c` is no SQL, as comparisons do not chain; `a <b and c> d` is, so words of SQL are none. */
const WORDS = new RegExp(
  String.raw`<([A-Za-z][\w .-]*)>|\{\{\s*([^{}\n]+?)\s*\}\}|\$\{([A-Za-z_]\w*)\}|\b(YOUR_[A-Z0-9_]+)\b`,
  'y',
);
const WHOLE = new RegExp(`^(?:${WORDS.source})$`);
const SQL_WORD = /\b(?:and|or|not|is|like|ilike|in|between|then|else|when|end|as|from|where|over)\b/i;
/** Tags, and no places for a value, when they are all of a string. */
const HTML =
  /^<(?:a|abbr|b|big|body|br|code|div|em|h[1-6]|head|hr|html|i|img|li|ol|p|pre|s|small|span|strong|sub|sup|table|td|th|tr|u|ul)>$/i;

interface Found {
  places: (OpenPlace | CommandPlace)[];
  to: number;
}

const nameIn = (match: RegExpExecArray | RegExpMatchArray): string =>
  match.slice(1).find((group) => group !== undefined) ?? match[0];

function open(name: string, manner: Manner, written: string, from: number): OpenPlace {
  return { kind: 'open', name, manner, written, from, to: from + written.length };
}

/** The end of a quoted piece that begins at `from`, behind its closing quote. */
function endOfQuote(text: string, from: number, quote: string, escapes: boolean): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (escapes && text[at] === '\\') at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return text.length;
}

/** In quotes: a path anywhere; anything else where it is all there is, since `<b>` in a longer text is most likely text. */
function inQuotes(text: string, from: number, to: number, manner: Manner): OpenPlace[] {
  const inner = text.slice(from + 1, to - 1);
  const whole = WHOLE.exec(inner);
  if (whole && !HTML.test(inner)) return [open(nameIn(whole), manner, inner, from + 1)];
  return [...inner.matchAll(OPEN_PATH)].map((match) =>
    open(match[0], manner, match[0], from + 1 + match.index),
  );
}

function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two !== '/*' && two !== '*/') continue;
    depth += two === '/*' ? 1 : -1;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function variableAt(text: string, at: number): OpenPlace | null {
  VARIABLE.lastIndex = at;
  const match = VARIABLE.exec(text);
  if (!match) return null;
  const manner = match[1] !== undefined ? 'literal' : match[2] !== undefined ? 'identifier' : 'raw';
  return open(nameIn(match), manner, match[0], at);
}

/** psql replaces variables in its own commands as well; there a colon within a word is nothing special to a reader. */
function commandAt(text: string, from: number): Found {
  const end = text.indexOf('\n', from);
  const to = end === -1 ? text.length : end;
  const inside: OpenPlace[] = [];
  for (let at = from; at < to; at += 1) {
    const place = text[at] === ':' && /\s/.test(text[at - 1] ?? '') ? variableAt(text, at) : null;
    if (place && place.to <= to) inside.push(place);
  }
  return { places: [{ kind: 'command', text: text.slice(from, to), from, to, open: inside }], to };
}

function quotedAt(text: string, at: number): Found | null {
  const char = text[at];
  if (char === "'" || char === '"') {
    const escapes = char === "'" && /(^|[^\w$])[eE]$/.test(text.slice(0, at));
    const to = endOfQuote(text, at, char, escapes);
    const manner = char === '"' ? 'in-name' : escapes ? 'in-escape-string' : 'in-string';
    return { places: inQuotes(text, at, to, manner), to };
  }
  if (text.startsWith('--', at)) {
    const end = text.indexOf('\n', at);
    return { places: [], to: end === -1 ? text.length : end };
  }
  if (text.startsWith('/*', at)) return { places: [], to: endOfComment(text, at) };
  if (char !== '$' || /[\w$]/.test(text[at - 1] ?? '')) return null;
  const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(text.slice(at))?.[0];
  if (tag === undefined) return null;
  const end = text.indexOf(tag, at + tag.length);
  return { places: [], to: end === -1 ? text.length : end + tag.length };
}

function wordAt(text: string, at: number): OpenPlace | null {
  WORDS.lastIndex = at;
  const match = WORDS.exec(text);
  if (!match || SQL_WORD.test(match[0])) return null;
  return open(nameIn(match), 'raw', match[0], at);
}

const FLYWAY = /\$\{([^{}\s]+)\}/g;

const isComment = (text: string, at: number): boolean =>
  text.startsWith('--', at) || text.startsWith('/*', at);

/** Flyway's own, which it puts in as they are. */
function flywayIn(text: string): OpenPlace[] {
  const comments: [from: number, to: number][] = [];
  for (let at = 0; at < text.length;) {
    const quoted = quotedAt(text, at);
    if (quoted && isComment(text, at)) comments.push([at, quoted.to]);
    at = quoted?.to ?? at + 1;
  }
  return [...text.matchAll(FLYWAY)]
    .filter(({ index }) => !comments.some(([from, to]) => index >= from && index < to))
    .map((match) => open(match[1] ?? '', 'raw', match[0], match.index));
}

/** Everything that a text of SQL leaves open, and psql's commands in it, in their order. */
export function openIn(whole: string, writing: Writing = 'runbook'): (OpenPlace | CommandPlace)[] {
  // Rows below a COPY are data: psql puts no value into them.
  const text = withoutCopiedRows(whole);
  if (writing === 'flyway') return flywayIn(text);
  const places: (OpenPlace | CommandPlace)[] = [];
  let brackets = 0;
  for (let at = 0; at < text.length;) {
    const quoted = text[at] === '\\' ? commandAt(text, at) : quotedAt(text, at);
    if (quoted) {
      const kept =
        writing === 'runbook' ? quoted.places : quoted.places.filter(({ kind }) => kind === 'command');
      places.push(...kept);
      at = quoted.to;
      continue;
    }
    if (text[at] === '[') brackets += 1;
    if (text[at] === ']') brackets -= 1;
    if (text.startsWith('::', at) || text.startsWith(':=', at)) {
      at += 2;
      continue;
    }
    const place = text[at] === ':' ? (brackets > 0 ? null : variableAt(text, at)) : wordAt(text, at);
    if (place) places.push(place);
    at = place?.to ?? at + 1;
  }
  return places;
}
