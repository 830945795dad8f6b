/** The webhooks of a run, between its journal and its last words. */
import type { Config } from '../config/types.ts';
import type { LogLine } from '../escalate/log.ts';
import type { JournalEvent, UnwrittenEvent } from '../journal/types.ts';
import type { Courier } from '../webhook/courier.ts';
import type { Io } from './io.ts';

export type OnJournal = (event: JournalEvent | UnwrittenEvent) => void;

export interface Told {
  /** Hears each of the journal's lines; never waits. */
  onJournal: OnJournal;
  /**
   * At the very end of a run: waits for messages under way, for a bounded time, and returns what was not delivered, a
   * sentence each. From then on nobody else hears the journal: its result stays the last that they heard.
   */
  settle(): Promise<string[]>;
}

export interface ToldOfActs {
  onLog: (line: LogLine) => void;
  /** As {@link Told.settle}. */
  settle(): Promise<string[]>;
}

/** Of `backout escalate` without a run: how an act begins and ends. */
export async function tellOfActs(
  io: Pick<Io, 'env'>,
  { config, runbook }: { config: Config; runbook: string },
): Promise<ToldOfActs> {
  if (config.webhooks.length === 0) return { onLog: () => undefined, settle: () => Promise.resolve([]) };
  const [{ createCourier }, { actNews }] = await Promise.all([
    import('../webhook/courier.ts'),
    import('../webhook/act-news.ts'),
  ]);
  const courier = createCourier({ webhooks: config.webhooks, env: io.env, run: '' });
  return { onLog: (line) => courier.tell(actNews(line, runbook)), settle: () => courier.close() };
}

/** @param note writes into the journal that a webhook was not told */
export async function tellWebhooks(
  io: Pick<Io, 'env'>,
  { config, run, onJournal }: { config: Config; run: string; onJournal?: OnJournal | undefined },
  note: (text: string) => void,
): Promise<Told> {
  if (config.webhooks.length === 0) {
    return { onJournal: (event) => onJournal?.(event), settle: () => Promise.resolve([]) };
  }
  const { createCourier } = await import('../webhook/courier.ts');
  let settled: Promise<string[]> | null = null;
  let noted = 0;
  const noteIt = (words: string): void => {
    noted += 1;
    note(words);
  };
  const courier: Courier = createCourier({
    webhooks: config.webhooks,
    env: io.env,
    run,
    onUndelivered: noteIt,
  });
  async function end(): Promise<string[]> {
    const undelivered = await courier.close();
    for (const words of undelivered.slice(noted)) note(words);
    return undelivered;
  }
  return {
    onJournal(event) {
      courier.hear(event);
      if (settled === null) onJournal?.(event);
    },
    settle: () => (settled ??= end()),
  };
}
