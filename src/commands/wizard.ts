/** `backout [RUNBOOK]`: the wizard on a real database; offers practice when nothing names one. */
import { EXIT } from '../exit.ts';
import { askerFor } from '../plain/surface.ts';
import type { Question } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { rollbackBy } from './begin.ts';
import { withValues } from './ask-values.ts';
import type { Io } from './io.ts';
import { latestIn } from './latest-migration.ts';
import { connectionOf, namesDatabase, runbookPath } from './load.ts';
import { checkTerminal, walk } from './walk.ts';

const NOT_NAMED: Question = {
  kind: 'choice',
  id: 'no-database',
  prompt: 'No database is named. What would you like to do?',
  options: [
    {
      value: 'practice',
      key: 'p',
      label: 'Practise on an embedded database',
      detail: 'Touches nothing of yours.',
    },
    {
      value: 'defaults',
      key: 'd',
      label: 'Connect as psql would without options',
      detail: 'The first screen shows where that leads, before anything is looked at.',
    },
    {
      value: 'leave',
      key: 'l',
      label: 'Leave',
      detail: 'Then name one: --database URL, DATABASE_URL or PG* variables.',
    },
  ],
  default: 'practice',
};

/** Asked in lines, before any full screen is opened. */
async function whatInstead(io: Io): Promise<string> {
  const ask = await askerFor({
    streams: { input: io.streams.stdin, output: io.streams.stdout },
    cursor: io.interactive && !io.dumb && !io.screenReader,
    say: io.out,
  });
  const reply = await ask({
    screen: { question: NOT_NAMED, actions: [] },
    state: { leaving: false },
    withdrawn: new AbortController().signal,
  });
  return reply?.event.type === 'answer' ? reply.event.value : 'leave';
}

export async function wizardCommand(io: Io, options: Options, positional: string | null): Promise<number> {
  checkTerminal(io, options);
  if (!namesDatabase(io, options)) {
    const instead = await whatInstead(io);
    if (instead === 'practice') {
      const { practiceCommand } = await import('./practice.ts');
      return practiceCommand(io, { ...options, runbook: options.runbook ?? positional ?? undefined });
    }
    if (instead === 'leave') return EXIT.declined;
  }
  const connection = Promise.resolve(connectionOf(io, options));
  const runbook = await latestIn(io, options, runbookPath(io, options, positional));
  const walked = await withValues({ io, options: { ...options, runbook }, embedded: false }, (given) =>
    walk(io, {
      options: given,
      subject: rollbackBy(io, given, null),
      place: { connection, embedded: false },
    }),
  );
  return walked ?? EXIT.declined;
}
