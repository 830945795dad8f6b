/** What must be there, and what must not, when the way down has run: read off its effects. */
import type { Expectation } from '../runbook/types.ts';
import { maySame, objectKey, refOnly, renamedTo } from '../sql/objects/keys.ts';
import type { ObjectEffect, ObjectRef } from '../sql/objects/types.ts';
import type { Effect, Plan } from '../sql/types.ts';

type OfObject = Extract<Expectation, { kind: 'object' }>;

/** These are no objects of their own: only what they set is told apart. */
const WITHOUT_PRESENCE: readonly ObjectRef['type'][] = ['table', 'index', 'default privileges'];

/** What one statement leaves there, and what not. */
function ofEffect(effect: ObjectEffect): Omit<OfObject, 'line'>[] {
  if (WITHOUT_PRESENCE.includes(effect.type) || effect.every) return [];
  const one = (ref: ObjectRef, exists: boolean): Omit<OfObject, 'line'> => ({
    kind: 'object',
    ref: refOnly(ref),
    exists,
  });
  switch (effect.verb) {
    case 'create':
    case 'replace':
      return [one(effect, true)];
    case 'drop':
      return [one(effect, false)];
    case 'rename':
      return [one(effect, false), one(renamedTo(effect), true)];
    default:
      return [];
  }
}

/** The last statement about an object counts, and one that takes it along. */
class Objects {
  private found: OfObject[] = [];

  add(one: OfObject): void {
    this.found = this.found.filter(({ ref }) => !maySame(ref, one.ref, ''));
    this.found.push(one);
  }

  /** With CASCADE anything may go; with a table or a schema go what is on or in it. */
  after(effect: Effect): void {
    const cascade = 'cascade' in effect && effect.cascade;
    const table =
      effect.kind === 'drop-table' ? effect.table : effect.kind === 'rename-table' ? effect.from : null;
    const schema = effect.kind === 'object' && effect.type === 'schema' ? effect.name : null;
    const goes = ({ exists, ref }: OfObject): boolean =>
      (cascade && exists) ||
      (table !== null && ref.on === table) ||
      (schema !== null && ref.schema === schema);
    const named = effect.kind === 'object' ? objectKey(effect, '') : '';
    this.found = this.found.filter((one) => objectKey(one.ref, '') === named || !goes(one));
  }

  all(): OfObject[] {
    return this.found;
  }
}

/** Those that the plan makes, and what may take them away without naming them. */
class Indexes {
  private made: { name: string; table: string; columns: readonly string[] }[] = [];

  /** The names that nothing is expected of any more after this effect. */
  gone(effect: Effect): string[] {
    if (effect.kind === 'create-index') this.made.push(effect);
    if (effect.kind === 'rename-table')
      this.made = this.made.map((one) => (one.table === effect.from ? { ...one, table: effect.to } : one));
    if (effect.kind === 'rename-column')
      this.made = this.made.map((one) =>
        one.table === effect.table
          ? { ...one, columns: one.columns.map((column) => (column === effect.from ? effect.to : column)) }
          : one,
      );
    if (effect.kind === 'rename-index') return this.drop(({ name }) => name === effect.from);
    if (effect.kind === 'drop-table') return this.drop(({ table }) => table === effect.table);
    // An expression may be about any column, and so may a WHERE, which is not looked at.
    if (effect.kind === 'drop-column')
      return this.drop(
        ({ table, columns }) =>
          table === effect.table && (columns.includes(effect.column) || columns.includes('')),
      );
    return [];
  }

  private drop(goes: (one: Indexes['made'][number]) => boolean): string[] {
    const names = this.made.filter(goes).map(({ name }) => name);
    this.made = this.made.filter((one) => !goes(one));
    return names;
  }
}

/** Of tables, indexes and objects beside tables; the last statement about a name counts. */
export function expectationsFrom(plan: Plan): Expectation[] {
  const found = new Map<string, Expectation | null>();
  const objects = new Objects();
  const indexes = new Indexes();
  const table = (name: string, exists: boolean, line: number): void =>
    void found.set(`table ${name}`, { kind: 'table', name, exists, line });
  for (const { effects, line } of plan.steps.flatMap(({ statements }) => statements)) {
    for (const effect of effects) {
      const { schema } = effect;
      const named = (name: string): string => (schema === undefined ? name : `${schema}.${name}`);
      if (effect.kind === 'create-table') table(named(effect.table), true, line);
      if (effect.kind === 'drop-table') table(named(effect.table), false, line);
      if (effect.kind === 'rename-table') {
        table(named(effect.from), false, line);
        table(named(effect.to), true, line);
      }
      if (effect.kind === 'create-index' && effect.name !== '')
        found.set(`index ${effect.name}`, { kind: 'index', name: effect.name, line });
      if (effect.kind === 'drop-index') found.set(`index ${effect.name}`, null);
      for (const name of indexes.gone(effect)) found.set(`index ${name}`, null);
      objects.after(effect);
      if (effect.kind === 'object') for (const one of ofEffect(effect)) objects.add({ ...one, line });
    }
  }
  return [...found.values(), ...objects.all()].filter((one) => one !== null);
}
