/** Fixing forward: what the wizard needs to know beside what was found, and the skeleton on disk. */
import { open, rm } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { newRunId } from '../journal/folder.ts';
import { skeletonOf } from '../repair/skeleton.ts';
import type { Runbook } from '../runbook/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { ForwardPlace, Task } from '../wizard/types.ts';
import type { CourseRequest } from './course.ts';

/** Of the migration, as part of a file's name. */
const nameOf = ({ migration, title }: Runbook): string =>
  (migration?.name || title)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60) || 'migration';

/** `20261122235959`, UTC: how Ecto numbers migrations. */
const stampOf = (now: Date): string => now.toISOString().replace(/\D/g, '').slice(0, 14);

/** Where it was looked; and a run's id set aside, so that this run's report can name the one that repairs. */
export function placeOf({ schema }: CourseRequest, runbook: Runbook, now: Date): ForwardPlace {
  return { schema, run: newRunId(now), file: `./${stampOf(now)}_fix_${nameOf(runbook)}` };
}

type Write = Extract<Task, { type: 'write-skeleton' }>;

async function put(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o644);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UserError(
      code === 'EEXIST'
        ? `${toLine(path)} is there already, and is not written over.`
        : `${toLine(path)} cannot be written (${code}).`,
      'Name another file.',
      EXIT.usage,
      { cause: error },
    );
  }
}

/**
 * Both files, or none.
 * @returns their paths
 * @throws {UserError} when one of them is there already, or the disk refuses it
 */
export async function writeSkeleton(
  { path, repairs, left, notes }: Write,
  { run, schema, server }: CourseRequest,
  runbook: Runbook,
): Promise<string[]> {
  const base = resolve(path.replace(/\.(exs|sql)$/, ''));
  const { database } = server;
  const stamp = /^\d{14}/.exec(basename(base))?.[0] ?? stampOf(new Date());
  const from = `database ${database}, schema ${schema}, in run ${run}`;
  const name = runbook.migration?.name || nameOf(runbook);
  const { ecto, sql } = skeletonOf({ stamp, name, from, repairs, left, notes });
  const [exs, plain] = [`${base}.exs`, `${base}.sql`];
  await put(exs, ecto);
  try {
    await put(plain, sql);
  } catch (error) {
    // Ours, written a moment ago: half of a skeleton would only be in the way of the next try.
    await rm(exs, { force: true });
    throw error;
  }
  return [exs, plain];
}
