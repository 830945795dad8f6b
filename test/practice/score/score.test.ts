/** The score of a drill: what each thing is worth, and that nothing makes up for data. */
import { describe, expect, it } from 'vitest';
import { scoreOf } from '../../../src/practice/score/score.ts';
import type { ScoreKind } from '../../../src/practice/score/types.ts';
import { WEIGHTS } from '../../../src/practice/score/weights.ts';
import {
  archived,
  coach,
  confirmed,
  consent,
  decision,
  DRILL,
  end,
  finished,
  hint,
  journal,
  MET,
  plan,
  result,
  RIGHT,
  started,
  WHOLE,
  WRONG,
  type Line,
} from './support.ts';

const score = (lines: readonly Line[], kept = WHOLE, drill = DRILL) => scoreOf(drill, journal(lines), kept);

const of = (lines: readonly Line[], what: ScoreKind, kept = WHOLE) =>
  score(lines, kept).items.filter((item) => item.what === what);

describe('the score', () => {
  it('gives what an expert does all points but those of what could not be met', () => {
    const { points, items } = score(RIGHT);
    const missed = items.filter((item) => item.points < item.of);
    expect(missed.map(({ id }) => id)).toEqual(['risk:blocker']);
    expect(points).toBe(100 - (missed[0]?.of ?? 0));
  });

  it('adds up to 100, whatever the drill has nothing of, and time is never worth more', () => {
    const bare = { ...DRILL, risks: [], must: [], mustNot: [], keeps: [] };
    for (const drill of [DRILL, bare, { ...bare, risks: DRILL.risks }]) {
      const { items } = score(RIGHT, WHOLE, drill);
      expect(items.reduce((sum, item) => sum + item.of, 0)).toBe(100);
      expect(items.find(({ what }) => what === 'time')?.of).toBe(WEIGHTS.time);
    }
    expect(score(RIGHT, WHOLE, bare).points).toBe(100);
  });

  it('names the moment of each thing in the journal', () => {
    const { items } = score(RIGHT);
    const at = (id: string) => items.find((item) => item.id === id)?.moment;
    expect(at('risk:backup')).toEqual({ seq: 2, at: '2026-11-22T03:00:06.000Z' });
    expect(at('must:1')?.seq).toBe(3);
    expect(at('decision')?.seq).toBe(4);
    expect(at('outcome')?.seq).toBe(5);
    expect(at('risk:blocker')).toBeNull();
  });

  it('gives a wrong road at least 20 points less', () => {
    expect(score(RIGHT).points - score(WRONG).points).toBeGreaterThanOrEqual(20);
  });
});

describe('the decision', () => {
  it('counts the other right one as well', () => {
    const [stopped] = of([started, MET, result('declined')], 'decision');
    expect(stopped).toMatchObject({ points: stopped?.of });
    expect(stopped?.text).toContain('You decided to stop');
  });

  it('takes who chose to roll back and ran nothing for one who stopped', () => {
    expect(of([started, decision('rollback'), result('declined')], 'decision')[0]?.text).toContain(
      'You decided to stop',
    );
    expect(of([started, decision('rollback')], 'decision')[0]?.text).toContain('You decided to roll back');
  });

  it('tells the quick road from the steps', () => {
    const quick: Line[] = [
      started,
      decision('rollback', 'quick'),
      { type: 'quick-started', command: 'mix', folder: '.', kept: 3, give: 'nothing' },
      result('verified'),
    ];
    expect(of(quick, 'decision')[0]).toMatchObject({ points: 0 });
    expect(of(quick, 'decision')[0]?.text).toContain("the framework's own command");
  });

  it('is the last one taken, and its outcome that of the rollback, not of the repairs after it', () => {
    const lines: Line[] = [
      started,
      decision('rollback'),
      decision('fix-forward'),
      result('fix-forward'),
      {
        type: 'run-started',
        version: '1',
        surface: 'tui',
        environment: 'PRACTICE',
        runbook: { path: 'r', title: 'r', sha256: 's', migration: null },
        operator: { user: 'ada', host: 'h' },
        kind: 'repair',
      },
      result('sql-failed'),
    ];
    expect(of(lines, 'decision')[0]?.points).toBeGreaterThan(0);
    expect(of(lines, 'outcome')[0]?.points).toBeGreaterThan(0);
  });

  it('earns nothing for an outcome that a wrong decision came to', () => {
    const drill = { ...DRILL, right: { ...DRILL.right, outcomes: ['verified' as const] } };
    const { items } = score(WRONG, WHOLE, drill);
    expect(
      items.filter(({ what }) => what === 'decision' || what === 'outcome').map(({ points }) => points),
    ).toEqual([0, 0]);
  });
});

