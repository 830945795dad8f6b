/** Looks at a backup without restoring it: is it one, whole, of this database, with the tables in it, how old. */
import { devNull } from 'node:os';
import { bytes as inWords } from '../postgres/activity.ts';
import { toLine } from '../terminal/sanitize.ts';
import { complaints, startChild, type RunningChild } from './child.ts';
import { onDisk, type OnDisk } from './kind.ts';
import { withoutConnection } from './libpq-env.ts';
import { readPlain } from './plain.ts';
import { pgRestore, type Program } from './programs.ts';
import { lists, tableOfContents, type TableOfContents } from './toc.ts';
import type { BackupCheck, Expected, Finding } from './types.ts';

export interface CheckOptions {
  path: string;
  expected?: Expected;
  env: NodeJS.ProcessEnv;
  /** Read every byte, however large. Otherwise only up to {@link READ_WHOLE}. */
  whole?: boolean;
  /** ms since the epoch. */
  now?: number;
  /** Hears of each child that is started, so that it can be ended. */
  onChild?: (child: RunningChild) => void;
}

/** So much is read through within a few seconds; more only when it is asked for. */
export const READ_WHOLE = 128 * 1024 * 1024;

/** Older than a day: what was written since is not in it. */
export const OLD_SECONDS = 24 * 3600;

const fail = (text: string): Finding => ({ severity: 'fail', text: toLine(text, 1000) });
const warn = (text: string): Finding => ({ severity: 'warn', text: toLine(text, 1000) });

/** Null where there is nothing at that path. Reads only. */
export async function checkBackup(options: CheckOptions): Promise<BackupCheck | null> {
  const disk = await onDisk(options.path);
  if (!disk) return null;
  const check = nothingKnown(options.path, disk, options.now ?? Date.now());
  if (disk.bytes === 0) return { ...check, findings: [fail(`The backup at ${options.path} is empty.`)] };
  const checked = await byKind(check, disk, options);
  const { ageSeconds } = checked;
  const old = ageSeconds !== null && ageSeconds > OLD_SECONDS;
  return old
    ? {
        ...checked,
        findings: [...checked.findings, warn('It is older than a day: what was written since is not in it.')],
      }
    : checked;
}

function nothingKnown(path: string, { kind, bytes, modifiedAt }: OnDisk, now: number): BackupCheck {
  return {
    path,
    kind,
    bytes,
    createdAt: modifiedAt.toISOString(),
    ageSeconds: Math.max(0, (now - modifiedAt.getTime()) / 1000),
    database: null,
    serverVersion: null,
    tables: null,
    readWhole: false,
    findings: [],
  };
}

async function byKind(check: BackupCheck, disk: OnDisk, options: CheckOptions): Promise<BackupCheck> {
  switch (check.kind) {
    case 'custom':
    case 'directory':
    case 'tar':
      return checkArchive(check, disk, options);
    case 'plain':
      return checkPlain(check, options);
    case 'gzip':
      return unseen(check, 'It is compressed with gzip, so its content was not checked.');
    case 'physical':
      return unseen(
        check,
        'It is a copy of a whole server (pg_basebackup), so its content was not checked; pg_verifybackup does that.',
      );
    case 'unknown':
      return {
        ...check,
        findings: [fail(`What is at ${check.path} is no backup that pg_restore or psql could read.`)],
      };
  }
}

const unseen = (check: BackupCheck, why: string): BackupCheck => ({ ...check, findings: [warn(why)] });

async function checkArchive(check: BackupCheck, disk: OnDisk, options: CheckOptions): Promise<BackupCheck> {
  const program = await pgRestore(options.env);
  if (!program) {
    return unseen(
      check,
      "pg_restore is not on PATH, so its content was not checked. PostgreSQL's client programs bring it.",
    );
  }
  const listed = await restoreTo(program, ['--list', check.path], options, true);
  if (listed.exitStatus !== 0) {
    return { ...check, findings: [fail(`pg_restore cannot read it: ${complaints(listed).join(' ')}`)] };
  }
  const toc = tableOfContents(listed.lines);
  const known = withHeader(check, toc, disk, options.now ?? Date.now());
  const findings = againstExpected(toc, options.expected ?? {});
  if (check.bytes > READ_WHOLE && options.whole !== true) {
    const size = inWords(check.bytes);
    return {
      ...known,
      findings: [
        ...findings,
        warn(
          `Only its table of contents was read, for it is ${size}: "backout backup --inspect" reads it through.`,
        ),
      ],
    };
  }
  // The table of contents stands at the beginning: that the rest is there is only known once it was read.
  const through = await restoreTo(program, [`--file=${devNull}`, check.path], options, false);
  const torn = through.exitStatus !== 0;
  return {
    ...known,
    readWhole: !torn,
    findings: [
      ...(torn ? [fail(`It is damaged or cut off: ${complaints(through).join(' ')}`)] : []),
      ...findings,
    ],
  };
}

