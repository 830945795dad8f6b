import { describe, expect, test } from 'vitest';
import { handOverDocument } from '../../src/handover/document.ts';
import { safeToDo, whereTo } from '../../src/handover/safe.ts';
import { isUnknown, triedLines } from '../../src/handover/tried.ts';
import type { HandOverFacts } from '../../src/handover/types.ts';
import type { JournalBody, JournalEvent } from '../../src/journal/types.ts';

const facts = (more: Partial<HandOverFacts> = {}): HandOverFacts => ({
  at: '2026-11-22T03:00:00.000Z',
  by: 'ada@desk',
  environment: 'PRODUCTION',
  server: { host: 'db1', port: '5432', database: 'orders', user: 'ops' },
  runbook: 'Schema Alignment',
  contacts: [{ name: 'Grace', role: 'database on call', how: '+49 30 1' }],
  position: { steps: steps('pending', 'pending'), failed: null },
  runs: [],
  tried: [],
  unknown: false,
  run: null,
  stopped: null,
  beside: [],
  sessions: [],
  ...more,
});

const steps = (...states: string[]) => states.map((state, at) => ({ title: `Step ${at + 1}`, state }));
const run = (more: Partial<HandOverFacts['runs'][number]> = {}): HandOverFacts['runs'][number] => ({
  run: '20261122-0300-abcd',
  kind: 'rollback',
  operator: 'ada on desk',
  live: false,
  ended: false,
  done: 1,
  ...more,
});
const firstOf = (more: Partial<HandOverFacts>): string => safeToDo(facts(more))[0] ?? '';

describe('what is safe to do, first of all', () => {
  const at = (...states: string[]): HandOverFacts['position'] => ({ steps: steps(...states), failed: null });

  test.each<[string, Partial<HandOverFacts>, RegExp]>([
    [
      'a run is at work',
      { runs: [run({ live: true })], unknown: true },
      /^Run nothing: rollback .* at work right now/,
    ],
    [
      'the database cannot be read',
      { position: { steps: [], failed: 'refused' } },
      /^Run nothing: .*\(refused\)/,
    ],
    [
      'a commit without an answer',
      { unknown: true, run: 'r1', runs: [run()] },
      /is not known. `backout resume r1 /,
    ],
    ['a conflict', { position: at('applied', 'conflict'), runs: [run()] }, /^Run no SQL by hand/],
    [
      'broken off',
      { position: at('applied', 'pending'), runs: [run()] },
      /^Waiting is safe.*`backout resume 20261122/,
    ],
    ['done', { position: at('applied', 'applied'), runs: [run({ ended: true })] }, /^The rollback is done/],
    ['nothing done', {}, /^Nothing of the rollback has been done/],
    ['half done by others', { position: at('applied', 'pending') }, /^Part of the rollback is done/],
  ])('%s', (_, more, expected) => {
    expect(firstOf(more)).toMatch(expected);
  });

  test('a run with committed steps can be undone as well, an undo is never offered to be undone', () => {
    expect(safeToDo(facts({ runs: [run()] })).join('\n')).toMatch(/`backout undo 20261122-0300-abcd/);
    const undone = {
      position: { steps: steps('applied'), failed: null },
      runs: [run({ kind: 'undo', ended: true })],
    };
    expect(safeToDo(facts(undone)).join('\n')).not.toMatch(/backout undo/);
  });

  test('stopped writes are to be let in again, and nothing is ever to be dropped', () => {
    const all = safeToDo(facts({ stopped: { at: 'noon', by: 'ada' } })).join('\n');
    expect(all).toMatch(/--allow-writes --confirm orders/);
    expect(all).toMatch(/Do not drop any database/);
    expect(all).toMatch(/Do not drop the schemas backout and backout_archive/);
  });

  test('names go into commands as one word of the shell', () => {
    expect(whereTo(facts())).toBe('--database postgresql://ops@db1:5432/orders');
    const strange = { server: { host: '/run/pg', port: '5433', database: "a b'; rm -rf", user: 'o' } };
    expect(whereTo(strange)).toBe(
      `--database 'postgresql://o@/a%20b'\\''%3B%20rm%20-rf?host=%2Frun%2Fpg&port=5433'`,
    );
  });
});

describe('the document', () => {
  test('what is safe stands first, and no text of others becomes Markdown', () => {
    const text = handOverDocument(facts({ tried: ['# [click](http://evil)'], beside: ['x *y*'] }), [
      'journal.jsonl',
    ]);
    expect(text.indexOf('## What is safe to do now')).toBeLessThan(text.indexOf('## Where it stands'));
    expect(text).toContain('\\# \\[click\\](http://evil)');
    expect(text).toContain('+49 30 1 – Grace, database on call');
    expect(text).toContain('The password is not in here');
    expect(text).toContain('- journal.jsonl');
  });
});

describe('what was tried', () => {
  const journal = (...events: JournalBody[]): JournalEvent[] =>
    events.map((event, at) => ({
      ...event,
      schema: 'backout.event/1',
      seq: at + 1,
      at: '2026-11-22T03:00:00.000Z',
    }));

  test('is told from the journal', () => {
    const lines = triedLines(
      journal(
        { type: 'step-confirmed', step: 'step-1', title: 'Step 1', hash: 'h', typed: 'orders' },
        { type: 'escalated', act: 'restore', ok: false, text: 'pg_restore failed' },
      ),
    );
    expect(lines).toEqual([
      '2026-11-22T03:00:00Z Step 1 confirmed',
      '2026-11-22T03:00:00Z escalation, without success: pg_restore failed',
    ]);
  });

  test('is not known as long as nobody has found out', () => {
    const finished = {
      type: 'step-finished',
      step: 's',
      outcome: 'unknown',
      seconds: 1,
      error: null,
    } as const;
    expect(isUnknown(journal(finished))).toBe(true);
    expect(isUnknown(journal(finished, { type: 'step-found', step: 's', found: 'done' }))).toBe(false);
    expect(isUnknown(journal({ ...finished, outcome: 'done' }))).toBe(false);
  });
});
