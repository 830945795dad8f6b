/** Taking a step back for partitions and tables that inherit: who belongs to whom, and what a parent's undo does below. */
import { ARCHIVE_SCHEMA, relation } from '../archive/draft.ts';
import type { ColumnDefinition, ConstraintDefinition, TableDefinition } from '../definition.ts';
import { mentions } from '../archive/lost.ts';
import { parentsFirst } from '../family/members.ts';
import type { Parent, Relative } from '../family/types.ts';
import { columnChanges } from './columns.ts';
import { nameAfter, type Entity, type Layout } from './entities.ts';
import type { Making } from './making.ts';
import { constraintChanges, indexChanges } from './parts.ts';
import type { UndoFacts } from './types.ts';

const key = ({ schema, name }: Relative): string => JSON.stringify([schema, name]);
const bareOf = ({ bare, name }: TableDefinition): string => bare ?? name;

/** Names now, in the archive too → names before the step. */
function namesBefore({ step: { record } }: UndoFacts): Map<string, string> {
  const names = new Map<string, string>();
  for (const before of record.before) {
    names.set(key({ schema: before.schema, name: nameAfter(record, before.name) }), before.name);
  }
  for (const { kind, archived, object } of record.archive)
    if (kind === 'table' && archived !== null)
      names.set(key({ schema: ARCHIVE_SCHEMA, name: archived }), object);
  return names;
}

interface Moves {
  /** As they are called now. */
  leaves: Parent[];
  /** As they were called before. */
  joins: Parent[];
}

function definitionNow(entity: Entity, { kept }: UndoFacts): TableDefinition | null {
  if (entity.kind !== 'moved') return entity.now;
  return kept.find(({ name }) => name === entity.table?.archived) ?? null;
}

/** Who it was a part of, against who it is a part of now. */
function movesOf(entity: Entity, facts: UndoFacts): Moves {
  const names = namesBefore(facts);
  const was = entity.before.family?.parents ?? [];
  const is = definitionNow(entity, facts)?.family?.parents ?? [];
  const before = (one: Parent): string => names.get(key(one)) ?? one.name;
  const same = (one: Parent, other: Parent): boolean =>
    one.name === before(other) && one.bound === other.bound && !other.pending;
  const leaves = is.filter((one) => !was.some((other) => same(other, one)));
  const joins = was.filter((one) => !is.some((other) => same(one, other)));
  return { leaves, joins };
}

/** Tables whose families change: the strongest lock is theirs. */
export function familyTables(layout: Layout, facts: UndoFacts): string[] {
  const links = layout.entities.flatMap((entity) => {
    const { leaves, joins } = movesOf(entity, facts);
    const other = [...leaves, ...joins].map(({ name }) => nameAfter(facts.step.record, name));
    return other.length === 0 ? [] : [...(entity.kind === 'in-place' ? [entity.nowName] : []), ...other];
  });
  const made = layout.created.flatMap(({ family }) => (family?.parents ?? []).map(({ name }) => name));
  const there = new Set(facts.now.map(({ name }) => name));
  return [...new Set([...links, ...made])].filter((name) => there.has(name));
}

function leave(making: Making, table: TableDefinition, { schema, name, bound, pending }: Parent): void {
  const own = relation(table.schema, bareOf(table));
  const above = relation(schema, name);
  const sql =
    bound === null
      ? `ALTER TABLE ${own} NO INHERIT ${above}`
      : `ALTER TABLE ${above} DETACH PARTITION ${own}${pending ? ' FINALIZE' : ''}`;
  making.say('detach', sql, `Takes ${table.name} out of ${name}.`);
}

function join(making: Making, { schema, name: table, ...rest }: TableDefinition, parent: Parent): void {
  const own = relation(schema, rest.bare ?? table);
  const above = relation(parent.schema, parent.name);
  const sql =
    parent.bound === null
      ? `ALTER TABLE ${own} INHERIT ${above}`
      : `ALTER TABLE ${above} ATTACH PARTITION ${own} ${parent.bound}`;
  making.say('attach', sql, `Makes ${table} a part of ${parent.name} again.`);
}

/** Indexes of partitions become parts of indexes that are made again. */
function indexesAgain(making: Making, child: Entity, parent: Entity, layout: Layout): void {
  const made = new Set(
    [parent, child].flatMap((entity) => {
      const changes = columnChanges(entity);
      return [
        ...constraintChanges(entity, changes, layout).add.map(({ name }) => name),
        ...indexChanges(entity, changes).add.map(({ name }) => name),
      ];
    }),
  );
  for (const index of child.before.indexes) {
    if (index.parent === undefined || !(made.has(index.parent) || made.has(index.name))) continue;
    making.say(
      'parts',
      `ALTER INDEX ${relation(parent.before.schema, index.parent)} ATTACH PARTITION ${relation(child.before.schema, index.name)}`,
      `Makes index ${index.name} a part of ${index.parent} again.`,
    );
  }
}

/** Out of what they became parts of, back into what they were parts of. */
export function restoreFamilies(making: Making, entities: readonly Entity[], layout: Layout): void {
  const created = new Set(layout.created.map(key));
  for (const table of layout.created) {
    const parents = table.family?.parents ?? [];
    for (const parent of parents.filter((one) => !created.has(key(one)))) leave(making, table, parent);
  }
  for (const entity of entities) {
    const { leaves, joins } = movesOf(entity, making.facts);
    if (entity.kind === 'in-place' && entity.now) for (const one of leaves) leave(making, entity.now, one);
    for (const one of joins) join(making, entity.before, one);
  }
  for (const child of entities) {
    const parent = aboveOf(child, entities);
    if (parent) indexesAgain(making, child, parent, layout);
  }
}

