/** `backout run`: a rollback without an operator. Every answer is an option; nothing is assumed. */
import type { Options } from './args.ts';
import { rollbackBy } from './begin.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';
import { runUnattended } from './unattended.ts';

export function runCommand(io: Io, options: Options): Promise<number> {
  const connection = Promise.resolve(connectionOf(io, options));
  const subject = rollbackBy(io, options, null);
  return runUnattended(io, { options, subject, place: { connection, embedded: false } });
}
