/** Finding the project, its migrations, and what was said the last time. */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder, readProject, rememberedProject, rememberProject } from '../../src/quick/project.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'backout-project-test-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function file(...path: string[]): Promise<void> {
  const whole = join(base, ...path);
  await mkdir(join(whole, '..'), { recursive: true });
  await writeFile(whole, '');
}

describe('readProject', () => {
  it('finds migrations of every repository, and of an umbrella', async () => {
    await file('mix.exs');
    await file('priv', 'repo', 'migrations', '20250101000014_a.exs');
    await file('priv', 'repo', 'migrations', 'notes.md');
    await file('apps', 'web', 'priv', 'other', 'migrations', '20250101000015_b.exs');
    const found = await readProject(base);
    expect(found).toMatchObject({
      isMix: true,
      folders: ['apps/web/priv/other/migrations', 'priv/repo/migrations'],
    });
    expect(found?.files.map(({ version, file: name }) => [version, name])).toEqual([
      ['20250101000015', '20250101000015_b.exs'],
      ['20250101000014', '20250101000014_a.exs'],
    ]);
    expect((await readProject(base, 'priv/repo/migrations'))?.files).toHaveLength(1);
    expect(await readProject(join(base, 'none'))).toBeNull();
  });
});

describe('projectFolder', () => {
  it('takes what was said even where nothing is, and otherwise the first that is a project', async () => {
    await file('app', 'mix.exs');
    const guess = (path: string) => ({ path, from: 'a guess', said: false });
    expect(await projectFolder([guess('none'), guess('app')], base)).toMatchObject({
      path: join(base, 'app'),
    });
    expect(
      await projectFolder([{ path: 'none', from: '--project', said: true }, guess('app')], base),
    ).toMatchObject({
      path: join(base, 'none'),
      from: '--project',
    });
    expect(await projectFolder([guess('none')], base)).toBeNull();
  });
});

describe('what is remembered', () => {
  it('is kept by runbook, readable by its owner alone', async () => {
    const memory = join(base, 'state', 'remembered.json');
    expect(await rememberedProject(memory, 'a.md')).toBeNull();
    await rememberProject(memory, 'a.md', '/one');
    await rememberProject(memory, 'b.md', '/two');
    expect(await rememberedProject(memory, 'a.md')).toBe('/one');
    expect(await rememberedProject(memory, 'b.md')).toBe('/two');
    expect((await stat(memory)).mode & 0o777).toBe(0o600);
    await writeFile(memory, 'not json');
    expect(await rememberedProject(memory, 'a.md')).toBeNull();
  });
});
