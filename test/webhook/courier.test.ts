/** Against real servers on loopback: what they answer, and what becomes of the run meanwhile. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { configSchema, type WebhookConfig } from '../../src/config/types.ts';
import type { ServerInfo } from '../../src/postgres/types.ts';
import { createCourier, type Courier, type CourierOptions } from '../../src/webhook/courier.ts';
import { receiver, type Answer, type Receiver } from './receiver.ts';

const open: Receiver[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function listening(...answers: Answer[]): Promise<Receiver> {
  const server = await receiver(...answers);
  open.push(server);
  return server;
}

const hooks = (...webhooks: unknown[]): WebhookConfig[] => configSchema.parse({ webhooks }).webhooks;

function courier(webhooks: WebhookConfig[], more: Partial<CourierOptions> = {}) {
  const given: string[] = [];
  const made = createCourier({
    webhooks,
    env: {},
    run: 'r1',
    patience: { tryMs: 30_000, pausesMs: [1, 1] },
    endMs: 60_000,
    onUndelivered: (words) => given.push(words),
    ...more,
  });
  return { ...made, given };
}

const server = { database: 'orders', host: 'db1' } as ServerInfo;
const start = (to: Courier): void => to.hear({ at: new Date().toISOString(), type: 'connected', server });
const finish = (to: Courier): void =>
  to.hear({
    at: new Date().toISOString(),
    type: 'result',
    outcome: 'verified',
    exitStatus: 0,
    run: 'r1',
    steps: [],
  });

describe('a receiver', () => {
  it('that takes it is told once for each thing that it wants to hear of', async () => {
    const [all, ends] = [await listening(200), await listening(204)];
    const told = courier(hooks({ url: all.url }, { url: ends.url, on: ['finish'] }));
    start(told);
    finish(told);
    expect(await told.close()).toEqual([]);
    const types = (at: Receiver) =>
      at.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types(all).sort()).toEqual(['backout.run.finished', 'backout.run.started']);
    expect(types(ends)).toEqual(['backout.run.finished']);
  });

  it('that fails and then takes it gets the same message again, under the same id', async () => {
    const at = await listening(500, 429, 200);
    const told = courier(hooks({ url: at.url }));
    start(told);
    expect(await told.close()).toEqual([]);
    expect(at.received).toHaveLength(3);
    const ids = at.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^msg_[0-9a-f-]{36}$/);
    expect(new Set(at.received.map(({ body }) => body)).size).toBe(1);
  });

  it('that always fails is given up after a bounded number of tries, and that is said without its path', async () => {
    const at = await listening(503);
    const told = courier(hooks({ url: at.url }));
    start(told);
    const words = await told.close();
    expect(words).toEqual([
      `Webhook 1 (${new URL(at.url).host}) was not told of the start: the receiver answered with status 503, after 3 tries.`,
    ]);
    expect(words.join()).not.toContain('canary');
    expect(at.received).toHaveLength(3);
  });

  it('that refuses what it is sent is not asked again', async () => {
    const at = await listening(400);
    const told = courier(hooks({ url: at.url }));
    start(told);
    expect(await told.close()).toEqual([expect.stringMatching(/answered with status 400\.$/)]);
    expect(at.received).toHaveLength(1);
  });

  it('that answers with a redirect is not followed', async () => {
    const other = await listening(200);
    const at = await listening({ redirect: other.url });
    const told = courier(hooks({ url: at.url }));
    start(told);
    expect(await told.close()).toEqual([
      expect.stringMatching(/a redirect \(307\), which is not followed\.$/),
    ]);
    expect(other.received).toEqual([]);
  });

  it('that is not there', async () => {
    const gone = await receiver();
    await gone.close();
    const told = courier(hooks({ url: gone.url }));
    start(told);
    expect(await told.close()).toEqual([
      expect.stringMatching(/was not told of the start: no connection \(ECONNREFUSED\), after 3 tries\.$/),
    ]);
  });

  it('that speaks no TLS where TLS is asked for', async () => {
    const plain = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo;
    const told = courier(hooks({ url: `https://127.0.0.1:${port}/` }));
    start(told);
    expect(await told.close()).toEqual([expect.stringMatching(/no connection/)]);
    plain.close();
  });
});

describe('a receiver that hangs', () => {
  it('holds up nothing while the run goes on, and the end only for the time stated', async () => {
    const at = await listening('hang');
    const told = courier(hooks({ url: at.url }), { patience: { tryMs: 60_000, pausesMs: [] }, endMs: 100 });
    start(told);
    finish(told);
    const began = performance.now();
    expect(await told.close()).toEqual([
      expect.stringMatching(/of the start: the receiver did not answer before the run ended\.$/),
      expect.stringMatching(/of the finish: the receiver did not answer before the run ended\.$/),
    ]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('is tried again after the time of a try', async () => {
    const at = await listening('hang', 200);
    // Long enough for an answer on a busy machine; more tries than it takes.
    const told = courier(hooks({ url: at.url }), {
      patience: { tryMs: 1000, pausesMs: Array<number>(10).fill(1) },
    });
    start(told);
    expect(await told.close()).toEqual([]);
    expect(at.received.length).toBeGreaterThan(1);
  });
});

describe('keys and addresses in the environment', () => {
  it('sign what is sent: the receiver can tell that it is from here', async () => {
    const at = await listening(200);
    const env = { KEY: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', PLACE: at.url };
    const told = courier(hooks({ url_env: 'PLACE', secret_env: 'KEY', format: 'slack' }), { env });
    start(told);
    expect(await told.close()).toEqual([]);
    const { headers, body } = at.received[0]!;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
  });

  it('that are not set: nothing is sent, least of all unsigned, and it is said at once', async () => {
    const at = await listening(200);
    const told = courier(hooks({ url: at.url, secret_env: 'KEY' }, { url_env: 'PLACE' }));
    start(told);
    expect(await told.close()).toEqual([
      expect.stringMatching(/its key KEY is not set, and it is not told anything unsigned\.$/),
      'Webhook 2 was not told of the start: PLACE is not set.',
    ]);
    expect(told.given).toHaveLength(2);
    expect(at.received).toEqual([]);
  });

  it('an address in the environment is held to the same rule', async () => {
    const told = courier(hooks({ url_env: 'PLACE' }), { env: { PLACE: 'http://hooks.example.org/canary' } });
    start(told);
    const [words] = await told.close();
    expect(words).toMatch(/the address in PLACE is not an https:\/\/ address/);
    expect(words).not.toContain('canary');
  });
});
