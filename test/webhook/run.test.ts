/** A run with webhooks, from the command line: who is told what, and what becomes of those who cannot be told. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk, type Ended } from '../cli/support/io.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { receiver, type Receiver } from './receiver.ts';

let desk: Desk;
let database: TestDatabase;
let good: Receiver;
let hanging: Receiver;

beforeEach(async () => {
  desk = await openDesk();
  [database, good, hanging] = await Promise.all([freshDatabase(), receiver(200), receiver('hang')]);
  await writeFile(
    join(desk.folder, 'backout.toml'),
    `[[webhooks]]\nurl = "${good.url}"\n\n[[webhooks]]\nurl = "${hanging.url}"\nformat = "slack"\non = ["finish"]\n`,
  );
});
afterEach(async () => {
  await Promise.all([database.drop(), desk.clear(), good.close(), hanging.close()]);
});

const run = (...more: string[]): Promise<Ended> =>
  desk.run([
    ...['run', '--database', database.url, '--config', join(desk.folder, 'backout.toml')],
    ...['--confirm', database.name, '--choose', 'rollback', '--reason', 'a test'],
    ...['--accept', 'privileges', '--accept', 'backup', ...more],
  ]);

interface Message {
  type: string;
  data: { database: string; outcome?: string; sqlstate?: string };
}

const told = (): Message[] => good.received.map(({ body }) => JSON.parse(body) as Message);

async function journal(): Promise<{ type: string; text?: string }[]> {
  const runs = join(desk.folder, 'backout/runs');
  const [name = ''] = await readdir(runs);
  const text = await readFile(join(runs, name, 'journal.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; text?: string });
}

describe('a run with webhooks', () => {
  it('tells its start and its end; one that hangs delays the end by three seconds, and is named last', async () => {
    const { status, out } = await run('--json');
    expect(status).toBe(0);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; at: string });
    expect(events.at(-1)?.type).toBe('result');
    expect(told().map(({ type }) => type)).toEqual(['backout.run.started', 'backout.run.finished']);
    expect(told()[1]?.data).toMatchObject({ database: database.name, outcome: 'verified' });
    const untold = /^Webhook 2 \(127\.0\.0\.1:\d+\) was not told of the finish: the receiver did not answer/;
    expect((await journal()).at(-1)).toMatchObject({
      type: 'note',
      text: expect.stringMatching(untold) as string,
    });
  });

  it('says on the last line whom it could not tell', async () => {
    const { out } = await run();
    expect(out.trim().split('\n').at(-1)).toMatch(/^Webhook 2 .* was not told of the finish: /);
  });

  it('tells of a failure by its SQLSTATE, never of what is in the rows, and no password', async () => {
    const client = await database.use(async ({ client: db }) => {
      await db.query(`UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": "canary"}'`);
      return new URL(database.url).password;
    });
    const { status } = await run();
    expect(status).not.toBe(0);
    expect(told().map(({ type }) => type)).toContain('backout.run.failed');
    const sent = [...good.received, ...hanging.received].map(({ body }) => body).join();
    expect(sent).not.toContain('canary');
    if (client !== '') expect(sent).not.toContain(client);
  });
});
