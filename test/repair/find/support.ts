/** A database, what backout finds that could be mended in it, and the runs that mend it: the real commands, no operator. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from '../../../src/commands/args.ts';
import { processIo } from '../../../src/commands/io.ts';
import { connectionOf, loadPlan } from '../../../src/commands/load.ts';
import { repairOf } from '../../../src/commands/repair-subject.ts';
import { runUnattended } from '../../../src/commands/unattended.ts';
import { newRunId } from '../../../src/journal/folder.ts';
import type { Prerequisite } from '../../../src/postgres/types.ts';
import type { RepairAbout } from '../../../src/repair/find.ts';
import type { Repair, RepairNote } from '../../../src/repair/types.ts';
import { createRuntime } from '../../../src/runtime/create.ts';
import type { RuntimeOptions } from '../../../src/runtime/types.ts';
import type { Event, Task } from '../../../src/wizard/types.ts';
import { openBench, type Bench } from '../../cli/support/rolled-back.ts';

const shipped = fileURLToPath(
  new URL('../../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url),
);
const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Looked {
  repairs: Repair[];
  notes: RepairNote[];
  prerequisites: Prerequisite[];
  events: Event[];
}

export interface Ward extends Bench {
  /** Checks the prerequisites as the wizard does, and what it then knows to mend. */
  look(): Promise<Looked>;
  /** Runs a step as this database offers it, whatever its prerequisites, and what is then known to mend. */
  fail(step: string): Promise<Looked>;
  /** What is known of a failure, whether or not it can be brought about here. */
  ask(about: RepairAbout): Promise<Looked>;
  /** Carries repairs out as a run of their own. @param rollback the run that it was begun from and goes back to */
  mend(
    repairs: Repair[],
    accept?: string[],
    rollback?: string | null,
  ): Promise<{ status: number; out: string; err: string }>;
  /** `backout run` with this ward's runbook. */
  back(more?: string[]): ReturnType<Bench['rollBack']>;
}

/** @param runbook Markdown of another runbook than the one that ships */
export async function openWard(
  runbook?: string,
  lockPolicy: RuntimeOptions['lockPolicy'] = {},
): Promise<Ward> {
  const bench = await openBench();
  const folder = await mkdtemp(join(tmpdir(), 'backout-ward-'));
  const path = runbook === undefined ? shipped : join(folder, 'runbook.md');
  if (runbook !== undefined) await writeFile(path, runbook);
  const { url, name } = bench.database;

  async function performed(tasks: (last: Event[]) => Task[]): Promise<Looked> {
    const loaded = await loadPlan(path);
    const runtime = createRuntime({
      run: newRunId(new Date()),
      version: '0.0.0-test',
      ...loaded,
      connection: { url, urlOrigin: 'the test', env: {}, home: folder, osUser: 'tester' },
      embedded: false,
      lockPolicy,
      runsDir: null,
    });
    const events: Event[] = [];
    const perform = async (task: Task): Promise<void> => {
      runtime.perform(task, (event) => events.push(event));
      await runtime.idle();
    };
    try {
      await runtime.connect();
      for (const task of tasks([])) await perform(task);
      for (const task of tasks(events)) await perform(task);
    } finally {
      await runtime.close();
    }
    const found = events.findLast((event) => event.type === 'repairs');
    return {
      repairs: found?.type === 'repairs' ? found.found : [],
      notes: found?.type === 'repairs' ? (found.notes ?? []) : [],
      prerequisites: events.flatMap((event) => (event.type === 'prerequisite' ? [event.result] : [])),
      events,
    };
  }

  const options = (words: string[]) => {
    const parsed = parseCommandLine([
      'run',
      '--database',
      url,
      '--confirm',
      name,
      '--choose',
      'rollback',
      ...words,
    ]);
    if (parsed.kind !== 'command') throw new Error(JSON.stringify(parsed));
    return parsed.options;
  };

  return {
    ...bench,
    ask: (about) => performed((last) => (last.length === 0 ? [{ type: 'find-repairs', about }] : [])),
    look: () => performed((last) => (last.length === 0 ? [{ type: 'check' }] : [])),
    fail: (step) =>
      performed((last) => {
        const seen = last.find((event) => event.type === 'survey-changed');
        if (seen?.type !== 'survey-changed') {
          return last.length > 0 ? [] : [{ type: 'run-step', step, attempt: 0, confirmed: '', forms: {} }];
        }
        const offer = seen.survey.offers
          .find((one) => one.step === step)
          ?.offers.find(({ procedure }) => procedure);
        return [
          { type: 'run-step', step, attempt: 1, confirmed: offer?.procedure?.hash ?? '', forms: {} },
          { type: 'end-run', outcome: 'sql-failed' },
        ];
      }),
    async mend(repairs, accept = [], rollback = null) {
      const out: string[] = [];
      const err: string[] = [];
      const io = {
        ...processIo({ version: '0.0.0-test', root }),
        out: async (text: string) => void out.push(text),
        err: async (text: string) => void err.push(text),
        interactive: false,
        keyboard: false,
        env: { XDG_STATE_HOME: bench.desk.folder },
        home: bench.desk.folder,
        onSignal: () => () => undefined,
      };
      const from = await loadPlan(path);
      const chosen = options(['privileges', 'backup', ...accept].flatMap((id) => ['--accept', id]));
      const status = await runUnattended(io, {
        options: chosen,
        subject: repairOf(
          io,
          { kind: 'repair', title: 'Repair', repairs, after: { rollback } },
          { runbook: from.runbook },
        ),
        place: { connection: Promise.resolve(connectionOf(io, chosen)), embedded: false },
      });
      return { status, out: out.join(''), err: err.join('') };
    },
    back: (more = []) =>
      bench.confirmed([
        'run',
        '--choose',
        'rollback',
        ...(runbook === undefined ? [] : ['--runbook', path]),
        ...more,
      ]),
    async clear() {
      await bench.clear();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The repair of that id, or an error that names those there are. */
export function repairOfId({ repairs }: Looked, id: string): Repair {
  const found = repairs.find((repair) => repair.id === id);
  if (!found) throw new Error(`no repair ${id}, but ${repairs.map((one) => one.id).join(', ') || 'none'}`);
  return found;
}
