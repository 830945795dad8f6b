import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { blockersOf } from '../../../src/postgres/blockers.ts';
import { otherRun, takeRunLock } from '../../../src/postgres/store.ts';
import { whyNoServer } from '../../../src/practice/server/stage.ts';
import { serverBin } from '../../support/binaries.ts';
import { connected, drillWith, staged, valueOf } from './staged.ts';

/** PostgreSQL refuses to run as root. */
function owner(): { owner?: { uid: number; gid: number } } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { owner: { uid: id('-u'), gid: id('-g') } };
}

/** Where nobody reaps orphans (a container), one that has ended stays listed as a zombie. */
function runs(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

const SERVER = { bin: serverBin(), ...owner() };

describe('the stage on a real server', () => {
  it('is reached by its socket alone, with real blockers, and is gone afterwards', async () => {
    const stage = await staged(
      drillWith({
        stage: 'server',
        simulated: ['The blocker.'],
        setup: ['CREATE VIEW report AS SELECT id FROM codebase_snapshots'],
        keeps: [{ id: 'all', title: '', sql: 'SELECT count(*) FROM codebase_snapshots', sqlAfter: null }],
      }),
      SERVER,
    );
    expect(stage.seconds).toBe('real');
    expect(stage.simulated).not.toContain('The blocker.');
    const folder = dirname(new URL(stage.connection.url ?? '').searchParams.get('host') ?? '');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const [session, other] = [await connected(stage), await connected(stage)];
    expect(await valueOf(session, "SELECT current_setting('listen_addresses')")).toBe('');
    expect(
      await valueOf(session, 'SELECT r.rolsuper::text FROM pg_roles r WHERE r.rolname = current_user'),
    ).toBe('false');
    expect(
      await valueOf(session, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'report'"),
    ).toBe('singularity');
    expect(await stage.keeps(false)).toEqual([{ id: 'all', before: 258, after: 258 }]);

    const hold = await stage.scene.act({
      kind: 'hold',
      sql: 'LOCK TABLE codebase_snapshots IN ACCESS SHARE MODE',
      application: 'reporting',
      until: null,
    });
    expect(hold.simulated).toBe(false);
    await session.query('BEGIN');
    const locked = session.query('LOCK TABLE "public"."codebase_snapshots" IN ACCESS EXCLUSIVE MODE');
    await expect
      .poll(() => blockersOf(other, session.processId ?? 0))
      .toMatchObject([{ application: 'reporting', mayTerminate: true }]);
    await hold.end();
    await locked;
    await session.query('ROLLBACK');

    await stage.scene.act({ kind: 'operator', name: 'mara', host: 'bastion', live: true });
    expect(await otherRun(other, 'mine')).toMatchObject({ operator: 'mara', live: true });
    expect(await takeRunLock(other)).toBe(false);

    await stage.scene.act({ kind: 'cut', commit: 'after' });
    await session.query('BEGIN');
    await session.query(
      'UPDATE public.codebase_snapshots SET snapshot_id = 4711 WHERE id = (SELECT id FROM public.codebase_snapshots LIMIT 1)',
    );
    await expect(session.query('COMMIT')).rejects.toMatchObject({ more: { connectionLost: true } });
    expect(
      await valueOf(other, 'SELECT count(*) FROM public.codebase_snapshots WHERE snapshot_id = 4711'),
    ).toBe('1');

    const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    expect(runs(pid)).toBe(true);
    await stage.stop();
    expect(existsSync(folder)).toBe(false);
    expect(runs(pid)).toBe(false);
  });

  it('is gone when backout was killed', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const built = await build({
      stdin: {
        contents: `import { startCluster } from './src/practice/server/cluster.ts';
          const { folder } = await startCluster(${JSON.stringify(SERVER)});
          console.log(folder); setInterval(() => {}, 1000);`,
        resolveDir: root,
      },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
    });
    const child = spawn(process.execPath, ['--input-type=module', '-e', built.outputFiles[0]?.text ?? '']);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await expect.poll(() => output, { timeout: 60_000 }).toMatch(/\n/);
    const folder = output.trim();
    const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(folder), { timeout: 30_000 }).toBe(false);
    expect(runs(pid)).toBe(false);
  });

  it('falls back to the embedded database, and says what is simulated and why', async () => {
    const drill = drillWith({ stage: 'server', simulated: ['The blocker is simulated.'] });
    const stage = await staged(drill, { path: '/nonexistent' });
    expect(stage.seconds).toBe('simulated');
    expect(stage.simulated.at(-1)).toBe('The blocker is simulated.');
    expect(stage.simulated[0]).toMatch(/embedded database|root/);
    expect(whyNoServer('/nonexistent') === null).toBe(false);
  });
});
