/** The survey through a run: which steps it leaves, what a newer one changes, and what the journal is told of it. */
import type { JournalBody } from '../journal/types.ts';
import type { Attachment } from '../postgres/types.ts';
import type { Action, Form } from '../sql/procedure/types.ts';
import type { DataAtRisk, Failing, Invented } from '../sql/types.ts';
import { positionOf, stepName } from './judge.ts';
import { plannedForms, procedureChanges, procedureOf } from './procedure.ts';
import type { State, StatementRun, StepRun, Survey } from './types.ts';

/**
 * The steps as the survey found them, each with the actions of the procedure that counts. What this run has done, or
 * may have done, stays as it is; what was confirmed is not any more.
 */
export function stepsFrom(
  { plan, forms }: Pick<State, 'plan' | 'forms'>,
  survey: Survey,
  previous: StepRun[] = [],
): StepRun[] {
  return plan.steps.map((step) => {
    const before = previous.find((candidate) => candidate.id === step.id);
    if (before?.status === 'done' || before?.status === 'unknown') return before;
    return {
      id: step.id,
      status: positionOf(survey, step.id)?.state === 'applied' ? 'already-applied' : 'waiting',
      attempt: before?.attempt ?? 0,
      confirmed: null,
      statements: (procedureOf({ survey, forms }, step.id)?.actions ?? []).map(toRun),
      seconds: null,
      error: before?.error ?? null,
      startedAt: null,
      cancelled: before?.cancelled ?? false,
      voided: before?.voided ?? false,
      left: before?.left ?? null,
    };
  });
}

const toRun = ({ index, sql, role, carries, words }: Action): StatementRun => ({
  index,
  sql,
  role,
  carries,
  words,
  status: 'waiting',
  rows: null,
  seconds: null,
  notices: [],
});

/**
 * The fresh survey. Once a step is done, with the baseline from before it and the risk and locks of what is done, so
 * that the last survey tells the whole run.
 */
export function mergeSurvey(old: Survey | null, fresh: Survey, steps: StepRun[]): Survey {
  const done = new Set(steps.filter((step) => step.status === 'done').map((step) => step.id));
  if (!old || done.size === 0) return fresh;
  const both = <T extends { step: string }>(before: T[], after: T[]): T[] => [
    ...before.filter((entry) => done.has(entry.step)),
    ...after.filter((entry) => !done.has(entry.step)),
  ];
  return {
    ...fresh,
    baseline: { ...fresh.baseline, ...old.baseline },
    locks: both(old.locks, fresh.locks),
    offers: both(old.offers, fresh.offers),
    risk: {
      dataAtRisk: both(old.risk.dataAtRisk, fresh.risk.dataAtRisk),
      invented: both(old.risk.invented, fresh.risk.invented),
      failing: both(old.risk.failing, fresh.risk.failing),
      unchecked: both(old.risk.unchecked, fresh.risk.unchecked),
    },
  };
}

/** The journal's line for a survey, and for what the operator has chosen on it. */
export function planRecord(
  state: Pick<State, 'forms' | 'withoutArchive' | 'wholePlan' | 'purpose' | 'plan'>,
  survey: Survey,
): JournalBody {
  const { hash, position, locks, risk, baseline } = survey;
  return {
    type: 'plan',
    hash,
    position,
    locks,
    dataAtRisk: risk.dataAtRisk,
    invented: risk.invented,
    baseline,
    forms: plannedForms({ survey, forms: state.forms }),
    archive: !state.withoutArchive,
    wholePlan: state.wholePlan,
    ...(state.purpose === 'repair' ? { repairs: state.plan.steps.map(repairOf) } : {}),
  };
}

const repairOf = ({ id, title, words }: State['plan']['steps'][number]) => ({
  step: id,
  title,
  found: words,
});

const place = (entry: { step: string; index: number }): string =>
  `${stepName(entry.step)}, statement ${entry.index}`;

/** What a newer survey says differently, in sentences; at least one when the hashes differ. */
export function changesBetween(old: Survey, fresh: Survey, forms: Record<string, Form>): string[] {
  const found = [
    ...positionChanges(old, fresh),
    ...countChanges(old.risk.dataAtRisk, fresh.risk.dataAtRisk, atRisk),
    ...countChanges(old.risk.invented, fresh.risk.invented, invented),
    ...countChanges(old.risk.failing, fresh.risk.failing, wouldFail),
    ...attachmentChanges(old.attachments, fresh.attachments),
    ...procedureChanges(old, fresh, forms, stepName),
  ];
  if (found.length > 0 || !isOther(old, fresh, forms)) return found;
  return ['The definition of a table, column, index or constraint that the plan touches has changed.'];
}

function isOther(old: Survey, fresh: Survey, forms: Record<string, Form>): boolean {
  const procedures = (survey: Survey): string[] =>
    fresh.offers.map(({ step }) => procedureOf({ survey, forms }, step)?.hash ?? '');
  return old.hash !== fresh.hash || procedures(old).join() !== procedures(fresh).join();
}

function positionChanges(old: Survey, fresh: Survey): string[] {
  return fresh.position.steps.flatMap((step) => {
    const before = positionOf(old, step.id);
    const moved = step.statements.filter((statement) => {
      const was = before?.statements.find((candidate) => candidate.index === statement.index);
      return was?.state !== statement.state;
    });
    return moved.map((statement) => {
      const was = before?.statements.find((candidate) => candidate.index === statement.index)?.state;
      return `${stepName(step.id)}, statement ${statement.index} was ${was ?? 'not known'} and is now ${statement.state}: ${statement.reason}`;
    });
  });
}

const atRisk = (entry: DataAtRisk): string =>
  `${place(entry)}: data at risk in ${entry.table}${entry.column === undefined ? '' : `.${entry.column}`}`;
const invented = (entry: Invented): string =>
  `${place(entry)}: invented values in ${entry.table}.${entry.column}`;
const wouldFail = (entry: Failing): string =>
  `${place(entry)}: rows that would fail (${entry.kind}) in ${entry.table}.${entry.column}`;

function countChanges<T extends { rows: number }>(
  before: T[],
  after: T[],
  name: (entry: T) => string,
): string[] {
  const rows = (entries: T[]): Map<string, number> =>
    new Map(entries.map((entry) => [name(entry), entry.rows]));
  const was = rows(before);
  const is = rows(after);
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((key) => (was.get(key) ?? 0) !== (is.get(key) ?? 0))
    .map((key) => `${key}: ${was.get(key) ?? 0} before, ${is.get(key) ?? 0} now.`);
}

function attachmentChanges(before: Attachment[], after: Attachment[]): string[] {
  const name = ({ table, kind, name: own, outcome }: Attachment): string =>
    `${kind} ${own} on ${table} (${outcome})`;
  const was = new Set(before.map(name));
  const is = new Set(after.map(name));
  return [
    ...[...is].filter((entry) => !was.has(entry)).map((entry) => `New: ${entry}.`),
    ...[...was].filter((entry) => !is.has(entry)).map((entry) => `Gone: ${entry}.`),
  ];
}
