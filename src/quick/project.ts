/** The project on this machine: its folder, its migrations, what was said about it the last time. Reads files only. */
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface MigrationFile {
  version: string;
  /** Its name. */
  file: string;
  path: string;
  /** The folder that it is in, below the project: `priv/repo/migrations`. */
  folder: string;
}

export interface Project {
  folder: string;
  /** `mix.exs` is there. */
  isMix: boolean;
  /** Folders of migrations, below the project. */
  folders: string[];
  files: MigrationFile[];
}

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** `migrations` below each folder of `priv`, and of the `priv` of each app of an umbrella. */
async function migrationFolders(folder: string): Promise<string[]> {
  const apps = (await namesIn(join(folder, 'apps'))).map((app) => join('apps', app));
  const found: string[] = [];
  for (const root of ['.', ...apps]) {
    for (const repo of await namesIn(join(folder, root, 'priv'))) {
      const below = join(root, 'priv', repo, 'migrations');
      if (await there(join(folder, below))) found.push(below);
    }
  }
  return found.sort();
}

/** Null when there is no such folder. @param only the folder of `--migrations-path`, below the project */
export async function readProject(folder: string, only: string | null = null): Promise<Project | null> {
  if (!(await there(folder))) return null;
  const folders = only === null ? await migrationFolders(folder) : [only];
  const files: MigrationFile[] = [];
  for (const below of folders) {
    for (const file of (await namesIn(join(folder, below))).sort()) {
      const version = /^(\d{1,18})_.*\.exs$/.exec(file)?.[1];
      if (version !== undefined)
        files.push({ version, file, path: join(folder, below, file), folder: below });
    }
  }
  return { folder, isMix: await there(join(folder, 'mix.exs')), folders, files };
}

/** Somebody's word on where the project is. */
export interface FolderSource {
  path: string;
  from: string;
  /** Said for this very purpose: it counts even where there is nothing. */
  said: boolean;
}

/** The first that was said or that is there; null when none is. Absolute. */
export async function projectFolder(
  sources: readonly FolderSource[],
  cwd: string,
): Promise<FolderSource | null> {
  for (const source of sources) {
    const path = resolve(cwd, source.path);
    if (source.said || (await there(join(path, 'mix.exs')))) return { ...source, path };
  }
  return null;
}

type Remembered = Record<string, { project?: string }>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function remembered(file: string): Promise<Remembered> {
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(read) ? (read as Remembered) : {};
  } catch {
    return {};
  }
}

/** What an operator said of this runbook the last time. @param file `$XDG_STATE_HOME/backout/remembered.json` */
export async function rememberedProject(file: string, runbook: string): Promise<string | null> {
  const entry: unknown = (await remembered(file))[runbook];
  return isRecord(entry) && typeof entry['project'] === 'string' ? entry['project'] : null;
}

/** Never a reason to stop: a folder that is not remembered is asked for again. */
export async function rememberProject(file: string, runbook: string, folder: string): Promise<void> {
  try {
    const all = await remembered(file);
    const next = { ...all, [runbook]: { ...all[runbook], project: folder } };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
  } catch {
    // It is a convenience.
  }
}
