/** `backout undo [RUN]`: takes a run back, with an operator or, with --confirm, without one. */
import type { Options } from './args.ts';
import type { Place } from './begin.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';
import { undoOf } from './undo-subject.ts';
import { runUnattended } from './unattended.ts';
import { checkTerminal, walk } from './walk.ts';

export async function undoCommand(io: Io, options: Options, wanted: string | null): Promise<number> {
  if (options.confirm === undefined) checkTerminal(io, options);
  const place: Place = { connection: Promise.resolve(connectionOf(io, options)), embedded: false };
  const subject = undoOf(io, place, wanted);
  if (options.confirm !== undefined) return runUnattended(io, { options, subject, place });
  // Found before any full screen is opened: that there is nothing to undo is said on the terminal as it is.
  const found = await subject();
  return walk(io, { options, subject: () => Promise.resolve(found), place });
}
