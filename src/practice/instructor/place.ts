/** Where a running drill can be found by its instructor: a socket that nobody else can reach. */
import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Below the folder that goes with the login (XDG base directory specification), or below the state folder. */
export function controlFolder(env: NodeJS.ProcessEnv, home: string): string {
  const absolute = (name: string): string | null => (env[name]?.startsWith('/') ? (env[name] ?? null) : null);
  const runtime = absolute('XDG_RUNTIME_DIR');
  if (runtime !== null) return join(runtime, 'backout');
  return join(absolute('XDG_STATE_HOME') ?? join(home, '.local', 'state'), 'backout', 'practice', 'control');
}

/** sun_path holds 104 bytes on macOS and the BSDs, 108 on Linux (unix(4), unix(7)). */
const LONGEST_SOCKET_PATH = 103;

const NAME = /^drill-(\d+)\.sock$/;

/** Null where it would be longer than a socket's path may be. */
export function socketIn(folder: string, pid: number): string | null {
  const path = join(folder, `drill-${pid}.sock`);
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH ? path : null;
}

/** pid_t goes up to 4194304 (proc(5), pid_max). */
const LONGEST_PID = 9_999_999;

/** Why no drill can be watched from a second terminal here, a sentence; null: it can. A drill goes on without, unasked. */
export function whyNoInstructor(folder: string): string | null {
  if (process.platform === 'win32') return 'On Windows a drill cannot be watched from a second terminal.';
  return socketIn(folder, LONGEST_PID) === null
    ? `A drill cannot be watched here: the path of ${folder} is too long for a socket.`
    : null;
}

/**
 * Makes the folder, 0700.
 * @returns why it cannot be used, or null
 */
export async function ownFolder(folder: string): Promise<string | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    return `${folder} is not a folder of yours.`;
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
  return null;
}

/** The sockets in it, whether anybody listens on them or not. */
export async function socketsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Only ever called with a path of {@link socketsIn}. */
export const removeSocket = (path: string): Promise<void> => rm(path, { force: true });
