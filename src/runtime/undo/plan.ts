/** An undo as the wizard knows runs: a runbook and a plan made of what the database recorded. Pure. */
import { createHash } from 'node:crypto';
import { NO_SECTIONS } from '../../runbook/no-sections.ts';
import type { Runbook, RunbookStep } from '../../runbook/types.ts';
import type { Plan, PlanStep } from '../../sql/types.ts';
import { toLine } from '../../terminal/sanitize.ts';

/** A run as `backout.run` and `backout.step` tell it; `steps` are those still to be undone, in the order they were done. */
export interface UndoneRun {
  run: string;
  schema: string;
  runbook: { path: string; title: string; sha256: string; migration: string | null };
  operator: string;
  host: string;
  startedAt: string;
  steps: { id: string; title: string }[];
}

/** Last done, first undone; ids and titles stay those of the steps that are taken back. */
export function undoPlan({ run, steps }: Pick<UndoneRun, 'run' | 'steps'>): Plan {
  const reversed = steps.toReversed().map(({ id, title }): PlanStep => ({
    id,
    title: toLine(title),
    words: 'Brings back from the archive what this step took away; rows written since are kept.',
    statements: [],
  }));
  const hash = createHash('sha256')
    .update(JSON.stringify(['undo', run, ...reversed.map(({ id }) => id)]))
    .digest('hex');
  return { steps: reversed, hash };
}

/** What the wizard shows of the undo. `rollback`: the runbook of the run, when it is still there; its escalation counts here too. */
export function undoRunbook(undone: UndoneRun, plan: Plan, rollback: Runbook | null): Runbook {
  const { path, sha256, migration } = undone.runbook;
  const title = toLine(undone.runbook.title);
  return {
    ...NO_SECTIONS,
    path: toLine(path),
    sha256,
    title: `Undo of run ${undone.run}: ${title}`,
    migration: migration === null ? null : { version: toLine(migration), name: '' },
    steps: plan.steps.map(stepOf),
    troubleshooting: rollback?.troubleshooting ?? [],
    escalation: rollback?.escalation ?? null,
  };
}

function stepOf({ id, title, words }: PlanStep): RunbookStep {
  return { id, number: Number(/\d+/.exec(id)?.[0] ?? 0), title, words, line: 0, blocks: [] };
}
