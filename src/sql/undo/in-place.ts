/** A table that is still there: its columns come back, and with them what the step took from its rows. */
import { isStored } from '../archive/columns.ts';
import { ARCHIVE_SCHEMA, relation, placed } from '../archive/draft.ts';
import { name } from '../risk/text.ts';
import type { TableDefinition } from '../definition.ts';
import type { ArchiveEntry, ForwardMapping } from '../procedure/types.ts';
import { typesOf } from '../objects/undo.ts';
import { byMapping, carry, type Carried } from './carry.ts';
import { columnChanges, type ColumnChanges } from './columns.ts';
import { nameBefore, type Entity, type Layout } from './entities.ts';
import type { Making } from './making.ts';
import { sameKey } from './match.ts';
import { finish, reshape } from './shape.ts';
import { writtenHere, type Since } from './since.ts';
import { byStep } from './written.ts';
import type { Aside } from './aside.ts';

/** A value of another type passes through its text, and its length is checked when it is assigned. */
function cast(column: string, type: string): string {
  return `CAST(CAST(w.${name(column)} AS pg_catalog.text) AS ${type.replace(/\((\d+)\)$/, '')})`;
}

/** Values written since into columns whose type changes back. */
function recast(
  entity: Entity,
  changes: ColumnChanges,
  since: Since,
  own: ReadonlySet<string>,
): Carried | null {
  const key = entity.columns?.key ?? [];
  const { now } = entity;
  const retyped = changes.retyped.filter((pair) => isStored(pair.before) && isStored(pair.now));
  if (!now || retyped.length === 0 || key.length === 0) return null;
  // A type that the step took away, or exchanged, is not there yet when the rows are kept.
  const isOwn = (type: string): boolean => own.has(type.replace(/\[\]$/, ''));
  const present = (column: string): string =>
    now.columns.find((one) => nameBefore(entity, one.name) === column)?.name ?? column;
  const selected = [
    ...key.map((column) => `w.${name(present(column))} AS ${name(column)}`),
    ...retyped.map((pair) => {
      const type = isOwn(pair.before.type) ? 'pg_catalog.text' : pair.before.type;
      return `${cast(pair.now.name, type)} AS ${name(pair.before.name)}`;
    }),
  ];
  const columns = [...key, ...retyped.map((pair) => pair.before.name)];
  const late = Object.fromEntries(
    retyped.filter((pair) => isOwn(pair.before.type)).map((pair) => [pair.before.name, pair.before.type]),
  );
  return { query: `SELECT ${selected.join(', ')} FROM ${since.of(now)} AS w`, key, columns, fill: [], late };
}

/** Which rows of `t` the step put in; null where it put in none. Those changed since are somebody's and stay. */
function insertedRows(making: Making, entity: Entity, there: TableDefinition): string | null {
  const { before, columns, rows } = entity;
  if (!entity.inserted) return null;
  // By the mark alone where nothing else tells: another step's undo may have left its own on these rows.
  if (!columns?.archived || columns.key.length === 0) return byStep('t', making.facts.step);
  const present = (column: string): string =>
    there.columns.find((one) => nameBefore(entity, one.name) === column)?.name ?? column;
  const among = (entry: ArchiveEntry): string =>
    `EXISTS (SELECT 1 FROM ${relation(ARCHIVE_SCHEMA, entry.archived ?? '')} AS a WHERE ${sameKey(before, columns.key, ['t', 'a'], present)})`;
  // A row that was deleted before is another one now, whatever its key.
  const deleted = rows.filter(({ archived }) => archived !== null).map((entry) => ` OR ${among(entry)}`);
  const which = `(NOT ${among(columns)}${deleted.join('')})`;
  return entity.kind === 'in-place' ? `NOT (${writtenHere('t', making.facts, there)}) AND ${which}` : which;
}

