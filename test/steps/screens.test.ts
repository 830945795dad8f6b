import { describe, expect, test } from 'vitest';
import type { Attachment } from '../../src/postgres/types.ts';
import { roadOf, screenOf } from '../../src/steps/index.ts';
import type { Lock, LockLevel } from '../../src/sql/types.ts';
import type { Block, State } from '../../src/wizard/types.ts';
import {
  NOTHING_FOUND,
  PLAN,
  RUNBOOK,
  SERVER,
  SQL,
  Walk,
  failure,
  result,
  sqlIn,
  survey,
  verification,
  wordsIn,
} from '../wizard/support.ts';
import { KEEP } from '../wizard/procedures.ts';

const marks = (walk: Walk): string[] => roadOf(walk.state).map(({ mark, label }) => `${mark} ${label}`);
const here = (walk: Walk): string | undefined => roadOf(walk.state).find((stop) => stop.here)?.label;

const attachment = (outcome: Attachment['outcome']): Attachment => ({
  table: 'snapshots',
  kind: 'view',
  name: `v_${outcome}`,
  detail: '',
  outcome,
  words: `It ${outcome}.`,
});

describe('the plan', () => {
  const walk = new Walk().planned(
    survey(['partial'], {
      attachments: [attachment('breaks'), attachment('follows'), attachment('restored')],
    }),
  );

  test('shows every step with where it stands', () => {
    expect(walk.words).toContain('partial Step 1: Restore events 2 statements, 1 already applied');
    expect(walk.words).toContain('waiting Step 3: Remove the version 1 statement');
  });

  test('shows every statement whole, applied ones with the reason', () => {
    const shown = sqlIn(walk.screen.blocks);
    expect(SQL.flat().filter((one) => !shown.includes(one))).toEqual([SQL[0]?.[0]]);
    expect(shown).not.toContain(KEEP);
    expect(walk.words).toContain('1. Keeps meta.');
    expect(walk.words).toContain('already applied, is passed over: found partial');
  });

  test('shows data at risk, invented values and locks with their numbers', () => {
    expect(walk.words).toMatch(/^meta goes\n(.*\n)*?Step 2, 1 \| agent_sessions \| meta \| 12,400$/m);
    expect(walk.words).toContain("Step 1, 2 | events | kind | 'unknown' | 7");
    expect(walk.words).toContain('Step 1 | snapshots | ACCESS EXCLUSIVE | 1\n');
  });

  test('shows the strongest lock on a table, and all the work done under it', () => {
    const lock = { step: 'step-1', table: 'events', scans: false, rewrites: false };
    const locks: Lock[] = [
      { ...lock, index: 1, level: 'ROW EXCLUSIVE', scans: true },
      { ...lock, index: 2, level: 'ACCESS EXCLUSIVE', rewrites: true },
      { ...lock, index: 3, level: 'SHARE' },
      { ...lock, index: 1, step: 'step-2', level: 'SHARE' },
    ];
    const seen = survey([], { locks });
    const on = (step: number, level: LockLevel): void => {
      seen.offers[step]!.offers[0]!.procedure!.locks = [{ table: 'events', level }];
    };
    on(0, 'ACCESS EXCLUSIVE');
    on(1, 'SHARE');
    const { words } = new Walk().planned(seen);
    const shown = words.split('\n');
    expect(shown.filter((line) => line.includes('| events | ') && !line.includes('kind'))).toEqual([
      'Step 1 | events | ACCESS EXCLUSIVE | 1-3 | read, rewritten',
      'Step 2 | events | SHARE | 1 | ',
    ]);
    expect(words).toContain('While ACCESS EXCLUSIVE is held, these wait: everybody, readers too.');
    expect(words).toContain('A try for them lasts 0.2 s at most; then it lets go of everything');
  });

  test('names what would break or come back, and not what merely follows', () => {
    expect(walk.words).toContain('warn view v_breaks on snapshots: breaks It breaks.');
    expect(walk.words).toContain('pass view v_restored');
    expect(walk.words).not.toContain('v_follows');
  });

  test('leaves tables of its own archive out of the locks, and columns in which nothing stands', () => {
    const seen = survey([], { locks: [] });
    seen.offers[0]!.offers[0]!.procedure!.locks = [
      { table: 'events', level: 'SHARE' },
      { schema: 'backout_archive', table: 'r20261122_1549_k3f9_s1_1_old', level: 'ACCESS EXCLUSIVE' },
    ];
    seen.offers[1]!.offers[0]!.procedure!.locks = [];
    const { words } = new Walk().planned(seen);
    expect(words).toContain('step | table | lock as it begins\nStep 1 | events | SHARE\n');
    expect(words).not.toContain('While ACCESS EXCLUSIVE is held');
  });

  test('nothing at stake is said, not left out', () => {
    const risk = { dataAtRisk: [], invented: [], failing: [], unchecked: [] };
    const seen = survey([], { risk, locks: [] });
    for (const { offers } of seen.offers)
      for (const { procedure } of offers) if (procedure) procedure.locks = [];
    const calm = new Walk().planned(seen);
    expect(calm.words).toContain('No data at risk was found.');
    expect(calm.words).toContain('No value is invented.');
    expect(calm.words).toContain('No table is locked.');
  });

  test('what was not checked is named with the reason', () => {
    const seen = survey();
    seen.risk.unchecked.push({ step: 'step-1', index: 2, what: 'rows of events', why: 'permission denied' });
    expect(new Walk().planned(seen).words).toContain('unknown Step 1, 2: rows of events permission denied');
  });
});

