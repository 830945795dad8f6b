/** The YAML above a drill's text: parsed, checked, each fault with its line. Pure. */
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../../commands/args.ts';
import type { DrillProblem } from './problem.ts';
import { drillSchema, type FrontMatter } from './schema.ts';

export interface Split {
  /** Null: there is none. */
  yaml: string | null;
  /** The rest, with an empty line in place of each line above it: its line numbers are the file's. */
  body: string;
}

/** `---` on the first line, and the next line that is `---`. */
export function splitFrontMatter(text: string): Split {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const end =
    lines[0]?.trim() === '---' ? lines.findIndex((line, at) => at > 0 && line.trim() === '---') : -1;
  if (end === -1) return { yaml: null, body: lines.join('\n') };
  const body = lines.map((line, at) => (at <= end ? '' : line)).join('\n');
  // The line of the mark stays, so that lines are counted as in the file.
  return { yaml: ['', ...lines.slice(1, end)].join('\n'), body };
}

export interface ReadFrontMatter {
  front: FrontMatter | null;
  problems: DrillProblem[];
  /** The 1-based line of a value, or of the nearest thing around it. */
  lineOf(path: readonly PropertyKey[]): number | null;
}

/** Reads the YAML and checks it; with problems there is no front matter. */
export function readFrontMatter(yaml: string): ReadFrontMatter {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false, merge: false });
  const lineOf = (path: readonly PropertyKey[]): number | null => lineAt(document, lines, path);
  const [broken] = document.errors;
  if (broken) {
    const line = lines.linePos(broken.pos[0]).line;
    const message = `this is not YAML: ${broken.message.replace(/\.$/, '')}`;
    const advice = 'A text with a colon or a hash in it has to stand in quotes.';
    return { front: null, problems: [{ line, message, advice }], lineOf };
  }
  const result = drillSchema.safeParse(document.toJS({ maxAliasCount: 0 }) ?? {});
  const problems = (result.error?.issues ?? []).map((issue) => problemOf(issue, lineOf));
  return { front: result.success ? result.data : null, problems, lineOf };
}

function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true) as
      { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return null;
}

const named = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) =>
      typeof part === 'number' ? ` ${part + 1}` : `${at === 0 ? '' : ', '}"${String(part)}"`,
    )
    .join('');

function problemOf(issue: z.core.$ZodIssue, lineOf: ReadFrontMatter['lineOf']): DrillProblem {
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const keys = keysAt(issue.path);
    const near = nearest(key, keys);
    return {
      line: lineOf([...issue.path, key]),
      message: `there is no "${key}"${issue.path.length > 0 ? ` in ${named(issue.path)}` : ''}`,
      advice: near.length > 0 ? `Is ${near.join(' or ')} meant?` : `There is: ${keys.join(', ')}.`,
    };
  }
  const missing = issue.code === 'invalid_type' && issue.message.includes('received undefined');
  if (missing) {
    return {
      line: lineOf(issue.path),
      message: `${named(issue.path)} is missing`,
      advice: 'docs/drills.md says what it holds.',
    };
  }
  const [message = '', ...advice] = issue.message.split('. ');
  return {
    line: lineOf(issue.path),
    message: `${named(issue.path)}: ${message}`,
    advice: advice.length > 0 ? advice.join('. ') : 'docs/drills.md says what it holds.',
  };
}

interface Unwrapped {
  shape?: Record<string, unknown>;
  element?: unknown;
}

/** A schema without the defaults and conversions around it. */
function unwrapped(schema: unknown): Unwrapped {
  type Wrapping = Unwrapped & { def?: { innerType?: unknown; in?: unknown } };
  let inner = schema as Wrapping;
  for (;;) {
    const next = inner?.def?.innerType ?? inner?.def?.in;
    if (next === undefined) return inner ?? {};
    inner = next as Wrapping;
  }
}

/** The keys that may stand at a place. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = drillSchema;
  for (const part of path) {
    const inner = unwrapped(schema);
    schema = typeof part === 'number' ? inner.element : inner.shape?.[String(part)];
  }
  return Object.keys(unwrapped(schema).shape ?? {});
}
