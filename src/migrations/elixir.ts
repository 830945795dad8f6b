/**
 * As much of Elixir's syntax as it takes to find string literals and the blocks they stand in. Nothing is evaluated.
 * Source: Elixir's syntax reference (strings, heredocs, sigils, escapes); hexdocs.pm/elixir/syntax-reference.html.
 */

export interface Token {
  kind: 'string' | 'word' | 'mark' | 'line';
  /** Of a string: its value; of everything else: as written. */
  text: string;
  /** A string that holds `#{…}`, whose value nobody knows. */
  open: boolean;
  /** 1-based line on which its text begins; of a heredoc, the line below its quotes. */
  line: number;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  d: '\x7f',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** `\n`, `\x41`, `\u00e9`, `\u{1F600}`; a backslash before anything else stands for that. */
const unescaped = (raw: string): string =>
  raw.replace(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|([\s\S]))/g,
    (_all, ...found) => {
      const [byte, four, many, other] = found as (string | undefined)[];
      const hex = byte ?? four ?? many;
      if (hex !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
      return ESCAPES[other ?? ''] ?? other ?? '';
    },
  );

/** A heredoc's lines lose the indent of its closing quotes. */
function dedented(raw: string): string {
  const lines = raw.split('\n');
  const indent = /^[ \t]*$/.exec(lines.at(-1) ?? '')?.[0].length ?? 0;
  return lines
    .slice(0, -1)
    .map((line) => line.slice(Math.min(indent, /^[ \t]*/.exec(line)?.[0].length ?? 0)))
    .join('\n');
}

interface Quoted {
  /** Where its text begins, and where what follows it does. */
  from: number;
  to: number;
  next: number;
  heredoc: boolean;
  /** Backslashes and `#{` mean nothing in it (upper-case sigils). */
  raw: boolean;
}

/** The literal that begins here; null where none does, or where it never ends. */
function quotedAt(text: string, at: number): Quoted | null {
  const sigil = /^~([a-z]|[A-Z]+)(?="""|'''|[("'[{</|])/.exec(text.slice(at, at + 16));
  const begin = at + (sigil?.[0].length ?? 0);
  const three = text.slice(begin, begin + 3);
  const raw = sigil?.[1] !== undefined && /^[A-Z]/.test(sigil[1]);
  if (three === '"""' || three === "'''") {
    const from = text.indexOf('\n', begin) + 1;
    for (let end = from; (end = text.indexOf(three, end)) >= 0; end += 1) {
      if (raw || text[end - 1] !== '\\') return { from, to: end, next: end + 3, heredoc: true, raw };
    }
    return null;
  }
  const opener = text[begin] ?? '';
  if (sigil === null && opener !== '"' && opener !== "'") return null;
  const closer = CLOSING[opener] ?? opener;
  let depth = 0;
  for (let end = begin + 1; end < text.length; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (!raw && text.startsWith('#{', end)) {
      depth += 1;
      end += 1;
    } else if (depth > 0 && text[end] === '}') depth -= 1;
    else if (depth === 0 && text[end] === closer)
      return { from: begin + 1, to: end, next: end + 1, heredoc: false, raw };
  }
  return null;
}

/** The text as tokens; comments are left out, each end of a line is a token. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  const push = (kind: Token['kind'], value: string, open = false, on = line): void =>
    void tokens.push({ kind, text: value, open, line: on });
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? '';
    const quoted = quotedAt(text, at);
    if (quoted) {
      const { from, to, next, heredoc, raw } = quoted;
      const body = text.slice(from, to);
      const bare = heredoc ? dedented(body) : body;
      const begins = line + text.slice(at, from).split('\n').length - 1;
      push('string', raw ? bare : unescaped(bare), !raw && /(?<!\\)#\{/.test(body), begins);
      line += text.slice(at, next).split('\n').length - 1;
      at = next;
      continue;
    }
    const word = /^(?:@|:)?[A-Za-z_][\w.]*[?!]?(?::(?!:))?/.exec(text.slice(at, at + 200))?.[0];
    if (char === '\n') {
      push('line', char);
      line += 1;
      at += 1;
    } else if (char === '#') {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else if (char === '?' && text[at + 1] !== undefined) at += text[at + 1] === '\\' ? 3 : 2;
    else if (/\s/.test(char)) at += 1;
    else if (word) {
      push('word', word);
      at += word.length;
    } else {
      const mark = /^(?:<>|\|>|->)/.exec(text.slice(at, at + 2))?.[0] ?? char;
      push('mark', mark);
      at += mark.length;
    }
  }
  return tokens;
}

/** The body of `def NAME do … end` or of `def NAME, do: …`; null where there is no such function. */
export function bodyOf(tokens: readonly Token[], name: string): Token[] | null {
  const words = (at: number): string => tokens[at]?.text ?? '';
  const start = tokens.findIndex((token, at) => token.text === 'def' && words(at + 1) === name);
  if (start < 0) return null;
  let at = start + 2;
  if (words(at) === '(' && words(at + 1) === ')') at += 2;
  if (words(at) === ',' && words(at + 1) === 'do:') {
    const end = tokens.findIndex((token, i) => i > at + 2 && token.kind === 'line');
    return tokens.slice(at + 2, end < 0 ? undefined : end);
  }
  if (words(at) !== 'do') return null;
  let depth = 1;
  for (let end = at + 1; end < tokens.length; end += 1) {
    const { kind, text } = tokens[end]!;
    if (kind === 'word' && (text === 'do' || text === 'fn')) depth += 1;
    if (kind === 'word' && text === 'end') depth -= 1;
    if (depth === 0) return tokens.slice(at + 1, end);
  }
  return null;
}

/** The expressions of a body: an end of a line inside brackets or a block, or after a comma or an operator, ends none. */
export function expressionsOf(body: readonly Token[]): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const [at, token] of body.entries()) {
    const { kind, text } = token;
    if (kind === 'mark' && '([{'.includes(text)) depth += 1;
    if (kind === 'mark' && ')]}'.includes(text)) depth -= 1;
    if (kind === 'word' && (text === 'do' || text === 'fn')) depth += 1;
    if (kind === 'word' && text === 'end') depth -= 1;
    if (kind !== 'line' && !(kind === 'mark' && text === ';' && depth === 0)) {
      found.at(-1)!.push(token);
      continue;
    }
    const last = found.at(-1)?.at(-1)?.text ?? '';
    const next = body.slice(at + 1).find((one) => one.kind !== 'line')?.text ?? '';
    const goesOn = depth > 0 || [',', '<>', '|>'].includes(last) || ['<>', '|>'].includes(next);
    if (!goesOn || text === ';') found.push([]);
  }
  return found.filter((expression) => expression.length > 0);
}
