/** Down migrations of other tools: what a reader is given, and what it makes of it. */
import type { Bookkeeping } from '../runbook/types.ts';

/** What `--format` names. `sql`: a file of statements, without the records of any tool. */
export const FORMATS = [
  'sql',
  'dbmate',
  'goose',
  'golang-migrate',
  'ecto',
  'node-pg-migrate',
  'rails',
  'flyway',
  'prisma',
  'sqitch',
  'drizzle',
  'diesel',
  'sqlx',
] as const;
export type Format = (typeof FORMATS)[number];

/** The file that was named, and what stands beside it. */
export interface Source {
  path: string;
  /** Its last part. */
  name: string;
  /** LF alone, without a byte order mark. */
  text: string;
  /** The name of its folder. */
  folder: string;
  /** The names in its folder, in order of their characters. */
  beside: readonly string[];
  /** The texts of a tool's files around it that are there: see source.ts. */
  near: Readonly<Record<string, string>>;
  /** Marks of a project that are in its folder or above it: `Cargo.toml`. */
  above: readonly string[];
}

/** A part of the file that holds SQL. */
export interface Part {
  sql: string;
  /** 1-based line in the file of its first line. */
  line: number;
}

/** What a reader found. */
export interface Down {
  /** Absent where the format has none. */
  migration: { version: string; name: string } | null;
  parts: Part[];
  bookkeeping: Bookkeeping | null;
  /** What the operator must know of it, one sentence each. */
  remarks: string[];
}

/** How one tool's files are known and read. */
export interface Reader {
  format: Format;
  /** Whether the file is one of this tool's, by its name, its text and what stands beside it. */
  recognises(source: Source): boolean;
  /** @throws {NoDown} when there is nothing to take back with */
  read(source: Source): Down;
  /** The version in a file's name; null where it is none of this tool's, or stands elsewhere. */
  versionOf(name: string): string | null;
}

/** The file cannot take anything back, and why. */
export class NoDown extends Error {
  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}
