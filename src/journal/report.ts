/** The report of a run, derived from its journal alone, so that it can be had after a crash as well. */
import type { ItemCheck } from '../checklist/types.ts';
import type { Attachment, Evidence, Prerequisite, Recommendation, ServerInfo } from '../postgres/types.ts';
import type { DataAtRisk, Invented, Lock, Position, Verification } from '../sql/types.ts';
import { all, pick, type Body } from './report/events.ts';
import {
  archivedObjects,
  lockWaits,
  sessions,
  wentWithout,
  type ReportLockWait,
  type ReportSession,
} from './report/kept.ts';
import { quickRollbacks, type ReportQuick } from './report/quick.ts';
import { reportSteps, type ReportStep } from './report/steps.ts';
import type {
  ArchivedObject,
  CommandResult,
  JournalBody,
  JournalEvent,
  Outcome,
  PlannedForm,
  RunKind,
} from './types.ts';

export type { ReportStatement, ReportStep } from './report/steps.ts';

export interface Report {
  schema: 'backout.report/1';
  run: string;
  kind: RunKind;
  /** The run that this one takes back. */
  undoes: string | null;
  version: string | null;
  surface: string | null;
  environment: string | null;
  runbook: Body<'run-started'>['runbook'] | null;
  operator: { user: string; host: string } | null;
  server: ServerInfo | null;
  startedAt: string | null;
  endedAt: string | null;
  /** Null: the journal ends without a result, so the run was cut off. */
  outcome: Outcome | null;
  /** The run stopped all writes, and did not let them in again. */
  writesStopped: boolean;
  exitStatus: number | null;
  prerequisites: Prerequisite[];
  attachments: Attachment[];
  consents: { id: string; detail: string; at: string }[];
  /** Taken or proved within this run. */
  backups: Pick<Body<'backup'>, 'at' | 'what' | 'path' | 'words'>[];
  /** Of the plan, on a copy. */
  rehearsals: Pick<Body<'rehearsal'>, 'at' | 'way' | 'outcome' | 'words'>[];
  decision: {
    choice: 'rollback' | 'fix-forward';
    recommendation: Recommendation;
    evidence: Evidence[];
    reason: string | null;
    at: string;
  } | null;
  /** Of a repair: what each of its steps is for. */
  repairs: { step: string; title: string; found: string }[];
  /** What was found wrong with the migrated state, and the run that was begun for it. */
  forward: Pick<Body<'repairs'>, 'run' | 'found' | 'notes'> | null;
  /** Before anything ran. */
  position: Position | null;
  locks: Lock[];
  baseline: Record<string, number>;
  /** The migration framework's own command, each time it was run. */
  quick: ReportQuick[];
  steps: ReportStep[];
  /** Only of steps that are done. */
  lost: DataAtRisk[];
  invented: Invented[];
  /** Every object that is kept, with its count; only of steps that are done. */
  archived: ArchivedObject[];
  /** The operator typed that nothing is to be kept. */
  withoutArchive: boolean;
  /** What an undo could not bring back, by step. */
  notUndoable: { step: string; text: string }[];
  forms: PlannedForm[];
  wholePlan: boolean;
  lockWaits: ReportLockWait[];
  lockActs: { at: string; text: string }[];
  /** More than one when the run was gone on with. */
  sessions: ReportSession[];
  verification: Verification | null;
  checklist: {
    id: string;
    text: string;
    done: boolean;
    note: string;
    command: CommandResult | null;
    /** What was found on the way; absent in reports of earlier versions. */
    checks: ItemCheck[];
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
  const result = resultOf(events);
  const decision = last('decision');
  const forward = last('repairs');
  const prerequisites = last('prerequisites');
  const steps = reportSteps(events);
  const done = new Set(steps.filter((step) => step.outcome === 'done').map((step) => step.id));
  const forms = formsOf(events);
  return {
    schema: 'backout.report/1',
    run,
    kind: started?.kind ?? 'rollback',
    undoes: started?.undoes ?? null,
    version: started?.version ?? null,
    surface: started?.surface ?? null,
    environment: started?.environment ?? null,
    runbook: started?.runbook ?? null,
    operator: started?.operator ?? null,
    server: last('connected')?.server ?? null,
    startedAt: started?.at ?? events[0]?.at ?? null,
    endedAt: events.at(-1)?.at ?? null,
    outcome: result?.outcome ?? null,
    writesStopped: leftStopped(events),
    exitStatus: result?.exitStatus ?? null,
    prerequisites: prerequisites?.results ?? [],
    attachments: prerequisites?.attachments ?? [],
    consents: all(events, 'consent').map(({ id, detail, at }) => ({ id, detail, at })),
    backups: all(events, 'backup').map(({ at, what, path, words }) => ({ at, what, path, words })),
    rehearsals: all(events, 'rehearsal').map(({ at, way, outcome, words }) => ({ at, way, outcome, words })),
    decision: decision && pick(decision, ['choice', 'recommendation', 'evidence', 'reason', 'at']),
    repairs: latest?.repairs ?? [],
    forward: forward && pick(forward, ['run', 'found', 'notes']),
    position: plan?.position ?? null,
    locks: latest?.locks ?? [],
    baseline: plan?.baseline ?? {},
    quick: quickRollbacks(events),
    steps,
    lost: (latest?.dataAtRisk ?? []).filter((entry) => done.has(entry.step)),
    invented: (latest?.invented ?? []).filter((entry) => done.has(entry.step)),
    archived: archivedObjects(events, done),
    withoutArchive: wentWithout(events),
    notUndoable: forms
      .filter(({ step }) => done.has(step))
      .flatMap(({ step, notUndoable }) => notUndoable.map((text) => ({ step, text }))),
    forms,
    wholePlan: latest?.wholePlan ?? false,
    lockWaits: lockWaits(events),
    lockActs: all(events, 'lock-acted').map(({ at, text }) => ({ at, text })),
    sessions: sessions(events),
    verification: last('verification')?.verification ?? null,
    checklist: itemsOf(events),
    notes: notesOf(events),
  };
}

/** How the run ended: a result that was followed by somebody going on is no end any more. */
function resultOf(events: readonly JournalEvent[]): Body<'result'> | null {
  const begun = events.findLast((event) => event.type === 'run-started' || event.type === 'resumed');
  return all(events, 'result').findLast((event) => event.seq > (begun?.seq ?? 0)) ?? null;
}

/** Each survey lists the forms of the steps still to run: the last one that names a step says how it was run. */
function formsOf(events: readonly JournalEvent[]): PlannedForm[] {
  const told = all(events, 'plan').flatMap((plan) => plan.forms ?? []);
  return [...new Map(told.map((entry) => [entry.step, entry])).values()];
}

/** Each item as it was last recorded, with every check of it; one that was only checked is open. */
function itemsOf(events: readonly JournalEvent[]): Report['checklist'] {
  const items = new Map<string, Report['checklist'][number]>();
  for (const event of events) {
    if (event.type !== 'checklist' && event.type !== 'item-check') continue;
    const { item: id, text, at } = event;
    const before = items.get(id) ?? { id, text, done: false, note: '', command: null, checks: [], at };
    items.set(
      id,
      event.type === 'checklist'
        ? { ...before, text, done: event.done, note: event.note, command: event.command, at }
        : { ...before, checks: [...before.checks, event.check] },
    );
  }
  return [...items.values()];
}

function leftStopped(events: readonly JournalEvent[]): boolean {
  const acts = all(events, 'escalated').filter(({ act }) => act === 'stop-writes' || act === 'allow-writes');
  return acts.findLast(({ ok }) => ok)?.act === 'stop-writes';
}

/** What was noted, and what was done when it had gone wrong. */
const notesOf = (events: readonly JournalEvent[]): Report['notes'] =>
  events.flatMap((event) => {
    if (event.type === 'note') return [{ at: event.at, text: event.text }];
    if (event.type !== 'escalated') return [];
    return [{ at: event.at, text: `Escalation${event.ok ? '' : ', without success'}: ${event.text}` }];
  });
