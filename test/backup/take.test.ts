/** Taking a backup: whole, private, under its name only when it holds; nothing half is ever left. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeBackup } from '../../src/backup/take.ts';
import type { BackupProgress } from '../../src/backup/types.ts';
import { UserError } from '../../src/exit.ts';
import { openBench, rejection, type Bench } from '../postgres/support.ts';
import { clients, env, only, pretend, scratchFolder, takeOptions, withDumps } from './support.ts';

const folder = scratchFolder();
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ state: 'migrated' });
});
afterAll(() => bench.close());

const place = (name: string): string => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};

/** What a refused attempt says, and that its folder is as it was. */
async function refused(into: string, more: Parameters<typeof takeOptions>[2]): Promise<UserError> {
  const before = readdirSync(into);
  const error = await rejection(takeBackup(await takeOptions(bench, into, more)).result);
  expect(readdirSync(into)).toEqual(before);
  if (error instanceof UserError) return error;
  throw error;
}

withDumps('a backup that is taken', () => {
  test('is an archive of its owner alone, checked, with its progress told by table and bytes', async () => {
    const into = place('taken');
    const heard: BackupProgress[] = [];
    const options = await takeOptions(bench, into, { onProgress: (progress) => heard.push(progress) });
    const taken = await takeBackup(options).result;
    expect(readdirSync(into)).toEqual([taken.path.slice(into.length + 1)]);
    expect(taken.path).toMatch(new RegExp(`/${bench.database.name}-\\d{8}-\\d{6}\\.dump$`));
    expect(statSync(taken.path).mode & 0o777).toBe(0o600);
    expect(readFileSync(taken.path).subarray(0, 5).toString()).toBe('PGDMP');
    expect(taken.check).toMatchObject({
      kind: 'custom',
      database: bench.database.name,
      readWhole: true,
      findings: [],
    });
    expect(taken.bytes).toBe(statSync(taken.path).size);

    const dumping = heard.filter(({ what }) => what === 'dumping');
    expect(dumping.map(({ table }) => table)).toContain('public.codebase_snapshots');
    const counts = dumping.map(({ tables }) => tables);
    expect(counts).toEqual([...counts].sort((one, other) => one - other));
    const last = dumping.at(-1);
    expect(last?.ofTables).toBeGreaterThan(3);
    expect(last?.tables).toBe((last?.ofTables ?? 0) - 1);
    expect(last?.bytes).toBeGreaterThan(0);
    expect(last?.bytes).toBeLessThanOrEqual(last?.ofBytes ?? 0);
    expect(heard.at(-1)).toMatchObject({ what: 'checking', fileBytes: taken.bytes });
  });

  test('takes the name it is given, and never that of something else', async () => {
    const into = place('named');
    const wanted = join(into, 'mine.dump');
    expect((await takeBackup(await takeOptions(bench, wanted)).result).path).toBe(wanted);
    const before = readFileSync(wanted);
    const error = await rejection(takeBackup(await takeOptions(bench, wanted)).result);
    expect(error).toMatchObject({ exitStatus: 64, message: expect.stringContaining('already') });
    expect(readFileSync(wanted).equals(before)).toBe(true);
    expect(readdirSync(into)).toEqual(['mine.dump']);
  });

  test('is not kept when the tables of the plan are not in it', async () => {
    const expected = { database: bench.database.name, schema: 'public', tables: ['nowhere_at_all'] };
    const error = await refused(place('without-tables'), { expected });
    expect(error.message).toMatch(/does not hold: Not in it: nowhere_at_all/);
  });

  test('is given up when it is cancelled while a table is locked', async () => {
    const into = place('cancelled');
    const app = await bench.open('web');
    await app.query('BEGIN');
    await app.query('LOCK TABLE public.codebase_snapshots IN ACCESS EXCLUSIVE MODE');
    const working = takeBackup(await takeOptions(bench, into));
    const failing = rejection(working.result);
    await blockedDump(1);
    working.cancel();
    expect(await failing).toMatchObject({
      exitStatus: 13,
      message: 'Taking a backup was stopped. Nothing of it is left.',
    });
    await app.query('ROLLBACK');
    await app.close();
    expect(readdirSync(into)).toEqual([]);
    await blockedDump(0);
  });

  test('never shows the password in the arguments of a process, and hands it over by the environment', async () => {
    const { password } = bench.connection.parameters;
    const app = await bench.open('web');
    await app.query('BEGIN');
    await app.query('LOCK TABLE public.codebase_snapshots IN ACCESS EXCLUSIVE MODE');
    const working = takeBackup(await takeOptions(bench, place('secret')));
    const failing = rejection(working.result);
    await blockedDump(1);
    const listed = spawnSync('ps', ['-A', '-o', 'args'], { encoding: 'utf8' }).stdout;
    expect(listed).toMatch(/pg_dump --format=custom/);
    expect(password).toHaveLength(16);
    expect(listed).not.toContain(password);
    working.cancel();
    const error = await failing;
    expect(JSON.stringify(error)).not.toContain(password);
    await app.query('ROLLBACK');
    await app.close();
  });

  test('leaves nothing when the disk is full', async () => {
    // The limit on the size of a file is what a full disk is to who writes: the write fails half-way.
    const bin = pretend(folder, {
      pg_dump: `[ "$1" = --version ] || ulimit -f 8\ntrap '' XFSZ\nexec "${clients ?? ''}/pg_dump" "$@"`,
    });
    const error = await refused(place('full'), { env: env(`${bin}:${clients ?? ''}`) });
    expect(error.message).toMatch(/is full: the backup did not fit. It was removed/);
    expect(error.advice).toContain('another disk');
  });

  async function blockedDump(sessions: number): Promise<void> {
    const watching = await bench.open('watching');
    for (;;) {
      const { rows } = await watching.query(
        `SELECT count(*) AS n FROM pg_stat_activity
          WHERE application_name = 'backout backup' AND datname = current_database()
            AND ($1 = '0' OR wait_event_type = 'Lock')`,
        [String(sessions)],
      );
      if (Number(rows[0]?.['n']) === sessions) return;
    }
  }
});

