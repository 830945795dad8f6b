/** Rehearsals that are begun from the plan's screen: told as they go, stopped on request. */
import { DEFAULT_LIMITS } from '../rehearse/types.ts';
import { newsLine, summaryWords } from '../rehearse/words.ts';
import type { Event, RehearsalTask } from '../wizard/types.ts';
import type { Connection } from '../postgres/settings.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import type { CourseRequest } from './course.ts';
import { rehearseNow } from './rehearse.ts';

export interface RehearsalsOptions {
  runbook: Runbook;
  plan: Plan;
  request(): Promise<CourseRequest>;
  connection(): Connection;
  now(): number;
}

export interface Rehearsals {
  /** @throws {DatabaseError} when the database cannot be looked at, or the copy cannot be made */
  perform(task: RehearsalTask, emit: (event: Event) => void): Promise<void>;
  /** Ends what runs. */
  cancel(): void;
}

export function createRehearsals(options: RehearsalsOptions): Rehearsals {
  const { runbook, plan, now } = options;
  let stop: AbortController | null = null;

  async function rehearse(
    { forms, withoutArchive }: Extract<RehearsalTask, { type: 'rehearse' }>,
    emit: (event: Event) => void,
  ): Promise<void> {
    const stopping = new AbortController();
    stop = stopping;
    emit({ type: 'rehearsal-begun', at: now() });
    try {
      const asked = {
        options: { ...DEFAULT_LIMITS, forms },
        withoutArchive,
        hear(news: Parameters<typeof newsLine>[0]) {
          const words = newsLine(news);
          if (words !== null) emit({ type: 'rehearsal-progress', words });
        },
        stop: stopping.signal,
      };
      const about = { runbook, plan, now, connection: options.connection() };
      const rehearsal = await rehearseNow(asked, await options.request(), about);
      emit({ type: 'rehearsed', rehearsal, words: summaryWords(rehearsal) });
    } finally {
      stop = null;
    }
  }

  return {
    perform(task, emit) {
      if (task.type === 'rehearse') return rehearse(task, emit);
      stop?.abort();
      return Promise.resolve();
    },
    cancel: () => stop?.abort(),
  };
}
