/** What the report says of archive, forms, waits, consents and runs gone on with. */
import { describe, expect, it } from 'vitest';
import { renderMarkdown, summaryLines } from '../../src/journal/markdown.ts';
import { buildReport } from '../../src/journal/report.ts';
import type { ArchivedObject, JournalBody, JournalEvent } from '../../src/journal/types.ts';

const run = '20261122-1549-k3f9';
const journal = (list: JournalBody[]): JournalEvent[] =>
  list.map((body, index) => ({
    schema: 'backout.event/1',
    seq: index + 1,
    at: `2026-11-22T03:10:${String(index).padStart(2, '0')}.000Z`,
    ...body,
  }));
const report = (...list: JournalBody[]) => buildReport(journal(list), run);

const started = (user: string, more: { kind?: 'undo'; undoes?: string } = {}): JournalBody => ({
  type: 'run-started',
  version: '0.1.0',
  surface: 'tui',
  environment: 'PRODUCTION',
  runbook: { path: 'r.md', title: 'R', sha256: 'ab'.repeat(32), migration: null },
  operator: { user, host: 'bastion' },
  ...more,
});
const plan = (more: Partial<Extract<JournalBody, { type: 'plan' }>> = {}): JournalBody => ({
  type: 'plan',
  hash: 'h',
  position: {
    steps: ['step-1', 'step-2'].map((id) => ({ id, state: 'pending' as const, statements: [] })),
  },
  locks: [],
  dataAtRisk: [
    { step: 'step-1', index: 1, table: 'snapshots', column: 'meta', rows: 530, detail: 'Dropped.' },
  ],
  invented: [],
  baseline: {},
  ...more,
});
const begun = (step: string): JournalBody => ({ type: 'step-started', step, attempt: 1 });
const finished = (step: string): JournalBody => ({
  type: 'step-finished',
  step,
  outcome: 'done',
  seconds: 1,
  error: null,
});
const kept: ArchivedObject = {
  step: 'step-1',
  seq: 1,
  kind: 'columns',
  object: 'snapshots',
  archived: 'r20261122_1549_k3f9_s1_1_snapshots',
  rows: 530,
  words: 'meta of every row that holds something in it.',
};

const whole = report(
  started('jo'),
  plan({
    forms: [
      {
        step: 'step-1',
        form: 'rewrite',
        lock: 'ACCESS EXCLUSIVE',
        archiveBytes: 9,
        notUndoable: ['The order of columns.'],
      },
      { step: 'step-2', form: 'as-written', lock: '', archiveBytes: 0, notUndoable: ['Never run.'] },
    ],
  }),
  begun('step-1'),
  { type: 'archived', step: 'step-1', objects: [kept] },
  finished('step-1'),
  begun('step-2'),
  { type: 'archived', step: 'step-2', objects: [{ ...kept, step: 'step-2', object: 'rolled_back' }] },
);

describe('the archive in the report', () => {
  it('lists every object of the steps that are done, with its count and its name', () => {
    expect(whole.archived).toEqual([kept]);
    const text = renderMarkdown(whole);
    expect(text).toContain('| step-1 | snapshots | columns | 530 | r20261122_1549_k3f9_s1_1_snapshots |');
    expect(text).not.toContain('rolled_back');
    expect(text).toContain(`backout undo ${run}`);
    expect(text).toContain('Taken out of the tables');
    expect(text).not.toContain('Gone from the database');
    expect(summaryLines(whole).join('\n')).toContain('Archived: 1 object, 530 rows.');
  });

  it('says the form of each step, and what an undo of it could not bring back', () => {
    expect(whole.steps.map((step) => step.form)).toEqual(['rewrite', 'as-written']);
    expect(whole.notUndoable).toEqual([{ step: 'step-1', text: 'The order of columns.' }]);
    expect(renderMarkdown(whole)).toContain('The order of columns.');
  });

  it('says in bold that nothing was kept, and then promises no undo', () => {
    const without = report(started('jo'), plan({ archive: false }), begun('step-1'), finished('step-1'));
    const text = renderMarkdown(without);
    expect(text).toMatch(/\*\*Nothing was archived: .*cannot be undone\.\*\*/);
    expect(text).toContain('Gone from the database');
    expect(text).not.toContain('backout undo');
    expect(summaryLines(without)).toContain('Nothing was archived: this run cannot be undone.');
  });
});

