/** A runtime on a test database, its events collected and its tasks awaited. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPlan } from '../../src/commands/load.ts';
import { newRunId } from '../../src/journal/folder.ts';
import { createRuntime } from '../../src/runtime/create.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import type { Event, Survey, Task } from '../../src/wizard/types.ts';

const runbook = fileURLToPath(
  new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url),
);

export interface Harness {
  runtime: Runtime;
  runsDir: string;
  /** Performs a task and returns what it emitted. `during` hears each event as it comes. */
  perform(task: Task, during?: (event: Event) => void): Promise<Event[]>;
  /** Connects and judges: the survey to confirm. */
  survey(): Promise<Survey>;
  end(): Promise<void>;
}

export async function harness(url: string): Promise<Harness> {
  const runsDir = join(await mkdtemp(join(tmpdir(), 'backout-runtime-')), 'runs');
  const { runbook: read, plan } = await loadPlan(runbook);
  const runtime = createRuntime({
    run: newRunId(new Date()),
    version: '0.0.0-test',
    runbook: read,
    plan,
    connection: { url, urlOrigin: 'the test', env: {}, home: runsDir, osUser: 'tester' },
    embedded: false,
    runsDir,
  });
  const perform: Harness['perform'] = async (task, during) => {
    const events: Event[] = [];
    runtime.perform(task, (event) => {
      events.push(event);
      during?.(event);
    });
    await runtime.idle();
    return events;
  };
  return {
    runtime,
    runsDir,
    perform,
    survey: async () => {
      await runtime.connect();
      return (await runtime.judge()).survey;
    },
    end: async () => {
      await runtime.close();
      await rm(runsDir, { recursive: true, force: true });
    },
  };
}

export const lastOf = (events: Event[]): Event => events.at(-1) ?? { type: 'start' };
