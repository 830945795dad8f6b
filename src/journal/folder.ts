/** Where runs live on this machine, and the care taken with the folder. */
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';

/** `$XDG_STATE_HOME/backout/runs`, by default under `~/.local/state` (XDG base directory specification). */
export function runsDirectory(env: NodeJS.ProcessEnv, home: string): string {
  // The specification: a relative path in the variable is to be ignored.
  const state = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(home, '.local', 'state');
  return join(state, 'backout', 'runs');
}

/** Sortable, short and speakable: `20261122-1549-k3f9` (UTC). */
export function newRunId(now: Date, random: () => number = Math.random): string {
  const digits = now.toISOString().replaceAll(/[-:T]/g, '');
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const tail = Array.from({ length: 4 }, () => letters[Math.floor(random() * letters.length)]).join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${tail}`;
}

export const RUN_ID = /^\d{8}-\d{4}-[a-z0-9]{4}$/;

/** An id may come from a database: what is no id must lead to no other folder. */
function folderOf(runsDir: string, run: string): string {
  if (RUN_ID.test(run)) return join(runsDir, run);
  throw new UserError(
    `${toLine(run, 60)} is not the id of a run.`,
    'Ids look like 20261122-1549-k3f9; "backout runs" lists them.',
    EXIT.usage,
  );
}

/**
 * Makes the run's folder, 0700, and refuses one that others could write to or that is a link.
 * @throws {UserError} 77 when it cannot be made or cannot be trusted.
 */
export async function makeRunFolder(runsDir: string, run: string): Promise<string> {
  const folder = folderOf(runsDir, run);
  try {
    await mkdir(runsDir, { recursive: true, mode: 0o700 });
    await trusted(runsDir);
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The run's folder ${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
      'Without a journal nothing may run. Set XDG_STATE_HOME to a folder that you can write to.',
      EXIT.notPermitted,
      { cause: error },
    );
  }
  return folder;
}

/**
 * The folder of a run that is there, checked like a new one.
 * @throws {UserError} 77 when it is not there or cannot be trusted.
 */
export async function ownRunFolder(runsDir: string, run: string): Promise<string> {
  const folder = folderOf(runsDir, run);
  try {
    await trusted(runsDir);
    await trusted(folder);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `The run's folder ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      'See "backout runs" for the runs on this machine.',
      EXIT.notPermitted,
      { cause: error },
    );
  }
  return folder;
}

/** @throws {UserError} 77 when it is a link or no folder, or others may write to it */
export async function trusted(folder: string): Promise<void> {
  const stat = await lstat(folder);
  const writableByOthers = (stat.mode & (constants.S_IWGRP | constants.S_IWOTH)) !== 0;
  if (stat.isDirectory() && !writableByOthers) return;
  throw new UserError(
    `${folder} is ${stat.isDirectory() ? 'writable by other users' : 'not a plain folder'}, so a journal in it cannot be trusted.`,
    `Run chmod go-w on it, or set XDG_STATE_HOME to a folder of your own.`,
    EXIT.notPermitted,
  );
}

/** The ids of all runs on this machine, newest first; whatever else lies in the folder is passed over. */
export async function runIds(runsDir: string): Promise<string[]> {
  const entries = await readdir(runsDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const ids = entries.filter((name) => RUN_ID.test(name));
  const began = new Map<string, string>();
  for (const id of ids) {
    // An id tells the minute; what a journal's first line says decides between runs of the same one.
    const alone = ids.every((other) => other === id || minuteOf(other) !== minuteOf(id));
    began.set(id, alone ? minuteOf(id) : minuteOf(id) + (await firstMoment(join(runsDir, id))));
  }
  const key = (id: string): string => `${began.get(id) ?? ''} ${id}`;
  return ids.sort((one, other) => (key(one) < key(other) ? 1 : -1));
}

const minuteOf = (id: string): string => id.slice(0, '20261122-1549'.length);

/** When the journal's first event was written, as it stands there; empty when that cannot be read. */
async function firstMoment(folder: string): Promise<string> {
  const file = await open(
    join(folder, 'journal.jsonl'),
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0),
  ).catch(() => null);
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4_096), 0, 4_096, 0);
    const [, at = ''] = /"at":"([0-9TZ:.-]+)"/.exec(buffer.toString('utf8', 0, bytesRead)) ?? [];
    return at;
  } catch {
    return '';
  } finally {
    await file.close();
  }
}

/**
 * The run that is meant: the newest without a name, else the one whose id begins with `wanted`.
 * @throws {UserError} 64 when there is none, or more than one.
 */
export async function findRun(runsDir: string, wanted?: string): Promise<string> {
  const ids = await runIds(runsDir);
  const matches = wanted === undefined ? ids.slice(0, 1) : ids.filter((id) => id.startsWith(wanted));
  if (matches.length === 1) return matches[0]!;
  const known = ids.slice(0, 5).join(', ');
  if (matches.length === 0) {
    const message = wanted === undefined ? `There is no run in ${runsDir}.` : `There is no run ${wanted}.`;
    throw new UserError(
      message,
      known ? `The newest: ${known}. See backout runs.` : 'Nothing has been run yet.',
      EXIT.usage,
    );
  }
  throw new UserError(
    `${wanted} could be any of: ${matches.join(', ')}.`,
    'Give more of the id.',
    EXIT.usage,
  );
}
