/** The application's source: where it is, what of it has to change, and what was consented to. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { changesOf } from '../project/changes.ts';
import { editProject, writePatch } from '../project/edit.ts';
import { scanProject, type ProjectScan } from '../project/scan.ts';
import { projectFolder, rememberedProject } from '../quick/project.ts';
import type { Event, Task } from '../wizard/types.ts';
import type { RuntimeOptions } from './types.ts';

type Emit = (event: Event) => void;
type ApplicationTask = Extract<
  Task,
  { type: 'scan-application' | 'edit-application' | 'write-application-diff' }
>;

/** The folder as said, as configured, as remembered; the current one only if it is a project. */
async function knownFolder({ quick, config, runbook }: RuntimeOptions): Promise<string | null> {
  const cwd = quick?.cwd ?? process.cwd();
  const memory = quick?.memory ?? null;
  const remembered = memory === null ? null : await rememberedProject(memory, runbook.path);
  const configured = config?.project.folder;
  const found = await projectFolder(
    [
      ...(quick?.folders ?? []),
      ...(configured === undefined ? [] : [{ path: configured, from: 'backout.toml', said: true }]),
      ...(remembered === null ? [] : [{ path: remembered, from: 'said the last time', said: false }]),
    ],
    cwd,
  );
  return found?.path ?? null;
}

async function scanned(folder: string, { plan }: RuntimeOptions): Promise<ProjectScan> {
  try {
    return await scanProject(folder, changesOf(plan));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `${folder} cannot be read: ${why}`,
      'Name the folder of the application.',
      EXIT.usage,
      {
        cause: error,
      },
    );
  }
}

/** `runFolder`: of this run's journal and report; null where none is kept. */
export async function performApplication(
  task: ApplicationTask,
  emit: Emit,
  { options, runFolder }: { options: RuntimeOptions; runFolder: string | null },
): Promise<void> {
  switch (task.type) {
    case 'scan-application': {
      const folder =
        task.folder === undefined
          ? await knownFolder(options)
          : resolve(options.quick?.cwd ?? process.cwd(), task.folder);
      emit({ type: 'application-scanned', scan: folder === null ? null : await scanned(folder, options) });
      return;
    }
    case 'edit-application':
      emit({ type: 'application-edited', edited: await editProject(task.scan) });
      return;
    case 'write-application-diff': {
      const folder = runFolder ?? task.scan.folder;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      emit({
        type: 'application-diff',
        path: await writePatch(join(folder, 'application.patch'), task.scan),
      });
    }
  }
}

/** With the verification, where the folder is known: nobody has to ask for it. What cannot be read is not told. */
export async function scanUnasked(emit: Emit, options: RuntimeOptions): Promise<void> {
  try {
    const folder = await knownFolder(options);
    if (folder === null) return;
    emit({ type: 'application-scanned', scan: await scanned(folder, options), unasked: true });
  } catch {
    // The verification is what was asked for.
  }
}
