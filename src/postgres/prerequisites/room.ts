/** Disk room, and a backup to fall back on. */
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBackup } from '../../backup/check.ts';
import { newestThatFits } from '../../backup/find.ts';
import type { Expected } from '../../backup/types.ts';
import { checkWords } from '../../backup/words.ts';
import type { Session } from '../../sql/session.ts';
import { tablesOf } from '../../sql/tables-of.ts';
import { asText } from '../../sql/values.ts';
import { bytes } from '../activity.ts';
import { answers, type Check, type CheckContext } from './check.ts';

/** Below this nobody need look. */
const SMALL = 256 * 1024 * 1024;

export const disk: Check = async (context) => {
  const { pass, warn, fail } = answers('disk', 'Enough disk room');
  const need = roomNeeded(context);
  const basis = `about ${bytes(need)} at most (each changed row is written anew, and once more to the write-ahead log)`;
  const free = context.server.embedded ? null : await freeRoom(context);
  if (free !== null) {
    const found = `The plan needs ${basis}; ${bytes(free)} are free on the server's disk.`;
    if (free < need) return fail(found, 'Make room first. A full disk stops every writer of this server.');
    return free < 2 * need ? warn(found, 'It should do. Better make room first.') : pass(found);
  }
  if (need <= SMALL || context.server.embedded) {
    return pass(
      `The plan needs ${basis}. How much is free cannot be seen from here; so little is seldom missing.`,
    );
  }
  return warn(
    `The plan needs ${basis}. How much is free cannot be seen from here.`,
    'Look at the free room of the data directory on the server (df), and of the write-ahead log if it is elsewhere.',
  );
};

/** An UPDATE writes every row it changes anew; two passes over a table are the most that a step needs. */
function roomNeeded({ touched, catalog, plan }: CheckContext): number {
  const updated = touched.map(
    ({ table, updates }) => (catalog.tables[table]?.bytes ?? 0) * Math.min(updates, 2),
  );
  const inserted = plan.steps.flatMap((step) =>
    step.statements.flatMap(({ effects }) =>
      effects.flatMap((effect) => (effect.kind === 'insert' ? effect.reads : [])),
    ),
  );
  const known = new Set(tablesOf(plan));
  const copied = [...new Set(inserted)]
    .filter((name) => known.has(name))
    .map((name) => catalog.tables[name]?.bytes ?? 0);
  return 2 * [...updated, ...copied].reduce((sum, size) => sum + size, 0);
}

/** Only where this machine's directory is proved to be the server's, by the identifier in its control file. */
export async function freeRoom({
  session,
  server,
}: Pick<CheckContext, 'session' | 'server'>): Promise<number | null> {
  const local = server.host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(server.host);
  if (!local || server.systemIdentifier === null) return null;
  const directory = await dataDirectory(session);
  if (directory === null) return null;
  try {
    if ((await identifierIn(directory)) !== server.systemIdentifier) return null;
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}

async function dataDirectory(session: Session): Promise<string | null> {
  // Hidden (NULL) from roles without pg_read_all_settings.
  const { rows } = await session.query("SELECT setting FROM pg_settings WHERE name = 'data_directory'");
  return asText(rows[0]?.['setting']) || null;
}

/** The first eight bytes of pg_control, in the machine's byte order. */
async function identifierIn(directory: string): Promise<string> {
  const file = await open(join(directory, 'global', 'pg_control'));
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.readBigUInt64LE().toString();
  } finally {
    await file.close();
  }
}

export const backup: Check = async (context) => {
  const { pass, warn, fail } = answers('backup', 'A backup to fall back on');
  const { backup: named, server, env } = context;
  if (!named) {
    if (server.embedded) return pass('The practice database is made anew at every start.');
    return warn('No backup was named.', ...(await proposal(context)));
  }
  const check = await checkBackup({ path: named.path, expected: expectedOf(context), env });
  if (!check) return fail(`There is no backup at ${named.path}.`, 'Correct --backup.');
  const failed = check.findings.filter(({ severity }) => severity === 'fail').map(({ text }) => text);
  const doubts = check.findings.filter(({ severity }) => severity === 'warn').map(({ text }) => text);
  if (failed.length > 0) {
    return fail([checkWords(check), ...failed].join(' '), 'Name one that holds, or take one now.', doubts);
  }
  if (doubts.length > 0) {
    return warn([checkWords(check), ...doubts].join(' '), 'Better take a new one now (pg_dump -Fc).');
  }
  return pass(checkWords(check));
};

/** What a backup of this database has to hold: the rows of every table that the plan is about to touch. */
export function expectedOf({
  server,
  schema,
  plan,
  catalog,
  tables: about = tablesOf(plan),
}: Pick<CheckContext, 'server' | 'schema' | 'plan' | 'catalog' | 'tables'>): Expected {
  // Rows of a partitioned table are in its partitions, which the plan does not name.
  const tables = about.filter((name) => catalog.tables[name]?.kind === 'r');
  const otherNames = about.filter((name) => catalog.tables[name] === undefined);
  return { database: server.database, schema, tables, otherNames };
}

/** The advice and, where a backup lies about that fits, which. */
async function proposal(context: CheckContext): Promise<[string, string[]]> {
  const { backupFolders = [], env } = context;
  const found = await newestThatFits(backupFolders, { expected: expectedOf(context), env });
  const take = 'Take one now: pg_dump -Fc makes it, pg_restore --list checks it; --take-backup does both.';
  if (!found) return [`${take} Or name one with --backup PATH.`, []];
  return [`${take} Or name the one that was found: --backup ${found.path}`, [`Found: ${checkWords(found)}`]];
}
