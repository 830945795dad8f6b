/** The wizard on 80 by 24 on a real server: two repairs chosen on the fix-forward screen, carried out and verified. */
import { beforeAll, describe, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { acceptWarnings, CLOSE, REASON, TARGET, toDecision } from './support/questions.ts';
import { orderless, type Snapshot } from './support/snapshot.ts';
import { walkOn } from './support/walk.ts';

beforeAll(() => built());

const WHAT_NOW = /Take repairs in or out by their keys\. What now\?/;
const step = (number: number): RegExp => new RegExp(`Run Repair ${number} now`);

describe('fixing forward', () => {
  let before: Snapshot;
  const walk = walkOn(async (database) => {
    await database.use((db) =>
      db.exec(`DROP INDEX git_agent_sessions_status_index;
               UPDATE git_agent_sessions SET agent_id = NULL WHERE status = 'active'`),
    );
    before = await database.use(orderless);
  });

  it('shows what is wrong, with figures and SQL, and what is chosen from the start; nothing is run', async () => {
    await toDecision(walk.operator);
    await walk.operator.pty.press('f');
    const asked = await walk.operator.untilAsked(new RegExp(`${WHAT_NOW.source}|${REASON.source}`));
    if (REASON.test(asked)) await walk.operator.submit(REASON, 'the index is quickly built');
    await walk.operator.untilAsked(WHAT_NOW);
    const read = await walk.operator.read();
    expect(read).toContain('Sessions without an agent_id: ');
    expect(read).toContain('[ ] Require an agent_id');
    expect(read).toContain('[x] Create index git_agent_sessions_status_index on git_agent_sessions');
    expect(walk.operator.pty.text()).not.toContain('UPDATE git_agent_sessions SET agent_id');
    await walk.operator.pty.press('v');
    await walk.operator.pty.waitFor(() => walk.operator.pty.text().includes('Hide SQL'));
    expect(await walk.operator.read()).toContain("SET agent_id = 'migrated_' || id WHERE agent_id IS NULL");
    expect(await walk.database.use(orderless)).toEqual(before);
  });

  it('carries out what is chosen as a run of its own, each repair confirmed', async () => {
    await walk.operator.pty.press('g');
    await walk.operator.answer(TARGET, 'enter');
    await acceptWarnings(walk.operator);
    await walk.operator.answer(/Enter goes on to the plan/, 'enter');
    await walk.operator.answer(/Enter goes on to the first (step|repair)/, 'enter');
    for (const number of [1, 2]) {
      await walk.operator.untilAsked(step(number));
      expect(await walk.operator.read()).toContain(
        number === 1 ? 'UPDATE git_agent_sessions' : 'CREATE INDEX',
      );
      await walk.operator.pty.press('y');
      await walk.operator.answer(new RegExp(`Repair ${number} is done\\. Enter goes on`), 'enter');
    }
    await walk.operator.untilAsked(/Enter/);
    await walk.operator.pty.waitFor(() => /Verified: all \d+ checks hold\./.test(walk.operator.pty.text()));
    await walk.operator.pty.press('enter');
    await walk.operator.untilAsked(CLOSE);
    expect(walk.operator.shown()).toContain('Repaired and verified.');
    await walk.operator.pty.press('enter');
    expect(await walk.operator.pty.exit).toEqual({ exitCode: 0, signal: 0 });
  });

  it('leaves the index built and every session with an agent', async () => {
    const { rows } = await walk.database.use((db) =>
      db.query(`SELECT count(*) FILTER (WHERE agent_id IS NULL) AS without,
        to_regclass('git_agent_sessions_status_index') IS NOT NULL AS index FROM git_agent_sessions`),
    );
    expect(rows).toEqual([{ without: '0', index: true }]);
  });
});
