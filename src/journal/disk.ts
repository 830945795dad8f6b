/** A disk that takes nothing more, said as what it is. */
import { EXIT, UserError } from '../exit.ts';

/** What the system calls it (errno(3)), and what that means. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the disk',
  EDQUOT: 'the quota of this user is used up',
  EFBIG: 'the file may not grow beyond its limit',
  EROFS: 'the file system can only be read',
  EACCES: 'writing there is not permitted',
  EPERM: 'writing there is not permitted',
  EIO: 'the disk reports an error',
};

/** The error that says which file could not be written and why; any other error as it is. */
export function refusedByDisk(what: string, path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return error;
  return new UserError(
    `${what} ${path} cannot be written: ${reason} (${code}).`,
    'Without its journal no step is committed. Make room there, or set XDG_STATE_HOME to a folder with room, then start again: ' +
      'it goes on from where the database stands.',
    EXIT.notPermitted,
    { cause: error },
  );
}