function restoreTo(program: Program, args: string[], { env, onChild }: CheckOptions, keep: boolean) {
  const child = startChild({
    path: program.path,
    // A path that begins with a dash would be an option.
    args: [...args.slice(0, -1), '--', args.at(-1) ?? ''],
    env: { ...withoutConnection(env), LC_ALL: 'C' },
    keep,
  });
  onChild?.(child);
  return child.end;
}

/** The older of header and file: a copy is newer than what it copies, and a header of another time zone may lie ahead. */
function withHeader(check: BackupCheck, toc: TableOfContents, disk: OnDisk, now: number): BackupCheck {
  const moment = Math.min(toc.createdAt?.getTime() ?? Infinity, disk.modifiedAt.getTime());
  return {
    ...check,
    createdAt: new Date(moment).toISOString(),
    ageSeconds: Math.max(0, (now - moment) / 1000),
    database: toc.database === null ? null : toLine(toc.database, 200),
    serverVersion: toc.serverVersion === null ? null : toLine(toc.serverVersion, 40),
    tables: toc.data.length,
  };
}

function againstExpected(toc: TableOfContents, expected: Expected): Finding[] {
  const { database, schema, tables = [], otherNames = [] } = expected;
  const findings: Finding[] = [];
  // The header holds the name as one line.
  if (
    database !== undefined &&
    toc.database !== null &&
    toc.database !== database.replaceAll(/[\n\r]/g, ' ')
  ) {
    findings.push(fail(`It is a backup of database ${toc.database}, not of ${database}.`));
  }
  if (schema === undefined) return findings;
  const without = tables.filter((table) => !lists(toc.data, schema, table));
  const missing = without.filter((table) => !lists(toc.definitions, schema, table));
  const empty = without.filter((table) => !missing.includes(table));
  const earlier = otherNames.filter((table) => lists(toc.data, schema, table));
  return [...findings, ...notInIt(missing, earlier), ...withoutRows(empty)];
}

/** A run that is gone on with, or taken back, has changed names since its backup was taken. */
function notInIt(tables: readonly string[], earlier: readonly string[]): Finding[] {
  if (tables.length === 0) return [];
  const words = `Not in it: ${tables.join(', ')}`;
  return earlier.length === 0
    ? [fail(`${words}.`)]
    : [
        warn(
          `${words}. It holds ${earlier.join(', ')}: it is from before or after steps of this migration ran.`,
        ),
      ];
}

const withoutRows = (tables: readonly string[]): Finding[] =>
  tables.length === 0 ? [] : [fail(`In it without their rows: ${tables.join(', ')}.`)];

async function checkPlain(check: BackupCheck, options: CheckOptions): Promise<BackupCheck> {
  if (check.bytes > READ_WHOLE && options.whole !== true) {
    return unseen(
      check,
      `It is plain SQL of ${inWords(check.bytes)} and was not read: "backout backup --inspect" does.`,
    );
  }
  const dump = await readPlain(check.path);
  const { database, schema, tables = [] } = options.expected ?? {};
  const missing = schema === undefined ? [] : tables.filter((table) => !dump.data.has(`${schema}.${table}`));
  const [named] = dump.databases;
  const others =
    named !== undefined && database !== undefined && !dump.databases.includes(database)
      ? [fail(`It is a backup of database ${dump.databases.join(', ')}, not of ${database}.`)]
      : [];
  const untold =
    named === undefined ? [warn('It is plain SQL, which does not say of which database or when.')] : [];
  return {
    ...check,
    database: named === undefined ? null : toLine(dump.databases.join(', '), 200),
    serverVersion: dump.serverVersion === null ? null : toLine(dump.serverVersion, 40),
    tables: dump.data.size,
    readWhole: true,
    findings: [
      ...(dump.complete ? [] : [fail('It is cut off: its last line is missing.')]),
      ...others,
      ...(missing.length === 0 ? [] : [fail(`No rows in it for: ${missing.join(', ')}.`)]),
      ...untold,
    ],
  };
}
