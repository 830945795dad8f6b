/** What is sent: the body by its format, and the headers that sign it. Pure. */
import { createHmac } from 'node:crypto';
import type { News, NewsKind } from './news.ts';

const TYPES: Record<NewsKind, string> = {
  start: 'started',
  failure: 'failed',
  finish: 'finished',
  escalate: 'escalated',
};

const typeOf = ({ kind, of }: News): string =>
  `backout.${of === 'escalation' ? 'escalation' : 'run'}.${TYPES[kind]}`;

/** Slack's control characters (docs.slack.dev, "Formatting message text": Escaping text). */
const slackText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const SIGNS: Record<NewsKind, string> = {
  start: 'started',
  failure: 'FAILURE',
  finish: 'finished',
  escalate: 'ESCALATED',
};

function slackBody(news: News): string {
  const where = news.database === null ? 'no database yet' : `${news.database} on ${news.host ?? ''}`;
  const what = news.run === null ? 'Outside of any run' : `Run ${news.run}`;
  const sign = news.of === 'escalation' ? `ESCALATION ${SIGNS[news.kind]}` : SIGNS[news.kind];
  const lines = [
    `[${news.environment}] backout ${sign}: ${where}`,
    news.words,
    `${what}, ${news.runbook}, operator ${news.operator}`,
  ];
  // Neither names nor links are to be made of what stands in it.
  return JSON.stringify({
    text: slackText(lines.join('\n')),
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
  });
}

/** Standard Webhooks 1.0.0, "Payload structure". */
function jsonBody(news: News): string {
  // Left out by JSON.stringify: the type and the timestamp say them.
  const data = { schema: 'backout.webhook/1', ...news, kind: undefined, at: undefined };
  return JSON.stringify({ type: typeOf(news), timestamp: news.at, data });
}

export const bodyOf = (news: News, format: 'json' | 'slack'): string =>
  format === 'slack' ? slackBody(news) : jsonBody(news);

/** A key as Standard Webhooks write it, `whsec_` and base64; any other text is the key as it stands. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

/**
 * The headers of one try, by Standard Webhooks 1.0.0: `webhook-id`, the same at every try; `webhook-timestamp`, that
 * of this try; with a key `webhook-signature`, `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 * @param at seconds since the epoch
 */
export function headersOf(
  id: string,
  at: number,
  body: string,
  secret: string | null,
): Record<string, string> {
  const timestamp = String(Math.floor(at));
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
  };
  if (secret === null) return headers;
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