/** Rows that the step put in go again, kept first: out of the table as it is, or once it is out of the archive. */
export function takeInserted(making: Making, entity: Entity): void {
  const { before, kind, table } = entity;
  const there = kind === 'in-place' ? entity.now : before;
  const which = there ? insertedRows(making, entity, there) : null;
  if (!there || which === null) return;
  const here = placed(there);
  const kept = kind === 'moved' ? relation(ARCHIVE_SCHEMA, table?.archived ?? '') : here;
  making.keepRows(there.name, `SELECT t.* FROM ${kept} AS t WHERE ${which}`, {
    columns: there.columns.map((column) => column.name),
    words: `The rows that the rollback put into ${there.name}.`,
  });
  making.write(
    kind === 'in-place' ? 'away' : 'shape',
    there,
    `DELETE FROM ${here} AS t WHERE ${which}`,
    `Takes out of ${there.name} what the rollback put into it.`,
  );
}

/** Deleted rows come back as they were deleted first, unless a row with their key is there again. */
export function putBack(making: Making, entities: readonly Entity[]): void {
  const all = entities.flatMap((entity) => entity.rows.map((entry) => ({ entity, entry })));
  for (const { entity, entry } of all.sort((one, other) => one.entry.seq - other.entry.seq)) {
    const { before, columns } = entity;
    const { archived, key } = entry;
    // Without a key every row comes back from the copy of all.
    if (archived === null || columns?.key.length === 0) continue;
    // What the step gave another type comes from the copy that was made before it.
    const changed = entity.kind === 'in-place' ? columnChanges(entity).retyped : [];
    const kept = entry.columns.filter((column) => !changed.some((pair) => pair.before.name === column));
    const target = placed(before);
    const list = kept.map(name).join(', ');
    const values = kept.map((column) => `a.${name(column)}`).join(', ');
    const free = `NOT EXISTS (SELECT 1 FROM ${target} AS t WHERE ${sameKey(before, key, ['t', 'a'])})`;
    const old =
      columns?.archived && columns.key.length > 0 ? relation(ARCHIVE_SCHEMA, columns.archived) : null;
    const existed =
      entity.inserted && old !== null
        ? [`EXISTS (SELECT 1 FROM ${old} AS k WHERE ${sameKey(before, columns?.key ?? [], ['k', 'a'])})`]
        : [];
    const where = [...(key.length === 0 ? [] : [free]), ...existed];
    making.write(
      'insert',
      before,
      `INSERT INTO ${target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM ${relation(ARCHIVE_SCHEMA, archived)} AS a${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''}`,
      `Puts the rows back that were deleted from ${before.name}.`,
    );
  }
}

/** Without a key nothing can be told apart: all rows of before, for all that nobody has written since. */
function replaceAll(making: Making, entity: Entity, archived: string, columns: readonly string[]): void {
  const { before } = entity;
  const target = placed(before);
  const list = columns.map(name).join(', ');
  making.write(
    'rows',
    before,
    `DELETE FROM ${target} AS t WHERE NOT (${writtenHere('t', making.facts, before)})`,
    `Empties ${before.name}, which has no key: its rows come back whole.`,
  );
  making.write(
    'rows',
    before,
    `INSERT INTO ${target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM ${relation(ARCHIVE_SCHEMA, archived)}`,
    `Puts every row of ${before.name} back as it was.`,
  );
}

/**
 * Values of columns that come back, for every row; of overwritten ones, for rows that nobody has written since.
 *
 * @param given columns whose values in new rows a mapping gives, so that they do not get their defaults
 */