describe('a run that was gone on with', () => {
  const first = [
    started('jo'),
    plan(),
    begun('step-1'),
    { type: 'step-committing', step: 'step-1' },
  ] as const;
  const resumed = (stepsDone: string[]): JournalBody => ({
    type: 'resumed',
    from: { operator: 'jo', host: 'bastion' },
    stepsDone,
  });

  it.each([
    ['the record says that it committed', ['step-1'], 'done'],
    ['the record says that it did not', [], 'rolled-back'],
  ])('tells a step that ended at COMMIT by what %s', (_, stepsDone, outcome) => {
    expect(report(...first).steps[0]?.outcome).toBe('unknown');
    expect(report(...first, started('kim'), resumed(stepsDone)).steps[0]?.outcome).toBe(outcome);
  });

  it.each([
    ['done', 'done'],
    ['not-done', 'rolled-back'],
    ['still-running', 'unknown'],
  ] as const)('takes the database at its word: %s', (found, outcome) => {
    const told: JournalBody = { type: 'step-found', step: 'step-1', found };
    expect(report(...first, told).steps[0]?.outcome).toBe(outcome);
  });

  it('names everybody who worked on it, and counts a result before that as no end', () => {
    const result: JournalBody = { type: 'result', outcome: 'stopped', exitStatus: 13, run, steps: [] };
    const built = report(...first, result, started('kim'), resumed(['step-1']));
    expect(built.outcome).toBeNull();
    expect(built.sessions.map(({ operator, from }) => [operator.user, from?.operator ?? null])).toEqual([
      ['jo', null],
      ['kim', 'jo'],
    ]);
    expect(renderMarkdown(built)).toMatch(/Resumed \| .* by kim on bastion, after .* jo on bastion/);
  });

  it('counts every step of a whole plan as unknown between the intent and the answer', () => {
    const built = report(started('jo'), plan({ wholePlan: true }), begun('step-1'), begun('step-2'), {
      type: 'step-committing',
      step: 'step-2',
      steps: ['step-1', 'step-2'],
    });
    expect(built.steps.map((step) => step.outcome)).toEqual(['unknown', 'unknown']);
    expect(renderMarkdown(built)).toContain('All steps in one transaction.');
  });
});

describe('waits and undos in the report', () => {
  it('sums the tries at a lock up, with everybody who held it', () => {
    const wait = (attempt: number, blockers: string[]): JournalBody => ({
      type: 'lock-waiting',
      step: 'step-1',
      table: 'snapshots',
      level: 'ACCESS EXCLUSIVE',
      attempt,
      blockers,
    });
    const built = report(wait(1, ['pid 7 | app']), wait(2, ['pid 7 | app', 'pid 9']), {
      type: 'lock-acted',
      text: 'Process 7 was terminated.',
    });
    expect(built.lockWaits).toMatchObject([{ tries: 2, blockers: ['pid 7 | app', 'pid 9'] }]);
    const text = renderMarkdown(built);
    expect(text).toContain('taken at 2 tries');
    expect(text).toContain('pid 7 \\| app');
    expect(text).toContain('Process 7 was terminated.');
  });

  it('calls an undo an undo, and says of what', () => {
    const undo = report(started('jo', { kind: 'undo', undoes: '20261121-0000-aaaa' }), {
      type: 'result',
      outcome: 'verified',
      exitStatus: 0,
      run,
      steps: [],
    });
    expect(renderMarkdown(undo)).toMatch(/^# Undo report /);
    expect(renderMarkdown(undo)).toContain('| Takes back run | 20261121-0000-aaaa |');
    expect(summaryLines(undo)[0]).toContain('Undone and verified');
    const kind = 'undo';
    const took = { ...whole, kind } as const;
    expect(renderMarkdown(took)).toContain('r20261122_1549_k3f9_s1_1_snapshots');
    expect(renderMarkdown(took) + summaryLines(took).join()).not.toContain('backout undo');
  });

  it('reads journals of the first version as rollbacks that kept nothing', () => {
    const old = report(started('jo'), plan(), begun('step-1'), finished('step-1'));
    expect(old).toMatchObject({ kind: 'rollback', undoes: null, archived: [], withoutArchive: false });
    expect(renderMarkdown(old)).toContain('Gone from the database');
  });
});
