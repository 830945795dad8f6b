/** A runtime on a test database, its events collected and its tasks awaited. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPlan } from '../../src/commands/load.ts';
import { readJournal } from '../../src/journal/file.ts';
import { newRunId } from '../../src/journal/folder.ts';
import type { JournalEvent } from '../../src/journal/types.ts';
import { chosen } from '../../src/runtime/course.ts';
import { createRuntime } from '../../src/runtime/create.ts';
import type { Runtime, RuntimeOptions } from '../../src/runtime/types.ts';
import type { Form } from '../../src/sql/procedure/types.ts';
import type { Event, Survey, Task } from '../../src/wizard/types.ts';
import { wholeHash } from '../../src/wizard/whole.ts';

const runbook = fileURLToPath(
  new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url),
);

/** Read once a file of tests: nothing in it is ever changed. */
let loading: ReturnType<typeof loadPlan> | undefined;

export type During = (event: Event) => void;

export interface Harness {
  runtime: Runtime;
  run: string;
  runsDir: string;
  /** Performs a task and returns what it emitted. `during` hears each event as it comes. */
  perform(task: Task, during?: During): Promise<Event[]>;
  /** Connects and looks: the survey to confirm, as a step that nobody confirmed is answered. */
  survey(): Promise<Survey>;
  /** Runs a step as this survey offers it: the recommended form, or the one given. */
  step(id: string, survey: Survey, during?: During, form?: Form): Promise<Event[]>;
  /** Every step that the survey offers, in one transaction. */
  whole(survey: Survey, during?: During): Promise<Event[]>;
  journal(): Promise<JournalEvent[]>;
  end(): Promise<void>;
}

export async function harness(url: string, more: Partial<RuntimeOptions> = {}): Promise<Harness> {
  const runsDir = more.runsDir ?? join(await mkdtemp(join(tmpdir(), 'backout-runtime-')), 'runs');
  const { runbook: read, plan } = await (loading ??= loadPlan(runbook));
  const run = more.run ?? newRunId(new Date());
  const runtime = createRuntime({
    run,
    version: '0.0.0-test',
    runbook: read,
    plan,
    connection: { url, urlOrigin: 'the test', env: {}, home: runsDir, osUser: 'tester' },
    embedded: false,
    ...more,
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
    run,
    runsDir,
    perform,
    survey: async () => {
      await runtime.connect();
      const unconfirmed = { type: 'run-step', step: 'step-1', attempt: 0, confirmed: '', forms: {} } as const;
      const found = allOf(await perform(unconfirmed), 'survey-changed')[0];
      if (!found) throw new Error('a step without a confirmation is answered by a survey');
      return found.survey;
    },
    step: (id, survey, during, form) => {
      const forms: Record<string, Form> = form ? { [id]: form } : {};
      const confirmed = chosen(survey.offers, [id], forms)?.[0]?.hash ?? 'nothing is offered';
      return perform({ type: 'run-step', step: id, attempt: 1, confirmed, forms }, during);
    },
    whole: (survey, during) => {
      const steps = survey.offers.map(({ step }) => step);
      const confirmed = wholeHash((chosen(survey.offers, steps, {}) ?? []).map(({ hash }) => hash));
      const step = steps[0] ?? '';
      return perform({ type: 'run-step', step, steps, attempt: 1, confirmed, forms: {} }, during);
    },
    journal: async () => (await readJournal(runtime.folder ?? join(runsDir, 'none'))).events,
    end: async () => {
      await runtime.close();
      if (more.runsDir === undefined) await rm(dirname(runsDir), { recursive: true, force: true });
    },
  };
}

export const lastOf = (events: Event[]): Event => events.at(-1) ?? { type: 'start' };

/** The events of one type, in order. */
export function allOf<T extends Event['type']>(events: Event[], type: T): Extract<Event, { type: T }>[] {
  return events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
}
