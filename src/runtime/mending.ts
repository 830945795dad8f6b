/** Looks for what could be mended right where something failed, before the failure is told: both are shown together. */
import { findRepairs, type RepairAbout } from '../repair/find.ts';
import type { RepairNote } from '../repair/types.ts';
import { explainError } from '../postgres/explain.ts';
import type { Prerequisite } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import type { Event, Survey } from '../wizard/types.ts';
import type { CourseRequest } from './course.ts';
import { lookAt } from './look.ts';
import type { Mendable } from './types.ts';

type Emit = (event: Event) => void;
type Found = Extract<Event, { type: 'repairs' }>;

/** @throws {DatabaseError} 55P03, 57014 where somebody keeps us from looking */
export async function lookForRepairs(
  open: CourseRequest,
  about: RepairAbout,
  { plan, runbook, survey }: { plan: Plan; runbook: Runbook; survey: Survey | null },
): Promise<Found> {
  const { session } = open;
  const notes: RepairNote[] = [];
  // Nobody waits longer for advice than for the step itself.
  await session.query("SELECT pg_catalog.set_config('lock_timeout', '2s', false)");
  await session.query("SELECT pg_catalog.set_config('statement_timeout', '60s', false)");
  try {
    const look = await lookAt(open, plan);
    const found = await findRepairs({
      ...open,
      ...look,
      about,
      runbook,
      plan,
      risk: survey?.risk ?? null,
      note: (note) => notes.push(note),
    });
    return { type: 'repairs', found, notes };
  } finally {
    if (!session.lost) {
      await session.query('RESET lock_timeout');
      await session.query('RESET statement_timeout');
    }
  }
}

type Look = (about: RepairAbout) => Promise<Found>;

/** Connection failures and ends of the session: there is nobody to ask. */
const isGone = (sqlstate: string | undefined): boolean => /^(08|57P)/.test(sqlstate ?? '08');

/** A search that fails is no failure of what failed; but that nothing was found may not be said then. */
const lookedFor = (look: Look, about: RepairAbout): Promise<Event> =>
  look(about).then(
    (found): Event => ({ ...found, unasked: true }),
    (error: unknown): Event => ({ type: 'repairs-failed', error: explainError(error), unasked: true }),
  );

/** For those who only look: what each of the two decisions could mend. A search that fails is told. */
export async function mendable(look: Look, prerequisites: readonly Prerequisite[]): Promise<Mendable> {
  const of = (about: RepairAbout): Promise<Mendable['forward']> =>
    look(about).then(
      ({ found }) => ({ found, error: null }),
      (error: unknown) => ({ found: [], error: explainError(error) }),
    );
  const failed = prerequisites.filter(({ status }) => status === 'fail');
  return {
    forward: await of({ kind: 'forward' }),
    rollback: failed.length === 0 ? { found: [], error: null } : await of({ kind: 'prerequisites', failed }),
  };
}

/** Holds a step's failure back until it is known what could be mended. */
export async function withRepairs(
  work: (emit: Emit) => Promise<void>,
  emit: Emit,
  look: Look,
): Promise<void> {
  const failures: Extract<Event, { type: 'step-failed' }>[] = [];
  await work((event) => (event.type === 'step-failed' ? void failures.push(event) : emit(event)));
  for (const failed of failures) {
    const { step, error, cancelled } = failed;
    if (!cancelled && !isGone(error.sqlstate)) emit(await lookedFor(look, { kind: 'failure', step, error }));
    emit(failed);
  }
}

/** What stands in the way of starting, or of going on, could be mended. */
export async function afterChecks(results: readonly Prerequisite[], emit: Emit, look: Look): Promise<void> {
  const failed = results.filter(({ status }) => status === 'fail');
  if (failed.length === 0) return;
  emit(await lookedFor(look, { kind: 'prerequisites', failed }));
}
