/** The report of a run, derived from its journal alone, so that it can be had after a crash as well. */
import type {
  Attachment,
  Evidence,
  ExplainedError,
  Prerequisite,
  Recommendation,
  ServerInfo,
} from '../postgres/types.ts';
import type { DataAtRisk, Invented, Lock, Position, Verification } from '../sql/types.ts';
import type { CommandResult, JournalBody, JournalEvent, Outcome, StepOutcome } from './types.ts';

type Body<T extends JournalBody['type']> = Extract<JournalEvent, { type: T }>;

export interface ReportStatement {
  index: number;
  sql: string;
  command: string;
  rows: number | null;
  seconds: number;
  notices: string[];
  at: string;
}

export interface ReportStep {
  id: string;
  title: string;
  outcome: StepOutcome;
  attempts: number;
  /** What the operator typed to confirm, when typing was asked for. */
  confirmedAt: string | null;
  confirmedBy: string | null;
  seconds: number | null;
  /** Of the last attempt; those of a rolled back one took effect nowhere. */
  statements: ReportStatement[];
  error: ExplainedError | null;
}

export interface Report {
  schema: 'backout.report/1';
  run: string;
  version: string | null;
  surface: string | null;
  environment: string | null;
  runbook: { path: string; title: string; sha256: string; migration: string | null } | null;
  operator: { user: string; host: string } | null;
  server: ServerInfo | null;
  startedAt: string | null;
  endedAt: string | null;
  /** Null: the journal ends without a result, so the run was cut off. */
  outcome: Outcome | null;
  exitStatus: number | null;
  prerequisites: Prerequisite[];
  attachments: Attachment[];
  consents: { id: string; detail: string; at: string }[];
  decision: {
    choice: 'rollback' | 'fix-forward';
    recommendation: Recommendation;
    evidence: Evidence[];
    reason: string | null;
    at: string;
  } | null;
  /** Before anything ran. */
  position: Position | null;
  locks: Lock[];
  baseline: Record<string, number>;
  steps: ReportStep[];
  /** Only of steps that are done. */
  lost: DataAtRisk[];
  invented: Invented[];
  verification: Verification | null;
  checklist: {
    id: string;
    text: string;
    done: boolean;
    note: string;
    command: CommandResult | null;
    at: string;
  }[];
  notes: { at: string; text: string }[];
}

/** Pure. Works on the journal of a run that was cut off at any line. */
export function buildReport(events: readonly JournalEvent[], run: string): Report {
  const first = <T extends JournalBody['type']>(type: T) => all(events, type)[0] ?? null;
  const last = <T extends JournalBody['type']>(type: T) => all(events, type).at(-1) ?? null;
  const started = first('run-started');
  const plan = first('plan');
  // Recorded anew with every survey: the first tells what was found, the last carries along what was done.
  const latest = last('plan');
  const result = last('result');
  const decision = last('decision');
  const prerequisites = last('prerequisites');
  const steps = reportSteps(events, plan, result);
  const done = new Set(steps.filter((step) => step.outcome === 'done').map((step) => step.id));
  return {
    schema: 'backout.report/1',
    run,
    version: started?.version ?? null,
    surface: started?.surface ?? null,
    environment: started?.environment ?? null,
    runbook: started?.runbook ?? null,
    operator: started?.operator ?? null,
    server: last('connected')?.server ?? null,
    startedAt: started?.at ?? events[0]?.at ?? null,
    endedAt: events.at(-1)?.at ?? null,
    outcome: result?.outcome ?? null,
    exitStatus: result?.exitStatus ?? null,
    prerequisites: prerequisites?.results ?? [],
    attachments: prerequisites?.attachments ?? [],
    consents: all(events, 'consent').map(({ id, detail, at }) => ({ id, detail, at })),
    decision: decision && pick(decision, ['choice', 'recommendation', 'evidence', 'reason', 'at']),
    position: plan?.position ?? null,
    locks: latest?.locks ?? [],
    baseline: plan?.baseline ?? {},
    steps,
    lost: (latest?.dataAtRisk ?? []).filter((entry) => done.has(entry.step)),
    invented: (latest?.invented ?? []).filter((entry) => done.has(entry.step)),
    verification: last('verification')?.verification ?? null,
    checklist: lastOfEach(all(events, 'checklist')),
    notes: all(events, 'note').map(({ at, text }) => ({ at, text })),
  };
}

function all<T extends JournalBody['type']>(events: readonly JournalEvent[], type: T): Body<T>[] {
  return events.filter((event): event is Body<T> => event.type === type);
}

function pick<T, K extends keyof T>(value: T, keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}

function lastOfEach(items: Body<'checklist'>[]): Report['checklist'] {
  const latest = new Map(items.map((item) => [item.item, item]));
  return [...latest.values()].map(({ item, text, done, note, command, at }) => ({
    id: item,
    text,
    done,
    note,
    command,
    at,
  }));
}

function reportSteps(
  events: readonly JournalEvent[],
  plan: Body<'plan'> | null,
  result: Body<'result'> | null,
): ReportStep[] {
  const ids = result?.steps.map((step) => step.id) ?? plan?.position.steps.map((step) => step.id) ?? [];
  const applied = new Set(
    plan?.position.steps.filter((step) => step.state === 'applied').map((step) => step.id),
  );
  return ids.map((id) => reportStep(events, id, applied.has(id)));
}

function reportStep(events: readonly JournalEvent[], id: string, applied: boolean): ReportStep {
  const starts = all(events, 'step-started').filter((event) => event.step === id);
  const start = starts.at(-1);
  const confirmed = all(events, 'step-confirmed').filter((event) => event.step === id);
  const finish = all(events, 'step-finished').findLast(
    (event) => event.step === id && event.seq > (start?.seq ?? 0),
  );
  const committing = all(events, 'step-committing').some(
    (event) => event.step === id && event.seq > (start?.seq ?? 0),
  );
  return {
    id,
    title: confirmed.at(-1)?.title ?? id,
    outcome: finish?.outcome ?? cutOff(start !== undefined, committing, applied),
    attempts: starts.length,
    confirmedAt: confirmed.at(-1)?.at ?? null,
    confirmedBy: confirmed.at(-1)?.typed ?? null,
    seconds: finish?.seconds ?? null,
    statements: all(events, 'statement')
      .filter((event) => event.step === id && event.seq > (start?.seq ?? 0))
      .map(({ index, sql, command, rows, seconds, notices, at }) => ({
        index,
        sql,
        command,
        rows,
        seconds,
        notices,
        at,
      })),
    error: finish?.error ?? null,
  };
}

/**
 * A journal that ends inside a step: before the intent to commit was written, COMMIT had not been sent and the
 * server has rolled back; after it, nobody can tell from here.
 */
function cutOff(started: boolean, committing: boolean, applied: boolean): StepOutcome {
  if (!started) return applied ? 'done' : 'not-run';
  return committing ? 'unknown' : 'rolled-back';
}
