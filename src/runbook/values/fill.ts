/** A runbook's text with the values in it that it leaves open. Pure: what is asked, and of whom, is not decided here. */
import type { Code, Nodes } from 'mdast';
import { filled, placeholdersOf } from '../../shell/placeholders.ts';
import { psqlCommand } from '../../sql/psql/command.ts';
import { SQL_LANGUAGES } from '../../sql/step-sql.ts';
import type { Runbook } from '../types.ts';
import { treeOf } from '../tree.ts';
import { openIn, type CommandPlace, type Manner, type OpenPlace, type Writing } from './scan.ts';
import { looksSecret } from './secret.ts';
import type { GivenValue, OpenValue, Values } from './types.ts';

const SHELLS: readonly string[] = ['bash', 'sh', 'shell', 'console', 'zsh'];

/** As psql quotes it (libpq's PQescapeLiteral and PQescapeIdentifier). */
function put(value: string, manner: Manner): string {
  switch (manner) {
    case 'raw':
      return value;
    case 'literal': {
      const quoted = `'${value.replaceAll("'", "''")}'`;
      return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
    }
    case 'identifier':
      return `"${value.replaceAll('"', '""')}"`;
    case 'in-string':
      return value.replaceAll("'", "''");
    case 'in-escape-string':
      return value.replaceAll('\\', '\\\\').replaceAll("'", "''");
    case 'in-name':
      return value.replaceAll('"', '""');
  }
}

/** The lines on which something stands that is run, asked or looked for: other SQL is only shown, and may leave open what it likes. */
function linesOf(runbook: Runbook): Set<number> {
  const { migrated, defects, stray } = runbook.fixes;
  const blocks = [
    ...runbook.steps.flatMap(({ blocks: own }) =>
      own.filter(({ info }) => !('example' in info || 'output' in info)),
    ),
    ...runbook.criteria.flatMap(({ query }) => query ?? []),
  ];
  return new Set(
    [
      ...blocks,
      ...runbook.stateChecks,
      ...runbook.expectations,
      ...runbook.checklist.flatMap(({ probes = [] }) => probes),
      ...migrated,
      ...defects.flatMap((defect) => [defect, ...defect.repairs]),
      ...stray,
    ].map(({ line }) => line),
  );
}

/** A text and its first line in the document. */
interface Where {
  text: string;
  line: number;
}

interface Piece extends Where {
  from: number;
  shell: boolean;
}

function codeIn(node: Nodes): Code[] {
  if (node.type === 'code') return [node];
  return 'children' in node ? node.children.flatMap(codeIn) : [];
}

/** The code blocks in which values are put: their source, without the fences. */
function pieces(text: string, used: ReadonlySet<number>): Piece[] {
  return codeIn(treeOf(text)).flatMap((node): Piece[] => {
    const { start, end } = node.position ?? { start: null, end: null };
    const language = (node.lang ?? '').toLowerCase();
    const shell = SHELLS.includes(language);
    if (!start || !end || start.offset === undefined || end.offset === undefined) return [];
    const lines = Array.from({ length: end.line - start.line + 1 }, (_, at) => start.line + at);
    if (!shell && !(SQL_LANGUAGES.includes(language) && lines.some((line) => used.has(line)))) return [];
    const source = text.slice(start.offset, end.offset);
    const first = source.indexOf('\n') + 1;
    const last = source.lastIndexOf('\n');
    if (first === 0 || last < first) return [];
    return [{ from: start.offset + first, text: source.slice(first, last), line: start.line + 1, shell }];
  });
}

export interface Filled {
  /** The document with the values that are known in it; what is open stays as it is. */
  text: string;
  /** What has no value, in the order of the document. */
  missing: OpenValue[];
  /** What was put into SQL, and commands, each name once. */
  given: GivenValue[];
  /** Every name that a value may be given for: those of commands are asked for when they are run, if not before. */
  names: string[];
  /** Names that the document gives a value itself (`\set`), with the line. */
  own: Map<string, number>;
}

/** What a reading of the document fills in, block by block, in its order. */
class Filling {
  readonly missing = new Map<string, OpenValue>();
  readonly given = new Map<string, GivenValue>();
  readonly names = new Set<string>();
  readonly own = new Map<string, number>();
  private readonly values: Map<string, string>;

  constructor(
    private readonly document: string,
    values: Values,
    /** In the place of a value that is not there. */
    private readonly instead: ((name: string) => string) | null,
  ) {
    this.values = new Map(Object.entries(values));
  }