export function putValues(
  making: Making,
  entity: Entity,
  changes: ColumnChanges,
  since: Since | null,
  given: readonly string[] = [],
): void {
  const { before, now, columns: entry } = entity;
  if (!entry?.archived) return;
  if (entry.key.length === 0) return replaceAll(making, entity, entry.archived, entry.columns);
  const back = changes.back.filter((one) => isStored(one) && entry.columns.includes(one.name));
  const overwritten = changes.overwritten;
  if (back.length + overwritten.length === 0) return;
  const target = placed(before);
  const place = relation(ARCHIVE_SCHEMA, entry.archived);
  const present = (column: string): string =>
    now?.columns.find((one) => nameBefore(entity, one.name) === column)?.name ?? column;
  const defaults = back.filter((column) => column.default !== null && !given.includes(column.name));
  const asked = now !== null && since !== null && overwritten.length + defaults.length > 0;
  const written = asked
    ? `EXISTS (SELECT 1 FROM ${since.of(now)} AS w WHERE ${sameKey(before, entry.key, ['w', 't'], present)})`
    : null;
  const kept = (column: string): string =>
    written === null
      ? `a.${name(column)}`
      : `CASE WHEN ${written} THEN t.${name(column)} ELSE a.${name(column)} END`;
  const sets = [
    ...back.map((column) => `${name(column.name)} = a.${name(column.name)}`),
    ...overwritten.map((column) => `${name(column)} = ${kept(column)}`),
  ];
  const key = sameKey(before, entry.key, ['t', 'a']);
  making.write(
    'rows',
    before,
    `UPDATE ${target} AS t SET ${sets.join(', ')} FROM ${place} AS a WHERE ${key}`,
    `Puts ${[...back.map((one) => one.name), ...overwritten].join(', ')} of ${before.name} back, by ${entry.key.join(', ')}.`,
  );
  const missing = `NOT EXISTS (SELECT 1 FROM ${place} AS a WHERE ${key})`;
  if (overwritten.length > 0 && entry.full !== true) {
    const filled = overwritten.map((column) => `t.${name(column)} IS NOT NULL`).join(' OR ');
    making.write(
      'rows',
      before,
      `UPDATE ${target} AS t SET ${overwritten.map((column) => `${name(column)} = NULL`).join(', ')} WHERE (${filled}) AND ${missing}${written === null ? '' : ` AND NOT ${written}`}`,
      'Empties what held nothing before.',
    );
  }
  if (defaults.length > 0 && written !== null) {
    making.write(
      'rows',
      before,
      `UPDATE ${target} AS t SET ${defaults.map((column) => `${name(column.name)} = ${column.default ?? 'NULL'}`).join(', ')} WHERE ${written} AND ${missing}`,
      'Gives rows that were inserted since the rollback the defaults of columns that come back.',
    );
  }
}

/** For undos of earlier steps: this one writes to rows, and leaves its mark on all of them. */
function keepWritten(making: Making, entity: Entity, changes: ColumnChanges, since: Since): void {
  const { before, now, columns } = entity;
  const key = columns && columns.key.length > 0 ? columns.key : entity.key;
  const kept = key.map((column) => changes.kept.find((pair) => pair.before.name === column));
  const steady = key.every((column) => !changes.overwritten.includes(column));
  if (!now || key.length === 0 || !steady || kept.some((pair) => pair === undefined)) return;
  if (!columns && entity.rows.length === 0 && changes.back.length === 0) return;
  const list = kept.map((pair) => `w.${name(pair?.now.name ?? '')} AS ${name(pair?.before.name ?? '')}`);
  making.keepWritten(before, key, [`SELECT ${list.join(', ')} FROM ${since.of(now)} AS w`]);
}

/** The whole of it, in its phases. */
export function restoreInPlace(
  making: Making,
  entity: Entity,
  layout: Layout,
  since: Since,
  mapping: ForwardMapping | null,
  aside: Aside,
): void {
  const { now, before, columns: entry } = entity;
  if (!now) return;
  const changes = columnChanges(entity);
  const present = changes.kept
    .filter((pair) => changes.overwritten.includes(pair.before.name))
    .map((pair) => pair.now.name);
  const goes = now.columns.filter(
    (column) => isStored(column) && (changes.gone.includes(column.name) || present.includes(column.name)),
  );
  const keyed = entry !== null && entry.key.length > 0;
  const defaults = changes.back.some((column) => column.default !== null);
  const carried = mapping
    ? byMapping(mapping, layout, since)
    : keyed
      ? recast(entity, changes, since, typesOf(making.facts.step.record))
      : null;
  if (keyed && (changes.overwritten.length > 0 || defaults)) since.of(now);
  if (goes.length > 0)
    making.keepColumns(
      now,
      goes.map(({ name: column }) => column),
    );
  takeInserted(making, entity);
  reshape(making, entity, changes, layout, aside);
  putValues(making, entity, changes, keyed ? since : null, carried?.columns ?? []);
  if (carried) carry(making, before, carried, null);
  keepWritten(making, entity, changes, since);
  finish(making, entity, changes, layout);
}
