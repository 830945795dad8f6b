/** Between a drill and what it is remembered by: who does it, and that its attempts are judged and kept. */
import { runsDirectory } from '../journal/folder.ts';
import type { Attempt } from '../practice/record/attempt.ts';
import type { Drill } from '../practice/drill/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Practised } from './begin.ts';
import type { Io } from './io.ts';
import type { Options } from './args.ts';

/** Who practises: as the command line says, else the account that runs us. */
export const personOf = (io: Pick<Io, 'osUser'>, options: Pick<Options, 'person'>): string =>
  toLine(options.person ?? io.osUser, 100).trim() || 'unknown';

/** @param record false: it plays itself, and nothing of it is kept */
export async function attemptAt(io: Io, drill: Drill, person: string, record = true): Promise<Attempt> {
  const [{ createAttempt }, { recordsDirectory }] = await Promise.all([
    import('../practice/record/attempt.ts'),
    import('../practice/record/folder.ts'),
  ]);
  return createAttempt({
    drill,
    person,
    version: io.version,
    recordsDir: record ? recordsDirectory(io.env, io.home) : null,
    runsDir: runsDirectory(io.env, io.home),
  });
}

/** The same, judged when its last run has ended. */
export const judgedAs = (practised: Practised, attempt: Attempt): Practised => ({
  ...practised,
  onJournal(event) {
    attempt.heard(event);
    practised.onJournal?.(event);
  },
  tasks: (inner) => attempt.tasks(practised.tasks?.(inner) ?? inner),
});
