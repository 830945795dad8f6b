/**
 * Tells the webhooks of a run what happens in it, beside the run: nothing ever waits for a receiver but the end, and
 * that for three seconds at the most.
 */
import { randomUUID } from 'node:crypto';
import { isWebhookUrl, type WebhookConfig } from '../config/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import { deliver, PATIENCE, type Patience, type Receiver } from './deliver.ts';
import { bodyOf } from './message.ts';
import { createReader, type Heard, type News } from './news.ts';

export interface CourierOptions {
  webhooks: readonly WebhookConfig[];
  env: Record<string, string | undefined>;
  run: string;
  /** Called for each message that was given up, as long as the run goes on. */
  onUndelivered?: (words: string) => void;
  patience?: Patience;
  /** How long {@link Courier.close} waits for messages under way, ms. */
  endMs?: number;
}

export interface Courier {
  /** Takes the journal's lines; returns at once. */
  hear(event: Heard): void;
  /** What is no part of a journal; returns at once. */
  tell(news: News): void;
  /** Gives what is under way `endMs` more; returns everything that was not delivered in this run, a sentence each. */
  close(): Promise<string[]>;
}

const END_MS = 3000;

/** By its place in the file and its host: the rest of an address may be a secret. */
function nameOf(at: number, url: string | undefined): string {
  const host = url !== undefined && URL.canParse(url) ? ` (${toLine(new URL(url).host, 100)})` : '';
  return `Webhook ${at + 1}${host}`;
}

/** The address and the key, or why it cannot be told anything. */
function receiverOf(
  { url: written, url_env, secret_env }: WebhookConfig,
  env: CourierOptions['env'],
): Receiver | string {
  const url = written ?? env[url_env ?? ''];
  if (!url) return `${url_env ?? 'its address'} is not set`;
  if (!isWebhookUrl(url))
    return `the address in ${url_env ?? 'the configuration'} is not an https:// address`;
  if (secret_env === undefined) return { url, secret: null };
  const secret = env[secret_env];
  return secret ? { url, secret } : `its key ${secret_env} is not set, and it is not told anything unsigned`;
}

/** Whoever wants to hear of escalations hears how each of their acts begins and ends. */
const isFor = ({ on }: WebhookConfig, { kind, of }: News): boolean =>
  on.includes(kind) || (of === 'escalation' && on.includes('escalate'));

/** Sends nothing before it hears something. */
export function createCourier(options: CourierOptions): Courier {
  const { webhooks, env, run, onUndelivered, patience = PATIENCE, endMs = END_MS } = options;
  const read = createReader(run);
  const ended = new AbortController();
  const underWay = new Set<Promise<void>>();
  const undelivered: string[] = [];
  let closing: Promise<string[]> | null = null;

  function giveUp(words: string): void {
    undelivered.push(words);
    if (!closing) onUndelivered?.(words);
  }

  async function send(news: News, webhook: WebhookConfig, at: number): Promise<void> {
    const receiver = receiverOf(webhook, env);
    const told = `was not told of the ${news.kind}`;
    if (typeof receiver === 'string') return giveUp(`${nameOf(at, webhook.url)} ${told}: ${receiver}.`);
    const message = { id: `msg_${randomUUID()}`, body: bodyOf(news, webhook.format) };
    const why = await deliver(receiver, message, ended.signal, patience);
    if (why !== null) giveUp(`${nameOf(at, receiver.url)} ${told}: ${why}.`);
  }

  function tell(news: News): void {
    for (const [at, webhook] of webhooks.entries()) {
      if (!isFor(webhook, news)) continue;
      const sent: Promise<void> = send(news, webhook, at).finally(() => underWay.delete(sent));
      underWay.add(sent);
    }
  }

  async function end(): Promise<string[]> {
    const late = setTimeout(() => ended.abort(), endMs);
    await Promise.all(underWay);
    clearTimeout(late);
    return undelivered;
  }

  return {
    hear(event) {
      if (webhooks.length > 0 && !closing) for (const news of read(event)) tell(news);
    },
    tell(news) {
      if (!closing) tell(news);
    },
    close: () => (closing ??= end()),
  };
}
