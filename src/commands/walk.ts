/** The wizard with an operator, on full screens or in plain lines. */
import { EXIT, UserError } from '../exit.ts';
import { drive } from '../plain/driver.ts';
import { operatorSurface } from '../plain/surface.ts';
import type { State } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { beginRun, type BeginOptions, type Begun, type Place, type Subject } from './begin.ts';
import type { Io } from './io.ts';
import { ending, exitStatusOf, lastWords } from './leave.ts';
import { watchSignals } from './watch.ts';

/** Warnings of Node and of libraries would be written into the frame: they wait until it is gone. */
function holdWarnings(): () => string[] {
  const held: string[] = [];
  process.removeAllListeners('warning');
  process.on('warning', (warning) => held.push(`${warning.name}: ${warning.message}`));
  return () => held;
}

/** The first frame stands before the runbook is read and the rest of the program loaded. */
export async function onScreens(io: Io, embedded: boolean, begin: () => Promise<Begun>): Promise<State> {
  const { openApp } = await import('../app.tsx');
  const { stdin, stdout } = io.streams;
  const warnings = holdWarnings();
  const last = await openApp({
    environment: embedded ? 'PRACTICE' : 'PRODUCTION',
    load: async () => {
      const begun = await begin();
      const { screenOf, roadOf } = await import('../steps/index.ts');
      const { initial, reduce, perform, idle } = begun;
      return { initial, reduce, screenOf, roadOf, perform, idle, cleanUp: begun.interrupt };
    },
    stdin,
    stdout,
    env: io.env,
  });
  for (const warning of warnings()) await io.err(`${warning}\n`);
  return last;
}

export async function inLines(io: Io, begun: Begun): Promise<State> {
  const { screenOf, roadOf } = await import('../steps/index.ts');
  const watch = watchSignals(io, { asksOnControlC: true });
  const cursor = io.interactive && !io.dumb && !io.screenReader;
  const surface = await operatorSurface({
    streams: { input: io.streams.stdin, output: io.streams.stdout },
    cursor,
    spinner: cursor && io.errTerminal ? io.streams.stderr : null,
    say: io.out,
    // The watch's guard puts its own in place of it.
    onInterrupt: () => () => undefined,
  });
  try {
    const { initial, reduce, perform, idle } = begun;
    return await drive({
      state: initial,
      reduce,
      screenOf,
      roadOf,
      perform,
      idle,
      surface: watch.guard(surface),
    });
  } finally {
    watch.release();
  }
}

/** Full screens need a terminal at both ends; lines need a keyboard. @throws {UserError} 64 */
export function checkTerminal(io: Io, options: Pick<Options, 'plain'>): void {
  const plain = options.plain || io.dumb;
  if (plain ? io.keyboard : io.interactive) return;
  throw new UserError(
    plain
      ? 'Questions in plain lines need a terminal on standard input, and there is none.'
      : 'The wizard needs a terminal on standard input and on standard output, and there is none.',
    'Without a terminal, use "backout run", where every answer is an option, or "backout plan" to look. ' +
      'With only standard output redirected, --plain asks in lines. Nothing was run.',
    EXIT.usage,
  );
}

export interface Walk {
  options: Options;
  subject: () => Promise<Subject>;
  place: Place;
  /** With the escalation in front. */
  escalating?: boolean;
  practice?: BeginOptions['practice'];
  /** Told the last state of each run. */
  ended?: (last: State) => void;
}

/** Walks an operator through a run, and through those that they ask for as they leave it; returns the last exit status. */
export async function walk(io: Io, toWalk: Walk): Promise<number> {
  const { options, subject, place, escalating = false, practice, ended } = toWalk;
  checkTerminal(io, options);
  const plain = options.plain || io.dumb;
  let begun: Begun | null = null;
  const begin = async (): Promise<Begun> => {
    begun = await beginRun(io, {
      options,
      subject,
      place,
      escalating,
      practice,
      surface: plain ? 'plain' : 'tui',
    });
    return begun;
  };
  let last: State | null = null;
  const status = await ending(
    () => begun,
    async () => {
      last = plain ? await inLines(io, await begin()) : await onScreens(io, place.embedded, begin);
      ended?.(last);
      const untold = (await begun?.settle()) ?? [];
      await io.out(`${lastWords(last, begun?.folder() ?? null, untold).join('\n')}\n`);
      return exitStatusOf(last);
    },
  );
  const next = await nextSubject(io, last, toWalk);
  if (!next) return status;
  return walk(io, {
    options: withoutPresets(options, last),
    subject: next,
    place,
    practice: practisedOn(practice, last),
    ended,
  });
}

/** The same drill in its next run: the story was told, hints stay taken and paid for. */
function practisedOn(practice: BeginOptions['practice'], last: State | null): BeginOptions['practice'] {
  if (!practice || !last?.drill) return practice;
  const { drill } = last;
  return async () => ({
    ...(await practice()),
    drill: { ...drill, told: true, coach: { ...drill.coach, open: null } },
  });
}

/** What the operator asked for as they left, as the subject of another run. */
export async function nextSubject(io: Io, last: State | null, before: Walk): Promise<Walk['subject'] | null> {
  const next = last?.outcome?.next;
  if (!last || !next) return null;
  switch (next.kind) {
    case 'undo':
      return (await import('./undo-subject.ts')).undoOf(io, before.place, next.run);
    case 'repair': {
      const { repairOf } = await import('./repair-subject.ts');
      const rollback = await before.subject();
      const subject = repairOf(io, next, { runbook: rollback.runbook, schema: before.options.schema });
      return async () => ({ ...(await subject()), from: rollback });
    }
    case 'rollback': {
      const { from } = await before.subject();
      return from ? () => Promise.resolve({ ...from, resume: next.resume }) : null;
    }
    case 'drill':
      // Another stage: that is for src/commands/practice.ts to make.
      return null;
  }
}

/** What was chosen for one run is not chosen for the next. */
export const withoutPresets = (options: Options, last: State | null = null): Options => ({
  ...options,
  takeBackup: false,
  proveBackup: false,
  // What was taken or named there is what this one falls back on as well.
  ...(last?.backup.path ? { backup: last.backup.path } : {}),
  forms: {},
  wholePlan: false,
  repairs: [],
});
