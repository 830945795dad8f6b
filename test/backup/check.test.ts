/** A backup is looked at without restoring it: whole, of this database, with the tables in it, how old. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBackup } from '../../src/backup/check.ts';
import { newestThatFits } from '../../src/backup/find.ts';
import { libpqEnvironment } from '../../src/backup/libpq-env.ts';
import { lexName } from '../../src/backup/plain-names.ts';
import { lists, tableOfContents } from '../../src/backup/toc.ts';
import type { BackupCheck, Expected } from '../../src/backup/types.ts';
import { checkWords } from '../../src/backup/words.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { look } from '../postgres/judge.ts';
import { aBackup, clients, env, only, scratchFolder, TABLES, withDumps } from './support.ts';

const folder = scratchFolder();
let bench: Bench;
let good: string;
let expected: Expected;

const texts = (check: BackupCheck | null): string[] =>
  (check?.findings ?? []).map(({ severity, text }) => `${severity}: ${text}`);

function dump(name: string, ...args: string[]): string {
  const path = join(folder, name);
  execFileSync(join(clients ?? '', 'pg_dump'), [...args, '-f', path], {
    env: libpqEnvironment(bench.connection.parameters, env()),
  });
  return path;
}

const copy = (name: string): string => {
  copyFileSync(good, join(folder, name));
  chmodSync(join(folder, name), 0o600);
  return join(folder, name);
};

withDumps('a backup of pg_dump', () => {
  beforeAll(async () => {
    bench = await openBench({ state: 'migrated' });
    good = await aBackup(bench, join(folder, 'good.dump'));
    expected = { database: bench.database.name, schema: 'public', tables: TABLES };
  });
  afterAll(() => bench.close());

  test.each([
    ['custom', '-Fc'],
    ['directory', '-Fd'],
    ['tar', '-Ft'],
  ])('%s: nothing is wrong', async (kind, format) => {
    const check = await checkBackup({ path: dump(`fine.${kind}`, format), expected, env: env() });
    expect(check).toMatchObject({ kind, database: bench.database.name, readWhole: true, findings: [] });
    expect(check?.ageSeconds).toBeLessThan(600);
    expect(checkWords(check!)).toMatch(
      /^\/.*: [\d.]+ kB, written \d+ seconds? ago, .* of database db_\w+ \(PostgreSQL \d+\.\d+\), with the rows of \d+ tables\. It was read to its end\.$/,
    );
  });

  test('plain SQL is read as far as it tells anything', async () => {
    const named = await checkBackup({ path: dump('named.sql', '-Fp', '--create'), expected, env: env() });
    expect(named).toMatchObject({ kind: 'plain', database: bench.database.name, findings: [] });
    const unnamed = await checkBackup({ path: dump('unnamed.sql', '-Fp'), expected, env: env() });
    expect(texts(unnamed)).toEqual(['warn: It is plain SQL, which does not say of which database or when.']);
    const cut = join(folder, 'cut.sql');
    writeFileSync(cut, readFileSync(join(folder, 'named.sql')).subarray(0, 9000));
    expect(texts(await checkBackup({ path: cut, expected, env: env() }))).toContain(
      'fail: It is cut off: its last line is missing.',
    );
    const other = await checkBackup({
      path: join(folder, 'named.sql'),
      expected: { ...expected, database: 'x' },
      env: env(),
    });
    expect(texts(other)).toEqual([`fail: It is a backup of database ${bench.database.name}, not of x.`]);
  });

  test('cut off: found although its table of contents is whole', async () => {
    const path = copy('cut.dump');
    truncateSync(path, readFileSync(path).length - 400);
    const listed = execFileSync(join(clients ?? '', 'pg_restore'), ['--list', path], { encoding: 'utf8' });
    expect(listed).toContain('TABLE DATA public codebase_snapshots');
    const check = await checkBackup({ path, expected, env: env() });
    expect(texts(check)).toEqual([expect.stringMatching(/^fail: It is damaged or cut off: .*end of file/)]);
    expect(check?.readWhole).toBe(false);
  });

  test('cut off within its table of contents', async () => {
    const path = copy('stump.dump');
    truncateSync(path, 200);
    expect(texts(await checkBackup({ path, expected, env: env() }))).toEqual([
      expect.stringMatching(/^fail: pg_restore cannot read it: /),
    ]);
  });

  test('of another database', async () => {
    const check = await checkBackup({
      path: good,
      expected: { ...expected, database: 'orders' },
      env: env(),
    });
    expect(texts(check)).toEqual([`fail: It is a backup of database ${bench.database.name}, not of orders.`]);
  });

  test('without a table, without the rows of one, and from another state of the migration', async () => {
    const path = dump(
      'less.dump',
      '-Fc',
      '-T',
      'codebase_snapshots',
      '--exclude-table-data',
      'technology_patterns',
    );
    expect(texts(await checkBackup({ path, expected, env: env() }))).toEqual([
      'fail: Not in it: codebase_snapshots.',
      'fail: In it without their rows: technology_patterns.',
    ]);
    const renamed = { ...expected, tables: ['detection_events'], otherNames: ['codebase_snapshots'] };
    expect(texts(await checkBackup({ path: good, expected: renamed, env: env() }))).toEqual([
      expect.stringMatching(/^warn: Not in it: detection_events\. It holds codebase_snapshots: /),
    ]);
  });

  test('old: by what the archive says of itself, however new the file', async () => {
    const path = copy('old.dump');
    const check = await checkBackup({ path, expected, env: env(), now: Date.now() + 3 * 86_400_000 });
    expect(texts(check)).toEqual(['warn: It is older than a day: what was written since is not in it.']);
    expect(checkWords(check!)).toContain('written 3 days ago');
    utimesSync(path, Date.now() / 1000 - 5 * 86_400, Date.now() / 1000 - 5 * 86_400);
    expect(checkWords((await checkBackup({ path, expected, env: env() }))!)).toContain('written 5 days ago');
  });

  test('without pg_restore its content is said not to have been checked', async () => {
    const check = await checkBackup({ path: good, expected, env: only('/nonexistent') });
    expect(texts(check)).toEqual([expect.stringMatching(/^warn: pg_restore is not on PATH/)]);
  });

  test('the newest that fits is proposed, and no other', async () => {
    const lying = join(folder, 'lying');
    mkdirSync(lying);
    const at = (name: string, content: Buffer, age: number): string => {
      writeFileSync(join(lying, name), content);
      utimesSync(join(lying, name), Date.now() / 1000 - age, Date.now() / 1000 - age);
      return join(lying, name);
    };
    const whole = readFileSync(good);
    at('newest.dump', whole.subarray(0, 300), 1);
    at('newer.dump', Buffer.from('nothing of the kind'), 5);
    const right = at('right.dump', whole, 60);
    at('older.dump', whole, 600);
    at('.hidden.dump', whole, 0);
    expect((await newestThatFits([lying], { expected, env: env() }))?.path).toBe(right);
    expect(
      await newestThatFits([lying], { expected: { ...expected, database: 'x' }, env: env() }),
    ).toBeNull();
    const before = process.env['PATH'];
    const offered = (await look(bench, bench.session, () => ({ backupFolders: [lying], env: env() }))).by[
      'backup'
    ];
    expect(process.env['PATH']).toBe(before);
    expect(offered).toMatchObject({ status: 'warn', detail: 'No backup was named.' });
    expect(offered?.advice).toContain(`--backup ${right}`);
    expect(offered?.items).toEqual([expect.stringMatching(/^Found: .*right\.dump/)]);
  });

  test('the prerequisite passes with a good one, and says what was found of a bad one', async () => {
    const judged = async (path: string) =>
      (await look(bench, bench.session, () => ({ backup: { path }, env: env() }))).by['backup'];
    expect(await judged(good)).toMatchObject({ status: 'pass', advice: '' });
    expect(await judged(join(folder, 'cut.dump'))).toMatchObject({ status: 'fail' });
    expect((await judged(join(folder, 'less.dump')))?.detail).toMatch(/Not in it: codebase_snapshots\./);
  });
});

describe('what is no archive', () => {
  test.each([
    ['something else', 'photo.dump', Buffer.from('JFIF nothing'), /^fail: What is at .* is no backup/],
    ['compressed', 'x.sql.gz', gzipSync('-- PostgreSQL database dump'), /^warn: It is compressed with gzip/],
    ['empty', 'empty.dump', Buffer.alloc(0), /^fail: The backup at .* is empty/],
  ])('%s', async (_name, name, content, words) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    expect(texts(await checkBackup({ path, env: env() }))).toEqual([expect.stringMatching(words)]);
  });

  test('nothing at all, and a folder of a base backup', async () => {
    expect(await checkBackup({ path: join(folder, 'nowhere'), env: env() })).toBeNull();
    const base = join(folder, 'base');
    mkdirSync(base);
    writeFileSync(join(base, 'backup_manifest'), '{}');
    expect(texts(await checkBackup({ path: base, env: env() }))).toEqual([
      expect.stringMatching(/^warn: It is a copy of a whole server/),
    ]);
  });
});

describe('what the tools write is read', () => {
  test('a list', () => {
    const toc = tableOfContents([
      ';',
      '; Archive created at 2026-11-22 23:40:11 UTC',
      ';     dbname: my orders',
      ';     Format: CUSTOM',
      ';     Dumped from database version: 15.18 (Debian 15.18-0+deb12u1)',
      ';     Dumped by pg_dump version: 16.1',
      ';',
      '215; 1259 16402 TABLE public a b owner',
      '3360; 0 16402 TABLE DATA public a b owner',
    ]);
    expect(toc).toMatchObject({ database: 'my orders', serverVersion: '15.18', dumpVersion: '16.1' });
    expect(toc.createdAt).toEqual(new Date(2026, 10, 22, 23, 40, 11));
    expect(lists(toc.data, 'public', 'a b')).toBe(true);
    expect(lists(toc.data, 'public', 'b')).toBe(false);
    expect(lists(toc.definitions, 'public', 'a\nb')).toBe(true);
  });

  test.each([
    ['public.orders (id)', 'public.orders'],
    ['"Big".t VALUES', 'Big.t'],
    ['public."a ""b"" .c" (x)', 'public.a "b" .c'],
    ['orders (id)', null],
  ])('%s', (text, name) => expect(lexName(text)).toBe(name));
});