describe('a backup that cannot be taken', () => {
  test('without pg_dump', async () => {
    const error = await refused(place('without-programs'), { env: only('/nonexistent') });
    expect(error).toMatchObject({ exitStatus: 69, message: expect.stringContaining('not on PATH') });
    expect(error.advice).toMatch(/client programs, version \d+ or newer/);
  });

  test('with a pg_dump older than the server, which is named with its version', async () => {
    const bin = pretend(folder, { pg_dump: 'echo "pg_dump (PostgreSQL) 12.4"' });
    const error = await refused(place('too-old'), { env: only(bin) });
    expect(error.message).toMatch(
      /The server is PostgreSQL \d+, and pg_dump here is older: .*\/pg_dump is 12\.4/,
    );
  });

  test('with one that fails half-way: what it had written is removed, what it said is told', async () => {
    const bin = pretend(folder, {
      pg_dump: `if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit 0; fi
echo PGDMP-half
echo 'pg_dump: dumping contents of table "public.codebase_snapshots"' >&2
printf 'pg_dump: error: query failed: \\033[31mserver closed the connection\\n' >&2
exit 1`,
    });
    const error = await refused(place('half'), { env: only(bin) });
    expect(error.message).toMatch(/^pg_dump failed \(exit status 1\): query failed: .*server closed/);
    expect(error.message).not.toContain('\u001b');
  });

  test('with one whose archive cannot be read', async () => {
    const bin = pretend(folder, {
      pg_dump: 'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; else echo PGDMPno; fi',
      pg_restore:
        'if [ "$1" = --version ]; then echo "pg_restore (PostgreSQL) 99.1"; else echo "pg_restore: error: unsupported version" >&2; exit 1; fi',
    });
    const error = await refused(place('unreadable'), { env: only(bin) });
    expect(error.message).toMatch(/does not hold: pg_restore cannot read it: unsupported version/);
  });

  test('into a folder that is not there, or may not be written to', async () => {
    const bin = pretend(folder, { pg_dump: 'echo "pg_dump (PostgreSQL) 99.1"' });
    const error = await rejection(
      takeBackup(await takeOptions(bench, join(folder, 'no', 'such', 'x.dump'), { env: only(bin) })).result,
    );
    expect(error).toMatchObject({ exitStatus: 77 });
  });

  test('where there is something of that name already', async () => {
    const bin = pretend(folder, { pg_dump: 'echo "pg_dump (PostgreSQL) 99.1"' });
    const path = join(place('taken-name'), 'there.dump');
    writeFileSync(path, 'mine');
    const error = await rejection(takeBackup(await takeOptions(bench, path, { env: only(bin) })).result);
    expect(error).toMatchObject({ exitStatus: 64 });
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });
});
