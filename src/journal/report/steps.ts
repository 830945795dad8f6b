/** What became of each step, told from a journal that may end anywhere and may have been gone on with. Pure. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { ActionRole, Form } from '../../sql/procedure/types.ts';
import type { JournalEvent, StepOutcome } from '../types.ts';
import { all, pick, type Body } from './events.ts';

export interface ReportStatement {
  index: number;
  sql: string;
  command: string;
  rows: number | null;
  seconds: number;
  notices: string[];
  at: string;
  /** Absent in journals of earlier versions: a statement of the runbook. */
  role?: ActionRole;
  carries?: number[];
}

export interface ReportStep {
  id: string;
  title: string;
  outcome: StepOutcome;
  /** Null where the journal does not say. */
  form: Form | null;
  attempts: number;
  /** What the operator typed to confirm, when typing was asked for. */
  confirmedAt: string | null;
  confirmedBy: string | null;
  seconds: number | null;
  /** Of the last attempt; those of a rolled back one took effect nowhere. */
  statements: ReportStatement[];
  error: ExplainedError | null;
}

const STATEMENT_FIELDS = [
  'index',
  'sql',
  'command',
  'rows',
  'seconds',
  'notices',
  'at',
  'role',
  'carries',
] as const;

/** The steps of the run, in the order of the plan. */
export function reportSteps(events: readonly JournalEvent[]): ReportStep[] {
  // The last one: a quick rollback may have done what no step had to do any more.
  const plan = all(events, 'plan').at(-1);
  const result = all(events, 'result').at(-1);
  const ids = result?.steps.map((step) => step.id) ?? plan?.position.steps.map((step) => step.id) ?? [];
  const applied = new Set(
    plan?.position.steps.filter((step) => step.state === 'applied').map((step) => step.id),
  );
  return ids.map((id) => reportStep(events, id, applied.has(id)));
}

function reportStep(events: readonly JournalEvent[], id: string, applied: boolean): ReportStep {
  const starts = all(events, 'step-started').filter((event) => event.step === id);
  const start = starts.at(-1);
  const since = events.filter((event) => event.seq > (start?.seq ?? 0));
  const confirmed = all(events, 'step-confirmed').findLast((event) => event.step === id);
  const finish = all(since, 'step-finished').findLast((event) => event.step === id);
  return {
    id,
    title:
      confirmed?.title ?? all(events, 'resumed').findLast(({ titles }) => titles?.[id])?.titles?.[id] ?? id,
    outcome: outcomeOf(since, id, start, applied),
    form: confirmed?.form ?? plannedForm(events, id),
    attempts: starts.length,
    confirmedAt: confirmed?.at ?? null,
    confirmedBy: confirmed?.typed ?? null,
    seconds: finish?.seconds ?? null,
    statements: all(since, 'statement')
      .filter((event) => event.step === id)
      .map((event) => pick(event, STATEMENT_FIELDS)),
    error: finish?.error ?? null,
  };
}

function plannedForm(events: readonly JournalEvent[], id: string): Form | null {
  const planned = all(events, 'plan').flatMap((plan) => plan.forms ?? []);
  return planned.findLast((entry) => entry.step === id)?.form ?? null;
}

const FOUND: Record<Exclude<Body<'step-found'>['found'], 'not-done'>, StepOutcome> = {
  done: 'done',
  'still-running': 'unknown',
};

/**
 * The last word on a step. Before the intent to commit was written, COMMIT had not been sent and the server has rolled
 * back; after it, only the database can tell: its record, asked for after a lost connection or when the run is resumed.
 */
function outcomeOf(
  since: readonly JournalEvent[],
  id: string,
  start: Body<'step-started'> | undefined,
  applied: boolean,
): StepOutcome {
  let outcome: StepOutcome = start ? 'rolled-back' : applied ? 'done' : 'not-run';
  /** Once it was sent outside of transactions, nothing took it back. */
  let failed: StepOutcome = 'rolled-back';
  for (const event of since) {
    if (event.type === 'resumed') {
      if (event.stepsDone.includes(id)) outcome = 'done';
      else if (outcome === 'unknown') outcome = failed;
    }
    if (event.type === 'step-committing' && (event.steps ?? [event.step]).includes(id)) {
      outcome = 'unknown';
      if (event.outside) failed = 'broken-off';
    }
    if (!('step' in event) || event.step !== id) continue;
    if (event.type === 'step-finished') outcome = event.outcome;
    if (event.type === 'step-found') outcome = event.found === 'not-done' ? failed : FOUND[event.found];
  }
  return outcome;
}
