/** The wizard on 80 by 24 on a real server: a rollback undone from its report, with rows written in between. */
import { beforeAll, describe, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { CLOSE, runOn, TARGET, toReport, toStepOne, undoAll } from './support/questions.ts';
import { orderless, type Snapshot } from './support/snapshot.ts';
import { walkOn } from './support/walk.ts';

beforeAll(() => built());

describe('u on the report', () => {
  let before: Snapshot;
  const walk = walkOn(async (database) => {
    before = await database.use(orderless);
  });

  it('is offered once the rollback has done something, beside what is kept', async () => {
    await toStepOne(walk.operator);
    await runOn(walk.operator, walk.database.name, 1);
    await toReport(walk.operator);
    expect(await walk.operator.read()).toMatch(/table git_merge_history.*table technology_templates/);
    await walk.database.use((db) =>
      db.exec(`INSERT INTO detection_events (id, event_type, detector, confidence, data, inserted_at, updated_at)
               VALUES (gen_random_uuid(), 'scan', 'between', 0.5, '{"kept": true}', now(), now())`),
    );
    await walk.operator.pty.press('u');
    await walk.operator.untilAsked(TARGET);
    expect(walk.operator.pty.text()).toContain('Undo');
  });

  it('leads through the undo, step by step in reverse, to its verified end', async () => {
    await undoAll(walk.operator, walk.database.name);
    expect(walk.operator.shown()).toMatch(/Verified: all \d+ checks hold\./);
    await walk.operator.pty.press('enter');
    await walk.operator.untilAsked(CLOSE);
    expect(walk.operator.shown()).toContain('Undone and verified: what the run took away is back.');
    await walk.operator.pty.press('enter');
    expect(await walk.operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
    expect(walk.operator.pty.leftovers()).toEqual([]);
  });

  it('leaves the migrated tables as they were, and the row written since beside theirs', async () => {
    const since = `metadata->>'detector' = 'between'`;
    const { rows } = await walk.database.use((db) =>
      db.query(`SELECT metadata->>'event_type' AS type FROM codebase_snapshots WHERE ${since}`),
    );
    expect(rows).toEqual([{ type: 'scan' }]);
    await walk.database.use((db) => db.exec(`DELETE FROM codebase_snapshots WHERE ${since}`));
    expect(await walk.database.use(orderless)).toEqual(before);
  });
});
