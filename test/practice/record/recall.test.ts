/** The debrief of a drill of several runs, from their journals alone. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JournalEvent } from '../../../src/journal/types.ts';
import { recallDebrief } from '../../../src/practice/record/recall.ts';
import { debriefOf } from '../../../src/practice/score/debrief.ts';
import { DRILL, journal, RIGHT, started, WHOLE, type Line } from '../score/support.ts';

const FIRST = '20261122-0300-k3f9';
const SECOND = '20261122-0310-abcd';

let runs = '';
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), 'backout-recall-'));
});
afterEach(() => rm(runs, { recursive: true, force: true }));

async function kept(run: string, events: JournalEvent[]): Promise<void> {
  await mkdir(join(runs, run));
  await writeFile(
    join(runs, run, 'journal.jsonl'),
    events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
}

const repair = (earlier: string[]): JournalEvent[] =>
  journal([
    {
      type: 'run-started',
      version: '1',
      surface: 'tui',
      environment: 'PRACTICE',
      runbook: { path: 'r', title: 'r', sha256: 's', migration: null },
      operator: { user: 'ada', host: 'h' },
      kind: 'repair',
    },
    started,
    { type: 'drill-ended', keeps: WHOLE.keeps, earlier },
    { type: 'result', outcome: 'verified', exitStatus: 0, run: SECOND, steps: [] },
  ] as Line[]);

it('reads the earlier runs in front of the last one', async () => {
  const first = journal(RIGHT);
  const second = repair([FIRST]);
  await kept(FIRST, first);
  const debrief = await recallDebrief(runs, SECOND, second);
  expect(debrief).toEqual(debriefOf(DRILL, [...first, ...second], WHOLE));
  expect(debrief?.decision.taken).toBe('fix-forward');
});

it('leaves out what is no run, is itself, or is gone', async () => {
  const second = repair(['../../etc', SECOND, FIRST]);
  await kept(SECOND, second);
  expect(await recallDebrief(runs, SECOND, second)).toEqual(debriefOf(DRILL, second, WHOLE));
});

it('is null for a run that is of no drill, or of one that was cut off', async () => {
  expect(await recallDebrief(runs, FIRST, journal(RIGHT))).toBeNull();
  expect(await recallDebrief(runs, FIRST, repair([]).slice(2))).toBeNull();
});
