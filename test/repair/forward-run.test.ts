/** A forward fix that takes something away: kept, verified, and brought back by its undo, on a real server. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runs, openBench, type Bench } from '../cli/support/rolled-back.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  // As where the migration did not drop it: its key followed the sessions to their new name.
  await bench.exec(`CREATE TABLE git_commits (id uuid PRIMARY KEY, commit_hash varchar(255) NOT NULL,
      session_id uuid CONSTRAINT git_commits_session_id_fkey REFERENCES git_agent_sessions (id) ON DELETE CASCADE);
    INSERT INTO git_commits SELECT gen_random_uuid(), 'c' || row_number() OVER (), id FROM git_agent_sessions LIMIT 3`);
});
afterEach(() => bench.clear());

it('git_commits left standing is listed by plan, dropped with its rows kept, and comes back', async () => {
  const planned = JSON.parse((await bench.backout('plan', '--json')).out) as {
    repairs: { found: { id: string; choice: string; recommended: boolean }[] };
  };
  expect(planned.repairs.found).toEqual([
    expect.objectContaining({ id: 'drop-git-commits', choice: 'fix-forward', recommended: false }),
  ]);
  const before = await bench.state();
  const ran = await bench.confirmed(['run', '--choose', 'fix-forward', '--repair', 'drop-git-commits']);
  expect(ran.status, ran.out + ran.err).toBe(0);
  expect(await bench.rows("SELECT to_regclass('git_commits')::text AS t")).toEqual([{ t: null }]);
  const [repair = ''] = await runs(bench);
  const undone = await bench.confirmed(['undo', repair]);
  expect(undone.status, undone.out + undone.err).toBe(0);
  expect(await bench.state()).toEqual(before);
}, 240_000);
