/** A table that is still there gets the definition it had: names, columns, and in the end what hangs on them. */
import { constraintSql, indexSql, quoteQualified } from '../definition-sql.ts';
import { attributesSql } from '../definition-sql.ts';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  IndexDefinition,
  TableDefinition,
} from '../definition.ts';
import { knowsParts } from './family.ts';
import { relation, text, placed } from '../archive/draft.ts';
import { numberedAgain, settingsBack } from './settings.ts';
import { mentions } from '../archive/lost.ts';
import { name } from '../risk/text.ts';
import type { ColumnChanges } from './columns.ts';
import { commentsSql, commentSql, partComments } from './comments.ts';
import { hangingSql } from '../objects/hanging.ts';
import { staleIn } from '../objects/stale.ts';
import type { Aside } from './aside.ts';
import type { Entity, Layout } from './entities.ts';
import type { Making, Phase } from './making.ts';
import { constraintChanges, indexChanges } from './parts.ts';

const qualified = placed;

/** The declaration of one column, as CREATE TABLE writes it. */
function typeOf(column: ColumnDefinition): string {
  return `${column.type}${column.collation === null ? '' : ` COLLATE ${column.collation}`}`;
}

/** Sequences of serial columns that come back; an identity column makes its own. */
function sequencesSql(making: Making, before: TableDefinition, back: readonly ColumnDefinition[]): void {
  for (const sequence of before.sequences) {
    if (sequence.identity || !back.some((column) => column.name === sequence.column)) continue;
    const place = relation(sequence.schema, sequence.name);
    making.say(
      'shape',
      `CREATE SEQUENCE ${place}${sequence.settings ? ` ${sequence.settings}` : ''}`,
      `Makes the sequence ${sequence.name} again.`,
    );
    making.say(
      'finish',
      `ALTER SEQUENCE ${place} OWNED BY ${qualified(before)}.${name(sequence.column)}`,
      `Ties the sequence ${sequence.name} to ${sequence.column} again.`,
    );
  }
}

/** After the values are back: a sequence goes on after the highest of them. */
export function positionsSql(
  making: Making,
  before: TableDefinition,
  back: readonly ColumnDefinition[],
  phase: Phase = 'finish',
): void {
  for (const sequence of before.sequences) {
    if (!back.some((column) => column.name === sequence.column)) continue;
    const place = text(relation(sequence.schema, sequence.name));
    const column = name(sequence.column);
    making.say(
      phase,
      `SELECT pg_catalog.setval(CAST(${place} AS pg_catalog.regclass), pg_catalog.max(${column})) FROM ${qualified(before)} HAVING pg_catalog.max(${column}) IS NOT NULL`,
      `Lets the sequence ${sequence.name} go on after the highest value.`,
    );
  }
}

/** What was not there before, or stands in the way of rows, goes before any table comes back. */
function clear(making: Making, entity: Entity, changes: ColumnChanges, layout: Layout): void {
  const { before, now } = entity;
  if (!now) return;
  const here = placed(now);
  const constraints = constraintChanges(entity, changes, layout);
  for (const { name: constraint, definition, type } of constraints.drop) {
    const again = constraints.add.some((one) => one.name === constraint && one.definition === definition);
    if (!again) making.note(constraint, `Constraint ${constraint} of ${now.name}: ${definition}.`);
    making.say(
      type === 'f' ? 'untie' : 'aside',
      `ALTER TABLE ${here} DROP CONSTRAINT ${name(constraint)}`,
      again
        ? `Takes constraint ${constraint} away while rows come back.`
        : `Drops constraint ${constraint}, which was not there before.`,
    );
  }
  for (const { name: index, definition } of indexChanges(entity, changes).drop) {
    making.note(index, `Index ${index}: ${definition}.`);
    making.say(
      'aside',
      `DROP INDEX ${relation(before.schema, index)}`,
      `Drops index ${index}, which was not there before.`,
    );
  }
}

