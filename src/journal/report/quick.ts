/** The quick rollback as the report tells it: what was run, how it ended, what the database said then. Pure. */
import type { CommandResult, JournalEvent } from '../types.ts';
import { all } from './events.ts';

export interface ReportQuick {
  command: string;
  folder: string;
  /** Tables that were copied before it. */
  kept: number;
  startedAt: string;
  /** Null: the journal ends before it did. */
  result: CommandResult | null;
  changed: boolean | null;
  words: string[];
  notUndoable: string[];
  undoable: boolean;
}

/** Each time it was run, in order. One that was gone on with has its end in another session's lines. */
export function quickRollbacks(events: readonly JournalEvent[]): ReportQuick[] {
  const starts = all(events, 'quick-started');
  return starts.map((start, at) => {
    const until = starts[at + 1]?.seq ?? Infinity;
    const end = all(events, 'quick').findLast(({ seq }) => seq > start.seq && seq < until);
    return {
      command: start.command,
      folder: start.folder,
      kept: start.kept,
      startedAt: start.at,
      result: end?.result ?? null,
      changed: end?.found.changed ?? null,
      words: end?.found.words ?? [],
      notUndoable: end?.found.notUndoable ?? [],
      undoable: end?.found.undoable ?? false,
    };
  });
}
