/** What was left before anything was decided: told so, with no points that walking away would earn. */
import { describe, expect, it } from 'vitest';
import { lastWords } from '../../../src/commands/leave.ts';
import { debriefOf } from '../../../src/practice/score/debrief.ts';
import { NOT_JUDGED } from '../../../src/practice/score/left.ts';
import { debriefMarkdown } from '../../../src/practice/score/markdown.ts';
import { scoreOf } from '../../../src/practice/score/score.ts';
import type { JudgedDrill } from '../../../src/practice/score/types.ts';
import { screenOf } from '../../../src/steps/index.ts';
import { Walk, wordsIn } from '../../wizard/support.ts';
import { plainPractice } from '../../../src/wizard/drill.ts';
import {
  answered,
  confirmed,
  decision,
  DRILL,
  journal,
  MET,
  result,
  started,
  WHOLE,
  type Line,
} from './support.ts';

const NOT_STOP: JudgedDrill = { ...DRILL, right: { ...DRILL.right, decision: 'rollback', alsoRight: [] } };

const judged = (lines: readonly Line[], drill = NOT_STOP) =>
  scoreOf(drill, journal([started, ...lines]), WHOLE);

const refused = answered('prerequisites', 'accept', 'no');

describe('left before a decision', () => {
  it.each<[string, Line[]]>([
    ['at the first screen', [result('declined')]],
    ['when everything was seen', [MET, result('declined')]],
    ['by a signal', [MET, result('stopped')]],
    ['when a warning was accepted', [answered('prerequisites', 'accept', 'yes'), result('declined')]],
    [
      'when a refused warning was taken up again',
      [refused, answered('prerequisites', 'declined', 'again'), result('declined')],
    ],
    ['when it could not connect', [result('error')]],
  ])('%s is not judged', (_when, lines) => {
    expect(judged(lines)).toEqual({ points: 0, of: 100, unjudged: NOT_JUDGED, items: [] });
  });

  it.each<[string, Line[]]>([
    ['goes on', [MET]],
    ['was decided', [decision('rollback'), result('declined')]],
    ['was acted on', [confirmed('step-1'), result('stopped')]],
    [
      'was refused for a warning',
      [refused, answered('prerequisites', 'declined', 'leave'), result('declined')],
    ],
    ['could not start as things stood', [MET, result('prerequisite-failed')]],
    [
      'had a backup brought back',
      [{ type: 'escalated', act: 'restore', ok: true, text: 'Restored.' } as Line, result('declined')],
    ],
  ])('what %s is judged', (_what, lines) => {
    const score = judged(lines);
    expect(score.unjudged).toBeUndefined();
    expect(score.items.length).toBeGreaterThan(3);
  });

  it('earns what it is worth where to stop is right and the fault was met, and nothing before that', () => {
    expect(judged([MET, result('declined')], DRILL).points).toBeGreaterThan(60);
    expect(judged([result('declined')], DRILL)).toMatchObject({ points: 0, unjudged: NOT_JUDGED });
  });
});

describe('what is told of it', () => {
  const debrief = debriefOf(NOT_STOP, journal([started, MET, result('declined')]), WHOLE);

  it('is the sentence in place of the points, on the screen, in the record and on leaving', () => {
    const walk = new Walk({ environment: 'PRACTICE', drill: { ...plainPractice(), id: 'empty-backup' } });
    const state = {
      ...walk.state,
      screen: 'report' as const,
      debrief: { ...walk.state.debrief, status: 'done' as const, result: debrief, open: true },
    };
    const words = wordsIn(screenOf(state).blocks);
    expect(words).toContain(NOT_JUDGED);
    expect(words).not.toMatch(/of 100|Score/);
    expect(debriefMarkdown(debrief)).toContain(`**${NOT_JUDGED}**`);
    expect(debriefMarkdown(debrief)).not.toMatch(/of 100|## Score/);
    expect(lastWords(state, null).join('\n')).toContain(`Drill: The backup is empty. ${NOT_JUDGED}`);
  });
});
