/** `backout report [RUN]`: a run's report, made again from its journal. */
import { join } from 'node:path';
import { EXIT } from '../exit.ts';
import { readJournal } from '../journal/file.ts';
import { findRun, runsDirectory } from '../journal/folder.ts';
import { renderMarkdown } from '../journal/markdown.ts';
import { buildReport } from '../journal/report.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import type { Io } from './io.ts';

export async function reportCommand(io: Io, options: Options, wanted: string | null): Promise<number> {
  const runsDir = runsDirectory(io.env, io.home);
  const run = await findRun(runsDir, wanted ?? undefined);
  const { events, torn } = await readJournal(join(runsDir, run));
  if (torn)
    await io.err('The last line of this journal was cut off while it was written, and is left out.\n');
  const report = buildReport(events, run);
  await io.out(options.json ? toJson(report) : renderMarkdown(report));
  return EXIT.ok;
}