  private place({ name, manner, written, from }: OpenPlace, piece: Where): string {
    this.names.add(name);
    const line = piece.line + piece.text.slice(0, from).split('\n').length - 1;
    const value = this.values.get(name);
    if (value !== undefined) {
      const secret = looksSecret(name);
      if (!this.given.has(name) && !this.own.has(name))
        this.given.set(name, { name, value: secret ? null : value, line });
      return put(value, manner);
    }
    const known = this.missing.get(name);
    if (!known?.lines.includes(line)) {
      const excerpt = this.document.split('\n')[line - 1]?.trim() ?? '';
      const lines = [...(known?.lines ?? []), line];
      this.missing.set(
        name,
        known ? { ...known, lines } : { name, written, lines, excerpt, secret: looksSecret(name) },
      );
    }
    return this.instead ? put(this.instead(name), manner === 'raw' ? 'identifier' : manner) : written;
  }

  private replaced(places: readonly OpenPlace[], piece: Where, from: number, to: number): string {
    let text = '';
    let at = from;
    for (const place of places) {
      text += piece.text.slice(at, place.from) + this.place(place, piece);
      at = place.to;
    }
    return text + piece.text.slice(at, to);
  }

  /** A plain value, or another variable whole; anything else is not taken apart, and its variable is asked for. */
  private setBy({ text, open }: CommandPlace): { name: string; value: string } | null {
    const read = psqlCommand(text);
    if (read.kind !== 'set') return null;
    const [only] = open;
    if (!only) return read;
    const value = this.values.get(only.name);
    const whole = only.manner === 'raw' && open.length === 1 && read.value === only.written;
    return whole && value !== undefined ? { name: read.name, value } : null;
  }

  sql(piece: Where, writing: Writing = 'runbook'): string {
    let text = '';
    let at = 0;
    for (const place of openIn(piece.text, writing)) {
      text += piece.text.slice(at, place.from);
      at = place.to;
      if (place.kind === 'open') {
        text += this.place(place, piece);
        continue;
      }
      const command = this.replaced(place.open, piece, place.from, place.to);
      const set = this.setBy(place);
      if (set) {
        this.own.set(set.name, piece.line + piece.text.slice(0, place.from).split('\n').length - 1);
        this.values.set(set.name, set.value);
      }
      text += command;
    }
    return text + piece.text.slice(at);
  }

  found(): Omit<Filled, 'text'> {
    const { missing, given, names, own } = this;
    return { missing: [...missing.values()], given: [...given.values()], names: [...names], own };
  }

  /** Only what was given: the rest is asked for when the command is run. */
  shell(piece: Piece): string {
    const all = placeholdersOf(piece.text, { database: null, env: {} }).filter(
      ({ kind }) => kind !== 'database',
    );
    const nameOf = (text: string): string =>
      text.replace(/^\$\{?(\w+).*$|^<(.+)>$|^\{\{\s*(.+?)\s*\}\}$/, '$1$2$3');
    const known = all.map((one) => ({ ...one, name: nameOf(one.text) }));
    for (const { name } of known) this.names.add(name);
    const open = known.filter(
      ({ name }) => Boolean(this.values.get(name)) && !this.own.has(name) && !looksSecret(name),
    );
    const answers = Object.fromEntries(open.map(({ id, name }) => [id, this.values.get(name) ?? '']));
    for (const { name, from } of open) {
      const line = piece.line + piece.text.slice(0, from).split('\n').length - 1;
      if (!this.given.has(name)) this.given.set(name, { name, value: this.values.get(name) ?? '', line });
    }
    return filled(piece.text, open, answers);
  }
}

/**
 * Puts the values in.
 * @param text as {@link parseRunbook} reads it, without carriage returns
 * @param draft the runbook read from it as it stands: which of its SQL is used
 * @param instead what stands for a value that is not known, as a name: for a look at the document that runs nothing
 */
export function fillIn(
  text: string,
  draft: Runbook,
  values: Values,
  instead: ((name: string) => string) | null = null,
): Filled {
  const filling = new Filling(text, values, instead);
  let out = '';
  let at = 0;
  for (const piece of pieces(text, linesOf(draft))) {
    out += text.slice(at, piece.from) + (piece.shell ? filling.shell(piece) : filling.sql(piece));
    at = piece.from + piece.text.length;
  }
  return { text: out + text.slice(at), ...filling.found() };
}

/**
 * The same for a file of SQL: its parts with the values in them.
 * @param document the whole file
 */
export function fillParts(
  document: string,
  parts: readonly { sql: string; line: number }[],
  writing: Writing,
  values: Values,
  instead: ((name: string) => string) | null = null,
): Omit<Filled, 'text'> & { parts: { sql: string; line: number }[] } {
  const filling = new Filling(document, values, instead);
  const done = parts.map(({ sql, line }) => ({ sql: filling.sql({ text: sql, line }, writing), line }));
  return { parts: done, ...filling.found() };
}
