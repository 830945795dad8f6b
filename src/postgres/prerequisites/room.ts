/** Disk room, and a backup to fall back on. */
import { open, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../../sql/session.ts';
import { tablesOf } from '../../sql/tables-of.ts';
import { asText } from '../../sql/values.ts';
import { bytes, duration } from '../activity.ts';
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
async function freeRoom({ session, server }: CheckContext): Promise<number | null> {
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

const OLD_SECONDS = 24 * 3600;

export const backup: Check = async ({ backup: named, server }) => {
  const { pass, warn, fail } = answers('backup', 'A backup to fall back on');
  if (!named) {
    if (server.embedded) return pass('The practice database is made anew at every start.');
    return warn(
      'No backup was named.',
      'Make one now (pg_dump -Fc), check it with pg_restore --list, and name it with --backup PATH.',
    );
  }
  const found = await measured(named.path);
  if (!found) return fail(`There is no backup at ${named.path}.`, 'Correct --backup.');
  if (found.size === 0)
    return fail(`The backup at ${named.path} is empty.`, 'Make a backup that holds something.');
  const detail = `${named.path}: ${bytes(found.size)}, written ${duration(found.ageSeconds)} ago. Its content was not checked.`;
  if (found.ageSeconds > OLD_SECONDS) {
    return warn(
      detail,
      'It is older than a day: what was written since is not in it. Better make a new one.',
    );
  }
  return pass(detail);
};

/** Of a directory (pg_dump -Fd, pg_basebackup) the files right in it, and the newest of their times. */
async function measured(path: string): Promise<{ size: number; ageSeconds: number } | null> {
  try {
    const whole = await stat(path);
    const files = whole.isDirectory()
      ? await Promise.all((await readdir(path)).map((name) => stat(join(path, name))))
      : [whole];
    const plain = files.filter((file) => file.isFile());
    const size = plain.reduce((sum, file) => sum + file.size, 0);
    const newest = Math.max(whole.mtimeMs, ...plain.map((file) => file.mtimeMs));
    return { size, ageSeconds: Math.max(0, (Date.now() - newest) / 1000) };
  } catch {
    return null;
  }
}
