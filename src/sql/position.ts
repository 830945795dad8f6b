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
import { withCompanions } from './position/companions.ts';
import { doubts, type Decided } from './position/doubt.ts';
import { mayBeginAgain } from './position/objects.ts';
import { mayRunAgain } from './position/evidence.ts';
import { joined, parted } from './lone/parts.ts';
import { leftOvers, sayLeftOvers, withoutLeftOvers } from './lone/left-over.ts';
import { ancestorsOf, descendantsOf } from './family/members.ts';
import { isComposed } from './parts/index.ts';
import { misfits } from './position/order.ts';
import { toRedo } from './position/redone.ts';
import { withUpkeep } from './position/upkeep.ts';
import { byData, JOURNAL, withValues, type Around, type Placed, type Verdict } from './position/rows.ts';
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

interface Judged {
  position: StepPosition;
  decided: Decided[];
}

/**
 * Verdicts to try, the last resort last. Where the step ends as it began (an index dropped and built again), the end
 * is tried first: it is right when the data has nothing left to do either; otherwise the step has not begun.
 */
function catalogVerdicts(
  step: PlanStep,
  { catalog, planned, pending }: Ground,
): { verdicts: CatalogVerdict[][]; fits: boolean; between?: Statement[] } {
  const runs = fittingRuns(step.statements, catalog);
  const [early, late] = [runs[0], runs.at(-1)];
  if (early && late) {
    const whole = step.statements.slice(early.high, late.low);
    const done = catalog.done?.includes(step.id) ?? false;
    const again = early !== late && !done && mayBeginAgain(whole, catalog);
    const order = early === late || again ? [early] : [late, early];
    const between = step.statements.slice(early.high, late.low);
    return { verdicts: order.map((run) => byCut(step.statements, catalog, run)), fits: true, between };
  }
  const first = pending[0];
  if (first && fittingRuns(step.statements, planned)[0]?.low === 0) {
    const reason = `It follows ${first.step}, which still has to run.`;
    const verdicts = [
      step.statements.map((): CatalogVerdict => ({ state: 'pending', reason, passed: false })),
    ];
    return { verdicts, fits: true };
  }
  return { verdicts: [oneByOne(step.statements, catalog)], fits: false };
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

interface Asked {
  step: PlanStep;
  statement: Statement;
  seen: CatalogVerdict;
  decided: Verdict;
}

/** A later statement of the step writes to the same rows, in that table or through one above or below it. */
function isWrittenOver({ step, statement }: Asked, catalog: Catalog): boolean {
  const family = (tables: readonly string[]): string[] =>
    tables.flatMap((one) => [one, ...ancestorsOf(one, catalog), ...descendantsOf(one, catalog)]);
  const written = ({ effects }: Statement): string[] =>
    effects.flatMap((one) =>
      one.kind === 'update' || one.kind === 'insert' || one.kind === 'delete' ? [one.table] : [],
    );
  const own = family(written(statement));
  return step.statements
    .filter(({ index }) => index > statement.index)
    .some((later) => family(written(later)).some((table) => own.includes(table)));
}

/**
 * The run's journal says that the step was carried out, and what the rows say is no evidence against it: they show
 * nothing; they cannot be asked by a statement that names what the step itself has taken away since; one that does
 * several things finds something to do again (rows that it deleted have no counterpart any more); or the step has
 * written over what it left.
 */
function toldByJournal(asked: Asked, { done, catalog }: Around): boolean {
  const { statement, seen, decided } = asked;
  if (done !== true || seen.state !== 'ask' || decided.state === 'applied') return false;
  if (decided.silent || isComposed(statement)) return true;
  return decided.state === 'conflict' ? seen.passed : isWrittenOver(asked, catalog);
}

async function judgeBy(verdicts: readonly CatalogVerdict[], step: PlanStep, ground: Ground): Promise<Judged> {
  const pending = [...ground.pending];
  const judged: StatementPosition[] = [];
  const decisions: Decided[] = [];
  for (const [at, statement] of step.statements.entries()) {
    const seen = verdicts[at] ?? { state: 'ask', reason: '', passed: false };
    const around: Around = {
      session: ground.session,
      catalog: ground.catalog,
      pending,
      done: ground.catalog.done?.includes(step.id) ?? false,
      earlier: step.statements.slice(0, at),
      later: laterThan(ground.plan, step, statement),
    };
    const decided: Verdict =
      seen.state === 'ask'
        ? await byData(statement, seen, around)
        : seen.state === 'applied' && !seen.passed
          ? await withValues(statement, { state: seen.state, reason: seen.reason }, around)
          : { state: seen.state, reason: seen.reason };
    const verdict = toldByJournal({ step, statement, seen, decided }, around)
      ? { state: 'applied' as const, reason: JOURNAL }
      : undone(statement, decided, ground);
    if (verdict.state === 'pending') pending.push({ step: step.id, statement });
    const { state, reason, byRows = false } = verdict;
    judged.push({ index: statement.index, state, reason });
    decisions.push({
      step: step.id,
      statement,
      state,
      certain: seen.state === 'pending',
      byRows,
      fits: true,
    });
  }
  const statements = withoutDestruction(step, judged);
  return { position: { id: step.id, state: stepState(statements), statements }, decided: decisions };
}

const REPLACING = ['create-table', 'rename-table', 'drop-table', 'drop-column', 'not-understood'];

/** Running it a second time would take something away, or add it twice. */
function isOnce(statement: Statement): boolean {
  const rows = statement.effects.some(({ kind }) => kind === 'update' || kind === 'insert');
  return statement.effects.some(({ kind }) => REPLACING.includes(kind)) || (rows && !mayRunAgain(statement));
}

/** The catalog is the same before a part of the step as after it, and that part must not run twice. */
function undecided({ position, decided }: Judged, once: Statement): Judged {
  const reason =
    'The tables look the same before it and some statements after it: nothing shows whether it has run.';
  const statements = position.statements.map((one): StatementPosition =>
    one.index === once.index ? { ...one, state: 'conflict', reason } : one,
  );
  return { position: { ...position, statements, state: 'conflict' }, decided };
}

function withOthers(step: PlanStep, judged: Judged): Judged {
  const statements = [...withCompanions(step, judged.position.statements)];
  return { ...judged, position: { ...judged.position, statements, state: stepState(statements) } };
}

const REDONE =
  'It drops a constraint and adds one of the same name: the catalog does not show which it is. Run again, it ends in the same.';

function withRedone(step: PlanStep, judged: Judged, { catalog }: Ground): Judged {
  const again = toRedo(step, judged.position.statements, catalog.done?.includes(step.id) ?? false);
  if (again.size === 0) return judged;
  const statements = judged.position.statements.map((one): StatementPosition =>
    again.has(one.index) ? { ...one, state: 'pending', reason: REDONE } : one,
  );
  const decided = judged.decided.map((one): Decided =>
    again.has(one.statement.index) ? { ...one, state: 'pending', certain: false } : one,
  );
  return { position: { ...judged.position, statements, state: stepState(statements) }, decided };
}

async function judgeStep(step: PlanStep, ground: Ground): Promise<Judged> {
  const { verdicts, fits, between = [] } = catalogVerdicts(step, ground);
  const [first = [], second] = verdicts;
  const judged = await judgeBy(first, step, ground);
  if (!second || judged.position.state === 'applied') {
    return { ...judged, decided: judged.decided.map((one) => ({ ...one, fits })) };
  }
  const early = await judgeBy(second, step, ground);
  const once = between.find(isOnce);
  if (once) return undecided(early, once);
  return { ...early, decided: early.decided.map((one) => ({ ...one, certain: false })) };
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
  const found = leftOvers(plan, catalog);
  const position = await positionIn(joined(plan), withoutLeftOvers(catalog, found), session);
  return withUpkeep(plan, sayLeftOvers(parted(position, plan), found));
}

async function positionIn(plan: Plan, catalog: Catalog, session: Pick<Session, 'query'>): Promise<Position> {
  const steps: StepPosition[] = [];
  const decided: Decided[] = [];
  let planned = catalog;
  let pending: Placed[] = [];
  for (const step of plan.steps) {
    const ground: Ground = { plan, catalog, planned, pending, session };
    const judged = withOthers(step, withRedone(step, await judgeStep(step, ground), ground));
    steps.push(judged.position);
    decided.push(...judged.decided);
    pending = pendingStatements(plan, { steps });
    planned = applyEffects(
      catalog,
      pending.flatMap(({ statement }) => statement.effects),
    );
  }
  if (steps.some((step) => step.state === 'conflict')) return { steps };
  const doubtful = await doubts(decided, { session, catalog });
  return { steps: fitting(plan, catalog, steps, decided, doubtful) };
}

/** Verdicts that do not fit together are conflicts. Where there is one already, nothing runs anyway. */
function fitting(
  plan: Plan,
  catalog: Catalog,
  steps: StepPosition[],
  decided: readonly Decided[],
  doubtful: ReadonlyMap<Statement, string>,
): StepPosition[] {
  const wrong = new Map([...misfits(decided, catalog), ...doubtful]);
  if (wrong.size === 0) return steps;
  return steps.map((step, at) => {
    const planned = plan.steps[at];
    const statements = step.statements.map((one, index): StatementPosition => {
      const statement = planned?.statements[index];
      const reason = statement && wrong.get(statement);
      return reason === undefined ? one : { ...one, state: 'conflict', reason };
    });
    const safe = planned ? withoutDestruction(planned, statements) : statements;
    return { ...step, statements: safe, state: stepState(safe) };
  });
}

/** What remains to run, in order: pending statements, not those in conflict. */
export function nextStatements(plan: Plan, position: Position): Statement[] {
  return pendingStatements(plan, position).map(({ statement }) => statement);
}