describe('the prerequisites', () => {
  test('stand with finding, single items and advice; the one asked about is pointed at', () => {
    const walk = new Walk().checked([result('backup', 'warn'), result('primary', 'pass')]);
    const [first, second] = walk.screen.blocks;
    expect(first).toMatchObject({ kind: 'item', mark: 'warn', focused: true, detail: 'Found backup.' });
    expect(first).toMatchObject({ lines: ['Mend backup.'] });
    expect(second).toMatchObject({ kind: 'item', mark: 'pass' });
    expect(walk.question.prompt).toContain('Found backup.');
  });
});

describe('the forward screen', () => {
  test('names rows, partial steps and what stays', () => {
    const seen = survey(['partial'], { attachments: [attachment('lost')] });
    seen.risk.failing.push({
      step: 'step-1',
      index: 2,
      table: 'events',
      column: 'confidence',
      kind: 'cast',
      rows: 12,
      keys: ['7', '9'],
      keyColumns: 'id',
      detail: '"high" is no number',
    });
    const walk = new Walk().deciding(seen).answer('fix-forward').send(NOTHING_FOUND);
    expect(walk.screen.id).toBe('forward');
    expect(walk.words).toContain('Step 1 was begun and not finished');
    expect(walk.words).toContain(
      'Step 1, 2: events.confidence, 12 rows "high" is no number id: 7, 9, and 10 more',
    );
    expect(walk.words).toContain('agent_sessions.meta, 12,400 rows meta goes');
    expect(walk.words).toContain('view v_lost on snapshots');
  });
});

describe('the road', () => {
  test('names all that is to come, from the first moment', () => {
    const walk = new Walk();
    expect(roadOf(walk.state).map(({ label }) => label)).toEqual([
      'Target',
      'Prerequisites',
      'Decision',
      'Plan',
      'Step 1: Restore events',
      'Step 2: Restore sessions',
      'Step 3: Remove the version',
      'Verification',
      'Checklist',
      'Report',
    ]);
    expect(here(walk)).toBe('Target');
  });

  test('marks what is done, runs, failed, was passed over, is not known', () => {
    const walk = new Walk().running(survey(['applied']));
    expect(marks(walk)).toContain('skipped Step 1: Restore events');
    expect(marks(walk)).toContain('running Step 2: Restore sessions');
    expect(here(walk)).toBe('Step 2: Restore sessions');
    walk.send({ type: 'step-unknown', step: 'step-2', seconds: 1, error: failure() });
    expect(marks(walk)).toContain('unknown Step 2: Restore sessions');
    const failed = new Walk().running().send({
      type: 'step-failed',
      step: 'step-1',
      seconds: 1,
      error: failure(),
      cancelled: false,
    });
    expect(marks(failed)).toContain('fail Step 1: Restore events');
  });

  test('at the end everything is done', () => {
    const walk = new Walk().allSteps().send({ type: 'verified', verification: verification(true) });
    walk.answer('next').answer('done').answer('done').answer('next');
    walk.send({ type: 'report-written', markdownPath: '/m', jsonPath: '/j', summary: [] });
    expect(roadOf(walk.state).map(({ mark }) => mark)).toEqual(Array(10).fill('done'));
  });

  test('fix forward takes the place of what lies between', () => {
    const walk = new Walk().deciding().answer('fix-forward').answer('agreed');
    expect(roadOf(walk.state).map(({ label }) => label)).toEqual([
      'Target',
      'Prerequisites',
      'Decision',
      'Fix forward',
      'Report',
    ]);
    expect(here(walk)).toBe('Fix forward');
  });
});

