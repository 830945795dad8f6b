/** Practice in a terminal: a rollback, and its undo from the report by one key. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { CLOSE, confirmByKey, done, readToEnd, runStep, TARGET, toStepOne } from './support/questions.ts';

const NAME = 'singularity_practice';

beforeAll(() => built());

let operator: Operator | null = null;
afterEach(async () => {
  await operator?.dispose();
});

it('u on the report leads through the undo of that run', async () => {
  operator = await atTerminal(['practice']);
  await toStepOne(operator);
  for (const step of [1, 2, 3]) {
    await runStep(operator, step, NAME);
    await operator.answer(done(step), 'enter');
  }
  await confirmByKey(operator, 4);
  await operator.answer(/Step 4 is done/, 'enter');
  await operator.answer(/goes on to the checklist/, 'enter');
  for (;;) {
    const asked = await operator.untilAsked(/Is this done\?|Enter writes the report/);
    const [, item] = /Is this done\? (.*?)(?: ›)? d Done/.exec(asked) ?? [];
    if (item === undefined) break;
    await operator.pty.press('o');
    await operator.pty.waitFor(() => operator?.asked().includes(item) !== true);
  }
  await operator.answer(/Enter writes the report/, 'enter');
  await operator.answer(CLOSE, 'u');
  await operator.answer(TARGET, 'enter');
  expect(operator.pty.text()).toContain('Undo');
  await operator.answer(/Enter goes on to the plan/, 'enter');
  await operator.answer(/Enter goes on to the first step/, 'enter');
  for (const step of [4, 3, 2, 1]) {
    const asked = await operator.untilAsked(new RegExp(`(To run|Run) Undo of Step ${step}`));
    await readToEnd(operator);
    if (asked.includes('type the')) await operator.submit(/Undo of Step/, NAME);
    else await operator.pty.press('y');
    await operator.answer(new RegExp(`Undo of Step ${step} is done`), 'enter');
  }
  await operator.untilAsked(/Enter goes on to the report/);
  expect(operator.pty.text()).toMatch(/Verified: all \d+ checks hold\./);
  await operator.answer(/Enter goes on to the report/, 'enter');
  await operator.answer(CLOSE, 'enter');
  expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
  expect(operator.pty.leftovers()).toEqual([]);
});
