/** Repairs carried out on a real server: found, confirmed, run, verified, looked for again, undone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, type Bench } from '../cli/support/rolled-back.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.clear());

const forward = (...ids: string[]) =>
  bench.confirmed(
    ['run', '--choose', 'fix-forward', ...ids.flatMap((id) => ['--repair', id])],
    ['state', 'latest-version', 'migration-recorded'],
  );

describe('each defect, mended and taken back', () => {
  it.each([
    [
      ["UPDATE git_agent_sessions SET agent_id = NULL WHERE status = 'active'"],
      ['fill-agent-id', 'require-agent-id'],
    ],
    [['UPDATE technology_patterns SET extended_metadata = NULL'], ['restore-pattern-metadata']],
    [['DROP INDEX git_agent_sessions_agent_id_index'], ['index:git_agent_sessions_agent_id_index']],
    [['DROP TABLE git_pending_merges'], ['section-git-pending-merges']],
    [
      ["ALTER TABLE git_agent_sessions ADD CONSTRAINT named CHECK (branch <> '') NOT VALID"],
      ['not-valid:git_agent_sessions.named'],
    ],
  ])('%j', async (made, ids) => {
    for (const sql of made) await bench.exec(sql);
    const before = await bench.state();
    const mended = await forward(...ids);
    expect(mended.status).toBe(0);
    const after = await forward();
    expect(after.status).toBe(11);
    expect(after.out).toContain('Nothing was found wrong with the migrated tables that SQL would mend.');
    const undone = await bench.confirmed(['undo']);
    expect(undone.status).toBe(0);
    expect(await bench.state()).toEqual(before);
  });
});
