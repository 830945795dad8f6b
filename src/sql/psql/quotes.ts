/** What of a line of SQL stands in quotes or comments, as psql sees it. Pure. */

export interface Quote {
  /** What ends it. */
  end: string;
  /** Backslashes escape within it (`E'…'`). */
  escapes: boolean;
  /** How many `/*` are open: comments nest in PostgreSQL. */
  depth: number;
}

function opening(line: string, at: number): { quote: Quote; length: number } | 'rest' | null {
  const two = line.slice(at, at + 2);
  if (two === '--') return 'rest';
  if (two === '/*') return { quote: { end: '*/', escapes: false, depth: 1 }, length: 2 };
  const char = line[at];
  if (char === '"') return { quote: { end: '"', escapes: false, depth: 0 }, length: 1 };
  if (char === "'") {
    const escapes = /(^|[^\w$])[eE]$/.test(line.slice(0, at));
    return { quote: { end: "'", escapes, depth: 0 }, length: 1 };
  }
  const dollar =
    char === '$' && !/[\w$]/.test(line[at - 1] ?? '') ? /^\$(?:[A-Za-z_]\w*)?\$/.exec(line.slice(at)) : null;
  return dollar ? { quote: { end: dollar[0], escapes: false, depth: 0 }, length: dollar[0].length } : null;
}

/** What is open at the end of a line, and where a backslash outside of everything begins a command of psql. */
export interface Carried {
  quote: Quote | null;
  command: number | null;
}

export function carry(line: string, open: Quote | null): Carried {
  let quote = open;
  for (let at = 0; at < line.length;) {
    if (quote === null) {
      if (line[at] === '\\') return { quote, command: at };
      const found = opening(line, at);
      if (found === 'rest') break;
      quote = found?.quote ?? null;
      at += found?.length ?? 1;
    } else if (quote.depth > 0 && line.startsWith('/*', at)) {
      quote = { ...quote, depth: quote.depth + 1 };
      at += 2;
    } else if (line.startsWith(quote.end, at)) {
      at += quote.end.length;
      quote = quote.depth > 1 ? { ...quote, depth: quote.depth - 1 } : null;
    } else {
      at += quote.escapes && line[at] === '\\' ? 2 : 1;
    }
  }
  return { quote, command: null };
}
