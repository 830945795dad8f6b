/** A file of SQL and nothing else, by every command that takes a runbook. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openBench, prerequisite, said, type Bench } from './bench.ts';

let bench: Bench;
let file: string;

beforeEach(async () => {
  bench = await openBench();
  file = await bench.write('take-back.sql', '/* by hand */\nDROP INDEX notes_at;\nDROP TABLE notes;\n');
  await bench.exec(`CREATE TABLE notes (id bigint PRIMARY KEY, at timestamptz DEFAULT now());
    CREATE INDEX notes_at ON notes (at); INSERT INTO notes (id) VALUES (1), (2)`);
});
afterEach(() => bench.clear());

it('is run, verified and undone; no record of a tool is looked for', async () => {
  const before = await bench.state();
  expect(await prerequisite(bench, file, 'migration-recorded')).toMatchObject({ status: 'pass' });
  const ran = await bench.run(file);
  expect(ran).toMatchObject({ status: 0, err: '' });
  expect(said(ran)).toContain('No record of any migration tool is changed.');
  expect((await bench.backout('verify', file)).status).toBe(0);
  expect(await bench.undo()).toMatchObject({ status: 0, err: '' });
  expect(await bench.state()).toEqual(before);
});

it('is looked over without a database', async () => {
  const { status, out } = await bench.offline('lint', file, '--json');
  expect(status).toBe(0);
  const { findings } = JSON.parse(out) as { findings: { rule: string; line: number }[] };
  expect(findings.map(({ rule }) => rule)).not.toContain('section-missing');
  expect(findings.map(({ line }) => line)).toContain(3);
});

it('says the line where it cannot be parsed', async () => {
  const broken = await bench.write('broken.sql', 'DROP TABLE notes;\nDROP TABEL notes;\n');
  const told = await bench.run(broken);
  expect(told.status).toBe(65);
  expect(told.err).toContain('broken.sql, line 2: syntax error at or near "TABEL"');
});

it('says what --format can be', async () => {
  const told = await bench.run(file, '--format', 'liquibase');
  expect(told.status).toBe(64);
  expect(told.err).toContain('--format liquibase is not known.');
});
