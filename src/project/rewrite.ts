/** A source file as it has to be for the tables of before: table names in quotes, and the fields of an Ecto schema. Pure. */
import type { PlanChanges, TableChange } from './changes.ts';

export interface Rewritten {
  text: string;
  /** Lines that name what goes and were not changed: somebody has to look at them. From 1, of the text as it was. */
  look: { line: number; text: string; names: string }[];
}

/** What Ecto's types for PostgreSQL are (hexdocs, Ecto.Adapters.Postgres and Ecto.Schema); the rest is left to people. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(character varying|character|text|citext)\b.*\[\]$/, '{:array, :string}'],
  [/^(character varying|character|text|citext)\b/, ':string'],
  [/^(smallint|integer|bigint)$/, ':integer'],
  [/^(real|double precision)$/, ':float'],
  [/^numeric\b/, ':decimal'],
  [/^boolean$/, ':boolean'],
  [/^jsonb?$/, ':map'],
  [/^uuid$/, ':binary_id'],
  [/^date$/, ':date'],
  [/^timestamp\b.*with time zone$/, ':utc_datetime'],
  [/^timestamp\b/, ':naive_datetime'],
];

const ectoType = (type: string): string | null => TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? null;

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The name alone between two quotes of one kind. */
const quoted = (name: string): RegExp => new RegExp(`(["'\`])${escaped(name)}\\1`, 'g');

/** The name as a word, however it is written. */
const word = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, 'u');

const isComment = (line: string): boolean => /^\s*(#|\/\/|--|\*)/.test(line);

/** `schema "codebase_snapshots" do`, with or without parentheses. */
const schemaLine = (name: string): RegExp =>
  new RegExp(`^(\\s*)schema[ (]+"${escaped(name)}"\\)? do\\s*(#.*)?$`);

const field = (line: string): { indent: string; name: string } | null => {
  const found = /^(\s*)field[ (]+:(\w+)\b/.exec(line);
  return found ? { indent: found[1] ?? '', name: found[2] ?? '' } : null;
};

/** A field on one line: nothing after it belongs to it. */
const isWhole = (line: string): boolean => !/[,([{]\s*(#.*)?$/.test(line);

/** The fields within one `schema … do`, from the line after it to the `end` with its indentation. */
function fieldsOf(lines: readonly string[], change: TableChange, indent: string): string[] {
  const renamed = new Map(change.renamed.map(({ from, to }) => [from, to]));
  const present = new Set(lines.map((line) => field(line)?.name));
  const kept = lines.flatMap((line) => {
    const found = field(line);
    if (!found || !isWhole(line)) return [line];
    if (change.dropped.includes(found.name)) return [];
    const to = renamed.get(found.name);
    return [to === undefined ? line : line.replace(`:${found.name}`, `:${to}`)];
  });
  const inner = lines.map(field).find((one) => one !== null)?.indent ?? `${indent}  `;
  const added = change.added
    .filter(({ name }) => !present.has(name))
    .map(({ name, type }) => {
      const ecto = ectoType(type);
      return ecto === null
        ? `${inner}# field :${name} is ${type} in the database: name its type here`
        : `${inner}field :${name}, ${ecto}`;
    });
  return [...added, ...kept];
}

/** Lines of the text without their ends. */
function schemas(lines: readonly string[], tables: readonly TableChange[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    out.push(line);
    const change = tables.find(({ from }) => schemaLine(from).test(line));
    if (!change) continue;
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const end = lines.findIndex((one, place) => place > at && one.trimEnd() === `${indent}end`);
    if (end < 0) continue;
    out.push(...fieldsOf(lines.slice(at + 1, end), change, indent));
    at = end - 1;
  }
  return out;
}

/**
 * Changes whole quoted table names, and in an Ecto schema of such a table the fields whose columns come, go or are
 * renamed. Whatever else names a table that goes is only pointed out. Line ends stay as they are.
 */
export function rewrite(text: string, { tables, gone }: PlanChanges): Rewritten {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(eol);
  const look = lines.flatMap((line, at) => {
    if (isComment(line)) return [];
    const left = tables.reduce((now, { from }) => now.replace(quoted(from), ''), line);
    const names = [...tables.map(({ from }) => from), ...gone].find((name) => word(name).test(left));
    return names === undefined ? [] : [{ line: at + 1, text: line.trim(), names }];
  });
  const renamed = schemas(lines, tables).map((line) =>
    tables.reduce(
      (now, { from, to }) => now.replace(quoted(from), (_, mark: string) => `${mark}${to}${mark}`),
      line,
    ),
  );
  return { text: renamed.join(eol), look };
}
