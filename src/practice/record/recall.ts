/** The debrief of a run that is over, from journals alone. */
import { join } from 'node:path';
import { readJournal } from '../../journal/file.ts';
import { RUN_ID } from '../../journal/folder.ts';
import type { JournalEvent } from '../../journal/types.ts';
import { debriefIn } from '../score/debrief.ts';
import type { Debrief } from '../score/types.ts';

/**
 * @param events of the journal of `run`
 * @returns null: it is of no drill, or of one that did not come to its end
 */
export async function recallDebrief(
  runsDir: string,
  run: string,
  events: readonly JournalEvent[],
): Promise<Debrief | null> {
  const ended = events.findLast((event) => event.type === 'drill-ended');
  const before: JournalEvent[] = [];
  for (const earlier of ended?.earlier ?? []) {
    if (earlier === run || !RUN_ID.test(earlier)) continue;
    // One that was removed is missing in the debrief, as it is on the disk.
    const read = await readJournal(join(runsDir, earlier)).catch(() => null);
    before.push(...(read?.events ?? []));
  }
  return debriefIn([...before, ...events]);
}
