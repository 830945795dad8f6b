/** The wizard on 80 by 24 while an idle transaction holds what Step 1 needs: who it is, and what may be done about it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { holdOpen, type Held } from './support/held.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { confirmStep, done, toStepOne, waiting } from './support/questions.ts';
import { snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

beforeAll(() => built());

describe('a step that waits for an idle transaction', () => {
  let database: TestDatabase;
  let operator: Operator;
  let held: Held;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    operator = await atTerminal(['--database', database.url], { columns: 80, rows: 24 });
    await toStepOne(operator);
    held = await holdOpen(database.url, 'reporting', 'SELECT count(*) FROM codebase_snapshots');
  });
  afterAll(async () => {
    await operator.dispose();
    await held.end();
    await database.drop();
  });

  it('shows pid, user, application, address, state, what it holds and its last query, with nothing run', async () => {
    const before = await database.use(snapshot);
    await confirmStep(operator, 1, database.name);
    await operator.untilAsked(waiting(1));
    const shown = operator.shown();
    expect(shown).toContain(`pid ${held.pid}, user postgres, reporting, 127.0.0.1`);
    expect(shown).toMatch(/idle in transaction, transaction open for \d/);
    expect(shown).toContain('Holds ACCESS SHARE on codebase_snapshots.');
    expect(shown).toContain('Its last query: SELECT count(*) FROM codebase_snapshots');
    expect(shown).toContain('Between tries backout does not stand in the queue for it.');
    expect(await database.use(snapshot)).toEqual(before);
  });

  it('cannot cancel a query where there is none, and says so', async () => {
    const asked = await operator.untilAsked(waiting(1));
    expect(asked).toContain(`(1) Cancel the query of pid ${held.pid} Not now: It runs no query`);
    await operator.pty.press('1');
    await operator.untilAsked(waiting(1));
    expect(held.lost).toBe(false);
    expect(await operator.journalOf('lock-acted')).toEqual([]);
  });

  it('ends no session for Enter, for y, or for another number', async () => {
    const ends = new RegExp(`This ends the session of pid ${held.pid}.*type its pid: ${held.pid}`);
    await operator.answer(waiting(1), 't');
    await operator.answer(ends, 'enter');
    await operator.untilAsked(/Nothing was typed\./);
    await operator.submit(ends, `${held.pid}1`);
    await operator.untilAsked(/is not it\./);
    expect(held.lost).toBe(false);
    await operator.pty.press('escape');
    await operator.untilAsked(waiting(1));
  });

  it('ends it once its pid is typed; the step then goes on by itself and is done', async () => {
    await operator.answer(waiting(1), 't');
    await operator.submit(/type its pid/, String(held.pid));
    await operator.untilAsked(done(1));
    await held.gone;
    expect(held.lost).toBe(true);
    const acted = await operator.journalOf('lock-acted');
    expect(acted.map(({ text }) => text)).toEqual([
      `Ended the session of pid ${held.pid}. What it had not committed is rolled back.`,
    ]);
    const waits = await operator.journalOf('lock-waiting');
    expect(waits[0]).toMatchObject({
      step: 'step-1',
      table: 'codebase_snapshots',
      level: 'ACCESS EXCLUSIVE',
    });
    expect(waits.flatMap(({ blockers }) => blockers).join('\n')).toContain(
      `pid ${held.pid}, user postgres, reporting, idle in transaction`,
    );
    // The screen is drawn while the journal's line is on its way to the disk.
    await expect
      .poll(async () => (await operator.journalOf('step-finished')).map(({ outcome }) => outcome), {
        timeout: 20_000,
      })
      .toEqual(['done']);
  });
});
