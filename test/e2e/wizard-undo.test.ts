/** The wizard on 80 by 24 on a real server: a rollback undone from its report, with rows written in between. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { CLOSE, runOn, TARGET, toReport, toStepOne, undoAll } from './support/questions.ts';
import { orderless, type Snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

beforeAll(() => built());

describe('u on the report', () => {
  let database: TestDatabase;
  let operator: Operator;
  let before: Snapshot;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    before = await database.use(orderless);
    operator = await atTerminal(['--database', database.url], { columns: 80, rows: 24 });
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('is offered once the rollback has done something, beside what is kept', async () => {
    await toStepOne(operator);
    await runOn(operator, database.name, 1);
    await toReport(operator);
    expect(await operator.read()).toMatch(/table git_merge_history.*table technology_templates/);
    await database.use((db) =>
      db.exec(`INSERT INTO detection_events (id, event_type, detector, confidence, data, inserted_at, updated_at)
               VALUES (gen_random_uuid(), 'scan', 'between', 0.5, '{"kept": true}', now(), now())`),
    );
    await operator.pty.press('u');
    await operator.untilAsked(TARGET);
    expect(operator.pty.text()).toContain('Undo');
  });

  it('leads through the undo, step by step in reverse, to its verified end', async () => {
    await undoAll(operator, database.name);
    expect(operator.shown()).toMatch(/Verified: all \d+ checks hold\./);
    await operator.pty.press('enter');
    await operator.untilAsked(CLOSE);
    expect(operator.shown()).toContain('Undone and verified: what the run took away is back.');
    await operator.pty.press('enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(operator.pty.leftovers()).toEqual([]);
  });

  it('leaves the migrated tables as they were, and the row written since beside theirs', async () => {
    const since = `metadata->>'detector' = 'between'`;
    const { rows } = await database.use((db) =>
      db.query(`SELECT metadata->>'event_type' AS type FROM codebase_snapshots WHERE ${since}`),
    );
    expect(rows).toEqual([{ type: 'scan' }]);
    await database.use((db) => db.exec(`DELETE FROM codebase_snapshots WHERE ${since}`));
    expect(await database.use(orderless)).toEqual(before);
  });
});
