/** What holds for the score of any journal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { debriefOf } from '../../../src/practice/score/debrief.ts';
import { debriefMarkdown } from '../../../src/practice/score/markdown.ts';
import { scoreOf } from '../../../src/practice/score/score.ts';
import { verdictWords } from '../../../src/wizard/debrief-words.ts';
import {
  action,
  answered,
  archived,
  coach,
  confirmed,
  consent,
  decision,
  DRILL,
  finished,
  hint,
  journal,
  MET,
  plan,
  result,
  started,
  waiting,
  type Line,
} from './support.ts';

const line: fc.Arbitrary<Line> = fc.constantFrom(
  coach('backup', true),
  coach('backup', false),
  hint('1', 5),
  consent('backup'),
  consent('archive'),
  action('prerequisites', 'backup'),
  decision('rollback'),
  decision('fix-forward'),
  plan(),
  plan({ archive: false, dataAtRisk: [{ step: 'step-1', index: 1, table: 't', rows: 3, detail: '' }] }),
  confirmed('step-1'),
  waiting('step-1'),
  finished('step-1'),
  finished('step-1', 'rolled-back'),
  archived('table', 100, 'The table.'),
  MET,
  answered('prerequisites', 'accept', 'no'),
  answered('prerequisites', 'declined', 'retry'),
  archived('columns', 50, 'summary of codebase_snapshots, by id.'),
  result('fix-forward'),
  result('verified'),
);

const lines = fc.array(line, { maxLength: 25 });
const left = fc.option(fc.nat(240), { nil: null });
const keeps = fc.record({ events: left, summaries: left });

type Keeps = { events: number | null; summaries: number | null };

const endOf = ({ events, summaries }: Keeps) => ({
  keeps: [
    { id: 'events', before: 240, after: events },
    { id: 'summaries', before: 240, after: summaries },
  ],
});

const LAST = result('stopped', 9);
const points = (middle: readonly Line[], kept: Keeps): number =>
  scoreOf(DRILL, journal([started, ...middle, LAST]), endOf(kept)).points;

/** Puts a line in where no time passes by it, and no number of a line before it changes. */
const inserted = (middle: readonly Line[], at: number, extra: Line): Line[] => {
  const place = at % (middle.length + 1);
  return [...middle.slice(0, place), extra, ...middle.slice(place)];
};

describe('for any journal', () => {
  it('the score stays within 0 and 100, is whole, and is the same for the same journal', () => {
    fc.assert(
      fc.property(lines, keeps, (middle, kept) => {
        const first = points(middle, kept);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(first).toBeLessThanOrEqual(100);
        expect(Number.isInteger(first)).toBe(true);
        expect(points(middle, kept)).toBe(first);
      }),
    );
  });

  it('noticing one more risk never lowers it', () => {
    fc.assert(
      fc.property(lines, keeps, fc.nat(), fc.boolean(), (middle, kept, at, which) => {
        const noticed = which ? coach('backup', true) : waiting('step-1');
        expect(points(inserted(middle, at, noticed), kept)).toBeGreaterThanOrEqual(points(middle, kept));
      }),
    );
  });

  it('losing more never raises it', () => {
    fc.assert(
      fc.property(lines, keeps, fc.nat(240), (middle, kept, less) => {
        const fewer = { ...kept, events: kept.events === null ? null : Math.max(0, kept.events - less) };
        expect(points(middle, fewer)).toBeLessThanOrEqual(points(middle, kept));
        expect(points(middle, { ...kept, events: null })).toBeLessThanOrEqual(points(middle, fewer));
      }),
    );
  });

  it('a hint never raises it, nor does a consent to what should have been refused', () => {
    fc.assert(
      fc.property(lines, keeps, fc.nat(), fc.nat(30), (middle, kept, at, cost) => {
        expect(points(inserted(middle, at, hint('x', cost)), kept)).toBeLessThanOrEqual(points(middle, kept));
        expect(points(inserted(middle, at, consent('backup')), kept)).toBeLessThanOrEqual(
          points(middle, kept),
        );
      }),
    );
  });

  it('no speed makes up for lost data or a wrong decision', () => {
    fc.assert(
      fc.property(
        lines,
        fc.integer({ min: 1, max: 240 }),
        fc.integer({ min: 1, max: 600 }),
        (middle, gone, slow) => {
          const base = middle.filter(
            ({ type }) => !['result', 'decision', 'archived', 'plan'].includes(type),
          );
          const at = (choice: 'rollback' | 'fix-forward', minutes: number, events: number) =>
            scoreOf(
              DRILL,
              journal([
                started,
                decision(choice),
                confirmed('step-1'),
                ...base,
                result('fix-forward', minutes),
              ]),
              endOf({ events, summaries: 240 }),
            ).items.reduce((sum, item) => sum + item.points, 0);
          const slowAndRight = at('fix-forward', 9 + slow, 240);
          expect(at('fix-forward', 9, 240 - gone)).toBeLessThan(slowAndRight);
          expect(at('rollback', 9, 240)).toBeLessThan(slowAndRight);
        },
      ),
    );
  });

  it('where to stop is not right, none of this changes, and who decided or ran nothing has no points', () => {
    const drill = { ...DRILL, right: { ...DRILL.right, alsoRight: [] } };
    const judged = (middle: readonly Line[], kept: Keeps) =>
      scoreOf(drill, journal([started, ...middle, LAST]), endOf(kept));
    fc.assert(
      fc.property(lines, keeps, fc.nat(), fc.nat(240), (middle, kept, at, less) => {
        const { points: had, unjudged, items } = judged(middle, kept);
        const fewer = { ...kept, events: Math.max(0, (kept.events ?? 0) - less) };
        expect(judged(inserted(middle, at, coach('backup', true)), kept).points).toBeGreaterThanOrEqual(had);
        expect(judged(inserted(middle, at, hint('x', 5)), kept).points).toBeLessThanOrEqual(had);
        expect(judged(middle, fewer).points).toBeLessThanOrEqual(had);
        const nothing = !middle.some(({ type }) => type === 'decision' || type === 'step-confirmed');
        const refused = middle.some(({ type }) => type === 'answered');
        if (nothing && !refused) expect(unjudged).toBeDefined();
        if (!nothing) expect(unjudged).toBeUndefined();
        if (unjudged !== undefined) expect([had, items]).toEqual([0, []]);
      }),
    );
  });

  it('a debrief can be made and written down', () => {
    fc.assert(
      fc.property(lines, keeps, (middle, kept) => {
        const debrief = debriefOf(DRILL, journal([started, ...middle]), endOf(kept));
        expect(debriefMarkdown(debrief)).toContain(`**${verdictWords(debrief.score)}**`);
      }),
    );
  });
});
