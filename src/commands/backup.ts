/** `backout backup`: takes a backup and checks it; checks one that is there; proves one by restoring it. */
import { backupFolders } from '../backup/find.ts';
import { checkBackup } from '../backup/check.ts';
import { proveBackup } from '../backup/prove.ts';
import { dropScratch, leftOvers } from '../backup/scratch.ts';
import { takeBackup } from '../backup/take.ts';
import type { Working } from '../backup/working.ts';
import type { BackupCheck, BackupProgress, Expected } from '../backup/types.ts';
import { checkWords, comparisonWords, progressWords, proofWords } from '../backup/words.ts';
import { EXIT, UserError } from '../exit.ts';
import { readCatalog } from '../postgres/catalog.ts';
import { openSession, serverInfo } from '../postgres/connect.ts';
import { expectedOf, freeRoom } from '../postgres/prerequisites/room.ts';
import { resolveSettings, type Connection } from '../postgres/settings.ts';
import type { ServerInfo } from '../postgres/types.ts';
import { schemaFor } from '../runtime/look.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import type { Plan } from '../sql/types.ts';
import type { Options } from './args.ts';
import { configOf } from './config.ts';
import { toJson } from './document.ts';
import { NotConnected } from './failure.ts';
import type { Io } from './io.ts';
import { connectionOf, namesDatabase, runbookPath } from './load.ts';
import { loadPlanAs } from './record-table.ts';
import { signalStatus } from '../terminal/signals.ts';

interface Here {
  connection: Connection;
  session: Session;
  server: ServerInfo;
  /** What a backup of this database has to hold, by the runbook's plan. */
  expected: Expected;
}

/** Connects, does the work, closes. @throws {NotConnected} */
async function onServer<T>(io: Io, options: Options, work: (here: Here) => Promise<T>): Promise<T> {
  const [{ plan }, connection] = await Promise.all([
    loadPlanAs(io, options, runbookPath(io, options, null)),
    resolveSettings(connectionOf(io, options)),
  ]);
  for (const warning of connection.warnings) await io.err(`Warning: ${warning}\n`);
  const session = await openSession(connection, { applicationName: 'backout' }).catch((error: unknown) => {
    throw error instanceof DatabaseError ? new NotConnected(error) : error;
  });
  try {
    const server = await serverInfo(session, connection);
    const expected = await expectedHere(session, { server, plan, schema: options.schema });
    return await work({ connection, session, server, expected });
  } finally {
    await session.close();
  }
}

/** A database without the runbook's tables may be backed up all the same. */
async function expectedHere(
  session: Session,
  { server, plan, schema: asked }: { server: ServerInfo; plan: Plan; schema: string | undefined },
): Promise<Expected> {
  const schema = await schemaFor(session, plan, asked).catch((error: unknown) => {
    if (error instanceof UserError && asked === undefined) return null;
    throw error;
  });
  if (schema === null) return { database: server.database };
  return expectedOf({ server, schema, plan, catalog: await readCatalog(session, schema) });
}

/** Ctrl-C and other signals end the work in order; once more leaves at once. */
async function interruptible<T>(io: Io, working: Working<T>): Promise<T> {
  let asked = false;
  const release = io.onSignal((signal) => {
    if (asked) io.exit(signalStatus(signal));
    asked = true;
    void io.err(`Stopping because of ${signal}.\n`);
    working.cancel();
  });
  try {
    return await working.result;
  } finally {
    release();
  }
}

/** A line on standard error each time it goes on to another table. */
function teller(io: Io): (progress: BackupProgress) => void {
  let last = '';
  return (progress) => {
    const at = `${progress.what} ${progress.table ?? ''}`;
    if (at === last) return;
    last = at;
    void io.err(`${progressWords(progress)}\n`);
  };
}

