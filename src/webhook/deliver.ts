/** One message to one receiver: tried a few times, each try bounded. */
import { headersOf } from './message.ts';

export interface Receiver {
  url: string;
  secret: string | null;
}

export interface Patience {
  /** Of one try, ms. */
  tryMs: number;
  /** Between the tries, ms: one more try than there are pauses. */
  pausesMs: readonly number[];
}

/** Four tries in at most 27 seconds; a run that ends does not wait for them (see courier.ts). */
export const PATIENCE: Patience = { tryMs: 5000, pausesMs: [500, 1500, 5000] };

/** Worth another try: the receiver is not there, is slow, or says itself that it is in trouble. */
const mayPass = (status: number): boolean => status === 408 || status === 429 || status >= 500;

const pause = (ms: number, ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      ended.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    ended.addEventListener('abort', over);
    if (ended.aborted) over();
  });

/** What came of one try: null when it was taken. Never holds the address: that may be a secret. */
async function attempt(
  { url, secret }: Receiver,
  message: { id: string; body: string },
  tryMs: number,
  ended: AbortSignal,
): Promise<{ why: string; again: boolean } | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: message.body,
      headers: headersOf(message.id, Date.now() / 1000, message.body, secret),
      // What is meant for one receiver is not sent on to another.
      redirect: 'manual',
      signal: AbortSignal.any([ended, AbortSignal.timeout(tryMs)]),
    });
    await response.body?.cancel().catch(() => undefined);
    const { status } = response;
    if (status >= 200 && status < 300) return null;
    if (status >= 300 && status < 400) {
      return {
        why: `the receiver answered with a redirect (${status}), which is not followed`,
        again: false,
      };
    }
    return { why: `the receiver answered with status ${status}`, again: mayPass(status) };
  } catch (error) {
    if (ended.aborted) return { why: 'the receiver did not answer before the run ended', again: false };
    return { why: whyOf(error, tryMs), again: true };
  }
}

function whyOf(error: unknown, tryMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${tryMs / 1000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]+$/.test(code) ? `no connection (${code})` : 'no connection';
}

/** Tries until it is taken, refused for good, tried often enough, or ended. Null when it was taken. Never throws. */
export async function deliver(
  receiver: Receiver,
  message: { id: string; body: string },
  ended: AbortSignal,
  { tryMs, pausesMs }: Patience = PATIENCE,
): Promise<string | null> {
  for (let tried = 1; ; tried += 1) {
    const failed = await attempt(receiver, message, tryMs, ended);
    if (failed === null) return null;
    const wait = pausesMs[tried - 1];
    if (!failed.again || wait === undefined || ended.aborted) {
      return `${failed.why}${tried > 1 ? `, after ${tried} tries` : ''}`;
    }
    await pause(wait, ended);
  }
}
