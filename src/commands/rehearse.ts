/** `backout rehearse`: the plan on a copy. Leaves nothing behind. */
import { EXIT } from '../exit.ts';
import { DEFAULT_LIMITS, type RehearsalNews, type RehearsalOutcome } from '../rehearse/types.ts';
import { signalStatus, type StopSignal } from '../terminal/signals.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';
import { looking } from './looking.ts';
import { newsLine } from '../rehearse/words.ts';
import { rehearsalBlocks, rehearsalDocument } from './rehearse-text.ts';
import { textOf } from './text.ts';

const STATUS: Readonly<Record<RehearsalOutcome, number>> = {
  ok: EXIT.ok,
  'sql-failed': EXIT.sqlFailed,
  'verification-failed': EXIT.verificationFailed,
  'undo-failed': EXIT.verificationFailed,
  limit: EXIT.busy,
  stopped: EXIT.stopped,
  refused: EXIT.prerequisiteFailed,
};

export async function rehearseCommand(io: Io, options: Options): Promise<number> {
  const stop = new AbortController();
  let heard: StopSignal | null = null;
  const release = io.onSignal((signal) => {
    if (heard) io.exit(signalStatus(signal));
    heard = signal;
    stop.abort();
  });
  const hear = (news: RehearsalNews): void => {
    const line = newsLine(news);
    if (line !== null) void io.err(`${line}\n`);
  };
  try {
    return await looking(io, options, async ({ runtime, runbook, server }) => {
      const rehearsal = await runtime.rehearse({
        options: { ...DEFAULT_LIMITS, ...options.rehearsal, forms: options.forms },
        withoutArchive: options.withoutArchive,
        hear,
        stop: stop.signal,
      });
      const told = { rehearsal, runbook, server };
      await io.out(options.json ? toJson(rehearsalDocument(told)) : textOf(rehearsalBlocks(told)));
      return rehearsal.outcome === 'stopped' && heard ? signalStatus(heard) : STATUS[rehearsal.outcome];
    });
  } finally {
    release();
  }
}
