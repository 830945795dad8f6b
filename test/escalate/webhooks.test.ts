/** Acts of `backout escalate` outside of any run are told to the webhooks: signed, and nobody waits for a receiver. */
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDesk, type Desk, type Ended } from '../cli/support/io.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { receiver, type Received, type Receiver } from '../webhook/receiver.ts';

let desk: Desk;
let database: TestDatabase;
let good: Receiver;
let slack: Receiver;
let hanging: Receiver;

beforeEach(async () => {
  desk = await openDesk();
  [database, good, slack, hanging] = await Promise.all([
    freshDatabase({ state: 'empty' }),
    receiver(200),
    receiver(200),
    receiver('hang'),
  ]);
  await writeFile(
    join(desk.folder, 'backout.toml'),
    `[commands]\nstop = "false # canary"\n
[[webhooks]]\nurl = "${good.url}"\nsecret_env = "HOOK_KEY"\n
[[webhooks]]\nurl = "${slack.url}"\nformat = "slack"\non = ["escalate"]\n
[[webhooks]]\nurl = "${hanging.url}"\non = ["failure"]\n`,
    { mode: 0o600 },
  );
});

afterEach(async () => {
  await Promise.all([database.drop(), desk.clear(), good.close(), slack.close(), hanging.close()]);
});

const escalate = (...words: string[]): Promise<Ended> =>
  desk.run(
    ['escalate', '--database', database.url, '--config', join(desk.folder, 'backout.toml'), ...words],
    { env: { ...process.env, XDG_STATE_HOME: desk.folder, HOOK_KEY: 'secret canary' } },
  );

interface Message {
  type: string;
  data: Record<string, unknown>;
}

const messages = ({ received }: Receiver): Message[] =>
  received.map(({ body }) => JSON.parse(body) as Message);

function signed({ headers, body }: Received): void {
  const [id, at] = [headers['webhook-id'], headers['webhook-timestamp']];
  const wanted = createHmac('sha256', 'secret canary').update(`${String(id)}.${String(at)}.${body}`);
  expect(headers['webhook-signature']).toBe(`v1,${wanted.digest('base64')}`);
}

describe('an act outside of any run', () => {
  test('is told when it begins and when it is done, to whoever wants to hear of escalations', async () => {
    const stopped = await escalate('--stop-writes', '--confirm', database.name);
    expect(stopped, stopped.out).toMatchObject({ status: 0, err: '' });
    expect(messages(good).map(({ type }) => type)).toEqual([
      'backout.escalation.started',
      'backout.escalation.finished',
    ]);
    for (const { data } of messages(good)) {
      expect(data).toMatchObject({
        run: null,
        of: 'escalation',
        act: 'stop-writes',
        database: database.name,
        operator: 'tester@desk',
        environment: 'PRODUCTION',
      });
    }
    good.received.forEach(signed);
    expect(slack.received.map(({ body }) => (JSON.parse(body) as { text: string }).text)).toEqual([
      expect.stringContaining('ESCALATION started'),
      expect.stringContaining('stop-writes was done'),
    ]);
    expect(hanging.received).toEqual([]);
    expect((await escalate('--allow-writes', '--confirm', database.name)).status).toBe(0);
  });

  test('that fails is told as a failure, without a word of the command; a receiver that hangs is named', async () => {
    const failed = await escalate('--command', '1', '--confirm', 'false');
    expect(failed.status, failed.err).toBe(14);
    expect(messages(good).map(({ type }) => type)).toEqual([
      'backout.escalation.started',
      'backout.escalation.failed',
    ]);
    expect([...good.received, ...slack.received].map(({ body }) => body).join()).not.toContain('canary');
    expect(hanging.received).toHaveLength(1);
    expect(failed.err).toMatch(/Webhook 3 \(127\.0\.0\.1:\d+\) was not told of the failure: /);
  });

  test('that is only looked at, or not confirmed, is not told', async () => {
    expect((await escalate()).status).toBe(0);
    expect((await escalate('--stop-writes')).status).toBe(64);
    expect(good.received).toEqual([]);
  });
});
