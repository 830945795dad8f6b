import { existsSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { actOnBlocker, blockersOf, waitedFor } from '../../../src/postgres/blockers.ts';
import { otherRun, takeRunLock } from '../../../src/postgres/store.ts';
import { connected, drillWith, staged, valueOf } from './staged.ts';

const EVENTS = "SELECT count(*) FROM codebase_snapshots WHERE summary->>'late' = 'yes'";
const LATE = `UPDATE codebase_snapshots SET summary = '{"late": "yes"}' WHERE id = (SELECT id FROM codebase_snapshots LIMIT 1)`;
const PUBLIC = "SET search_path = 'public'";

describe('the stage on the embedded database', () => {
  it('is set up, hours after the migration, in the role of the drill, and is gone afterwards', async () => {
    const stage = await staged(
      drillWith({
        role: 'deployer',
        setup: ['CREATE ROLE deployer LOGIN; GRANT SELECT ON codebase_snapshots TO deployer'],
        keeps: [
          { id: 'all', title: '', sql: 'SELECT count(*) FROM codebase_snapshots', sqlAfter: null },
          { id: 'none', title: '', sql: 'SELECT count(*) FROM nothing_of_the_kind', sqlAfter: null },
        ],
      }),
    );
    const session = await connected(stage);
    expect(await valueOf(session, "SELECT session_user || ' ' || current_user")).toBe('deployer deployer');
    await expect(session.query('DELETE FROM public.codebase_snapshots')).rejects.toMatchObject({
      sqlstate: '42501',
    });
    expect(await stage.keeps(false)).toEqual([
      { id: 'all', before: 258, after: 258 },
      { id: 'none', before: null, after: null },
    ]);
    // Counting with the owner's rights gave none of them away.
    expect(await valueOf(session, 'SELECT current_user')).toBe('deployer');
    const folder = new URL(stage.connection.url ?? '').searchParams.get('host') ?? '';
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await stage.stop();
    expect(existsSync(folder)).toBe(false);
  });

  it('lets nobody in where the role was never made', async () => {
    const stage = await staged(drillWith({ role: 'nobody_made_me' }));
    await expect(connected(stage)).rejects.toMatchObject({ sqlstate: '28000' });
  });

  it('says that the set-up fails', async () => {
    await expect(staged(drillWith({ setup: ['ALTER TABLE nothing ADD x int'] }))).rejects.toMatchObject({
      sqlstate: '42P01',
    });
  });

  it('writes beside the wizard between two of its transactions, with its settings left alone', async () => {
    const stage = await staged(drillWith());
    const session = await connected(stage);
    await session.query('BEGIN');
    await session.query(PUBLIC);
    const written = stage.scene.act({ kind: 'sql', sql: LATE });
    expect(await valueOf(session, EVENTS)).toBe('0');
    await session.query('COMMIT');
    expect(await written).toMatchObject({ simulated: false });
    expect(await valueOf(session, EVENTS)).toBe('1');
    await expect(stage.scene.act({ kind: 'sql', sql: 'DELETE FROM nothing' })).rejects.toThrow(/nothing/);
    expect(await valueOf(session, EVENTS)).toBe('1');
  });

  it.each([
    ['before', '0'],
    ['after', '1'],
  ] as const)('loses the connection %s the COMMIT', async (commit, there) => {
    const stage = await staged(drillWith());
    const session = await connected(stage);
    await stage.scene.act({ kind: 'cut', commit });
    await session.query('BEGIN');
    await session.query(PUBLIC);
    await session.query(LATE);
    await expect(session.query('COMMIT')).rejects.toMatchObject({ more: { connectionLost: true } });
    expect(session.lost).toBe(true);
    const again = await connected(stage);
    await again.query(PUBLIC);
    expect(await valueOf(again, EVENTS)).toBe(there);
    await again.query('BEGIN');
    await again.query('COMMIT');
  });

  it('shows a blocker until its session is ended', async () => {
    const stage = await staged(drillWith());
    const session = await connected(stage);
    const sql = 'LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE';
    const { simulated } = await stage.scene.act({ kind: 'hold', sql, application: 'reporting', until: null });
    expect(simulated).toBe(true);
    const other = await connected(stage);
    const lock = async (table: string, level: string): Promise<unknown> => {
      await session.query('BEGIN');
      try {
        return await session.query(`LOCK TABLE "public"."${table}" IN ${level} MODE`);
      } finally {
        await session.query('ROLLBACK');
      }
    };
    const tried = expect(lock('codebase_snapshots', 'ACCESS EXCLUSIVE')).rejects.toMatchObject({
      sqlstate: '55P03',
    });
    const seen = await expect
      .poll(() => blockersOf(other, 1), { interval: 10 })
      .toHaveLength(1)
      .then(() => blockersOf(other, 1));
    const [blocker] = seen;
    expect(blocker).toMatchObject({
      application: 'reporting',
      state: 'idle in transaction',
      holds: ['ACCESS SHARE on codebase_snapshots'],
      query: sql,
      mayTerminate: true,
      mayCancel: false,
    });
    expect(await waitedFor(other, 1)).toEqual({ table: 'codebase_snapshots', level: 'ACCESS EXCLUSIVE' });
    await tried;
    // What does not conflict goes through, and so does another table.
    await lock('codebase_snapshots', 'EXCLUSIVE');
    await lock('git_agent_sessions', 'ACCESS EXCLUSIVE');
    expect(await actOnBlocker(other, 1, blocker!, 'cancel')).toMatch(/cancelling has no effect/);
    expect(await actOnBlocker(other, 1, blocker!, 'terminate')).toMatch(/Ended the session/);
    await lock('codebase_snapshots', 'ACCESS EXCLUSIVE');
  });

  it('ends a blocker by itself when its time is over', async () => {
    const stage = await staged(drillWith());
    const session = await connected(stage);
    const hold = await stage.scene.act({
      kind: 'hold',
      sql: 'SELECT * FROM git_agent_sessions',
      application: 'reporting',
      until: null,
    });
    await session.query('BEGIN');
    const lock = 'LOCK TABLE "public"."git_agent_sessions" IN ACCESS EXCLUSIVE MODE';
    await expect(session.query(lock)).rejects.toMatchObject({ sqlstate: '55P03' });
    await session.query('ROLLBACK');
    await hold.end();
    await session.query('BEGIN');
    await session.query(lock);
  });

  it.each([true, false])('shows another operator, at work: %s', async (live) => {
    const stage = await staged(drillWith());
    const session = await connected(stage);
    const { simulated } = await stage.scene.act({ kind: 'operator', name: 'mara', host: 'bastion', live });
    expect(simulated).toBe(live);
    expect(await otherRun(session, 'mine')).toMatchObject({
      operator: 'mara',
      host: 'bastion',
      live,
      stepsDone: [],
    });
    expect(await takeRunLock(session)).toBe(!live);
  });
});