describe('data', () => {
  const acted: Line[] = [started, decision('rollback'), plan(), confirmed('step-1'), finished('step-1')];

  it('costs the most when a single row is lost, more than a wrong decision and all time together', () => {
    const [item] = of(acted, 'data', end(239));
    const cost = (item?.of ?? 0) - (item?.points ?? 0);
    const { items } = score(acted);
    const other = items
      .filter(({ what }) => what === 'decision' || what === 'outcome' || what === 'time')
      .map((one) => one.of);
    expect(cost).toBeGreaterThan(Math.max(...other));
    expect(cost).toBeGreaterThanOrEqual(24);
    expect(item?.text).toContain('1 lost for good');
    expect(item?.moment?.seq).toBe(4);
  });

  it('is gone where it cannot be counted any more', () => {
    expect(of(acted, 'data', end(null, null))[0]).toMatchObject({ points: 0 });
  });

  it('costs less where it is in the archive', () => {
    const kept = [...acted, archived('table', 240, 'The table codebase_snapshots.')];
    const [away] = of(kept, 'data', end(0, 0));
    const [gone] = of(acted, 'data', end(0, 0));
    expect(away?.points).toBeGreaterThan(gone?.points ?? 0);
    expect(away?.points).toBeLessThan(away?.of ?? 0);
    expect(away?.text).toContain('only in the archive');
  });

  it('does not take archived columns for archived rows', () => {
    const kept = [...acted, archived('columns', 240, 'summary and features of codebase_snapshots, by id.')];
    expect(of(kept, 'data', end(0, 240))[0]?.text).toContain('240 lost for good');
    expect(of(kept, 'data', end(240, 0))[0]?.text).toContain('240 only in the archive');
  });

  it('does not count what the archive of a step holds that was rolled back', () => {
    const lines: Line[] = [
      started,
      confirmed('step-1'),
      archived('table', 240, 'The table codebase_snapshots.'),
      finished('step-1', 'rolled-back'),
    ];
    expect(of(lines, 'data', end(0))[0]?.text).toContain('240 lost for good');
  });

  it('is lost where the archive was gone without, though nothing of it was counted', () => {
    const atRisk = [{ step: 'step-1', index: 1, table: 't', rows: 7, detail: '' }];
    const lines = (archive: boolean): Line[] => [
      started,
      consent('archive'),
      plan({ archive, dataAtRisk: atRisk }),
      confirmed('step-1'),
      finished('step-1'),
    ];
    const [without] = of(lines(false), 'data');
    expect(without?.points).toBeLessThan((without?.of ?? 0) / 2);
    expect(without).toMatchObject({ moment: { seq: 2 } });
    expect(of(lines(true), 'data')[0]).toMatchObject({ points: without?.of });
  });

  it('is lost where the quick rollback ran without copies and did something', () => {
    const ran = (kept: number, changed: boolean): Line[] => [
      started,
      plan({ dataAtRisk: [{ step: 'step-3', index: 1, table: 't', rows: 7, detail: '' }] }),
      { type: 'quick-started', command: 'mix', folder: '.', kept, give: 'nothing' },
      {
        type: 'quick',
        command: 'mix',
        result: { command: 'mix', exitStatus: 0, signal: null, seconds: 1, tail: [] },
        found: { changed, recorded: false, words: [], notUndoable: [], undoable: false },
      },
    ];
    const points = (kept: number, changed: boolean) => of(ran(kept, changed), 'data')[0]?.points ?? 0;
    expect(points(0, true)).toBeLessThan(points(4, true));
    expect(points(0, false)).toBe(points(4, true));
  });
});

describe('risks, rules, hints and time', () => {
  it('counts a risk in full before acting, in part afterwards, and in full where it cannot come before', () => {
    const [early] = of(RIGHT, 'risk');
    const [late] = of([started, confirmed('step-1'), coach('backup', true)], 'risk');
    const [never, blocker] = of(WRONG, 'risk');
    expect(early?.points).toBe(early?.of);
    expect(late?.points).toBeGreaterThan(0);
    expect(late?.points).toBeLessThan(early?.points ?? 0);
    expect(late?.text).toContain('Noticed only when the steps had begun');
    expect(never?.points).toBe(0);
    expect(blocker).toMatchObject({ points: blocker?.of });
  });

  it('does not take a wrong answer to the coach for having noticed', () => {
    expect(of([started, coach('backup', false)], 'risk')[0]).toMatchObject({ points: 0 });
  });

  it('takes a check done after acting for skipped, and a wrong confirmation for wrong at any time', () => {
    const late: Line[] = [
      started,
      confirmed('step-1'),
      { type: 'action-used', screen: 'prerequisites', action: 'backup' },
    ];
    expect(of(late, 'check')[0]).toMatchObject({ points: 0, moment: null });
    expect(of([started, confirmed('step-1'), consent('backup')], 'confirmation')[0]).toMatchObject({
      points: 0,
      moment: { seq: 3 },
    });
    expect(of([started, consent('else')], 'confirmation')[0]).toMatchObject({ points: WEIGHTS.confirmation });
  });

  it('takes hints at their price, and what was mistyped three times at the most', () => {
    const slip: Line = {
      type: 'answered',
      screen: 'step',
      asked: 'confirm',
      subject: 'step-1',
      value: 'wrong',
    };
    const dear = score([...RIGHT.slice(0, -1), hint('1', 5), hint('2', 3), result('fix-forward', 5)]);
    expect(score(RIGHT).points - dear.points).toBe(8);
    expect(of([started, slip, slip, slip, slip], 'slip').map(({ points }) => points)).toEqual([-1, -1, -1]);
  });

  it('never falls below 0', () => {
    expect(score([...WRONG, hint('1', 90), hint('2', 90)], end(0, 0)).points).toBe(0);
  });

  it('gives all of the time up to what an expert takes, none from three times that on', () => {
    const after = (minutes: number) => of([started, MET, result('declined', minutes)], 'time')[0]?.points;
    expect([after(1), after(6), after(12), after(18), after(90)]).toEqual([4, 4, 2, 0, 0]);
  });
});
