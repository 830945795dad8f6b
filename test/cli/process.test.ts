/** The program as a process: what it loads, what it refuses, what it leaves in the process list. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/backout.js', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backout-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  status: number;
  out: string;
  err: string;
}

function backout(argv: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...argv],
      { env: { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: folder, ...env } },
      (error, out, err) => resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
    child.stdin?.end();
  });
}

/** Every source that was loaded, bundled or not, read off V8's coverage and the bundle's source maps. */
async function loadedBy(argv: string[]): Promise<string[]> {
  await backout(argv, { NODE_V8_COVERAGE: folder });
  const sources: string[] = [];
  for (const name of (await readdir(folder)).filter((file) => file.startsWith('coverage-'))) {
    const { result } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
      result: { url: string }[];
    };
    for (const { url } of result.filter((script) => script.url.startsWith('file:'))) {
      sources.push(url);
      const map = `${fileURLToPath(url)}.map`;
      if (!existsSync(map)) continue;
      sources.push(...(JSON.parse(await readFile(map, 'utf8')) as { sources: string[] }).sources);
    }
  }
  return sources;
}

describe('the program', () => {
  it.each([['--version'], ['--help']])('%s loads neither Ink nor pg nor the SQL parser', async (flag) => {
    const sources = await loadedBy([flag]);
    expect(sources.some((source) => source.endsWith('bin/backout.js'))).toBe(true);
    const heavy = sources.filter((source) =>
      /node_modules\/(ink|react|pg|libpg-query|inquirer|ora|zod|@electric-sql)\//.test(source),
    );
    expect(heavy).toEqual([]);
  });

  it('what would be found is found: a command does load the SQL parser', async () => {
    const sources = await loadedBy(['lint', 'runbooks/20250101000014-align-schema-table-names.md']);
    expect(sources.some((source) => source.includes('node_modules/libpg-query/'))).toBe(true);
  });

  it('refuses the wizard without a terminal', async () => {
    const ended = await backout([]);
    expect(ended).toMatchObject({ status: 64, out: '' });
    expect(ended.err).toContain('backout run');
  });

  it('says its version', async () => {
    expect(await backout(['--version'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^backout \d/) as string,
    });
  });

  it('leaves with the status of the error', async () => {
    expect((await backout(['status', '--database', 'postgresql://127.0.0.1:1/x'])).status).toBe(69);
    expect((await backout(['lint', join(folder, 'missing.md')])).status).toBe(65);
  });
});
