/** A table that is still there gets the definition it had: names, columns, and in the end what hangs on them. */
import { constraintSql, createTableSql, indexSql } from '../definition-sql.ts';
import { attributesSql } from '../definition-sql.ts';
import type { ColumnDefinition, TableDefinition } from '../definition.ts';
import { relation, text } from '../archive/draft.ts';
import { name } from '../risk/text.ts';
import type { ColumnChanges } from './columns.ts';
import type { Entity } from './entities.ts';
import type { Making } from './making.ts';
import { constraintChanges, indexChanges } from './parts.ts';

const qualified = (definition: TableDefinition): string => relation(definition.schema, definition.name);

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
function positionsSql(making: Making, before: TableDefinition, back: readonly ColumnDefinition[]): void {
  for (const sequence of before.sequences) {
    if (!back.some((column) => column.name === sequence.column)) continue;
    const place = text(relation(sequence.schema, sequence.name));
    const column = name(sequence.column);
    making.say(
      'finish',
      `SELECT pg_catalog.setval(CAST(${place} AS pg_catalog.regclass), pg_catalog.max(${column})) FROM ${qualified(before)} HAVING pg_catalog.max(${column}) IS NOT NULL`,
      `Lets the sequence ${sequence.name} go on after the highest value.`,
    );
  }
}