/** Names of columns come back, two that were exchanged by way of a third. */
function renameColumns(making: Making, here: string, { renamed }: ColumnChanges, aside: Aside): void {
  const wanted = new Set(renamed.map(([, to]) => to));
  const say = (from: string, to: string, words: string): void =>
    making.say('shape', `ALTER TABLE ${here} RENAME COLUMN ${name(from)} TO ${name(to)}`, words);
  const between = renamed.map(([from, to]): [string, string] => {
    if (!wanted.has(from)) return [from, to];
    const other = aside.fresh(from);
    say(from, other, `Gives column ${from} a name in between: another one gets its own.`);
    return [other, to];
  });
  for (const [from, to] of between) say(from, to, `Gives column ${from} the name ${to} again.`);
}

/** Names and columns; while the rows come back, nothing forbids any value. */
export function reshape(
  making: Making,
  entity: Entity,
  changes: ColumnChanges,
  layout: Layout,
  aside: Aside,
): void {
  const { before, now } = entity;
  if (!now) return;
  clear(making, entity, changes, layout);
  const constraints = constraintChanges(entity, changes, layout);
  const indexes = indexChanges(entity, changes);
  /** The name until its own is free. */
  const between = (from: string, also: boolean, sql: (to: string) => string): string => {
    if (!also && !aside.isWanted(from)) return from;
    const other = aside.fresh(from);
    making.say('aside', sql(other), `Gives ${from} a name in between: another one gets its own.`);
    return other;
  };
  const indexNames = indexes.rename.map(([from, to]): [string, string] => {
    const sql = (other: string): string =>
      `ALTER INDEX ${relation(before.schema, from)} RENAME TO ${name(other)}`;
    return [between(from, false, sql), to];
  });
  const own = new Set(constraints.rename.map(([, to]) => to));
  const constraintNames = constraints.rename.map(([from, to]): [string, string] => {
    const sql = (other: string): string =>
      `ALTER TABLE ${placed(now)} RENAME CONSTRAINT ${name(from)} TO ${name(other)}`;
    return [between(from, own.has(from), sql), to];
  });
  const table =
    now.name === before.name
      ? now.name
      : between(now.name, false, (other) => `ALTER TABLE ${placed(now)} RENAME TO ${name(other)}`);
  const here = table === now.name ? placed(now) : relation(before.schema, table);
  if (changes.gone.length > 0) {
    const drops = changes.gone.map((column) => `DROP COLUMN ${name(column)}`);
    making.say(
      'shape',
      `ALTER TABLE ${here} ${drops.join(', ')}`,
      `Takes away the columns that the rollback brought.`,
    );
  }
  renameColumns(making, here, changes, aside);
  if (now.name !== before.name) {
    making.say(
      'shape',
      `ALTER TABLE ${here} RENAME TO ${name(before.bare ?? before.name)}`,
      `Gives table ${now.name} the name ${before.name} again.`,
    );
  }
  for (const [from, to] of indexNames) {
    making.say(
      'shape',
      `ALTER INDEX ${relation(before.schema, from)} RENAME TO ${name(to)}`,
      `Gives index ${from} the name ${to} again.`,
    );
  }
  for (const [from, to] of constraintNames) {
    making.say(
      'shape',
      `ALTER TABLE ${qualified(before)} RENAME CONSTRAINT ${name(from)} TO ${name(to)}`,
      `Gives constraint ${from} the name ${to} again.`,
    );
  }
  sequencesSql(making, before, changes.back);
  const added = changes.back
    .filter(({ generated }) => generated === '')
    .map((column) => `ADD COLUMN ${name(column.name)} ${typeOf(column)}`);
  if (added.length > 0)
    making.say(
      'shape',
      `ALTER TABLE ${qualified(before)} ${added.join(', ')}`,
      'Adds the columns that the rollback took away.',
    );
  const loosened = changes.kept
    .filter((pair) => pair.now.notNull && !pair.before.notNull)
    .map(({ before: column }) => `ALTER COLUMN ${name(column.name)} DROP NOT NULL`);
  if (loosened.length > 0)
    making.say(
      'shape',
      `ALTER TABLE ${qualified(before)} ${loosened.join(', ')}`,
      'Lets columns be empty again that could be.',
    );
}

