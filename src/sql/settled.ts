/** What a statement does depends, here and there, on what is in the database: its effects, once the catalog is known. */
import { withWholeRows } from './copy/effects.ts';
import { withQueryColumns } from './effects-create-as.ts';
import { withSerials } from './effects-sequence.ts';
import { withColumnsOf } from './effects-using-index.ts';
import { expanded } from './objects/every.ts';
import { withViewComments } from './objects/view-comments.ts';
import { withFamily } from './family/along.ts';
import { withColumnsOfSources } from './family/create.ts';
import { applyEffects } from './symbolic.ts';
import { referencedTable } from './symbolic-text.ts';
import type { Catalog, Effect, Plan, Statement } from './types.ts';

/** A table or an index by its name. */
function isThere(name: string, { tables }: Catalog): boolean {
  return (
    tables[name] !== undefined ||
    Object.values(tables).some((table) => table.indexes.some((index) => index.name === name))
  );
}

/** IF EXISTS: as if it were not written, or nothing at all. */
function conditional(effects: readonly Effect[], catalog: Catalog): readonly Effect[] {
  const missing = effects.find(({ onlyIf }) => onlyIf !== undefined && !isThere(onlyIf, catalog));
  if (missing?.onlyIf === undefined) return effects;
  return [{ kind: 'nothing', why: `There is no ${missing.onlyIf} for it to change.` }];
}

/** IF NOT EXISTS: with a column that is there, no constraint is added either. */
function missingAlone(effects: readonly Effect[], { tables }: Catalog): readonly Effect[] {
  const isThere = ({ unless }: Effect): boolean =>
    unless !== undefined &&
    (tables[unless.table]?.columns.some(({ name }) => name === unless.column) ?? false);
  return effects.some(isThere) ? effects.filter((effect) => !isThere(effect)) : effects;
}

/**
 * Tables that TRUNCATE … CASCADE empties beside those it names: whose foreign keys point at them, and so on. Those of
 * schemas that the catalog does not show are not among them.
 */
function takenAlong(named: readonly string[], catalog: Catalog): string[] {
  const all = new Set(named);
  const pointing = Object.values(catalog.tables).flatMap(({ name, constraints }) =>
    constraints
      .filter(({ type }) => type === 'f')
      .map((key) => ({ name, far: referencedTable(key.definition) })),
  );
  for (let before = -1; before !== all.size;) {
    before = all.size;
    for (const { name, far } of pointing) if (far !== null && all.has(far)) all.add(name);
  }
  return [...all].filter((name) => !named.includes(name)).sort();
}

/**
 * SET DEFAULT NULL leaves no default, unless the type has a length or precision, or is a domain: then NULL is converted
 * to it, and that is stored (AddRelationNewConstraints in heap.c).
 */
function withoutNullDefaults(effects: readonly Effect[], { tables }: Catalog): readonly Effect[] {
  const isNone = (effect: Effect): effect is Extract<Effect, { kind: 'set-default' }> => {
    if (effect.kind !== 'set-default' || !/^NULL(::|$)/i.test(effect.expression)) return false;
    const column = tables[effect.table]?.columns.find(({ name }) => name === effect.column);
    return column?.domain !== true && column?.type.includes('(') !== true;
  };
  if (!effects.some(isNone)) return effects;
  return effects.map((effect) => {
    if (!isNone(effect)) return effect;
    const { table, column, schema } = effect;
    return { kind: 'drop-default', ...(schema === undefined ? {} : { schema }), table, column };
  });
}

function cascading(effects: readonly Effect[], catalog: Catalog): readonly Effect[] {
  const named = effects.flatMap((effect) =>
    effect.kind === 'delete' && effect.truncate?.cascade ? [effect] : [],
  );
  const [first] = named;
  if (!first?.truncate) return effects;
  const truncate = { ...first.truncate, along: true };
  const along = takenAlong(
    named.map(({ table }) => table),
    catalog,
  );
  return [...effects, ...along.map((table): Effect => ({ kind: 'delete', table, reads: [], truncate }))];
}

/**
 * The plan with effects that hold for this database. Each statement is judged on the catalog as those before it leave
 * it. Texts, and so the hash, stay.
 */
export function settledPlan(plan: Plan, catalog: Catalog): Plan {
  let now = catalog;
  const before: Effect[] = [];
  const settled = (statement: Statement): Statement => {
    const named = withViewComments(statement.effects, statement, now);
    const there = expanded(missingAlone(conditional(named, now), now), now, before);
    const whole = withWholeRows(withSerials(there, statement, now), statement, now);
    const made = withColumnsOfSources(withQueryColumns(whole, statement, now), now);
    const alone = cascading(withColumnsOf(withoutNullDefaults(made, now), now), now);
    const effects = withFamily(alone, statement.tree, now, catalog);
    now = applyEffects(now, effects);
    before.push(...effects);
    return effects === statement.effects ? statement : { ...statement, effects: [...effects] };
  };
  return {
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, statements: step.statements.map(settled) })),
  };
}
