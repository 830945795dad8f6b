/** The wizard on 80 by 24: other forms than the recommended, and the whole plan in one transaction. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { DECIDE, PLAN, readToEnd, REASON, TARGET, toDecision, toReport } from './support/questions.ts';
import { snapshot, tables } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

const form = (step: number): RegExp => new RegExp(`In which form is Step ${step} to be carried out\\?`);

beforeAll(() => built());

describe('f and w on the plan', () => {
  let database: TestDatabase;
  let operator: Operator;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    operator = await atTerminal(['--database', database.url], { columns: 80, rows: 24 });
    await operator.untilAsked(TARGET);
    await toDecision(operator);
    await operator.answer(DECIDE, 'r');
    await operator.submit(REASON, 'the test says so');
    await operator.untilAsked(PLAN);
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('f asks for the form of each step; one that is not offered says why and is not taken', async () => {
    expect(operator.shown()).toMatch(/Step 1: Restore detection_events 12 statements; form: as written/);
    await operator.answer(PLAN, 'f');
    await operator.untilAsked(form(1));
    expect(operator.shown()).toContain('as written: recommended');
    await operator.pty.press('c');
    await operator.answer(form(2), 'w');
    const third = await operator.untilAsked(form(3));
    expect(third).toMatch(/\(c\) copy and swap Not now: /);
    await operator.pty.press('c', 'enter');
    await operator.answer(form(4), 'enter');
    await operator.untilAsked(PLAN);
    const plan = await operator.read();
    expect(plan).toMatch(/Step 1: Restore detection_events 12 statements; form: copy and swap/);
    expect(plan).toMatch(/Step 2: Restore git_sessions 19 statements; form: rewrite/);
    expect(plan).toMatch(/Step 3: Restore technology_knowledge 11 statements; form: as written/);
  });

  it('h rehearses the plan in these forms, tells how it goes, and leaves the tables as they are', async () => {
    const before = await database.use(snapshot);
    await operator.answer(PLAN, 'h');
    await operator.answer(/Rehearse the plan now\?/, 'r');
    await operator.untilAsked(/Rehearsed\. What now\?/);
    const found = await operator.read();
    expect(found).toContain('Restore detection_events [step-1]: ok');
    expect(found).toMatch(/Verification of the copy .*All \d+ checks hold/);
    expect(found).toMatch(/Undo on the copy .*as it was before/);
    await operator.answer(/Rehearsed\. What now\?/, 'c');
    await operator.untilAsked(PLAN);
    expect(await operator.journalOf('rehearsal')).toHaveLength(1);
    expect(await database.use(snapshot)).toEqual(before);
  });

  it('w makes it one transaction: every step is confirmed, and nothing runs before the last of them', async () => {
    await operator.answer(PLAN, 'w');
    await operator.untilAsked(/nothing runs before the last of them is/);
    const before = await database.use(snapshot);
    await operator.pty.press('enter');
    for (const step of [1, 2, 3]) {
      const left = 5 - step;
      await operator.untilAsked(
        new RegExp(`confirm Step ${step} \\(${left} steps to confirm; nothing runs before the last\\)`),
      );
      await readToEnd(operator);
      await operator.pty.submit(database.name);
    }
    await operator.untilAsked(/Run all 4 steps now, Step 4 with them/);
    expect(await database.use(snapshot)).toEqual(before);
    expect(await operator.journalOf('step-started')).toEqual([]);
    await readToEnd(operator);
    await operator.pty.press('y');
    await operator.answer(/Step 4 is done\. Enter goes on to the verification/, 'enter');
    await operator.untilAsked(/Enter goes on to the checklist/);
    expect(operator.shown()).toMatch(/Verified: all \d+ checks hold\./);
  });

  it('ends with 0; the database tells the forms, and that one transaction did it all', async () => {
    await toReport(operator);
    await operator.pty.press('enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
    const { rows } = await database.use((db) =>
      db.query(`SELECT step, form, count(*) OVER (PARTITION BY xid)::int AS together
                  FROM backout.step ORDER BY step`),
    );
    expect(rows).toEqual([
      { step: 'step-1', form: 'copy-and-swap', together: 4 },
      { step: 'step-2', form: 'rewrite', together: 4 },
      { step: 'step-3', form: 'as-written', together: 4 },
      { step: 'step-4', form: 'as-written', together: 4 },
    ]);
    expect(await database.use(tables)).toEqual([
      'detection_events',
      'git_sessions',
      'schema_migrations',
      'technology_knowledge',
    ]);
    const committing = await operator.journalOf('step-committing');
    expect(committing.map(({ steps }) => steps)).toEqual([['step-1', 'step-2', 'step-3', 'step-4']]);
  });
});
