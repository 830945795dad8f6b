/** `backout run`: a rollback without an operator. Every answer is an option; nothing is assumed. */
import type { Options } from './args.ts';
import { rollbackBy } from './begin.ts';
import type { Io } from './io.ts';
import { latestIn } from './latest-migration.ts';
import { connectionOf, runbookPath } from './load.ts';
import { runUnattended } from './unattended.ts';

export async function runCommand(io: Io, given: Options): Promise<number> {
  const options = { ...given, runbook: await latestIn(io, given, runbookPath(io, given, null)) };
  const connection = Promise.resolve(connectionOf(io, options));
  const subject = rollbackBy(io, options, null);
  return runUnattended(io, { options, subject, place: { connection, embedded: false } });
}
