/** What the command line and the machine say of the project that a quick rollback runs in. */
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/types.ts';
import { EXIT, UserError } from '../exit.ts';
import { runsDirectory } from '../journal/folder.ts';
import type { FolderSource } from '../quick/project.ts';
import type { QuickOptions } from '../runtime/quick.ts';
import type { RuntimeOptions } from '../runtime/types.ts';
import type { Options } from './args.ts';
import type { Io } from './io.ts';

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

/**
 * A misspelt folder must not pass for a project in which there is nothing.
 * @throws {UserError} 64
 */
export function checkProject({ project }: Pick<Options, 'project'>): void {
  if (project === undefined || isFolder(project)) return;
  throw new UserError(
    `--project ${project} is not there, or is not a folder.`,
    `Nothing was run. It was looked for at ${resolve(project)}. Give the folder of the application, with its mix.exs.`,
    EXIT.usage,
  );
}

export function quickOptions(
  io: Io,
  { project }: Pick<Options, 'project'>,
  more: { config: Config; connection: RuntimeOptions['connection']; practice: boolean },
): QuickOptions {
  const configured = more.config.project.folder;
  const folders: FolderSource[] = [
    ...(project === undefined ? [] : [{ path: project, from: '--project', said: true }]),
    ...(configured === undefined ? [] : [{ path: configured, from: 'backout.toml', said: true }]),
  ];
  const path = io.env['PATH'];
  return {
    folders,
    cwd: process.cwd(),
    // What was said of a real project is not for practice, nor the other way round.
    memory: more.practice ? null : join(dirname(runsDirectory(io.env, io.home)), 'remembered.json'),
    practice: more.practice,
    // The rest is this process's own environment; what backout connects with is left out of it.
    env: path === undefined ? {} : { PATH: path },
    url: more.connection.url ?? null,
  };
}
