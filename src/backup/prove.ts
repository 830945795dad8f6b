/** Proves a backup: restores it into a scratch database of the same server, compares row by row, drops that again. */
import { EXIT, UserError } from '../exit.ts';
import { bytes as inWords } from '../postgres/activity.ts';
import type { Connection } from '../postgres/settings.ts';
import type { Session } from '../sql/session.ts';
import { asNumber } from '../sql/values.ts';
import { checkBackup } from './check.ts';
import { complaints, startChild, type RunningChild } from './child.ts';
import { compareTable, comparedTables, nameOf, type ComparedTable } from './compare.ts';
import { dbnameArgument, libpqEnvironment, onDatabase } from './libpq-env.ts';
import { pgRestore } from './programs.ts';
import { createScratch, dropScratch, mayCreate } from './scratch.ts';
import { Cancelled } from './take.ts';
import type { BackupProgress, BackupProof, Expected, TableComparison } from './types.ts';
import { cancellable, type Working } from './working.ts';

export interface ProveOptions {
  connection: Connection;
  /** Opens a session to another database of the same server. */
  open: (connection: Connection) => Promise<Session>;
  /** As server_version_num. */
  serverVersion: number;
  path: string;
  expected: Expected;
  env: NodeJS.ProcessEnv;
  /** Bytes free on the server's disk; null where that cannot be seen from here. */
  freeRoom: number | null;
  now: () => number;
  onProgress: (progress: BackupProgress) => void;
}

/** The run of one proof: what is open, what has to be undone. */
interface Proof {
  options: ProveOptions;
  onChild: (child: RunningChild) => void;
  isCancelled: () => boolean;
}

/** Starts at once. The scratch database is dropped whatever happens. `result` rejects with a {@link UserError}. */
export const proveBackup = (options: ProveOptions): Working<BackupProof> =>
  cancellable((onChild, isCancelled) => prove({ options, onChild, isCancelled }));

async function prove({ options, onChild, isCancelled }: Proof): Promise<BackupProof> {
  const began = options.now();
  await checkRestorable(options);
  const session = await options.open(options.connection);
  let scratch: string | null = null;
  let leftOver: string | null = null;
  try {
    await mayCreate(session);
    await checkRoom(session, options);
    scratch = await createScratch(session, options.serverVersion);
    const found = await restoredAndCompared({ options, onChild, isCancelled }, session, scratch);
    options.onProgress(step('dropping'));
    leftOver = await dropped(options, scratch);
    scratch = null;
    return { path: options.path, ...found, seconds: (options.now() - began) / 1000, leftOver };
  } finally {
    if (scratch !== null) await dropped(options, scratch);
    await session.close();
  }
}

/** @throws {UserError} for what pg_restore could not restore anyway */
async function checkRestorable({ path, expected, env }: ProveOptions): Promise<void> {
  const check = await checkBackup({ path, expected, env });
  const advice = 'Nothing was made. Name a backup that pg_restore reads (pg_dump -Fc).';
  if (!check) throw new UserError(`There is no backup at ${path}.`, advice, EXIT.usage);
  if (!['custom', 'directory', 'tar'].includes(check.kind)) {
    throw new UserError(
      `Only what pg_restore reads can be proved, and ${path} is ${check.kind}.`,
      advice,
      EXIT.usage,
    );
  }
}

/** The copy takes what the database takes, at most: it has no dead rows. */
async function checkRoom(session: Session, { freeRoom }: ProveOptions): Promise<void> {
  if (freeRoom === null) return;
  const { rows } = await session.query(
    'SELECT pg_catalog.pg_database_size(pg_catalog.current_database()) AS size',
  );
  const size = asNumber(rows[0]?.['size']);
  if (freeRoom > size) return;
  throw new UserError(
    `The database takes ${inWords(size)}, and ${inWords(freeRoom)} are free on the server's disk: a copy beside it may not fit.`,
    'Nothing was made. A full disk stops every writer of this server: make room, or restore on another server.',
    EXIT.prerequisiteFailed,
  );
}

const step = (what: BackupProgress['what']): BackupProgress => ({
  what,
  tables: 0,
  ofTables: null,
  bytes: 0,
  ofBytes: null,
  table: null,
  fileBytes: null,
});

type Findings = Pick<BackupProof, 'verdict' | 'tables' | 'errors'>;

