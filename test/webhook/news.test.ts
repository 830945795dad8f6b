import { describe, expect, it } from 'vitest';
import type { ExplainedError, ServerInfo } from '../../src/postgres/types.ts';
import { bodyOf, headersOf } from '../../src/webhook/message.ts';
import { createReader, type Heard, type News } from '../../src/webhook/news.ts';

const at = '2026-11-22T23:00:00.000Z';

const STARTED: Heard = {
  at,
  type: 'run-started',
  version: '0',
  surface: 'tui',
  environment: 'PRODUCTION',
  runbook: { path: '/r.md', title: 'Rollback <of> & all', sha256: 'a', migration: '1' },
  operator: { user: 'ada', host: 'desk' },
};

const CONNECTED: Heard = {
  at,
  type: 'connected',
  server: { database: 'orders', host: 'db1', user: 'app' } as ServerInfo,
};

const failed = (outcome: 'rolled-back' | 'unknown', error: Partial<ExplainedError>): Heard => ({
  at,
  type: 'step-finished',
  step: 'step-2',
  outcome,
  seconds: 1,
  error: error as ExplainedError,
});

const ended = (outcome: 'verified' | 'prerequisite-failed' | 'sql-failed', exitStatus: number): Heard => ({
  at,
  type: 'result',
  outcome,
  exitStatus,
  run: 'r1',
  steps: [{ id: 'step-1', outcome: 'done' }],
});

function read(...events: Heard[]): News[] {
  const reader = createReader('r1');
  return events.flatMap(reader);
}

const kinds = (...events: Heard[]): string[] => read(...events).map(({ kind }) => kind);

describe('what of a run is told', () => {
  it('its start, once it is known on which database, and only once', () => {
    expect(kinds(STARTED)).toEqual([]);
    expect(read(STARTED, CONNECTED, CONNECTED)).toMatchObject([
      { kind: 'start', database: 'orders', host: 'db1', operator: 'ada on desk', environment: 'PRODUCTION' },
    ]);
  });

  it('a step that failed, with its SQLSTATE, and the end after it; one failure is told once', () => {
    const news = read(
      STARTED,
      CONNECTED,
      failed('rolled-back', { sqlstate: '22P02' }),
      ended('sql-failed', 12),
    );
    expect(news.map(({ kind }) => kind)).toEqual(['start', 'failure', 'finish']);
    expect(news[1]).toMatchObject({ step: 'step-2', sqlstate: '22P02' });
    expect(news[2]).toMatchObject({ outcome: 'sql-failed', exitStatus: 12, steps: [{ id: 'step-1' }] });
  });

  it('a step that is done is no news', () => {
    const done: Heard = {
      at,
      type: 'step-finished',
      step: 'step-1',
      outcome: 'done',
      seconds: 1,
      error: null,
    };
    expect(kinds(STARTED, CONNECTED, done)).toEqual(['start']);
  });

  it('an end that is a failure by itself is both; one that went well is not', () => {
    expect(kinds(STARTED, CONNECTED, ended('prerequisite-failed', 10))).toEqual([
      'start',
      'failure',
      'finish',
    ]);
    expect(kinds(STARTED, CONNECTED, ended('verified', 0))).toEqual(['start', 'finish']);
  });

  it('a verification that does not hold, with how many', () => {
    const checks = [
      { id: 'a', title: 'canary', ok: false, expected: 'canary', found: 'canary', detail: 'canary' },
      { id: 'b', title: 'b', ok: true, expected: '', found: '', detail: '' },
    ];
    const [, news] = read(STARTED, CONNECTED, {
      at,
      type: 'verification',
      verification: { ok: false, checks },
    });
    expect(news).toMatchObject({
      kind: 'failure',
      words: 'The verification failed: 1 of 2 checks do not hold.',
    });
  });

  it('that somebody escalated, by the act and nothing of what was said', () => {
    const [, news] = read(STARTED, CONNECTED, {
      at,
      type: 'escalated',
      act: 'stop-writes',
      ok: false,
      text: 'canary',
    });
    expect(news).toMatchObject({ kind: 'escalate', words: expect.stringContaining('stop-writes') as string });
    expect(JSON.stringify(news)).not.toContain('canary');
  });

  it('never what the server said, nor SQL: they may quote a row', () => {
    const error: Partial<ExplainedError> = {
      sqlstate: '22P02',
      message: 'invalid input syntax: "canary-value"',
      detail: 'Key (email)=(canary-value) exists.',
      hint: 'canary-value',
      statement: "UPDATE t SET a = 'canary-value'",
      explanation: 'canary-value',
      advice: 'canary-value',
    };
    const told = read(STARTED, CONNECTED, failed('unknown', error), ended('sql-failed', 12));
    for (const format of ['json', 'slack'] as const) {
      for (const news of told) expect(bodyOf(news, format)).not.toContain('canary');
    }
  });
});

describe('what is sent', () => {
  const [news] = read(STARTED, CONNECTED);

  it('json: type, timestamp and data, as Standard Webhooks recommend', () => {
    expect(JSON.parse(bodyOf(news!, 'json'))).toMatchObject({
      type: 'backout.run.started',
      timestamp: at,
      data: { schema: 'backout.webhook/1', run: 'r1', of: 'rollback', database: 'orders' },
    });
  });

  it('slack: one text, in which nothing is a link, a mention or markup', () => {
    const body = JSON.parse(bodyOf({ ...news!, words: '<!channel> & <http://evil|ok>' }, 'slack')) as {
      text: string;
    };
    expect(body).toMatchObject({ mrkdwn: false, link_names: false });
    expect(body.text).toContain('&lt;!channel&gt; &amp; &lt;http://evil|ok&gt;');
    expect(body.text).toContain('Rollback &lt;of&gt; &amp; all');
    expect(body.text).not.toMatch(/[<>]/);
  });

  it('is signed over id, timestamp and body (the example of the specification’s own libraries)', () => {
    // https://github.com/standard-webhooks/standard-webhooks, libraries: the vector that every one of them tests.
    const headers = headersOf(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330,
      '{"test": 2432232314}',
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(headers).toMatchObject({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
    });
    expect(headersOf('a', 1, '{}', null)).not.toHaveProperty('webhook-signature');
  });
});
