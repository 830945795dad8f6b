/** The wizard on 80 by 24 on a real server: two repairs chosen on the fix-forward screen, carried out and verified. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built, freshDatabase, type TestDatabase } from '../support/server.ts';
import { atTerminal, type Operator } from './support/operator.ts';
import { acceptWarnings, CLOSE, REASON, TARGET, toDecision } from './support/questions.ts';
import { orderless, type Snapshot } from './support/snapshot.ts';
import { oneWalk } from './support/walk.ts';

beforeAll(() => built());

const WHAT_NOW = /Take repairs in or out by their keys\. What now\?/;
const step = (number: number): RegExp => new RegExp(`Run Repair ${number} now`);

describe('fixing forward', () => {
  let database: TestDatabase;
  let operator: Operator;
  let before: Snapshot;
  oneWalk();
  beforeAll(async () => {
    database = await freshDatabase();
    await database.use((db) =>
      db.exec(`DROP INDEX git_agent_sessions_status_index;
               UPDATE git_agent_sessions SET agent_id = NULL WHERE status = 'active'`),
    );
    before = await database.use(orderless);
    operator = await atTerminal(['--database', database.url], { columns: 80, rows: 24 });
  });
  afterAll(async () => {
    await operator.dispose();
    await database.drop();
  });

  it('shows what is wrong, with figures and SQL, and what is chosen from the start; nothing is run', async () => {
    await toDecision(operator);
    await operator.pty.press('f');
    const asked = await operator.untilAsked(new RegExp(`${WHAT_NOW.source}|${REASON.source}`));
    if (REASON.test(asked)) await operator.submit(REASON, 'the index is quickly built');
    await operator.untilAsked(WHAT_NOW);
    const read = await operator.read();
    expect(read).toContain('Sessions without an agent_id: ');
    expect(read).toContain('[ ] Require an agent_id');
    expect(read).toContain('[x] Create index git_agent_sessions_status_index on git_agent_sessions');
    expect(operator.pty.text()).not.toContain('UPDATE git_agent_sessions SET agent_id');
    await operator.pty.press('v');
    await operator.pty.waitFor(() => operator.pty.text().includes('Hide SQL'));
    expect(await operator.read()).toContain("SET agent_id = 'migrated_' || id WHERE agent_id IS NULL");
    expect(await database.use(orderless)).toEqual(before);
  });

  it('carries out what is chosen as a run of its own, each repair confirmed', async () => {
    await operator.pty.press('c');
    await operator.answer(TARGET, 'enter');
    await acceptWarnings(operator);
    await operator.answer(/Enter goes on to the plan/, 'enter');
    await operator.answer(/Enter goes on to the first (step|repair)/, 'enter');
    for (const number of [1, 2]) {
      await operator.untilAsked(step(number));
      expect(await operator.read()).toContain(number === 1 ? 'UPDATE git_agent_sessions' : 'CREATE INDEX');
      await operator.pty.press('y');
      await operator.answer(new RegExp(`Repair ${number} is done\\. Enter goes on`), 'enter');
    }
    await operator.untilAsked(/Enter/);
    await operator.pty.waitFor(() => /Verified: all \d+ checks hold\./.test(operator.pty.text()));
    await operator.pty.press('enter');
    await operator.untilAsked(CLOSE);
    expect(operator.shown()).toContain('Repaired and verified.');
    await operator.pty.press('enter');
    expect(await operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
  });

  it('leaves the index built and every session with an agent', async () => {
    const { rows } = await database.use((db) =>
      db.query(`SELECT count(*) FILTER (WHERE agent_id IS NULL) AS without,
        to_regclass('git_agent_sessions_status_index') IS NOT NULL AS index FROM git_agent_sessions`),
    );
    expect(rows).toEqual([{ without: '0', index: true }]);
  });
});
