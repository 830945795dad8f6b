/** Practice in a terminal: a rollback, and its undo from the report by one key. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import type { Operator } from './support/operator.ts';
import { CLOSE, freePractice, runOn, TARGET, toReport, toStepOne, undoAll } from './support/questions.ts';

const NAME = 'singularity_practice';

beforeAll(() => built());

let operator: Operator | null = null;
afterEach(async () => {
  await operator?.dispose();
});

it('u on the report leads through the undo of that run', async () => {
  operator = await freePractice();
  await toStepOne(operator);
  await runOn(operator, NAME, 1);
  await toReport(operator);
  await operator.pty.press('u');
  await operator.untilAsked(TARGET);
  expect(operator.pty.text()).toContain('Undo');
  await undoAll(operator, NAME);
  expect(operator.pty.text()).toMatch(/Verified: all \d+ checks hold\./);
  await operator.answer(/Enter goes on to the report/, 'enter');
  await operator.answer(CLOSE, 'enter');
  expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
  expect(operator.pty.leftovers()).toEqual([]);
});
