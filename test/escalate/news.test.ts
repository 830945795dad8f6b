import { expect, test } from 'vitest';
import { buildReport } from '../../src/journal/report.ts';
import type { JournalEvent } from '../../src/journal/types.ts';
import { createReader } from '../../src/webhook/news.ts';

const at = '2026-11-22T03:00:00.000Z';
const acted: JournalEvent = {
  schema: 'backout.event/1',
  seq: 1,
  at,
  type: 'escalated',
  act: 'restore',
  ok: false,
  text: 'pg_restore failed: /backups/with a name',
};

test('what was done in an escalation is told to webhooks, without its words', () => {
  const [news, ...more] = createReader('20261122-0300-abcd')(acted);
  expect(more).toEqual([]);
  expect(news).toMatchObject({ kind: 'escalate', at });
  expect(news?.words).toMatch(/restore/);
  expect(JSON.stringify(news)).not.toContain('/backups/');
});

test('and stands in the report', () => {
  expect(buildReport([acted], '20261122-0300-abcd').notes).toEqual([
    { at, text: 'Escalation, without success: pg_restore failed: /backups/with a name' },
  ]);
});