function columnEnd(
  column: ColumnDefinition,
  was: ColumnDefinition | null,
  before: TableDefinition,
): string[] {
  const alter = `ALTER COLUMN ${name(column.name)}`;
  const value = column.generated === '' ? column.default : null;
  const hadValue = was && was.generated === '' ? was.default : null;
  const isNew = was === null;
  const out: string[] = [];
  if (column.generated !== '') return out;
  if (was && was.identity !== '' && column.identity === '') out.push(`${alter} DROP IDENTITY`);
  if (value !== hadValue)
    out.push(value === null ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${value}`);
  const named = before.constraints.find(({ type, columns }) => type === 'n' && columns[0] === column.name);
  if (column.notNull && (isNew || !was.notNull)) {
    out.push(
      named ? `ADD CONSTRAINT ${name(named.name)} NOT NULL ${name(column.name)}` : `${alter} SET NOT NULL`,
    );
  }
  if (column.identity !== '' && (isNew || was.identity === '')) {
    const sequence = before.sequences.find((one) => one.identity && one.column === column.name);
    const settings = (sequence?.settings ?? '').replace(/^AS [a-z ]+? START /, 'START ');
    const detail = sequence ? ` (SEQUENCE NAME ${relation(sequence.schema, sequence.name)} ${settings})` : '';
    out.push(
      `${alter} ADD GENERATED ${column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${detail}`,
    );
  }
  return out;
}

/** Foreign keys come last, when every table is back; with their comments. */
export function tieAgain(making: Making, before: TableDefinition, key: ConstraintDefinition): void {
  making.say(
    'keys',
    constraintSql(key, before, before),
    `Ties ${before.name} to another table again: ${key.name}.`,
  );
  if (key.comment === null) return;
  const place = `CONSTRAINT ${name(key.name)} ON ${qualified(before)}`;
  making.say('keys', commentSql(place, key.comment), `Gives ${key.name} the comment it had.`);
}

export const isKey = ({ type }: ConstraintDefinition): boolean => type === 'f';

/** Of a partitioned table for itself, where each of its partitions gets its own. */
function ownConstraintSql(constraint: ConstraintDefinition, table: TableDefinition, parts: boolean): string {
  const sql = constraintSql(constraint, table, table);
  return parts && 'pux'.includes(constraint.type) ? sql.replace(/^ALTER TABLE /, 'ALTER TABLE ONLY ') : sql;
}

/** The server spells one of a partitioned table ON ONLY: without its partitions. */
function ownIndexSql(
  index: IndexDefinition,
  table: { schema: string; table: string },
  parts: boolean,
): string {
  const sql = indexSql(index, table);
  return parts ? sql : sql.replace(/ ON ONLY /, ' ON ');
}

/** Those with another name get theirs again; what has to be made. */
function statisticsBack(
  making: Making,
  before: TableDefinition,
  now: TableDefinition,
  gone: readonly string[],
): TableDefinition['statistics'] {
  const subject = (definition: string): string =>
    definition.replace(/^CREATE STATISTICS \S+ /, '').replace(/ FROM .*$/s, '');
  const stays = now.statistics.filter(({ definition }) => !mentions(definition, new Set(gone)));
  const missing = before.statistics.filter((one) => !stays.some(({ name: there }) => there === one.name));
  const made = (making.facts.step.record.objects?.objects ?? []).filter(
    ({ ref }) => ref.type === 'statistics',
  );
  const others = stays.filter(
    (one) =>
      !before.statistics.some(({ name: was }) => was === one.name) &&
      !made.some(({ ref }) => ref.name === one.name),
  );
  return missing.filter((one) => {
    const at = others.findIndex(({ definition }) => subject(definition) === subject(one.definition));
    const [there] = at < 0 ? [] : others.splice(at, 1);
    if (!there) return true;
    const place = quoteQualified({ schema: there.schema ?? now.schema, name: there.name });
    making.say(
      'finish',
      `ALTER STATISTICS ${place} RENAME TO ${name(one.name)}`,
      `Gives statistics ${there.name} the name ${one.name} again.`,
    );
    return false;
  });
}

/** When the rows are back: defaults, NOT NULL, keys, indexes, statistics, comments, rights. */
export function finish(making: Making, entity: Entity, changes: ColumnChanges, layout: Layout): void {
  const { before, now } = entity;
  if (!now) return;
  const table = { schema: before.schema, table: before.bare ?? before.name };
  const was = (column: ColumnDefinition): ColumnDefinition | null =>
    changes.kept.find((pair) => pair.before.name === column.name)?.now ?? null;
  const ends = before.columns.flatMap((column) => columnEnd(column, was(column), before));
  if (ends.length > 0)
    making.say(
      'finish',
      `ALTER TABLE ${qualified(before)} ${ends.join(', ')}`,
      'Gives columns their defaults and NOT NULL again.',
    );
  for (const column of changes.back.filter(({ generated }) => generated !== '')) {
    const kind = column.generated === 'v' ? 'VIRTUAL' : 'STORED';
    const sql = `ALTER TABLE ${qualified(before)} ADD COLUMN ${name(column.name)} ${typeOf(column)} GENERATED ALWAYS AS (${column.expression ?? ''}) ${kind}${column.notNull ? ' NOT NULL' : ''}`;
    making.say('finish', sql, `Adds ${column.name}, which is computed from other columns.`);
  }
  positionsSql(making, before, [...changes.back, ...numberedAgain(changes)]);
  for (const sql of settingsBack(before, now, changes))
    making.say('finish', sql, `Sets ${before.name} to what it was set to.`);
  const parts = knowsParts(before, layout);
  const { add: constraints, rename } = constraintChanges(entity, changes, layout);
  for (const constraint of [...constraints].sort(
    (one, other) => 'puxcf'.indexOf(one.type) - 'puxcf'.indexOf(other.type),
  )) {
    if (isKey(constraint)) tieAgain(making, before, constraint);
    else
      making.say(
        'finish',
        ownConstraintSql(constraint, before, parts),
        `Gives ${before.name} the constraint ${constraint.name} again.`,
      );
  }
  const { add: indexes, rename: renamedIndexes } = indexChanges(entity, changes);
  for (const index of indexes)
    making.say('finish', ownIndexSql(index, table, parts), `Builds index ${index.name} again.`);
  const statistics = statisticsBack(making, before, now, changes.gone);
  const behind = before.indexes.filter((one) =>
    constraints.some((constraint) => constraint.name === one.constraint),
  );
  const only: TableDefinition = {
    ...before,
    options: [],
    columns: changes.back,
    indexes: [...indexes, ...behind],
    constraints: constraints.filter((one) => !isKey(one)),
    statistics,
    comment: null,
    grants: null,
    replicaIdentity: now.replicaIndex === null && before.replicaIndex !== null ? before.replicaIdentity : 'd',
    rowSecurity: { enabled: false, forced: false },
  };
  const own = ` OWNER TO ${name(before.owner)}`;
  for (const { sql, words } of attributesSql(only, before)) {
    if (!(sql.startsWith('ALTER TABLE') && sql.endsWith(own))) making.say('finish', sql, words);
  }
  for (const { sql, words } of hangingSql(before, now, staleIn(making.facts)))
    making.say('finish', sql, words);
  commentsSql(making, entity, changes);
  const made = new Set([...only.indexes, ...constraints].map((one) => one.name));
  partComments(making, entity, made, [...rename, ...renamedIndexes]);
}