async function take(io: Io, options: Options, wanted: string | null): Promise<number> {
  const { config } = await configOf(io, options, { runbook: runbookPath(io, options, null) });
  const [folder = process.cwd()] = backupFolders(config.backup.folder, process.cwd());
  return onServer(io, options, async ({ connection, session, server, expected }) => {
    const taken = await interruptible(
      io,
      takeBackup({
        connection,
        session,
        expected,
        serverVersion: server.versionNumber,
        database: server.database,
        path: wanted ?? folder,
        env: io.env,
        now: () => io.now().getTime(),
        onProgress: teller(io),
      }),
    );
    await (options.json
      ? io.out(toJson({ schema: 'backout.backup/1', what: 'taken', ok: true, ...taken }))
      : io.out(`Taken: ${checkWords(taken.check)}\n`));
    return EXIT.ok;
  });
}

/** With a database named, against that; otherwise only whether it is whole. */
async function check(io: Io, options: Options, path: string): Promise<number> {
  const expected = namesDatabase(io, options)
    ? await onServer(io, options, (here) => Promise.resolve(here.expected))
    : {};
  const found = await checkBackup({ path, expected, env: io.env, whole: true, now: io.now().getTime() });
  if (!found) throw new UserError(`There is no backup at ${path}.`, 'Correct the path.', EXIT.usage);
  const ok = !found.findings.some(({ severity }) => severity === 'fail');
  await (options.json
    ? io.out(toJson({ schema: 'backout.backup/1', what: 'checked', ok, check: found }))
    : io.out(`${checkedText(found)}\n`));
  return ok ? EXIT.ok : EXIT.verificationFailed;
}

function checkedText(found: BackupCheck): string {
  const findings = found.findings.map(
    ({ severity, text }) => `${severity === 'fail' ? 'FAIL' : 'warn'}  ${text}`,
  );
  return [checkWords(found), ...(findings.length === 0 ? ['Nothing is wrong with it.'] : findings)].join(
    '\n',
  );
}

async function prove(io: Io, options: Options, path: string): Promise<number> {
  return onServer(io, options, async ({ connection, session, server, expected }) => {
    await sayLeftOvers(io, session);
    const proof = await interruptible(
      io,
      proveBackup({
        connection,
        open: (to) => openSession(to, { applicationName: 'backout' }),
        serverVersion: server.versionNumber,
        path,
        expected,
        env: io.env,
        freeRoom: await freeRoom({ session, server }),
        now: () => io.now().getTime(),
        onProgress: teller(io),
      }),
    );
    const ok = proof.verdict !== 'failed';
    const differing = proof.tables.filter(({ equal }) => !equal).map(comparisonWords);
    await (options.json
      ? io.out(toJson({ schema: 'backout.backup/1', what: 'proved', ok, ...proof }))
      : io.out(`${[proofWords(proof), ...proof.errors, ...differing].join('\n')}\n`));
    return ok ? EXIT.ok : EXIT.verificationFailed;
  });
}

async function sayLeftOvers(io: Io, session: Session): Promise<void> {
  const left = await leftOvers(session);
  if (left.length === 0) return;
  await io.err(
    `Left over by proofs that were broken off: ${left.join(', ')}. "backout backup --clean-up" drops them.\n`,
  );
}

async function cleanUp(io: Io, options: Options): Promise<number> {
  return onServer(io, options, async ({ session }) => {
    const dropped = await leftOvers(session);
    for (const name of dropped) await dropScratch(session, name);
    const words =
      dropped.length === 0 ? 'Nothing is left over by proofs.' : `Dropped: ${dropped.join(', ')}.`;
    await (options.json
      ? io.out(toJson({ schema: 'backout.backup/1', what: 'cleaned-up', ok: true, dropped }))
      : io.out(`${words}\n`));
    return EXIT.ok;
  });
}

export async function backupCommand(io: Io, options: Options, positional: string | null): Promise<number> {
  if (options.inspect !== undefined) return check(io, options, options.inspect);
  if (options.prove !== undefined) return prove(io, options, options.prove);
  return options.cleanUp ? cleanUp(io, options) : take(io, options, positional);
}
