/** Why a statement was judged as it was, in a sentence. */
import type { Catalog, Statement } from '../types.ts';
import { holds, keyOf, mismatches, realValue, say, type Fact, type Facts } from './facts.ts';

/** At most this many single findings stand in one reason. */
const ENOUGH = 3;

function sentence(parts: readonly string[]): string {
  const shown = parts.slice(0, ENOUGH).join(', ');
  const more = parts.length > ENOUGH ? ` and ${parts.length - ENOUGH} more` : '';
  return shown.charAt(0).toUpperCase() + shown.slice(1) + more + '.';
}

/** What an object is like is not worth a word beside the news that it is, or is not, there. */
function essential(facts: readonly Fact[]): Fact[] {
  const whole = new Set(facts.filter(({ kind }) => WHOLE.includes(kind)).map(objectOf));
  return facts.filter((fact) => WHOLE.includes(fact.kind) || !whole.has(objectOf(fact)));
}

const WHOLE = ['table', 'column', 'constraint', 'index'];
const objectOf = ({ kind, table, name }: Fact): string =>
  kind.startsWith('index') ? `index ${name}` : kind === 'table' ? `table ${table}` : `${table}.${name}`;

function found(catalog: Catalog, facts: readonly Fact[]): string {
  return sentence(facts.map((fact) => say(fact, realValue(catalog, fact))));
}

/** What the statement makes true that was not so, or not said, before. */
export function made(before: Facts, after: Facts): Fact[] {
  return [...after.values()].filter((fact) => before.get(keyOf(fact))?.value !== fact.value);
}

/** Shown for an applied statement: what it leaves and is there, as it is there. */
export function appliedBecause(catalog: Catalog, before: Facts, after: Facts): string {
  const left = made(before, after);
  if (left.length === 0) return 'Nothing is left to do.';
  const there = essential(left).filter((fact) => holds(catalog, fact));
  if (there.length === 0) return 'Later statements have changed what it left.';
  return sentence(there.map((fact) => say(fact, fact.value)));
}

/** Shown for a pending statement: what it would change and is still as it was. */
export function pendingBecause(catalog: Catalog, before: Facts, after: Facts): string {
  const open = made(before, after).filter((fact) => realValue(catalog, fact) !== fact.value);
  return open.length === 0 ? 'It has not been reached yet.' : found(catalog, essential(open));
}

function renameConflict(catalog: Catalog, statement: Statement): string | null {
  const [effect] = statement.effects;
  if (effect?.kind !== 'rename-table') return null;
  const [from, to] = [catalog.tables[effect.from], catalog.tables[effect.to]];
  if (from && to) return `${effect.to} already exists beside ${effect.from}.`;
  return from || to ? null : `Neither ${effect.from} nor ${effect.to} exists.`;
}

function createConflict(catalog: Catalog, statement: Statement, after: Facts): string | null {
  const [effect] = statement.effects;
  if (effect?.kind !== 'create-table' || !catalog.tables[effect.table]) return null;
  const others = mismatches(catalog, after).map((fact) => say(fact, realValue(catalog, fact)));
  return `${effect.table} already exists, and not as the statement makes it: ${others.slice(0, ENOUGH).join(', ')}${others.length > ENOUGH ? ` and ${others.length - ENOUGH} more` : ''}.`;
}

/** Shown for a conflict: what fits neither before nor after the statement. */
export function conflictBecause(catalog: Catalog, statement: Statement, before: Facts, after: Facts): string {
  const special = renameConflict(catalog, statement) ?? createConflict(catalog, statement, after);
  if (special !== null) return special;
  const wrong = new Map<string, Fact>();
  for (const fact of [...mismatches(catalog, before), ...mismatches(catalog, after)])
    wrong.set(keyOf(fact), fact);
  return `Neither as before nor as after it: ${found(catalog, [...wrong.values()])}`;
}
