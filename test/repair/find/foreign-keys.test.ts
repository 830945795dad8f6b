/** git_commits with its key to a column that the rollback drops: found, dropped with its definition kept, put back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWard, repairOfId, type Ward } from './support.ts';

let ward: Ward;

beforeEach(async () => {
  ward = await openWard();
});
afterEach(() => ward.clear());

/** @param column of git_agent_sessions: agent_id goes with Step 2, id stays */
const commits = (column: 'agent_id' | 'id'): string => `
  CREATE TABLE git_commits (
    id uuid PRIMARY KEY,
    session_id ${column === 'id' ? 'uuid' : 'varchar(255)'}
      CONSTRAINT git_commits_session_id_fkey REFERENCES git_agent_sessions (${column}),
    message text NOT NULL);
  INSERT INTO git_commits SELECT id, ${column}, 'first' FROM git_agent_sessions LIMIT 3;`;

const KEY = `SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
  WHERE conname = 'git_commits_session_id_fkey'`;

describe('a foreign key that keeps the rollback from starting', () => {
  it('is named with the entry of the runbook, is dropped by a repair, and an undo of that puts it back', async () => {
    await ward.exec(commits('agent_id'));
    const before = await ward.rows(KEY);
    const refused = await ward.back();
    expect(refused.status).toBe(10);
    expect(refused.out).toContain("The runbook's troubleshooting: Foreign key constraint violations");
    expect(refused.out).toContain('What could be mended');
    expect(refused.out).toContain('Drop the foreign key git_commits_session_id_fkey of git_commits');

    const looked = await ward.look();
    expect(looked.prerequisites.find(({ id }) => id === 'attachments')).toMatchObject({
      status: 'fail',
      troubleshooting: 'Foreign key constraint violations',
    });
    const repair = repairOfId(looked, 'drop-key:git_commits.git_commits_session_id_fkey');
    expect(repair.found).toContain('FOREIGN KEY (session_id) REFERENCES git_agent_sessions(agent_id)');
    const mended = await ward.mend([repair]);
    expect(mended).toMatchObject({ status: 0, err: '' });
    expect(await ward.rows(KEY)).toEqual([]);

    expect((await ward.back()).status).toBe(0);
    // What it pointed at went with Step 2: it cannot come back, and that is said.
    const after = await ward.look();
    expect(after.repairs.map(({ id }) => id)).toEqual([]);
    expect(after.notes.map(({ lines }) => lines[0])).toEqual([
      'It cannot be put back: git_sessions has no column agent_id any more, at which it pointed.',
    ]);

    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect(await ward.rows(KEY)).toEqual(before);
  });
});

describe('a foreign key that a repair dropped and that could stand after the rollback', () => {
  beforeEach(async () => {
    await ward.exec(commits('id'));
    const drop = {
      id: 'drop-key:git_commits.git_commits_session_id_fkey',
      title: 'Drop the key',
      found: 'In the way.',
      careful: [],
      sql: 'ALTER TABLE git_commits DROP CONSTRAINT git_commits_session_id_fkey;',
      checks: [],
      recommended: true,
    };
    expect((await ward.mend([drop])).status).toBe(0);
    expect((await ward.back()).status).toBe(0);
  });

  it('is put back under the names of after the rollback', async () => {
    const repair = repairOfId(await ward.look(), 'key:git_commits.git_commits_session_id_fkey');
    expect(repair.recommended).toBe(true);
    expect((await ward.mend([repair])).status).toBe(0);
    expect(await ward.rows(KEY)).toEqual([
      {
        conname: 'git_commits_session_id_fkey',
        definition: 'FOREIGN KEY (session_id) REFERENCES git_sessions(id)',
      },
    ]);
    expect((await ward.look()).repairs).toEqual([]);
  });

  it('is impossible with rows that violate it: they are counted, and only new rows can be checked', async () => {
    await ward.exec(`INSERT INTO git_commits VALUES (gen_random_uuid(), gen_random_uuid(), 'orphan')`);
    const looked = await ward.look();
    expect(looked.notes[0]?.lines[0]).toContain(
      '1 row of git_commits (session_id) point at nothing in git_sessions',
    );
    const repair = repairOfId(looked, 'key-not-valid:git_commits.git_commits_session_id_fkey');
    expect(repair.recommended).toBe(false);
    expect((await ward.mend([repair])).status).toBe(0);
    await expect(
      ward.exec(`INSERT INTO git_commits VALUES (gen_random_uuid(), gen_random_uuid(), 'another')`),
    ).rejects.toThrow(/violates foreign key constraint/);
  });
});
