/** Restores a backup into a new database beside the damaged one, and checks what came of it. Nothing is dropped. */
import { checkBackup } from '../backup/check.ts';
import { complaints, startChild, type RunningChild } from '../backup/child.ts';
import { dbnameArgument, libpqEnvironment, onDatabase, withoutConnection } from '../backup/libpq-env.ts';
import { pgRestore, type Program } from '../backup/programs.ts';
import { lists, tableOfContents, type TableOfContents } from '../backup/toc.ts';
import type { BackupCheck } from '../backup/types.ts';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import { checkRestored } from './check-restored.ts';
import { createSql } from './create.ts';
import { nameBeside } from './look.ts';
import { commentSql } from './marks.ts';
import { beside, databaseOf, type EscalationPlace } from './place.ts';
import type { BesideMark, RestoredCheck } from './types.ts';

/** What is known of a backup before it is restored. */
export interface BackupSeen {
  path: string;
  check: BackupCheck;
  contents: TableOfContents;
  /** Of the runbook's tables: those whose rows it holds. */
  tables: string[];
  /** The name of the database it would be restored into. */
  into: string;
}

/** @throws {UserError} when pg_restore could not restore it, or it is of something else */
export async function seeBackup(place: EscalationPlace, path: string): Promise<BackupSeen> {
  const database = databaseOf(place);
  const program = await restorer(place);
  const check = await checkBackup({ path, env: place.env, whole: true, now: place.now().getTime() });
  if (!check) throw refusal(`There is no backup at ${toLine(path, 300)}.`, EXIT.usage);
  if (!['custom', 'directory', 'tar'].includes(check.kind)) {
    throw refusal(
      `${toLine(path, 300)} is ${check.kind}, which pg_restore does not read. backout restores what it can check: pg_dump -Fc, -Fd or -Ft.`,
      EXIT.usage,
    );
  }
  const bad = check.findings.filter(({ severity }) => severity === 'fail');
  if (bad.length > 0) throw refusal(bad.map(({ text }) => text).join(' '), EXIT.prerequisiteFailed);
  const listed = await startChild({
    path: program.path,
    args: ['--list', '--', path],
    env: { ...withoutConnection(place.env), LC_ALL: 'C' },
    keep: true,
  }).end;
  const contents = tableOfContents(listed.lines);
  const schema = place.schema ?? 'public';
  const tables = place.tables.filter((table) => lists(contents.data, schema, table));
  if (place.tables.length > 0 && tables.length === 0) {
    throw refusal(
      `None of the runbook's tables is in ${toLine(path, 300)} with its rows: it is a backup of something else.`,
      EXIT.prerequisiteFailed,
    );
  }
  return { path, check, contents, tables, into: nameBeside(database, 'restored', place.now()) };
}

async function restorer({ env }: EscalationPlace): Promise<Program> {
  const program = await pgRestore(env);
  if (program) return program;
  throw new UserError(
    'pg_restore is not on PATH, so nothing can be restored from here.',
    "Nothing was made. Install PostgreSQL's client programs, or restore on another machine.",
    EXIT.cannotConnect,
  );
}

const refusal = (message: string, status: number): UserError =>
  new UserError(message, 'Nothing was made. Name another backup.', status);

export interface Restoring {
  result: Promise<RestoredCheck>;
  /** SIGTERM to pg_restore; SIGKILL when asked again. What it had made stays, marked as not restored. */
  cancel(): void;
}

/**
 * Makes the database, restores into it, counts. It bears a mark from the first moment: after a crash it is known for what
 * it is, and only one whose check passed is ever offered in place of the damaged one.
 */
export function restoreBeside(
  place: EscalationPlace,
  seen: BackupSeen,
  onLine: (line: string) => void,
): Restoring {
  let child: RunningChild | null = null;
  let cancelled = false;
  return {
    result: restore(place, seen, onLine, (started) => {
      child = started;
      if (cancelled) started.cancel();
    }),
    cancel() {
      cancelled = true;
      child?.cancel();
    },
  };
}

async function restore(
  place: EscalationPlace,
  seen: BackupSeen,
  onLine: (line: string) => void,
  onChild: (child: RunningChild) => void,
): Promise<RestoredCheck> {
  const { into, path } = seen;
  const mark: BesideMark = {
    kind: 'restored',
    of: databaseOf(place),
    at: place.now().toISOString(),
    backup: path,
    state: 'restoring',
    rows: {},
  };
  const marked = (more: Partial<BesideMark>): Promise<unknown> =>
    beside(place, (session) =>
      session.query(commentSql(into, { text: null, stopped: null, beside: { ...mark, ...more } })),
    );
  const program = await restorer(place);
  onLine(`Making database ${toLine(into, 100)}.`);
  await beside(place, async (session) => {
    await session.query(await createSql(session, into, databaseOf(place)));
    await session.query(commentSql(into, { text: null, stopped: null, beside: mark }));
  });
  const child = startChild(
    {
      path: program.path,
      // A restored subscription would begin to replicate into the copy.
      args: [
        ...['--exit-on-error', '--verbose', '--no-password', '--no-subscriptions'],
        ...[dbnameArgument(into), '--', path],
      ],
      env: libpqEnvironment(onDatabase(place.connection, into).parameters, place.env, 'backout restore'),
    },
    (line) => onLine(line.replace(/^pg_restore: /, '')),
  );
  onChild(child);
  const end = await child.end;
  if (end.exitStatus !== 0) {
    await marked({ state: 'failed' });
    const how = end.signal === null ? `exit status ${end.exitStatus ?? 'not known'}` : `signal ${end.signal}`;
    throw new UserError(
      `pg_restore failed (${how}): ${complaints(end).join(' ')}`,
      `The damaged database was not touched. What was restored so far is in ${toLine(into, 100)} and is never put in its place; drop it when nobody needs it any more.`,
      EXIT.sqlFailed,
    );
  }
  await marked({ state: 'restored' });
  onLine('Counting what was restored.');
  const check = await checkRestored(place, seen);
  const rows = Object.fromEntries(
    check.tables.flatMap(({ table, restored }) => (restored === null ? [] : [[table, restored]])),
  );
  await marked({ state: check.ok ? 'checked' : 'failed', rows });
  return check;
}