async function restoredAndCompared(proof: Proof, session: Session, scratch: string): Promise<Findings> {
  const { options, isCancelled } = proof;
  const live = await comparedTables(session);
  const errors = await restore(proof, scratch, live.length);
  if (isCancelled()) throw new Cancelled('The proof');
  const copy = await options.open(onDatabase(options.connection, scratch));
  try {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const tables = await compareAll(proof, { session, live }, copy);
    await session.query('COMMIT');
    return { verdict: verdictOf(tables, errors, options.expected), tables, errors };
  } finally {
    await copy.close();
  }
}

/** @returns what it complained of */
async function restore({ options, onChild }: Proof, scratch: string, ofTables: number): Promise<string[]> {
  const program = await pgRestore(options.env);
  if (!program) {
    throw new UserError(
      'pg_restore is not on PATH, so nothing can be restored.',
      "Install PostgreSQL's client programs. Nothing is left of the proof.",
      EXIT.cannotConnect,
    );
  }
  let tables = -1;
  const child = startChild(
    {
      path: program.path,
      // Owners and rights are not what is proved; a subscription would begin to replicate, and keep the copy from going.
      args: [
        ...['--verbose', '--no-password', '--no-owner', '--no-privileges', '--no-tablespaces'],
        ...['--no-publications', '--no-subscriptions', '--no-security-labels', dbnameArgument(scratch)],
        ...['--', options.path],
      ],
      env: libpqEnvironment(onDatabase(options.connection, scratch).parameters, options.env, 'backout proof'),
    },
    (line) => {
      const [, table] = /processing data for table "(.*)"$/.exec(line) ?? [];
      if (table === undefined) return;
      tables += 1;
      options.onProgress({ ...step('restoring'), tables, ofTables: Math.max(ofTables, tables), table });
    },
  );
  onChild(child);
  options.onProgress(step('restoring'));
  const end = await child.end;
  if (end.exitStatus === 0) return [];
  return complaints(end);
}

/** Both are looked at as they stand at one moment: the copy nobody writes to, the database in one snapshot. */
async function compareAll(
  { options, isCancelled }: Proof,
  { session, live }: { session: Session; live: readonly ComparedTable[] },
  copy: Session,
): Promise<TableComparison[]> {
  const restored = await comparedTables(copy);
  const inCopy = new Map(restored.map((table) => [nameOf(table), table]));
  const compared: TableComparison[] = [];
  for (const [at, table] of live.entries()) {
    if (isCancelled()) throw new Cancelled('The proof');
    options.onProgress({ ...step('comparing'), tables: at, ofTables: live.length, table: nameOf(table) });
    const other = inCopy.get(nameOf(table));
    inCopy.delete(nameOf(table));
    compared.push(
      other ? await compareTable(session, copy, table, other) : await onlyIn(session, table, 'live'),
    );
  }
  for (const table of inCopy.values()) compared.push(await onlyIn(copy, table, 'backup'));
  return compared;
}

async function onlyIn(
  session: Session,
  table: ComparedTable,
  where: 'live' | 'backup',
): Promise<TableComparison> {
  const rows = (await compareTable(session, session, table, table)).rowsLive;
  return {
    table: nameOf(table),
    rowsLive: where === 'live' ? rows : null,
    rowsBackup: where === 'backup' ? rows : null,
    equal: false,
    difference: null,
    columns: [],
  };
}

/** Pure. Rows may have been written since; a table of the plan that is not there, or an error, is no backup. */
export function verdictOf(
  tables: readonly TableComparison[],
  errors: readonly string[],
  { schema = '', tables: wanted = [] }: Expected,
): BackupProof['verdict'] {
  const names = new Set(wanted.map((table) => nameOf({ schema, name: table })));
  const missing = tables.some(({ table, rowsBackup }) => names.has(table) && rowsBackup === null);
  if (errors.length > 0 || missing) return 'failed';
  return tables.every(({ equal }) => equal) ? 'equal' : 'changed';
}

/** By a session of its own: the one that made it may be in the middle of something, or gone. @returns its name if it stays */
async function dropped(options: ProveOptions, scratch: string): Promise<string | null> {
  try {
    const session = await options.open(options.connection);
    try {
      await dropScratch(session, scratch);
    } finally {
      await session.close();
    }
    return null;
  } catch {
    return scratch;
  }
}
