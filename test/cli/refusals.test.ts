import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk } from './support/io.ts';

let desk: Desk;
let folder: string;

beforeEach(async () => {
  desk = await openDesk();
  folder = await mkdtemp(join(tmpdir(), 'backout-refusals-'));
});
afterEach(async () => {
  await desk.clear();
  await rm(folder, { recursive: true, force: true });
});

describe('without a terminal', () => {
  it.each([
    ['the wizard', []],
    ['the wizard with a runbook', ['./my-runbook.md']],
    ['the wizard with a database', ['--database', 'postgresql://127.0.0.1:1/x']],
    ['the wizard in lines', ['--plain']],
  ])('%s refuses with 64 and names what works instead', async (_why, argv) => {
    const ended = await desk.run(argv);
    expect(ended.status).toBe(64);
    expect(ended.err).toContain('backout run');
    expect(ended.err).toContain('terminal');
    expect(ended.out).toBe('');
  });

  it('help and version need none', async () => {
    expect(await desk.run(['--version'])).toEqual({ status: 0, out: 'backout 0.0.0\n', err: '' });
    expect((await desk.run(['--help'])).status).toBe(0);
    expect((await desk.run(['run', '--help'])).out).toContain('--confirm NAME');
  });

  it('a wrong word is told on standard error alone', async () => {
    const ended = await desk.run(['statsu']);
    expect(ended).toMatchObject({ status: 64, out: '' });
    expect(ended.err).toContain('status');
  });
});

describe('a runbook that cannot be used', () => {
  it.each([
    ['lint', (path: string) => ['lint', path]],
    ['status', (path: string) => ['status', '--runbook', path]],
    ['run', (path: string) => ['run', '--runbook', path, '--confirm', 'x', '--choose', 'rollback']],
  ])('%s leaves with 65 and names the file', async (_command, argv) => {
    const missing = join(folder, 'missing.md');
    const ended = await desk.run(argv(missing));
    expect(ended.status).toBe(65);
    expect(ended.err + ended.out).toContain('missing.md');
  });

  it('one whose SQL does not parse is refused with its line', async () => {
    const path = join(folder, 'broken.md');
    await writeFile(path, '# Take it back\n\n### Step 1: Break\n\n```sql\nALTER TABEL a RENAME TO b;\n```\n');
    const ended = await desk.run(['status', '--runbook', path]);
    expect(ended.status).toBe(65);
    expect(ended.err).toContain('line 6');
    const linted = await desk.run(['lint', path]);
    expect(linted.status).toBe(65);
    expect(linted.out).toMatch(/line 6: error \[sql-syntax\] .*\n +ALTER TABEL a RENAME TO b;\n {4} {6}\^/);
  });
});

describe('runs of this machine', () => {
  it('there are none at first, and that is no error for the list', async () => {
    expect(await desk.run(['runs'])).toMatchObject({ status: 0 });
    expect(JSON.parse((await desk.run(['runs', '--json'])).out)).toMatchObject({
      schema: 'backout.runs/1',
      runs: [],
    });
    const report = await desk.run(['report']);
    expect(report.status).toBe(64);
    expect(report.err).toContain('no run');
  });
});

describe('lint', () => {
  it('finds no errors in the runbook that ships', async () => {
    const ended = await desk.run(['lint', 'runbooks/20250101000014-align-schema-table-names.md', '--json']);
    expect(ended.status).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({ schema: 'backout.lint/1' });
  });

  it('finds everything at once, also in a document that has no steps at all', async () => {
    const path = join(folder, 'prose.md');
    await writeFile(path, '# Take it back\n\n## Verification\n\n```sql\nSELECT FROM WHERE\n```\n');
    const ended = await desk.run(['lint', path, '--json']);
    expect(ended.status).toBe(65);
    const { findings } = JSON.parse(ended.out) as { findings: { rule: string; line: number }[] };
    expect(findings.map(({ rule, line }) => `${rule} ${line}`)).toEqual(
      expect.arrayContaining(['no-steps 0', 'sql-syntax 6']),
    );
  });

  it('with --strict warnings count too; --github writes annotations', async () => {
    const path = 'runbooks/20250101000014-align-schema-table-names.md';
    const ended = await desk.run(['lint', path, '--strict', '--github']);
    expect(ended.status).toBe(65);
    expect(ended.out).toMatch(/^::warning file=runbooks\/2025\S+,line=\d+,title=backout%3A \S+::/);
  });
});