/** The parent of a partition, or of a table that inherits from one alone, among the tables of the step that are still there. */
function aboveOf(entity: Entity, entities: readonly Entity[]): Entity | null {
  const [parent] = entity.before.family?.parents ?? [];
  if (entity.kind !== 'in-place' || !parent) return null;
  return entities.find(({ before, kind }) => kind === 'in-place' && key(before) === key(parent)) ?? null;
}

/** It was not taken out of its parent: what is done to the parent is done to it. */
const isStillPart = ({ now }: Entity, { now: above }: Entity): boolean =>
  above !== null && (now?.family?.parents ?? []).some((one) => key(one) === key(above));

/** One that is attached again gets its parent's checks and keys with these. */
function withParents(child: Entity): TableDefinition | null {
  const { now, before } = child;
  const there = new Set(now?.constraints.map(({ name }) => name));
  const along = before.constraints.filter(
    ({ parent, type, name }) => parent !== undefined && 'cf'.includes(type) && !there.has(name),
  );
  return now && { ...now, constraints: [...now.constraints, ...along] };
}

function columnAfter(
  column: ColumnDefinition,
  now: ColumnDefinition,
  before: ColumnDefinition,
): ColumnDefinition {
  return {
    ...column,
    name: before.name,
    notNull: now.notNull === before.notNull ? column.notNull : before.notNull,
    default: now.default === before.default ? column.default : before.default,
  };
}

/** As a column of a partition is when it has come back with its parent's. */
const bare = (column: ColumnDefinition, above: ColumnDefinition): ColumnDefinition => ({
  ...column,
  notNull: above.notNull,
  default: above.default,
  storage: above.storage,
  compression: null,
  statisticsTarget: null,
  options: [],
  comment: null,
  grants: null,
});

/** The child as the undo of its parent leaves it, which is where its own begins. */
function afterParent(child: Entity, parent: Entity, layout: Layout): TableDefinition | null {
  const { now } = child;
  if (!now || !parent.now) return now;
  const changes = columnChanges(parent);
  const gone = new Set(changes.gone);
  const constraints = constraintChanges(parent, changes, layout);
  const indexes = indexChanges(parent, changes);
  const lost = new Set([...constraints.drop, ...indexes.drop].map(({ name }) => name));
  const kept = new Map(changes.kept.map((pair) => [pair.now.name, pair]));
  const columns = now.columns
    .filter(({ name }) => !gone.has(name))
    .map((column) => {
      const pair = kept.get(column.name);
      return pair ? columnAfter(column, pair.now, pair.before) : column;
    });
  const back = changes.back.flatMap((above) => {
    const own = child.before.columns.find(({ name }) => name === above.name);
    return own ? [bare(own, above)] : [];
  });
  const again = new Set(constraints.add.filter(({ type }) => 'cf'.includes(type)).map(({ name }) => name));
  const has = (part: { parent?: string; columns: readonly string[] }): boolean =>
    !(part.parent !== undefined && lost.has(part.parent)) && !part.columns.some((one) => gone.has(one));
  // Under the names before, what is over a column that gets its own back reads as it did.
  const renamed = new Set(changes.renamed.map(([from]) => from));
  const asBefore = <P extends { name: string; columns: string[] }>(part: P, were: readonly P[]): P =>
    part.columns.some((one) => renamed.has(one))
      ? (were.find(({ name }) => name === part.name) ?? part)
      : part;
  const names = new Map(constraints.rename);
  const called = (one: ConstraintDefinition): ConstraintDefinition => {
    const name = one.parent === undefined || one.type !== 'c' ? undefined : names.get(one.parent);
    return name === undefined ? one : { ...one, name, parent: name };
  };
  return {
    ...now,
    columns: [...columns, ...back],
    constraints: [
      ...now.constraints
        .filter(has)
        .map(called)
        .map((one) => asBefore(one, child.before.constraints)),
      ...child.before.constraints.filter(({ parent: above }) => above !== undefined && again.has(above)),
    ],
    indexes: now.indexes
      .filter((index) => has(index) && !mentions(index.definition, gone))
      .map((one) => asBefore(one, child.before.indexes)),
    statistics: now.statistics.filter(({ definition }) => !mentions(definition, gone)),
  };
}

/**
 * With what ALTER TABLE on a parent does to its children by itself taken for done: each table is left with what is its own.
 * Parents first.
 */
export function withoutInherited(layout: Layout): Entity[] {
  return parentsFirst(layout.entities, ({ before }) => before).map((entity) => {
    const parent = aboveOf(entity, layout.entities);
    if (!parent) return entity;
    if (!isStillPart(entity, parent)) return { ...entity, now: withParents(entity) };
    return { ...entity, now: afterParent(entity, parent, layout), renamed: {} };
  });
}

/** All parts of a partitioned table are known here, so that each can be given its own index and constraint. */
export function knowsParts({ kind, family }: TableDefinition, { entities }: Layout): boolean {
  const there = new Set(entities.map(({ before }) => key(before)));
  return kind === 'p' && (family?.children ?? []).every((child) => there.has(key(child)));
}

/** What the rollback made has parts by now that it did not make. */
export function refusedFamilies(layout: Layout): string[] {
  const made = new Set(layout.created.map(key));
  return layout.created.flatMap((table) =>
    (table.family?.children ?? [])
      .filter((child) => !made.has(key(child)))
      .map(
        ({ name }) =>
          `${name} is a part of ${table.name}, which the rollback made and which would go. Take it out of ${table.name} or drop it first.`,
      ),
  );
}
