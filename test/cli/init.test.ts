/** `backout init`: what it writes, and that it writes over nothing. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LintReport } from '../../src/runbook/lint.ts';
import { openDesk, type Desk } from './support/io.ts';

let desk: Desk;
let folder: string;

beforeEach(async () => {
  desk = await openDesk();
  folder = await mkdtemp(join(tmpdir(), 'backout-init-'));
});
afterEach(async () => {
  await desk.clear();
  await rm(folder, { recursive: true, force: true });
});

const lint = async (path: string): Promise<LintReport> =>
  JSON.parse((await desk.run(['lint', path, '--json'])).out) as LintReport;

it('writes a runbook in which lint misses only what is to be filled in', async () => {
  const path = join(folder, 'new.md');
  const ended = await desk.run(['init', path]);
  expect(ended).toMatchObject({ status: 0, err: '' });
  expect(ended.out).toContain(`backout lint ${path}`);
  const { findings, recognised } = await lint(path);
  expect([...new Set(findings.map(({ rule }) => rule))].sort()).toEqual([
    'no-migration',
    'placeholder',
    'step-without-sql',
  ]);
  const there = recognised.filter(({ count }) => count > 0).map(({ part }) => part);
  expect(there).toEqual(
    expect.arrayContaining(['prerequisites', 'steps', 'verification', 'escalation', 'checklist']),
  );
});

it('takes the statements of a down migration', async () => {
  const down = join(folder, '000012_orders.down.sql');
  await writeFile(down, 'ALTER TABLE orders DROP COLUMN currency;\n');
  const path = join(folder, 'new.md');
  expect(await desk.run(['init', path, '--from', down, '--format', 'sql'])).toMatchObject({ status: 0 });
  expect(await readFile(path, 'utf8')).toContain('```sql\nALTER TABLE orders DROP COLUMN currency;\n```');
  const { findings } = await lint(path);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(findings.map(({ rule }) => rule)).toContain('dropped-unread');
});

it('writes over nothing', async () => {
  const path = join(folder, 'mine.md');
  await writeFile(path, 'mine');
  const ended = await desk.run(['init', path]);
  expect(ended.status).toBe(64);
  expect(ended.err).toContain('is there already');
  expect(await readFile(path, 'utf8')).toBe('mine');
});
