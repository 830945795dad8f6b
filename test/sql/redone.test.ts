/** A constraint dropped and added again: a name that is there says nothing of which one it is. */
import { beforeAll, describe, expect, it } from 'vitest';
import { redoing, toRedo } from '../../src/sql/position/redone.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import type { PlanStep, PositionState, StatementPosition } from '../../src/sql/types.ts';

beforeAll(loadParser);

const stepOf = (sql: string): PlanStep => planFromSql(sql, 'Step').steps[0] as PlanStep;
const judged = (...states: PositionState[]): StatementPosition[] =>
  states.map((state, at) => ({ index: at + 1, state, reason: '' }));

const REDONE = "ALTER TABLE t DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT c CHECK (a IN ('x'))";

describe('a constraint of the same name', () => {
  it.each([
    [REDONE, [1]],
    ['ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)', [1, 2]],
    ['ALTER TABLE t ADD CONSTRAINT c UNIQUE (a); ALTER TABLE t DROP CONSTRAINT c', []],
    ['ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE u ADD CONSTRAINT c UNIQUE (a)', []],
    ['ALTER TABLE t DROP CONSTRAINT c, DROP COLUMN b, ADD CONSTRAINT c UNIQUE (a)', []],
  ])('%s', (sql, expected) => {
    expect([...redoing(stepOf(sql))]).toEqual(expected);
  });

  it('is still to be made while anything else of its step is to run, and where nothing else tells', () => {
    const step = stepOf(`${REDONE}; DELETE FROM versions WHERE v = 1`);
    expect([...toRedo(step, judged('applied', 'pending'), false)]).toEqual([1]);
    expect([...toRedo(step, judged('applied', 'applied'), false)]).toEqual([]);
    expect([...toRedo(step, judged('applied', 'conflict'), false)]).toEqual([]);
    expect([...toRedo(stepOf(REDONE), judged('applied'), false)]).toEqual([1]);
    expect([...toRedo(stepOf(REDONE), judged('applied'), true)]).toEqual([]);
  });
});
