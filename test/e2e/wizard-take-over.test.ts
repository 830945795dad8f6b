/** Two wizards on one database, 80 by 24: the second watches the first, and goes on with its run once it is killed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import {
  acceptWarnings,
  confirmStep,
  done,
  PLAN,
  runOn,
  runStep,
  TARGET,
  toReport,
  toStepOne,
  typing,
} from './support/questions.ts';
import { snapshot, tables } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

const SIZE = { columns: 80, rows: 24 };

beforeAll(() => built());

describe('a second wizard', () => {
  let database: TestDatabase;
  let first: Operator;
  let second: Operator;
  let run: string;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    first = await atTerminal(['--database', database.url], SIZE);
    await toStepOne(first);
    await runStep(first, 1, database.name);
    run = (await first.folder()).split('/').at(-1) ?? '';
    second = await atTerminal(['--database', database.url], SIZE);
  });
  afterAll(async () => {
    await first.dispose();
    await second.dispose();
    await database.drop();
  });

  it('finds the run, its owner and its steps; as long as its session lives it cannot be taken over', async () => {
    await second.answer(TARGET, 'enter');
    const asked = await second.untilAsked(/Only one run at a time works on a database\. What now\?/);
    expect(asked).toMatch(/\(t\) Take it over Not now: Its session is still there\./);
    expect(asked).toMatch(/› l Leave/);
    await second.pty.press('t');
    await second.untilAsked(/Only one run at a time/);
    expect(await second.read()).toMatch(new RegExp(`Run ${run}, a rollback by .* Steps done: Step 1 `));
  });

  it('watches it: what the first does is seen here, and nothing is run from here', async () => {
    await second.answer(/Only one run at a time/, 'w');
    await second.untilAsked(new RegExp(`Watching run ${run}`));
    expect(second.shown()).toContain('Another run of backout is at work here');
    await first.answer(done(1), 'enter');
    await runStep(first, 2, database.name);
    await second.pty.waitFor('Steps done: Step 1, Step 2');
    expect((await second.journal()).map(({ type }) => type)).not.toContain('step-started');
  });

  it('is asked again once the first was killed, and takes the run over', async () => {
    await first.answer(done(2), 'enter');
    await first.untilAsked(typing(3));
    const between = await database.use(snapshot);
    first.pty.kill('SIGKILL');
    await first.pty.exit;
    await second.untilAsked(new RegExp(`Run ${run} was broken off and is not finished`));
    expect(await database.use(snapshot)).toEqual(between);
    await second.pty.press('t');
    await second.untilAsked(/Go on in spite of it\?/);
    await acceptWarnings(second);
    await second.pty.press('enter');
    await second.untilAsked(PLAN);
    expect(second.shown()).toMatch(
      new RegExp(`This goes on with run ${run}, begun by .* Done by it: Step 1, Step 2\\.`),
    );
    expect(await database.use(snapshot)).toEqual(between);
  });

  it('finishes it under the same id', async () => {
    await second.pty.press('enter');
    await confirmStep(second, 3, database.name);
    await second.answer(done(3), 'enter');
    await runOn(second, database.name, 4);
    await toReport(second);
    await second.pty.press('enter');
    expect(await second.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(second.pty.leftovers()).toEqual([]);
    const { rows } = await database.use((db) =>
      db.query(`SELECT r.run, r.outcome, array_agg(s.step ORDER BY s.step)::text AS steps
                  FROM backout.run r JOIN backout.step s ON s.run = r.run GROUP BY 1, 2`),
    );
    expect(rows).toEqual([{ run, outcome: 'verified', steps: '{step-1,step-2,step-3,step-4}' }]);
    expect(await database.use(tables)).not.toContain('codebase_snapshots');
  });
});
