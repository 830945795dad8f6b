/**
 * A step of the runbook that cannot be one transaction, in parts that are carried out as steps of their own: each is
 * seen, confirmed and written down by itself, and happens whole or not at all as far as the server lets it.
 */
import { withCompanions } from '../position/companions.ts';
import { loneName } from './statement.ts';
import { walk } from '../parse-tree.ts';
import type {
  Plan,
  PlanStep,
  Position,
  PositionState,
  Statement,
  StatementPosition,
  StepPosition,
} from '../types.ts';

/** The value that ALTER TYPE … ADD VALUE adds; null for any other statement. */
function addedValue({ tree }: Statement): string | null {
  if (!('AlterEnumStmt' in tree)) return null;
  const { newVal, oldVal } = tree.AlterEnumStmt;
  return newVal !== undefined && oldVal === undefined ? newVal : null;
}

function names({ tree }: Statement, value: string): boolean {
  let found = false;
  walk(tree, (kind, node) => {
    if (kind === 'A_Const' && (node as { sval?: { sval?: string } }).sval?.sval === value) found = true;
  });
  return found;
}

const isSetting = ({ effects }: Statement): boolean =>
  effects.length > 0 && effects.every(({ kind }) => kind === 'setting');

/** What is set right before it is set for it. */
function takeSettings(parts: Statement[][]): Statement[] {
  const last = parts.at(-1) ?? [];
  if (last.some(({ tree }) => loneName(tree) !== null)) return [];
  const settings: Statement[] = [];
  while (last.length > 0 && isSetting(last.at(-1)!)) settings.unshift(last.pop()!);
  if (last.length === 0) parts.pop();
  return settings;
}

/**
 * The statements of each part, in order. A statement that runs in no transaction is a part of its own, with what is SET
 * right before it; so is what comes after a new value of an enum and uses it, which the server allows only once it is
 * committed (manual, sql-altertype).
 */
function partsAt(statements: readonly Statement[]): Statement[][] {
  const parts: Statement[][] = [];
  let open: Statement[] | null = null;
  for (const statement of statements) {
    if (loneName(statement.tree) !== null) {
      parts.push([...takeSettings(parts), statement]);
      open = null;
      continue;
    }
    const added = (open ?? []).flatMap((one) => addedValue(one) ?? []);
    if (open === null || added.some((value) => names(statement, value))) parts.push((open = []));
    open.push(statement);
  }
  return parts;
}

const numbered = (statements: readonly Statement[]): Statement[] =>
  statements.map((statement, at) => ({ ...statement, index: at + 1 }));

/** The step itself where it is one transaction; else its parts, with ids such as `step-2-part-1-of-3`. */
export function partsOf(step: PlanStep): PlanStep[] {
  const parts = partsAt(step.statements);
  const lone = (statements: readonly Statement[]): Pick<PlanStep, 'lone'> => {
    const last = statements.at(-1);
    const name = last && loneName(last.tree);
    return name ? { lone: name } : {};
  };
  if (parts.length < 2) return [{ ...step, ...lone(step.statements) }];
  return parts.map((statements, at) => ({
    ...step,
    ...lone(statements),
    id: `${step.id}-part-${at + 1}-of-${parts.length}`,
    statements: numbered(statements),
    part: { of: step.id, number: at + 1, parts: parts.length },
  }));
}

/** The plan with its parts put together again: what is said of a step is said of the whole of it. */
export function joined(plan: Plan): Plan {
  const steps: PlanStep[] = [];
  for (const step of plan.steps) {
    const last = steps.at(-1);
    if (!step.part) steps.push(step);
    else if (last?.id === step.part.of) last.statements = numbered([...last.statements, ...step.statements]);
    else {
      const { title, words, statements, part } = step;
      steps.push({ id: part.of, title, words, statements });
    }
  }
  return { ...plan, steps };
}

function stateOf(statements: readonly StatementPosition[]): PositionState {
  const states = new Set(statements.map(({ state }) => state));
  if (states.has('conflict')) return 'conflict';
  const [first = 'applied', ...others] = states;
  return others.length === 0 ? first : 'partial';
}

/** What was found of the joined plan, told of each part. */
export function parted(position: Position, plan: Plan): Position {
  const taken = new Map<string, number>();
  const steps = plan.steps.flatMap((step): StepPosition[] => {
    const whole = position.steps.find(({ id }) => id === (step.part?.of ?? step.id));
    if (!step.part || !whole) return whole ? [whole] : [];
    const from = taken.get(step.part.of) ?? 0;
    taken.set(step.part.of, from + step.statements.length);
    const found = whole.statements
      .slice(from, from + step.statements.length)
      .map((one, at) => ({ ...one, index: at + 1 }));
    const statements = [...withCompanions(step, found)];
    return [{ id: step.id, state: stateOf(statements), statements }];
  });
  return { steps };
}
