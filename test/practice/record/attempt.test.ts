/** A shipped drill, played on its real stage: judged at its end, kept, told again from its journal; no webhook hears of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollbackBy, type Practised } from '../../../src/commands/begin.ts';
import { beginRun } from '../../../src/commands/begin.ts';
import { configOf } from '../../../src/commands/config.ts';
import { shippedRunbook, type Io } from '../../../src/commands/io.ts';
import { attemptAt, judgedAs } from '../../../src/commands/practice-judged.ts';
import { optionsOf } from '../../../src/commands/practice-play.ts';
import { enterFolder, stageFor } from '../../../src/commands/practice-stage.ts';
import { reportCommand } from '../../../src/commands/report.ts';
import { tellWebhooks } from '../../../src/commands/told.ts';
import { runUnasked } from '../../../src/commands/unasked.ts';
import { findRun, runsDirectory } from '../../../src/journal/folder.ts';
import type { JournalEvent } from '../../../src/journal/types.ts';
import { drillStateOf } from '../../../src/practice/coach/state.ts';
import { playerOf } from '../../../src/practice/drill/answers.ts';
import { drillsOf } from '../../../src/practice/drill/list.ts';
import { liveDrill } from '../../../src/practice/drill/live.ts';
import { startEmbedded } from '../../../src/practice/embedded.ts';
import { recordsDirectory } from '../../../src/practice/record/folder.ts';
import { readRecords } from '../../../src/practice/record/read.ts';
import { createSpares } from '../../../src/practice/spare.ts';
import type { Debrief } from '../../../src/practice/score/types.ts';
import type { State } from '../../../src/wizard/types.ts';
import { NO_OPTIONS, ROOT, testIo } from '../drill/stage.ts';

const state = mkdtempSync(join(tmpdir(), 'backout-attempt-'));
const quiet = testIo(state);
const runs = runsDirectory(quiet.env, quiet.home);
const records = recordsDirectory(quiet.env, quiet.home);
const events: JournalEvent[] = [];
const heard: string[] = [];
let server: Server;
let last: State;
let config = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  config = join(state, 'backout.toml');
  await writeFile(config, `[[webhooks]]\nurl = "http://127.0.0.1:${port}/alarm"\n`);

  const [drill] = await drillsOf(shippedRunbook({ root: ROOT }));
  const play = drill?.plays.find(({ right }) => right);
  if (!drill || !play) throw new Error('there is no calm drill');
  const spares = createSpares(startEmbedded);
  const leave = enterFolder(drill);
  const stage = await stageFor(quiet, drill, NO_OPTIONS, spares);
  try {
    const live = liveDrill({ drill, stage: Promise.resolve(stage), person: 'ada' });
    const attempt = await attemptAt(quiet, drill, 'ada');
    const practised: Practised = judgedAs(
      {
        drill: drillStateOf(drill, { named: true, simulated: [], following: null }),
        around: live.around,
        tasks: live.tasks,
        happened: live.happened,
        onJournal(event) {
          live.heard(event);
          if (event.seq !== null) events.push(event);
        },
      },
      attempt,
    );
    const options = { ...optionsOf(drill, NO_OPTIONS), config };
    const begun = await beginRun(quiet, {
      options,
      subject: rollbackBy(quiet, options, null),
      place: { connection: Promise.resolve(stage.connection), embedded: true, seconds: () => stage.seconds },
      practice: async () => practised,
      surface: 'self-play',
    });
    const say = () => Promise.resolve();
    await runUnasked(quiet, begun, say, playerOf(play).answer, (state) => (last = state));
    await live.injector.close();
  } finally {
    await stage.stop();
    await spares.stop();
    leave();
  }
}, 120_000);

afterAll(() => {
  server.close();
  rmSync(state, { recursive: true, force: true });
});

async function report(json: boolean): Promise<string> {
  let out = '';
  const io: Io = { ...quiet, out: async (text) => void (out += text) };
  await reportCommand(io, { ...NO_OPTIONS, json }, null);
  return out;
}

describe('an attempt at the calm drill', () => {
  it('is judged well, and the wizard knows it', () => {
    expect(last.debrief.status).toBe('done');
    expect(last.debrief.result).toMatchObject({ drill: 'calm', person: 'ada', outcome: 'verified' });
    expect(last.debrief.result?.score.points).toBeGreaterThanOrEqual(85);
    expect(last.debrief.result?.kept.every(({ lost, before }) => lost === 0 && (before ?? 0) > 0)).toBe(true);
  });

  it('leaves one record, with its Markdown beside it', async () => {
    const run = await findRun(runs);
    expect((await readdir(records)).sort()).toEqual([`${run}-calm.json`, `${run}-calm.md`]);
    const { records: read, broken } = await readRecords(records);
    expect(broken).toEqual([]);
    expect(read).toMatchObject([{ person: 'ada', debrief: { drill: 'calm' } }]);
  });

  it('is told by the report as it was judged, from the journal alone', async () => {
    const run = await findRun(runs);
    const { debrief } = JSON.parse(await report(true)) as { debrief: Debrief };
    expect(debrief).toEqual(JSON.parse(JSON.stringify(last.debrief.result)));
    const markdown = await report(false);
    expect(markdown).toContain('## Debrief: ');
    expect(markdown).toContain(`**${debrief.score.points} of 100 points.**`);
    expect(await readFile(join(runs, run, 'report.md'), 'utf8')).toBe(markdown);
  });

  it('names moments that are in the journal', () => {
    const moments = last.debrief.result?.score.items.flatMap(({ moment }) => moment ?? []) ?? [];
    expect(moments.length).toBeGreaterThan(2);
    for (const { seq, at } of moments) expect(events.find((event) => event.seq === seq)?.at).toBe(at);
  });

  it('was told to no webhook, though one was configured that hears of every other run', async () => {
    expect(heard).toEqual([]);
    const { config: read } = await configOf(quiet, { ...NO_OPTIONS, config });
    const told = await tellWebhooks(quiet, { config: read, run: last.run }, () => undefined);
    for (const event of events) told.onJournal(event);
    expect(await told.settle()).toEqual([]);
    expect(heard.length).toBeGreaterThan(0);
  });
});
