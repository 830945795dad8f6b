/** The whole plan on the copy: steps and verification. */
import { planNow } from '../runtime/look.ts';
import { intendedCatalog } from '../runtime/rollback.ts';
import { assessRisk } from '../sql/risk.ts';
import { DatabaseError } from '../sql/session.ts';
import { concernedTables } from '../sql/tables-of.ts';
import type { AssessedRisk, Catalog, Plan, Verification } from '../sql/types.ts';
import { verifyCopy } from './check.ts';
import { positionAfter, rehearseStep, unreached } from './run-step.ts';
import type { Stage, Subject, Watch } from './stage.ts';
import { contentsOf } from './contents.ts';
import type { RehearsedStep, RehearsedUndo } from './types.ts';
import { rehearseUndo } from './undo.ts';

export interface Played {
  outcome: 'ok' | 'sql-failed' | 'verification-failed' | 'undo-failed' | 'refused';
  stopped?: string;
  steps: RehearsedStep[];
  verification: Verification | null;
  undo: RehearsedUndo | null;
  notRehearsed: string[];
}

/**
 * @param told hears the steps as they are over, so that what stops the work does not lose them
 * @throws {Halted} @throws {DatabaseError}
 */
export async function play(
  subject: Subject,
  stage: Stage,
  watch: Watch,
  told: RehearsedStep[],
): Promise<Played> {
  const { raw, schema } = stage;
  const { plan, catalog } = await planNow(raw, schema, stage.plan);
  const risk = await riskOf(subject, stage, plan, catalog);
  watch.check();
  const names = [...new Set(concernedTables(plan, catalog))].sort();
  const start = await contentsOf(stage, names, catalog.elsewhere ?? {}, watch);
  const done: string[] = [];
  let failed = false;
  for (const step of plan.steps) {
    if (failed) {
      told.push(unreached(step, 'not-reached'));
      continue;
    }
    const work = { subject, stage, watch, failing: risk?.failing ?? [] };
    const over = await rehearseStep(work, step, positionAfter(subject.position, done));
    told.push(over);
    watch.hear({ type: 'step-over', step: over });
    failed = over.outcome === 'failed' || over.outcome === 'refused';
    if (!failed) done.push(step.id);
  }
  const refused = told.find(({ outcome }) => outcome === 'refused');
  const none = { steps: told, verification: null, undo: null, notRehearsed: [] };
  if (refused) return { ...none, outcome: 'refused', stopped: `${refused.id} cannot be carried out.` };
  if (failed) return { ...none, outcome: 'sql-failed' };
  watch.check();
  watch.hear({ type: 'verifying' });
  const { verification, notAsked } = await verifyCopy(subject, stage, {
    intended: intendedCatalog(plan, catalog, subject.position),
    baseline: risk?.rowsAfter ?? null,
  });
  watch.check();
  const undo = await rehearseUndo(subject, stage, watch, { start, steps: told });
  const undone = undo.outcome !== 'failed' && undo.outcome !== 'different';
  return {
    outcome: !verification.ok ? 'verification-failed' : undone ? 'ok' : 'undo-failed',
    steps: told,
    verification,
    undo,
    notRehearsed: risk
      ? notAsked
      : [...notAsked, 'Row counts: what they should be could not be counted on the copy.'],
  };
}

/** Counted on the copy: what it must end with, and the keys of rows that fail. Null when that could not be counted. */
async function riskOf(
  subject: Subject,
  stage: Stage,
  plan: Plan,
  catalog: Catalog,
): Promise<AssessedRisk | null> {
  try {
    return await assessRisk(plan, catalog, subject.position, stage.asking, {
      serverVersion: stage.server.versionNumber,
    });
  } catch (error) {
    if (error instanceof DatabaseError && !stage.raw.lost) return null;
    throw error;
  }
}