/** Names and columns; while the rows come back, nothing forbids any value. */
export function reshape(making: Making, entity: Entity, changes: ColumnChanges): void {
  const { before, now } = entity;
  if (!now) return;
  const here = relation(before.schema, now.name);
  const constraints = constraintChanges(entity, changes);
  const indexes = indexChanges(entity, changes);
  for (const { name: constraint, definition } of constraints.drop) {
    making.note(constraint, `Constraint ${constraint} of ${now.name}: ${definition}.`);
    making.say(
      'shape',
      `ALTER TABLE ${here} DROP CONSTRAINT ${name(constraint)}`,
      `Drops constraint ${constraint}, which was not there before.`,
    );
  }
  for (const { name: index, definition } of indexes.drop) {
    making.note(index, `Index ${index}: ${definition}.`);
    making.say(
      'shape',
      `DROP INDEX ${relation(before.schema, index)}`,
      `Drops index ${index}, which was not there before.`,
    );
  }
  if (changes.gone.length > 0) {
    const drops = changes.gone.map((column) => `DROP COLUMN ${name(column)}`);
    making.say(
      'shape',
      `ALTER TABLE ${here} ${drops.join(', ')}`,
      `Takes away the columns that the rollback brought.`,
    );
  }
  for (const [from, to] of changes.renamed) {
    making.say(
      'shape',
      `ALTER TABLE ${here} RENAME COLUMN ${name(from)} TO ${name(to)}`,
      `Gives column ${from} the name ${to} again.`,
    );
  }
  if (now.name !== before.name) {
    making.say(
      'shape',
      `ALTER TABLE ${here} RENAME TO ${name(before.name)}`,
      `Gives table ${now.name} the name ${before.name} again.`,
    );
  }
  for (const [from, to] of indexes.rename) {
    making.say(
      'shape',
      `ALTER INDEX ${relation(before.schema, from)} RENAME TO ${name(to)}`,
      `Gives index ${from} the name ${to} again.`,
    );
  }
  for (const [from, to] of constraints.rename) {
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

function comment(on: string, value: string | null): string {
  return `COMMENT ON ${on} IS ${value === null ? 'NULL' : text(value)}`;
}

/** Comments that the step changed on what is still there. */
function commentsSql(making: Making, entity: Entity, changes: ColumnChanges): void {
  const { before, now } = entity;
  if (now && now.comment !== before.comment) {
    making.say(
      'finish',
      comment(`TABLE ${qualified(before)}`, before.comment),
      `Gives ${before.name} the comment it had.`,
    );
  }
  for (const pair of changes.kept.filter((one) => one.now.comment !== one.before.comment)) {
    const place = `COLUMN ${qualified(before)}.${name(pair.before.name)}`;
    making.say(
      'finish',
      comment(place, pair.before.comment),
      `Gives ${pair.before.name} the comment it had.`,
    );
  }
}

/** When the rows are back: defaults, NOT NULL, keys, indexes, statistics, comments, rights. */
export function finish(making: Making, entity: Entity, changes: ColumnChanges): void {
  const { before, now } = entity;
  if (!now) return;
  const table = { schema: before.schema, table: before.name };
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
  positionsSql(making, before, changes.back);
  const constraints = constraintChanges(entity, changes).add;
  for (const constraint of [...constraints].sort(
    (one, other) => 'puxcf'.indexOf(one.type) - 'puxcf'.indexOf(other.type),
  )) {
    const sql = constraintSql(constraint, before, before);
    making.say(
      constraint.type === 'f' ? 'keys' : 'finish',
      sql,
      `Gives ${before.name} the constraint ${constraint.name} again.`,
    );
  }
  const indexes = indexChanges(entity, changes).add;
  for (const index of indexes)
    making.say('finish', indexSql(index, table), `Builds index ${index.name} again.`);
  const statistics = before.statistics.filter(
    (one) => !now.statistics.some((there) => there.name === one.name),
  );
  const behind = before.indexes.filter((one) =>
    constraints.some((constraint) => constraint.name === one.constraint),
  );
  const only: TableDefinition = {
    ...before,
    options: [],
    columns: changes.back,
    indexes: [...indexes, ...behind],
    constraints,
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
  for (const kind of ['triggers', 'rules', 'policies'] as const) {
    for (const part of before[kind].filter((one) => !now[kind].some((there) => there.name === one.name))) {
      making.say('finish', part.definition, `Brings ${part.name} of ${before.name} back.`);
    }
  }
  commentsSql(making, entity, changes);
}

/** A table of which only the rows were kept: made from its definition, filled, completed. */
export function recreate(
  making: Making,
  before: TableDefinition,
  rows: { place: string; columns: readonly string[] } | null,
): void {
  for (const sequence of before.sequences.filter(({ identity }) => !identity)) {
    making.say(
      'back',
      `CREATE SEQUENCE ${relation(sequence.schema, sequence.name)}${sequence.settings ? ` ${sequence.settings}` : ''}`,
      `Makes the sequence ${sequence.name} again.`,
    );
  }
  making.say('back', createTableSql(before, before), `Makes table ${before.name} again.`);
  const attributes = attributesSql(before, before);
  for (const { sql, words } of attributes.filter(({ early }) => early)) making.say('back', sql, words);
  if (rows) {
    const columns = rows.columns.map(name).join(', ');
    making.say(
      'rows',
      `INSERT INTO ${qualified(before)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${rows.place}`,
      `Puts the rows of ${before.name} back.`,
    );
  }
  for (const sequence of before.sequences.filter(({ identity }) => !identity)) {
    making.say(
      'finish',
      `ALTER SEQUENCE ${relation(sequence.schema, sequence.name)} OWNED BY ${qualified(before)}.${name(sequence.column)}`,
      `Ties the sequence ${sequence.name} to its column again.`,
    );
  }
  positionsSql(making, before, before.columns);
  const constraints = before.constraints.filter(({ type }) => 'puxcf'.includes(type));
  for (const constraint of [...constraints].sort(
    (one, other) => 'puxcf'.indexOf(one.type) - 'puxcf'.indexOf(other.type),
  )) {
    making.say(
      constraint.type === 'f' ? 'keys' : 'finish',
      constraintSql(constraint, before, before),
      `Gives ${before.name} the constraint ${constraint.name} again.`,
    );
  }
  for (const index of before.indexes.filter(({ constraint }) => constraint === null)) {
    making.say(
      'finish',
      indexSql(index, { schema: before.schema, table: before.name }),
      `Builds index ${index.name} again.`,
    );
  }
  for (const { sql, words } of attributes.filter(({ early }) => !early)) making.say('finish', sql, words);
  for (const kind of ['triggers', 'rules', 'policies'] as const) {
    for (const part of before[kind])
      making.say('finish', part.definition, `Brings ${part.name} of ${before.name} back.`);
  }
}