describe('text from outside', () => {
  const EVIL = 'a\u001b[31m\u0007\u202e\u200b\u009b\r\nb';
  const planted = {
    plan: {
      ...PLAN,
      steps: PLAN.steps.map((step) => ({
        ...step,
        title: EVIL,
        words: EVIL,
        statements: step.statements.map((statement) => ({ ...statement, sql: EVIL, comment: EVIL })),
      })),
    },
    runbook: {
      ...RUNBOOK,
      title: EVIL,
      path: EVIL,
      checklist: [{ id: 'evil', text: EVIL, command: EVIL, line: 1 }],
      escalation: { title: EVIL, depth: 2, text: EVIL, blocks: [], line: 1 },
      troubleshooting: [{ id: 'x', title: EVIL, cause: EVIL, solution: EVIL, blocks: [], line: 1 }],
    },
  };

  /** Every string of a screen. */
  const strings = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    return value !== null && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
  };

  const expectClean = (state: State): void => {
    const { title, blocks, question } = screenOf(state);
    const multiline = new Set(blocks.flatMap((block: Block) => (block.kind === 'sql' ? [block.sql] : [])));
    for (const one of [
      ...strings(blocks),
      title,
      question.prompt,
      ...roadOf(state).map(({ label }) => label),
    ]) {
      expect(multiline.has(one) ? one.replaceAll('\n', '') : one).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  };

  test('is made visible on every screen on which it may appear', () => {
    const evil = failure({ message: EVIL, detail: EVIL, hint: EVIL, statement: EVIL, troubleshooting: EVIL });
    const walk = new Walk(planted).send(
      { type: 'start' },
      { type: 'connecting', settings: [{ name: 'host', value: EVIL, origin: EVIL }] },
    );
    expectClean(walk.state);
    walk.send({ type: 'connected', server: { ...SERVER, user: EVIL, host: EVIL, encryption: EVIL } });
    expectClean(walk.state);
    walk.act('escalate');
    expectClean(walk.state);
    walk.act('back').answer('next');
    walk.send({
      type: 'prerequisite',
      result: { id: 'x', title: EVIL, status: 'warn', detail: EVIL, advice: EVIL, items: [EVIL] },
    });
    const seen = survey(['pending'], { attachments: [{ ...attachment('lost'), name: EVIL, words: EVIL }] });
    seen.risk.failing.push({
      step: 'step-1',
      index: 1,
      table: EVIL,
      column: EVIL,
      kind: 'cast',
      rows: 1,
      keys: [EVIL],
      keyColumns: EVIL,
      detail: EVIL,
    });
    walk.send({ type: 'prerequisites-done', survey: seen });
    expectClean(walk.state);
    walk
      .answer('yes')
      .answer('next')
      .send({
        type: 'evidence',
        evidence: [{ id: 'e', title: EVIL, supports: 'rollback', detail: EVIL, source: 'database' }],
        toAsk: [{ id: 'c', text: EVIL, supports: 'rollback' }],
      });
    expectClean(walk.state);
    walk.answer('yes');
    expectClean(walk.state);
    walk.answer('fix-forward');
    walk.answer(EVIL);
    expectClean(walk.state);
    walk.act('back').answer('rollback').answer(EVIL);
    expect(walk.state.screen).toBe('plan');
    expectClean(walk.state);
    walk.answer('next');
    expectClean(walk.state);
    walk
      .answer('yes')
      .send(
        { type: 'step-started', step: 'step-1', at: 1 },
        { type: 'statement-notice', step: 'step-1', index: 1, text: EVIL },
      );
    expectClean(walk.state);
    walk.send({ type: 'step-failed', step: 'step-1', seconds: 1, error: evil, cancelled: false });
    expect(wordsIn(screenOf(walk.state).blocks)).toContain('\\x1B[31m');
    expectClean(walk.state);
  });
});
