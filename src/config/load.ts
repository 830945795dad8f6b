/** Finds the configuration file and reads it. */
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseConfig, refusedConfig } from './read.ts';
import { NO_CONFIG, type Config } from './types.ts';

export const CONFIG_FILE = 'backout.toml';

/** More is no configuration of ours. In bytes. */
const MOST = 256 * 1024;

export interface LoadConfig {
  env: Record<string, string | undefined>;
  cwd: string;
  home: string;
  /** `--config`. */
  explicit?: string | undefined;
  /** The runbook's path: the file may lie beside it. */
  runbook?: string;
}

export interface Loaded {
  config: Config;
  /** Of the file that was read; null where there is none. */
  path: string | null;
}

/** One that was named must be there; the others are looked for, and the first that is there counts alone. */
function candidates({ env, cwd, home, runbook }: LoadConfig): string[] {
  const settings = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const folders = [cwd, ...(runbook === undefined ? [] : [dirname(runbook)]), join(settings, 'backout')];
  return [...new Set(folders.map((folder) => resolve(cwd, folder, CONFIG_FILE)))];
}

/**
 * The configuration of `--config`, else of BACKOUT_CONFIG, else of the first `backout.toml` found: in the current
 * folder, beside the runbook, in `$XDG_CONFIG_HOME/backout`.
 * @throws {UserError} 64 when it cannot be read, is not understood, or others than its owner may have written it
 */
export async function loadConfig(options: LoadConfig): Promise<Loaded> {
  const { explicit, env, cwd } = options;
  const wanted = explicit ?? (env['BACKOUT_CONFIG'] || undefined);
  if (wanted !== undefined) {
    const origin = explicit === undefined ? 'BACKOUT_CONFIG' : '--config';
    const named = await read(resolve(cwd, wanted), options, origin);
    if (named) return named;
    throw refusedConfig(`The configuration file of ${origin} is not there: ${resolve(cwd, wanted)}`);
  }
  for (const path of candidates(options)) {
    const found = await read(path, options, null);
    if (found) return found;
  }
  return { config: NO_CONFIG, path: null };
}

/** Null where there is no such file. @param origin what named the file; null: it was found */
async function read(path: string, { home }: LoadConfig, origin: string | null): Promise<Loaded | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw refusedConfig(`The configuration file ${path} cannot be read: ${message}`, undefined, error);
  }
  try {
    await checkFile(file, path, origin);
    const text = await file.readFile('utf8');
    return { config: parseConfig(text, { file: path, folder: dirname(path), home }), path };
  } finally {
    await file.close();
  }
}

/**
 * The file holds commands: who may write it decides what is run here. One that was only found must also belong to who
 * runs backout, or to root: in a folder like /tmp anybody may leave a file for the next to come.
 */
async function checkFile(file: FileHandle, path: string, origin: string | null): Promise<void> {
  const stat = await file.stat();
  const { mode, uid, size } = stat;
  if (!stat.isFile()) throw refusedConfig(`The configuration file ${path} is not a file.`);
  if (size > MOST)
    throw refusedConfig(`The configuration file ${path} is larger than 256 kB: it is not one.`);
  if ((mode & 0o002) !== 0) {
    throw refusedConfig(
      `The configuration file ${path} may be written by everybody on this machine, and it holds commands.`,
      `Nothing was run. Look through it, then: chmod o-w ${path}`,
    );
  }
  const me = process.getuid?.();
  if (origin === null && me !== undefined && uid !== me && uid !== 0) {
    throw refusedConfig(
      `The configuration file ${path} belongs to somebody else (uid ${uid}), and it holds commands.`,
      `Nothing was run. Look through it; if it is the right one, name it: --config ${path}`,
    );
  }
}
