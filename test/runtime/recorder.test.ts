/** What is told of events that the journal's disk does not take. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/file.ts';
import type { JournalBody, JournalEvent, UnwrittenEvent } from '../../src/journal/types.ts';
import { createRecorder } from '../../src/runtime/recorder.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'backout-recorder-'));
});
afterEach(async () => {
  await chmod(dir, 0o700);
  await rm(dir, { recursive: true, force: true });
});

const run = '20261122-0310-abcd';
const result: JournalBody = { type: 'result', outcome: 'sql-failed', exitStatus: 12, run, steps: [] };

it('a result that no journal can hold is told all the same, marked, and its writing fails', async () => {
  const told: (JournalEvent | UnwrittenEvent)[] = [];
  const notAFolder = join(dir, 'file');
  await writeFile(notAFolder, '');
  const recorder = createRecorder({ run, runsDir: notAFolder, onJournal: (event) => void told.push(event) });
  await expect(recorder.record({ type: 'note', text: 'x' })).rejects.toMatchObject({ exitStatus: 77 });
  await expect(recorder.record(result)).rejects.toMatchObject({ exitStatus: 77 });
  expect(told).toEqual([
    expect.objectContaining({ type: 'note', seq: null, unwritten: true }),
    expect.objectContaining({ ...result, schema: 'backout.event/1', seq: null, unwritten: true }),
  ]);
  await recorder.close();
});

it('what the disk took bears its number and no mark', async () => {
  const told: (JournalEvent | UnwrittenEvent)[] = [];
  const recorder = createRecorder({ run, runsDir: dir, onJournal: (event) => void told.push(event) });
  await recorder.record(result);
  expect(told).toEqual([expect.objectContaining({ ...result, seq: 1 })]);
  expect(told[0]).not.toHaveProperty('unwritten');
  await recorder.close();
});

it('where nobody listens it is written all the same', async () => {
  const recorder = createRecorder({ run, runsDir: dir });
  await recorder.record(result);
  expect((await readJournal(recorder.folder ?? '')).events).toEqual([expect.objectContaining(result)]);
  await recorder.close();
});
