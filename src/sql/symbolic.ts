/** The catalog that statements leave behind, worked out without running them. */
import { changeTable, newTable, renameIndexOrConstraint, underNewName } from './symbolic-table.ts';
import { mentions } from './archive/lost.ts';
import { familiesWithout, familyAfter } from './family/symbolic.ts';
import { applyObject, objectsMade, objectsOfTable } from './objects/symbolic.ts';
import {
  references,
  referencesColumn,
  referencingRenamedColumn,
  referencingRenamedTable,
} from './symbolic-text.ts';
import type { Catalog, ColumnSpec, Effect, Plan, Position, Statement, Table } from './types.ts';

function withTables(catalog: Catalog, tables: Iterable<Table>): Catalog {
  return { ...catalog, tables: Object.fromEntries([...tables].map((table) => [table.name, table])) };
}

function everyTable(catalog: Catalog, change: (table: Table) => Table): Catalog {
  return withTables(catalog, Object.values(catalog.tables).map(change));
}

function renameTable(catalog: Catalog, from: string, to: string): Catalog {
  return everyTable(catalog, (table) => {
    const named = table.name === from ? underNewName(table, to) : table;
    const constraints = named.constraints.map((constraint) => ({
      ...constraint,
      definition: referencingRenamedTable(constraint.definition, from, to),
    }));
    return { ...named, constraints };
  });
}

/** Foreign keys of other tables that point at a dropped one go with it, or it could not be dropped at all. */
function dropTable(catalog: Catalog, name: string): Catalog {
  const left = withTables(
    catalog,
    Object.values(catalog.tables).filter((table) => table.name !== name),
  );
  return everyTable(left, (table) => ({
    ...table,
    constraints: table.constraints.filter(
      (constraint) => constraint.type !== 'f' || !references(constraint.definition, name),
    ),
  }));
}

function dropIndex(catalog: Catalog, name: string): Catalog {
  return everyTable(catalog, (table) => ({
    ...table,
    indexes: table.indexes.filter((index) => index.name !== name),
  }));
}

function rebuiltIndex(catalog: Catalog, name: string): Catalog {
  return everyTable(catalog, (table) => ({
    ...table,
    indexes: table.indexes.map((index) => (index.name === name ? { ...index, valid: true } : index)),
  }));
}

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

function renameColumn(catalog: Catalog, effect: Of<'rename-column'>): Catalog {
  return everyTable(onTable(catalog, effect.table, effect), (table) => ({
    ...table,
    constraints: table.constraints.map((constraint) => ({
      ...constraint,
      definition: referencingRenamedColumn(constraint.definition, effect.table, effect.from, effect.to),
    })),
  }));
}

/** CASCADE takes the foreign keys along that point at what goes. */
function withoutKeysTo(catalog: Catalog, name: string, columns: readonly string[]): Catalog {
  const points = (definition: string): boolean =>
    columns.some((column) => referencesColumn(definition, name, column));
  return everyTable(catalog, (table) => ({
    ...table,
    constraints: table.constraints.filter((one) => one.type !== 'f' || !points(one.definition)),
  }));
}

/** CASCADE takes the generated columns along that are computed from the one that goes. */
function withoutComputed(catalog: Catalog, table: string, gone: string): Catalog {
  const from = (expression: string | null): boolean =>
    expression !== null && mentions(`SELECT ${expression}`, new Set([gone]));
  const computed = catalog.tables[table]?.columns.filter((one) => one.generated !== '' && from(one.default));
  return (computed ?? []).reduce(
    (left, { name: column }) =>
      onTable(left, table, { kind: 'drop-column', table, column, ifExists: false, cascade: true }),
    catalog,
  );
}

const inSchema = (catalog: Catalog, schema: string | undefined): Table[] =>
  Object.values(catalog.tables).filter((table) => table.schema === (schema ?? catalog.schema));

function hasIndex(catalog: Catalog, { name, table: on }: { name: string; table: string }): boolean {
  const tables = inSchema(catalog, catalog.tables[on]?.schema);
  return tables.some((table) => table.indexes.some((index) => index.name === name));
}

/** Names of tables, indexes and constraints in one schema. */
function namesIn(catalog: Catalog, schema: string | undefined): Set<string> {
  const tables = inSchema(catalog, schema);
  const within = tables.flatMap((table) => [...table.indexes, ...table.constraints].map((one) => one.name));
  return new Set([...tables.map((table) => table.bare ?? table.name), ...within]);
}

