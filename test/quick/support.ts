/** A project on the disk with a fake `mix` on the PATH, whose SQL does what Ecto's `down` does, on a real server. */
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrationSql } from '../support/migration.ts';

export const VERSION = '20250101000014';
const OURS = `${VERSION}_align_schema_table_names.exs`;

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface FakeProject {
  folder: string;
  /** With the fake mix first. */
  path: string;
  /** Without any mix. */
  bare: string;
  clear(): Promise<void>;
}

/** As Ecto writes migrations: `up`, then `down` with its SQL. */
const migration = (down: string): string => {
  const statements = down.split(/\n\n+/).map((sql) => `    execute("""\n${sql}\n    """)`);
  return `defmodule Migration do\n  use Ecto.Migration\n\n  def up do\n    :ok\n  end\n\n  def down do\n${statements.join('\n')}\n  end\nend\n`;
};

/** Without the statement on the version's row: Ecto does that itself. */
export const DOWN = migrationSql('down')
  .replace(/^--.*$/gm, '')
  .replace(/DELETE FROM schema_migrations[^;]*;/, '')
  .trim();

/** @param more other migrations, by their file's name: the SQL of their `down` */
export async function fakeProject(
  url: string,
  { own = DOWN, more = {} }: { own?: string | null; more?: Record<string, string> } = {},
): Promise<FakeProject> {
  const base = await mkdtemp(join(tmpdir(), 'backout-project-'));
  const folder = join(base, 'singularity');
  const migrations = join(folder, 'priv', 'repo', 'migrations');
  await mkdir(migrations, { recursive: true });
  await mkdir(join(folder, 'config'));
  await writeFile(join(folder, 'mix.exs'), 'defmodule Singularity.MixProject do\nend\n');
  await writeFile(join(folder, 'config', 'database'), url);
  const files = { ...(own === null ? {} : { [OURS]: own }), ...more };
  for (const [file, down] of Object.entries(files)) await writeFile(join(migrations, file), migration(down));
  const bin = join(base, 'bin');
  await mkdir(bin);
  // An ES module: beside it the packages of this project.
  await copyFile(join(root, 'test/quick/fixtures/mix'), join(bin, 'mix'));
  await writeFile(join(bin, 'package.json'), '{"type": "module"}');
  await symlink(join(root, 'node_modules'), join(bin, 'node_modules'));
  await chmod(join(bin, 'mix'), 0o755);
  const bare = `${dirname(process.execPath)}:/usr/bin:/bin`;
  return { folder, path: `${bin}:${bare}`, bare, clear: () => rm(base, { recursive: true, force: true }) };
}
