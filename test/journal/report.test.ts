import { describe, expect, it } from 'vitest';
import { renderMarkdown, summaryLines, fenced, inline } from '../../src/journal/markdown.ts';
import { buildReport } from '../../src/journal/report.ts';
import type { JournalBody, JournalEvent } from '../../src/journal/types.ts';
import type { ServerInfo } from '../../src/postgres/types.ts';

const server: ServerInfo = {
  version: '15.18',
  versionNumber: 150018,
  database: 'singularity_dev',
  user: 'ops',
  host: 'db1',
  port: '5432',
  superuser: false,
  standby: false,
  readOnly: false,
  encryption: 'TLSv1.3, verified: full',
  systemIdentifier: '1',
  embedded: false,
};

const bodies: JournalBody[] = [
  {
    type: 'run-started',
    version: '0.1.0',
    surface: 'tui',
    environment: 'PRODUCTION',
    runbook: { path: 'r.md', title: 'A | title', sha256: 'ab'.repeat(32), migration: '20250101000014' },
    operator: { user: 'jo', host: 'bastion' },
  },
  { type: 'connected', server },
  {
    type: 'plan',
    hash: 'h',
    position: {
      steps: [
        { id: 'step-1', state: 'pending', statements: [] },
        { id: 'step-2', state: 'pending', statements: [] },
      ],
    },
    locks: [],
    dataAtRisk: [
      {
        step: 'step-1',
        index: 12,
        table: 'detection_events',
        column: 'codebase_id',
        rows: 530,
        detail: 'Dropped.',
      },
      { step: 'step-2', index: 18, table: 'git_merge_history', rows: 40, detail: 'Dropped.' },
    ],
    invented: [
      {
        step: 'step-1',
        index: 6,
        table: 'detection_events',
        column: 'event_type',
        value: "'unknown'",
        rows: 30,
      },
    ],
    baseline: { detection_events: 1000 },
  },
  {
    type: 'step-confirmed',
    step: 'step-1',
    title: 'Restore detection_events',
    hash: 'h',
    typed: 'singularity_dev',
  },
  { type: 'step-started', step: 'step-1', attempt: 1 },
  {
    type: 'statement',
    step: 'step-1',
    index: 1,
    sql: 'DROP INDEX a',
    command: 'DROP INDEX',
    rows: null,
    seconds: 0.01,
    notices: ['NOTICE: `x`'],
  },
  { type: 'step-committing', step: 'step-1' },
  { type: 'step-finished', step: 'step-1', outcome: 'done', seconds: 1.5, error: null },
  {
    type: 'verification',
    verification: {
      ok: true,
      checks: [{ id: 't', title: 'Table', ok: true, expected: 'exists', found: 'exists', detail: '' }],
    },
  },
  { type: 'checklist', item: 'a', text: 'Run test suite', done: false, note: '', command: null },
  { type: 'checklist', item: 'a', text: 'Run test suite', done: true, note: 'green', command: null },
  { type: 'checklist', item: 'b', text: 'Check logs', done: false, note: '', command: null },
  {
    type: 'result',
    outcome: 'stopped',
    exitStatus: 13,
    run: 'r',
    steps: [
      { id: 'step-1', outcome: 'done' },
      { id: 'step-2', outcome: 'not-run' },
    ],
  },
];

const journal = (list: JournalBody[]): JournalEvent[] =>
  list.map((body, index) => ({
    schema: 'backout.event/1',
    seq: index + 1,
    at: '2026-11-22T03:10:00.000Z',
    ...body,
  }));

describe('the report', () => {
  it('counts as lost and invented only what belongs to steps that are done', () => {
    const report = buildReport(journal(bodies), 'r');
    expect(report.lost.map((entry) => entry.column)).toEqual(['codebase_id']);
    expect(report.invented).toHaveLength(1);
    expect(report.steps.map((step) => step.outcome)).toEqual(['done', 'not-run']);
    expect(report.checklist).toMatchObject([
      { id: 'a', done: true, note: 'green' },
      { id: 'b', done: false },
    ]);
  });

  it.each([
    ['before the step began', 'step-confirmed', 'not-run'],
    ['while statements ran', 'statement', 'rolled-back'],
    ['between the intent and the answer of COMMIT', 'step-committing', 'unknown'],
  ])('of a journal cut off %s says so', (_, lastType, outcome) => {
    const end = bodies.findIndex((body) => body.type === lastType);
    const report = buildReport(journal(bodies.slice(0, end + 1)), 'r');
    expect(report.steps[0]?.outcome).toBe(outcome);
    expect(report.outcome).toBeNull();
    expect(renderMarkdown(report)).toContain('the run was cut off');
  });

  it('renders every prefix of the journal', () => {
    for (let end = 0; end <= bodies.length; end += 1) {
      const report = buildReport(journal(bodies.slice(0, end)), 'r');
      expect(renderMarkdown(report)).toMatch(/^# Rollback report r\n/);
      expect(summaryLines(report).length).toBeLessThanOrEqual(8);
    }
  });

  it('tells who, where, what was lost, and what is still open', () => {
    const text = renderMarkdown(buildReport(journal(bodies), 'r'));
    for (const part of [
      'singularity_dev on db1:5432',
      'jo on bastion',
      'A \\| title',
      'detection_events.codebase_id',
      '530 rows',
      "30 rows got 'unknown'",
      'DROP INDEX a',
      '- [x] Run test suite (green)',
      '- [ ] Check logs',
    ]) {
      expect(text).toContain(part);
    }
    expect(summaryLines(buildReport(journal(bodies), 'r'))).toContain('Still open: 1 checklist item.');
  });

  it('takes text from outside literally', () => {
    expect(inline('a|b <img> \u001b[31m`c`')).toBe('a\\|b \\<img\\> \\\\x1B\\[31m\\`c\\`');
    expect(fenced('```\nDROP', 'sql')).toBe('````sql\n```\nDROP\n````');
  });
});