function onTable(catalog: Catalog, name: string, effect: Effect): Catalog {
  return everyTable(catalog, (table) =>
    table.name === name ? changeTable(table, effect, namesIn(catalog, table.schema)) : table,
  );
}

/** True when the effect's objects are in the schema that the catalog shows. */
export function isHere(effect: Effect, catalog: Catalog): boolean {
  return effect.kind === 'object' || effect.schema === undefined || effect.schema === catalog.schema;
}

/** Columns that bring a sequence with them. */
const numbered = (columns: readonly ColumnSpec[]): ColumnSpec[] =>
  columns.filter(({ default: value, identity }) => identity || /^nextval\(/.test(value ?? ''));

function applyEffect(catalog: Catalog, effect: Effect): Catalog {
  if (!isHere(effect, catalog)) return catalog;
  switch (effect.kind) {
    case 'create-table':
      if (effect.ifNotExists && catalog.tables[effect.table]) return catalog;
      return withTables(objectsMade(catalog, effect.table, numbered(effect.columns), true), [
        ...Object.values(catalog.tables),
        newTable(
          catalog.schema,
          effect,
          namesIn(catalog, catalog.elsewhere?.[effect.table]?.schema),
          catalog.elsewhere?.[effect.table],
        ),
      ]);
    case 'drop-table':
      return objectsOfTable(
        familiesWithout(dropTable(catalog, effect.table), effect.table, null),
        effect.table,
        null,
      );
    case 'rename-table':
      return objectsOfTable(
        familiesWithout(renameTable(catalog, effect.from, effect.to), effect.from, effect.to),
        effect.from,
        effect.to,
      );
    case 'object':
      return applyObject(familyAfter(catalog, effect), effect);
    case 'create-index':
      // Index names are unique in a schema: one on another table counts as well.
      if (effect.ifNotExists && hasIndex(catalog, effect)) return catalog;
      return onTable(catalog, effect.table, effect);
    case 'rename-column':
      return renameColumn(catalog, effect);
    case 'add-column': {
      const made = objectsMade(catalog, effect.table, numbered([effect.column]), false);
      return onTable(made, effect.table, effect);
    }
    case 'drop-column': {
      const { table, column, cascade } = effect;
      const left = onTable(catalog, table, effect);
      return cascade ? withoutKeysTo(withoutComputed(left, table, column), table, [column]) : left;
    }
    case 'drop-constraint': {
      const dropped = catalog.tables[effect.table]?.constraints.find((one) => one.name === effect.name);
      const left = onTable(catalog, effect.table, effect);
      return effect.cascade && dropped ? withoutKeysTo(left, effect.table, dropped.columns) : left;
    }
    case 'drop-index':
      return dropIndex(catalog, effect.name);
    case 'reindex':
      return rebuiltIndex(catalog, effect.name);
    case 'rename-index':
      return everyTable(catalog, (table) => renameIndexOrConstraint(table, effect.from, effect.to));
    default:
      return 'table' in effect ? onTable(catalog, effect.table, effect) : catalog;
  }
}

/**
 * The catalog after the effects, in their order. Never changes the one given. Objects that an effect needs and that
 * are not there are passed over: whether it can run is the position's question. Definitions of new indexes and
 * constraints are written as PostgreSQL writes them for plain columns.
 */
export function applyEffects(catalog: Catalog, effects: readonly Effect[]): Catalog {
  return effects.reduce(applyEffect, catalog);
}

/** The statements still to run, in order: neither applied nor in conflict. */
export function pendingStatements(plan: Plan, position: Position): { step: string; statement: Statement }[] {
  return plan.steps.flatMap((step) => {
    const judged = position.steps.find((one) => one.id === step.id);
    return step.statements
      .filter((statement) => {
        const state = judged?.statements.find((one) => one.index === statement.index)?.state;
        return state === 'pending' || state === 'partial';
      })
      .map((statement) => ({ step: step.id, statement }));
  });
}

/** What the plan must end in: the real catalog with everything still pending applied to it. */
export function catalogAfter(plan: Plan, catalog: Catalog, position: Position): Catalog {
  const effects = pendingStatements(plan, position).flatMap(({ statement }) => statement.effects);
  return applyEffects(catalog, effects);
}
