/** `backout backup`, and a run that takes and proves its own. */
import { readdirSync, readFileSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBench, type Bench } from '../cli/support/rolled-back.ts';
import { env, only, scratchFolder, withDumps } from './support.ts';
import { inPath } from './path.ts';

const folder = scratchFolder();
let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.clear());

const backup = (...words: string[]) =>
  bench.desk.run(['backup', ...words, '--database', bench.database.url], {
    env: { ...env(), XDG_STATE_HOME: bench.desk.folder },
  });

withDumps('backout backup', () => {
  test('takes, tells progress beside it, checks, proves; --json is one document', async () => {
    const path = join(folder, 'one.dump');
    const taken = await backup(path);
    expect(taken).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^Taken: .*one\.dump: .* read to its end\.\n$/),
    });
    expect(taken.err).toMatch(/Taking the backup: \d+ of \d+ tables, .*now public\./);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    expect(await backup('--inspect', path)).toMatchObject({
      status: 0,
      out: expect.stringContaining('Nothing is wrong with it.'),
    });
    const proved = await backup('--prove', path, '--json');
    expect(proved.status).toBe(0);
    expect(JSON.parse(proved.out)).toMatchObject({
      schema: 'backout.backup/1',
      what: 'proved',
      ok: true,
      verdict: 'equal',
      leftOver: null,
    });
    expect(await backup(path)).toMatchObject({ status: 64, err: expect.stringContaining('not overwritten') });
  });

  test('says with status 14 what does not hold', async () => {
    const path = join(folder, 'torn.dump');
    writeFileSync(path, readFileSync(join(folder, 'one.dump')));
    truncateSync(path, statSync(path).size - 300);
    const inspected = await backup('--inspect', path, '--json');
    expect(inspected.status).toBe(14);
    expect(JSON.parse(inspected.out)).toMatchObject({ what: 'checked', ok: false });
    const proved = await backup('--prove', path);
    expect(proved.status).toBe(14);
    expect(proved.out).toMatch(/did not restore without errors/);
    expect(await bench.rows("SELECT datname FROM pg_database WHERE datname LIKE 'backout_proof_%'")).toEqual(
      [],
    );
  });

  test('without a database it says whether an archive is whole, and nothing of whose it is', async () => {
    const path = join(folder, 'one.dump');
    const looked = await bench.desk.run(['backup', '--inspect', path], { env: env() });
    expect(looked).toMatchObject({ status: 0, out: expect.stringContaining('Nothing is wrong with it.') });
  });

  test('stopped by a signal it leaves nothing', async () => {
    await bench.database.use(async ({ client }) => {
      // In another schema: the catalog of the runbook's own is read beforehand.
      await client.query('CREATE SCHEMA aside CREATE TABLE held (id int)');
      await client.query('BEGIN');
      await client.query('LOCK TABLE aside.held IN ACCESS EXCLUSIVE MODE');
      const running = backup(join(folder, 'stopped.dump'));
      await bench.database.use(async (watching) => {
        for (;;) {
          const { rows } = await watching.query(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'backout backup' AND wait_event_type = 'Lock'",
          );
          if (rows.length > 0) return;
        }
      });
      bench.desk.signal('SIGINT');
      expect(await running).toMatchObject({
        status: 13,
        err: expect.stringContaining('Nothing of it is left'),
      });
      await client.query('ROLLBACK');
      await client.query('DROP SCHEMA aside CASCADE');
    });
    expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  test('a run takes its own and proves it; journal and report say so, the password is in neither', async () => {
    const path = join(folder, 'of-the-run.dump');
    const ended = await inPath(() =>
      bench.backout(
        ...['run', '--choose', 'rollback', '--confirm', bench.database.name, '--accept', 'privileges'],
        ...['--take-backup', '--backup', path, '--prove-backup', '--json'],
      ),
    );
    expect(ended.status).toBe(0);
    const events = ended.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; what?: string; verdict?: string; path?: string });
    expect(events.filter(({ type }) => type === 'backup')).toMatchObject([
      { what: 'taken', path },
      { what: 'proved', path, verdict: 'equal' },
    ]);
    const first = events.findIndex(({ type }) => type === 'step-started');
    expect(events.findLastIndex(({ type }) => type === 'backup')).toBeLessThan(first);
    const report = await bench.desk.run(['report']);
    expect(report.out).toMatch(/## Backup\n\n- .*Taken: .*of-the-run\.dump/);
    expect(report.out).toContain('the same rows in all');
    const { password } = new URL(bench.database.url);
    expect(password).not.toBe('');
    expect(`${ended.out}${ended.err}${report.out}`).not.toContain(password);
  });
});

test('a run that cannot take the backup it was told to take runs nothing, with status 10', async () => {
  const before = await bench.state();
  const ended = await inPath(
    () =>
      bench.backout(
        ...['run', '--choose', 'rollback', '--confirm', bench.database.name, '--accept', 'privileges'],
        ...['--accept', 'state', '--take-backup', '--backup', join(folder, 'never.dump'), '--json'],
      ),
    only('/nonexistent')['PATH'],
  );
  expect(ended.status).toBe(10);
  expect(ended.out).toContain('pg_dump is not on PATH');
  expect(await bench.state()).toEqual(before);
});

test('without pg_dump the command says so, with status 69', async () => {
  const ended = await bench.desk.run(['backup', folder, '--database', bench.database.url], {
    env: { ...only('/nonexistent'), XDG_STATE_HOME: bench.desk.folder },
  });
  expect(ended).toMatchObject({ status: 69, err: expect.stringContaining('pg_dump is not on PATH') });
});

test('one thing at a time, and a proof of something', async () => {
  expect(await backup('x', '--inspect', 'y')).toMatchObject({ status: 64 });
  const ended = await bench.backout('run', '--choose', 'rollback', '--confirm', 'x', '--prove-backup');
  expect(ended).toMatchObject({ status: 64, err: expect.stringContaining('--take-backup') });
});
