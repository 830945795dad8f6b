/** `backout report [RUN]`: a run's report, made again from its journal. */
import { join } from 'node:path';
import { EXIT } from '../exit.ts';
import { readJournal } from '../journal/file.ts';
import { findRun, runsDirectory } from '../journal/folder.ts';
import { renderMarkdown } from '../journal/markdown.ts';
import { buildReport } from '../journal/report.ts';
import type { JournalEvent } from '../journal/types.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';

/** What a drill came to, from the journals alone. */
async function recalled(runsDir: string, run: string, events: readonly JournalEvent[]) {
  if (!events.some(({ type }) => type === 'drill-ended')) return undefined;
  const [{ recallDebrief }, { debriefSection }] = await Promise.all([
    import('../practice/record/recall.ts'),
    import('../practice/score/markdown.ts'),
  ]);
  const data = await recallDebrief(runsDir, run, events);
  return data ? { section: debriefSection(data), data } : undefined;
}

export async function reportCommand(io: Io, options: Options, wanted: string | null): Promise<number> {
  const runsDir = runsDirectory(io.env, io.home);
  const run = await findRun(runsDir, wanted ?? undefined);
  const { events, torn } = await readJournal(join(runsDir, run));
  if (torn)
    await io.err('The last line of this journal was cut off while it was written, and is left out.\n');
  const report = buildReport(events, run);
  const debrief = await recalled(runsDir, run, events);
  if (options.json) await io.out(toJson(debrief ? { ...report, debrief: debrief.data } : report));
  else await io.out(renderMarkdown(report, debrief?.section));
  return EXIT.ok;
}
