/** Where the database really stands: for each statement of the plan, whether it is applied. */
import type { Session } from './session.ts';
import {
  byCut,
  destroys,
  fittingRuns,
  holdsIn,
  oneByOne,
  showsInCatalog,
  type CatalogVerdict,
} from './position/cuts.ts';
import { byData, type Around, type Placed, type Verdict } from './position/rows.ts';
import { applyEffects, pendingStatements } from './symbolic.ts';
import type {
  Catalog,
  Plan,
  PlanStep,
  Position,
  PositionState,
  Statement,
  StatementPosition,
  StepPosition,
} from './types.ts';

function stepState(statements: readonly StatementPosition[]): PositionState {
  const all = (state: PositionState): boolean => statements.every((statement) => statement.state === state);
  if (statements.some((statement) => statement.state === 'conflict')) return 'conflict';
  return all('applied') ? 'applied' : all('pending') ? 'pending' : 'partial';
}

/** Nothing is destroyed in a step of which a part is not clear. */
function withoutDestruction(step: PlanStep, judged: readonly StatementPosition[]): StatementPosition[] {
  const cause = judged.find((one) => one.state === 'conflict');
  return judged.map((one, at) => {
    const effects = step.statements[at]?.effects ?? [];
    if (!cause || one.state !== 'pending' || !effects.some(destroys)) return one;
    const reason = `It would destroy data, and statement ${cause.index} of its step is in conflict.`;
    return { ...one, state: 'conflict', reason };
  });
}

interface Ground {
  plan: Plan;
  /** As it is. */
  catalog: Catalog;
  /** As the pending statements of the steps before will leave it. */
  planned: Catalog;
  pending: Placed[];
  session: Pick<Session, 'query'>;
}

/**
 * Verdicts to try, the last resort last. Where the step ends as it began (an index dropped and built again), the end
 * is tried first: it is right when the data has nothing left to do either; otherwise the step has not begun.
 */
function catalogVerdicts(step: PlanStep, { catalog, planned, pending }: Ground): CatalogVerdict[][] {
  const runs = fittingRuns(step.statements, catalog);
  const [early, late] = [runs[0], runs.at(-1)];
  if (early && late) {
    const order = early === late ? [early] : [late, early];
    return order.map((run) => byCut(step.statements, catalog, run));
  }
  const first = pending[0];
  if (first && fittingRuns(step.statements, planned)[0]?.low === 0) {
    const reason = `It follows ${first.step}, which still has to run.`;
    return [step.statements.map(() => ({ state: 'pending', reason, passed: false }))];
  }
  return [oneByOne(step.statements, catalog)];
}

/** What holds now only because an earlier step has not run yet will have to be done after it. */
function undone(statement: Statement, verdict: Verdict, ground: Ground): Verdict {
  const first = ground.pending[0];
  if (!first || verdict.state !== 'applied' || !showsInCatalog(statement, ground.planned)) return verdict;
  if (!holdsIn(statement, ground.catalog) || holdsIn(statement, ground.planned)) return verdict;
  return { state: 'pending', reason: `It follows ${first.step}, which still has to run.` };
}

function laterThan(plan: Plan, step: PlanStep, statement: Statement): Placed[] {
  const all = plan.steps.flatMap((one) => one.statements.map((each) => ({ step: one.id, statement: each })));
  const at = all.findIndex((one) => one.step === step.id && one.statement.index === statement.index);
  return all.slice(at + 1);
}

async function judgeBy(
  verdicts: readonly CatalogVerdict[],
  step: PlanStep,
  ground: Ground,
): Promise<StepPosition> {
  const pending = [...ground.pending];
  const judged: StatementPosition[] = [];
  for (const [at, statement] of step.statements.entries()) {
    const seen = verdicts[at] ?? { state: 'ask', reason: '', passed: false };
    const around: Around = {
      session: ground.session,
      catalog: ground.catalog,
      pending,
      earlier: step.statements.slice(0, at),
      later: laterThan(ground.plan, step, statement),
    };
    const decided: Verdict =
      seen.state === 'ask'
        ? await byData(statement, seen, around)
        : { state: seen.state, reason: seen.reason };
    const verdict = undone(statement, decided, ground);
    if (verdict.state === 'pending') pending.push({ step: step.id, statement });
    judged.push({ index: statement.index, state: verdict.state, reason: verdict.reason });
  }
  const statements = withoutDestruction(step, judged);
  return { id: step.id, state: stepState(statements), statements };
}

async function judgeStep(step: PlanStep, ground: Ground): Promise<StepPosition> {
  const [first = [], second] = catalogVerdicts(step, ground);
  const judged = await judgeBy(first, step, ground);
  return second && judged.state !== 'applied' ? judgeBy(second, step, ground) : judged;
}

/**
 * Judges every step by itself against the catalog and, where that does not decide, against the rows.
 *
 * A symbolic catalog is carried through each step; where it agrees with the real one between statement k and k + 1,
 * k statements are applied. UPDATE, INSERT and DELETE are decided by counting what is left for them. Where no place
 * in the step agrees, each statement is judged alone, and what fits neither before nor after is a conflict.
 * Only reads; `catalog` must be the session's own view of the database. Reasons may hold names and messages from
 * the database as they are: pass them through `toLine` before they are shown.
 */
export async function positionOf(
  plan: Plan,
  catalog: Catalog,
  session: Pick<Session, 'query'>,
): Promise<Position> {
  const steps: StepPosition[] = [];
  let planned = catalog;
  let pending: Placed[] = [];
  for (const step of plan.steps) {
    steps.push(await judgeStep(step, { plan, catalog, planned, pending, session }));
    pending = pendingStatements(plan, { steps });
    planned = applyEffects(
      catalog,
      pending.flatMap(({ statement }) => statement.effects),
    );
  }
  return { steps };
}

/** What remains to run, in order: pending statements, not those in conflict. */
export function nextStatements(plan: Plan, position: Position): Statement[] {
  return pendingStatements(plan, position).map(({ statement }) => statement);
}
