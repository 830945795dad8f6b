/** `backout run`: a rollback without an operator. Every answer is an option; nothing is assumed. */
import { unattended, type GivenAnswers } from '../plain/unattended.ts';
import type { Options } from './args.ts';
import { beginRun } from './begin.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { connectionOf } from './load.ts';
import { runUnasked } from './unasked.ts';

function givenAnswers({ confirm, choose, reason, accept, answers }: Options): GivenAnswers {
  if (confirm === undefined || choose === undefined) throw new Error('the command line was not checked');
  return { confirm, choose, accept, answers, ...(reason === undefined ? {} : { reason }) };
}

export async function runCommand(io: Io, options: Options): Promise<number> {
  // With --json, standard output belongs to the events alone.
  const say = options.json ? io.err : io.out;
  let written: Promise<void> = Promise.resolve();
  const begun = await beginRun(io, {
    options,
    positional: null,
    surface: 'unattended',
    place: { connection: Promise.resolve(connectionOf(io, options)), embedded: false },
    ...(options.json
      ? {
          onJournal: (event) => {
            written = io.out(toJson(event, 0));
          },
        }
      : {}),
  });
  try {
    return await runUnasked(io, begun, say, unattended(givenAnswers(options)));
  } finally {
    await written;
  }
}
