/** One attempt at a drill, over all of its runs: hears the journal, judges when the wizard asks for it, keeps the record. */
import { join } from 'node:path';
import { RUN_ID } from '../../journal/folder.ts';
import { buildReport } from '../../journal/report.ts';
import type { JournalEvent, UnwrittenEvent } from '../../journal/types.ts';
import { writeReport } from '../../journal/write-report.ts';
import { explainError } from '../../postgres/explain.ts';
import type { Event } from '../../wizard/types.ts';
import type { Tasks } from '../drill/live.ts';
import type { Drill } from '../drill/types.ts';
import { debriefOf, judgedBy } from '../score/debrief.ts';
import { debriefSection } from '../score/markdown.ts';
import type { Debrief } from '../score/types.ts';
import { saveRecord } from './folder.ts';
import { RECORD_SCHEMA, type DrillRecord } from './types.ts';

export interface AttemptOptions {
  drill: Drill;
  person: string;
  /** backout's own version. */
  version: string;
  /** Null: no record is kept, as when a drill plays itself. */
  recordsDir: string | null;
  /** Where the journals are: the report of the last run is written anew, with the debrief in it. */
  runsDir: string;
}

export interface Attempt {
  /** Hears every line of the journals when it is written. */
  heard(event: JournalEvent | UnwrittenEvent): void;
  /** Goes around what performs the tasks of a run. */
  tasks(inner: Tasks): Tasks;
  readonly events: readonly JournalEvent[];
}

interface Run {
  id: string;
  /** Place of its first line among all. */
  from: number;
}

/** Runs that came to a result, in their order; one that was gone on with is one run. */
function runsOf(events: readonly JournalEvent[]): Run[] {
  const runs: Run[] = [];
  let from = 0;
  events.forEach((event, at) => {
    if (event.type !== 'result') return;
    const known = runs.some(({ id }) => id === event.run);
    if (!known && RUN_ID.test(event.run)) runs.push({ id: event.run, from });
    from = at + 1;
  });
  return runs;
}

export function createAttempt({ drill, person, version, recordsDir, runsDir }: AttemptOptions): Attempt {
  const events: JournalEvent[] = [];

  async function keep(debrief: Debrief, runs: Run[]): Promise<string[]> {
    const [first] = runs;
    if (recordsDir === null || !first) return [];
    const record: DrillRecord = {
      schema: RECORD_SCHEMA,
      // By its first run, so that judging it again after an undo replaces it.
      id: `${first.id}-${drill.id}`,
      person,
      version,
      runs: runs.map(({ id }) => id),
      debrief,
    };
    const { markdownPath, jsonPath } = await saveRecord(recordsDir, record);
    return [markdownPath, jsonPath];
  }

  async function judge(inner: Tasks): Promise<Event> {
    await inner.idle();
    const ended = events.findLast((event) => event.type === 'drill-ended');
    const debrief = { ...debriefOf(judgedBy(drill), events, { keeps: ended?.keeps ?? [] }), person };
    const runs = runsOf(events);
    const paths = await keep(debrief, runs);
    const last = runs.at(-1);
    if (last) {
      await writeReport(join(runsDir, last.id), buildReport(events.slice(last.from), last.id), {
        section: debriefSection(debrief),
        data: debrief,
      });
    }
    return { type: 'debriefed', debrief, paths };
  }

  return {
    events,
    heard(event) {
      if (event.seq !== null) events.push(event);
    },
    tasks(inner) {
      let working: Promise<void> | null = null;
      return {
        perform(task, emit) {
          if (task.type !== 'debrief') return inner.perform(task, emit);
          const work: Promise<void> = judge(inner)
            .catch((error: unknown): Event => ({ type: 'debrief-failed', error: explainError(error) }))
            .then((event) => emit(event))
            .finally(() => {
              if (working === work) working = null;
            });
          working = work;
        },
        async idle() {
          do {
            await inner.idle();
            while (working) await working;
          } while (working);
        },
      };
    },
  };
}
