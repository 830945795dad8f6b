/** Logs as Elixir, PostgreSQL and others write them, in real files. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorIn, speaksOfError, tally } from '../../src/checklist/errors.ts';
import { createClock, timeOf } from '../../src/checklist/log-times.ts';
import { scanLog, type ScanOptions } from '../../src/checklist/scan.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backout-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SINCE = Date.parse('2026-11-22T12:00:00Z');
const NOW = Date.parse('2026-11-22T12:30:00Z');
const tables = { gone: ['codebase_snapshots'], there: ['detection_events'] };

async function scan(text: string, more: Partial<ScanOptions> = {}) {
  const file = join(folder, 'app.log');
  await writeFile(file, text);
  return scanLog({ file, since: SINCE, tables, now: () => NOW, ...more });
}

const ecto = (relation: string): string =>
  `** (Postgrex.Error) ERROR 42P01 (undefined_table) relation "${relation}" does not exist`;

describe('an error of a query', () => {
  it('is told by what Ecto and PostgreSQL write', () => {
    expect(errorIn(ecto('codebase_snapshots'))).toEqual({ kind: 'table', name: 'codebase_snapshots' });
    expect(errorIn('ERROR:  relation "public.orders" does not exist at character 15')).toEqual({
      kind: 'table',
      name: 'orders',
    });
    expect(
      errorIn('** (Postgrex.Error) ERROR 42703 (undefined_column) column c0.summary does not exist'),
    ).toEqual({
      kind: 'column',
      name: 'summary',
      table: null,
    });
    expect(errorIn('ERROR:  column "summary" of relation "detection_events" does not exist')).toEqual({
      kind: 'column',
      name: 'summary',
      table: 'detection_events',
    });
    expect(errorIn('[42P01] FEHLER:  Relation »orders« existiert nicht')).toEqual({
      kind: 'table',
      name: '',
    });
    expect(errorIn('** (Ecto.QueryError) field `x` does not exist in schema')).toMatchObject({
      kind: 'query',
    });
    expect(errorIn('[info] relation to the customer is good')).toBeNull();
    expect(errorIn('STATEMENT:  SELECT * FROM codebase_snapshots')).toBeNull();
  });

  it('is counted by what it names, with what the rollback did to that', () => {
    const errors = [
      ecto('codebase_snapshots'),
      ecto('codebase_snapshots'),
      ecto('detection_events'),
      ecto('users'),
    ];
    const found = errors.flatMap((line) => errorIn(line) ?? []);
    expect(tally(found, tables)).toEqual([
      'table codebase_snapshots (gone since the rollback): 2',
      'table detection_events (a table of the rollback): 1',
      'table users: 1',
    ]);
  });

  it('an application that says that there are none is not taken at its word for one', () => {
    expect(speaksOfError('Compiled with 0 errors')).toBe(false);
    expect(speaksOfError('no errors found')).toBe(false);
    expect(speaksOfError('[error] GenServer terminating')).toBe(true);
    expect(speaksOfError('** (Mix) Could not start application')).toBe(true);
    expect(speaksOfError('Running on port 4000')).toBe(false);
  });
});

describe('the time of a line', () => {
  const twoHoursAhead = () => 2 * 3_600_000;
  it('is read with its zone, and without one taken as the later of what it may mean', () => {
    const noon = Date.parse('2026-11-22T12:00:00Z');
    for (const text of [
      '2026-11-22T12:00:00Z x',
      '2026-11-22 14:00:00.000+02 x',
      '[2026-11-22 12:00:00 UTC] x',
    ]) {
      expect(timeOf(text, twoHoursAhead)).toEqual({ at: noon });
    }
    expect(timeOf('2026-11-22 12:00:00,123 x', twoHoursAhead)).toEqual({ at: noon + 123 });
    expect(timeOf('2026-11-22 12:00:00 x', () => -3_600_000)).toEqual({ at: noon + 3_600_000 });
    expect(timeOf('12:00:01.5 [error] x')).toEqual({ clock: (12 * 3600 + 1) * 1000 + 500 });
    expect(timeOf('  at line 12:00 of x')).toBeNull();
  });

  it('without a date is of the last day of the file; where times jump back a day began', () => {
    const clock = createClock(() => 0);
    const [old, before, after] = ['13:00:00 a', '11:59:00 b', '12:01:00 c'].map((line) => clock.of(line));
    const [now, since] = [NOW, SINCE];
    clock.of('12:01:30 d');
    // 13:00, then 11:59: less than six hours back, so the same day, and later than now would be yesterday's.
    expect(clock.isSince(after!, since, now)).toBe(true);
    expect(clock.isSince(before!, since, now)).toBe(false);
    expect(old).toMatchObject({ days: 0 });
    const wrapped = createClock(() => 0);
    const yesterday = wrapped.of('23:50:00 a');
    const today = wrapped.of('00:10:00 b');
    const at = Date.parse('2026-11-23T00:15:00Z');
    expect(wrapped.isSince(yesterday, Date.parse('2026-11-22T23:45:00Z'), at)).toBe(true);
    expect(wrapped.isSince(yesterday, Date.parse('2026-11-22T23:55:00Z'), at)).toBe(false);
    expect(wrapped.isSince(today, Date.parse('2026-11-22T23:55:00Z'), at)).toBe(true);
  });
});

describe('a log file', () => {
  it('without errors since the run began is well; older ones are passed over and said', async () => {
    const check = await scan(
      `2026-11-22T11:59:59Z ${ecto('codebase_snapshots')}\n2026-11-22T12:01:00Z [info] ok\n`,
    );
    expect(check).toMatchObject({ kind: 'log', verdict: 'ok' });
    expect(check.words).toBe(
      'No error of a query since the run began, in 2 lines. 1 older ones were passed over.',
    );
  });

  it('with errors since then fails, with what is missing and the lines; those below a time have that time', async () => {
    const heard: string[] = [];
    const check = await scan(
      `2026-11-22T12:01:00Z [error] Task failed\n${ecto('codebase_snapshots')}\n    (ecto_sql) lib/ecto.ex\n` +
        `2026-11-22T12:02:00Z ${ecto('codebase_snapshots')}\u001b[31m\n`,
      { onLine: (line) => heard.push(line) },
    );
    expect(check.verdict).toBe('failed');
    expect(check.words).toBe(
      '2 errors since the run began: table codebase_snapshots (gone since the rollback): 2.',
    );
    expect(check.lines).toHaveLength(2);
    expect(heard).toEqual(check.lines);
    expect(heard.join('')).not.toContain('\u001b');
  });

  it('without times cannot be told apart: that is said, and it is neither well nor failed', async () => {
    const check = await scan(`${ecto('codebase_snapshots')}\n`);
    expect(check.verdict).toBe('unclear');
    expect(check.words).toMatch(/1 of them have no time that can be read: they may be older than the run\./);
  });

  it('of any size is read from its end, within bounds', async () => {
    const file = join(folder, 'big.log');
    const end = `\n2026-11-22T12:02:00Z ${ecto('codebase_snapshots')}\n`;
    await writeFile(file, `2026-11-22T12:01:00Z ${ecto('users')}\n`);
    // A hole of four gigabytes costs no room on the disk: whatever read all of it would not end in time.
    await truncate(file, 4 * 1024 ** 3);
    execFileSync('/bin/sh', ['-c', 'printf "%s" "$1" >>"$2"', 'sh', end, file]);
    const check = await scanLog({ file, since: SINCE, tables, now: () => NOW, mostRead: 1024 * 1024 });
    expect(check.verdict).toBe('failed');
    expect(check.words).toMatch(/^1 error .*codebase_snapshots.* Only its last 1 MB were read\.$/);
  });

  it('with one endless line is read as well', async () => {
    const check = await scan(
      `2026-11-22T12:01:00Z ${'x'.repeat(3_000_000)}\n2026-11-22T12:02:00Z ${ecto('users')}\n`,
    );
    expect(check.words).toMatch(/^1 error since the run began: table users: 1\./);
    expect(check.lines.every((line) => line.length <= 500)).toBe(true);
  });

  it('that is not there, is a folder or is empty is said, and is no success', async () => {
    const at = (file: string) => scanLog({ file, since: SINCE, tables, now: () => NOW });
    expect(await at(join(folder, 'none.log'))).toMatchObject({ verdict: 'unclear' });
    expect(await at(folder)).toMatchObject({ verdict: 'unclear' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await at(join(folder, 'pipe'))).toMatchObject({ verdict: 'unclear' });
    expect(await scan('')).toMatchObject({ verdict: 'unclear', words: 'The file is empty.' });
  });
});
