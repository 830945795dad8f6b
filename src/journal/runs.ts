/** The list of runs on this machine, each summed up from its own journal. */
import { join } from 'node:path';
import { readJournal } from './file.ts';
import { runIds } from './folder.ts';
import { buildReport } from './report.ts';
import type { Outcome, RunKind, StepOutcome } from './types.ts';

export interface RunSummary {
  run: string;
  kind: RunKind;
  /** The run that this one takes back. */
  undoes: string | null;
  startedAt: string | null;
  environment: string | null;
  database: string | null;
  host: string | null;
  runbook: string | null;
  /** Null when the run never came to an end. */
  outcome: Outcome | null;
  exitStatus: number | null;
  steps: { id: string; outcome: StepOutcome }[];
  /** Post-rollback items that nobody ticked. */
  openItems: string[];
  /** Why the journal cannot be read, when it cannot. */
  unreadable: string | null;
}

/** Newest first. A journal that cannot be read is listed as such, never left out. */
export async function listRuns(runsDir: string): Promise<RunSummary[]> {
  const ids = await runIds(runsDir);
  return Promise.all(ids.map((run) => summary(runsDir, run)));
}

async function summary(runsDir: string, run: string): Promise<RunSummary> {
  const empty = {
    run,
    kind: 'rollback' as const,
    undoes: null,
    startedAt: null,
    environment: null,
    database: null,
    host: null,
    runbook: null,
    outcome: null,
  };
  try {
    const { events } = await readJournal(join(runsDir, run));
    const report = buildReport(events, run);
    return {
      run,
      kind: report.kind,
      undoes: report.undoes,
      startedAt: report.startedAt,
      environment: report.environment,
      database: report.server?.database ?? null,
      host: report.server?.host ?? null,
      runbook: report.runbook?.title ?? null,
      outcome: report.outcome,
      exitStatus: report.exitStatus,
      steps: report.steps.map(({ id, outcome }) => ({ id, outcome })),
      openItems: report.checklist.filter((item) => !item.done).map((item) => item.text),
      unreadable: null,
    };
  } catch (error) {
    const unreadable = error instanceof Error ? error.message : String(error);
    return { ...empty, exitStatus: null, steps: [], openItems: [], unreadable };
  }
}
