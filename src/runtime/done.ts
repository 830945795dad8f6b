/** What the journal says of steps that the catalog cannot tell anything about: a view that was replaced, a function altered. */
import { stepRows } from '../postgres/store.ts';
import { isReadable } from '../postgres/store/state.ts';
import { choosesAnew } from '../sql/unsteady.ts';
import { isComposed } from '../sql/parts/index.ts';
import { isHidden } from '../sql/position/objects.ts';
import { redoing } from '../sql/position/redone.ts';
import type { Session } from '../sql/session.ts';
import type { Effect, Plan } from '../sql/types.ts';

/** Neither shows in the catalog: rows may look the same before and after, and some comments are not asked for. */
const ROWS: readonly Effect['kind'][] = ['update', 'insert', 'delete', 'comment'];

/** Ids of steps that this run has carried out; asked only where it matters. @throws {DatabaseError} */
export async function stepsDone(session: Session, run: string | undefined, plan: Plan): Promise<string[]> {
  const matters = plan.steps.some(
    (step) =>
      redoing(step).size > 0 ||
      step.statements.some((one) => isComposed(one) || choosesAnew(one)) ||
      step.statements.some(({ effects }) =>
        effects.some(
          (one) =>
            ROWS.includes(one.kind) || (one.kind === 'object' && (isHidden(one) || one.verb === 'create')),
        ),
      ),
  );
  if (run === undefined || !matters || !(await isReadable(session))) return [];
  const done = (await stepRows(session, run)).filter(({ undoneBy }) => undoneBy === null);
  const ids = new Set(done.map(({ step }) => step));
  const whole = [...new Set(plan.steps.flatMap(({ part }) => (part ? [part.of] : [])))].filter((of) =>
    plan.steps.every(({ id, part }) => part?.of !== of || ids.has(id)),
  );
  return [...ids, ...whole];
}
