/** From a migration tool's file to a Runbook of one step. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EXIT, UserError } from '../exit.ts';
import { NO_SECTIONS } from '../runbook/no-sections.ts';
import type { Known } from '../runbook/read.ts';
import type { CodeBlock, Runbook } from '../runbook/types.ts';
import { fillParts } from '../runbook/values/fill.ts';
import type { Writing } from '../runbook/values/scan.ts';
import { recordIn, recordStatements, recordWords } from './bookkeeping.ts';
import { dbmate } from './dbmate.ts';
import { diesel } from './diesel.ts';
import { drizzle } from './drizzle.ts';
import { ecto } from './ecto.ts';
import { golangMigrate } from './golang-migrate.ts';
import { flyway } from './flyway.ts';
import { goose } from './goose.ts';
import { nodePgMigrate } from './node-pg-migrate.ts';
import { plainSql } from './plain-sql.ts';
import { prisma } from './prisma.ts';
import { rails } from './rails.ts';
import { decoded, sourceOf } from './source.ts';
import { sqitch } from './sqitch.ts';
import { sqlx } from './sqlx.ts';
import { FORMATS, NoDown, type Down, type Format, type Reader, type Source } from './types.ts';
import { refuseUnread } from './unread.ts';

export const READERS: readonly Reader[] = [
  plainSql,
  dbmate,
  goose,
  golangMigrate,
  ecto,
  nodePgMigrate,
  rails,
  flyway,
  prisma,
  sqitch,
  drizzle,
  diesel,
  sqlx,
];

const bad = (message: string, advice: string, cause?: unknown): UserError =>
  new UserError(message, advice, EXIT.badRunbook, { cause });

/** `--format` as given. @throws {UserError} 64 */
export function formatNamed(text: string): Format {
  const known = FORMATS.find((format) => format === text);
  if (known) return known;
  throw new UserError(`--format ${text} is not known.`, `Write one of ${FORMATS.join(', ')}.`, EXIT.usage);
}

/**
 * Whose file it is.
 * @throws {UserError} 65 when it could be of two tools
 * @throws {NoDown} when it is of one whose record is not taken back
 */
export function readerOf(source: Source, format?: Format): Reader {
  const wanted = READERS.find((reader) => reader.format === format);
  if (wanted) return wanted;
  refuseUnread(source);
  const found = READERS.filter((reader) => reader.recognises(source));
  if (found.length > 1) {
    throw bad(
      `${source.path} could be a file of ${found.map((reader) => reader.format).join(' or ')}.`,
      `Say which by --format, for example --format ${found[0]?.format ?? 'sql'}. Nothing was run.`,
    );
  }
  return found[0] ?? plainSql;
}

/** The statements of the file, then the tool's record. */
function blocksOf({ parts, bookkeeping }: Down, text: string): CodeBlock[] {
  const block = (sql: string, line: number, lead: string): CodeBlock => ({
    language: 'sql',
    info: {},
    text: sql,
    line,
    lead,
  });
  const own = parts.map(({ sql, line }) => block(sql, line, ''));
  if (!bookkeeping) return own;
  const words = recordWords(bookkeeping);
  // Below the last line of the file: no statement of it stands there.
  const after = text.split('\n').length + 1;
  const taken = recordStatements(bookkeeping).map((sql) => `${sql};\n`);
  return [...own, block(`-- ${words}\n${taken.join('').trimEnd()}`, after, words)];
}

/** In a file of SQL alone everything is as in Markdown; of a tool's file it is known whether the tool replaces anything. */
function writingOf(format: Format): Writing {
  if (format === 'sql') return 'runbook';
  return format === 'flyway' ? 'flyway' : 'tool';
}

/** The parts with the values in them, and what the operator has to be asked for. */
function valued(
  { parts }: Down,
  text: string,
  format: Format,
  known?: Known,
): Pick<Down, 'parts'> & { values?: Runbook['values'] } {
  if (!known) return { parts };
  const { given, missing, names, own, ...filled } = fillParts(
    text,
    parts,
    writingOf(format),
    known.values,
    known.instead,
  );
  if (names.length === 0 && own.size === 0) return { parts };
  return { parts: filled.parts, values: { given, missing, names, own: [...own] } };
}

/**
 * A Runbook without prose. Pure.
 * @param told where the tool's record is, as `--record-table` gives it
 * @param known absent: what the file leaves open stays as it stands
 */
export function runbookOf(
  source: Source,
  reader: Reader,
  bytes: Uint8Array | string,
  told?: string,
  known?: Known,
): Runbook {
  const read = reader.read(source);
  const { values, parts } = valued(read, source.text, reader.format, known);
  const found = { ...read, parts };
  const down = { ...found, bookkeeping: found.bookkeeping && recordIn(found.bookkeeping, told) };
  const { migration, bookkeeping, remarks } = down;
  const named =
    migration === null ? source.name : [migration.version, migration.name].filter(Boolean).join(' ');
  const of = reader.format === 'sql' ? 'a file of SQL' : `a migration of ${reader.format}`;
  return {
    ...NO_SECTIONS,
    path: source.path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    title: `Take back ${named}`,
    migration,
    steps: [
      {
        id: 'step-1',
        number: 1,
        title: `Take back ${named}`,
        words: [`The way down of ${source.name}, ${of}.`, ...remarks].join(' '),
        line: 1,
        blocks: blocksOf(down, source.text),
      },
    ],
    bookkeeping,
    ...(values ? { values } : {}),
  };
}

/**
 * Reads a migration tool's file.
 * @throws {UserError} 65 with what is wrong with it and what to do
 */
export async function readMigration(
  path: string,
  format?: Format,
  told?: string,
  known?: Known,
): Promise<Runbook> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const what = code === 'ENOENT' ? 'There is no such file' : `It cannot be read (${code})`;
    throw bad(`${what}: ${path}`, 'Name the file that holds the way down.', error);
  });
  let text: string;
  try {
    text = decoded(bytes);
  } catch (error) {
    throw bad(`${path} is not UTF-8 text.`, 'Name a file of SQL.', error);
  }
  const source = await sourceOf(path, text);
  try {
    return runbookOf(source, readerOf(source, format), bytes, told, known);
  } catch (error) {
    if (!(error instanceof NoDown)) throw error;
    throw bad(`${path}: ${error.message}`, `${error.advice} Nothing was run.`, error);
  }
}
