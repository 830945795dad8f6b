/** A table that is still there: its columns come back, and with them what the step took from its rows. */
import { isStored } from '../archive/columns.ts';
import { ARCHIVE_SCHEMA, draft, relation } from '../archive/draft.ts';
import { name } from '../risk/text.ts';
import type { ForwardMapping } from '../procedure/types.ts';
import { byMapping, carry, type Carried } from './carry.ts';
import { columnChanges, type ColumnChanges } from './columns.ts';
import { nameBefore, type Entity, type Layout } from './entities.ts';
import type { Making } from './making.ts';
import { sameKey } from './match.ts';
import { finish, reshape } from './shape.ts';
import type { Since } from './since.ts';
import { byStep, writtenSince } from './written.ts';

/** A value of another type passes through its text, and its length is checked when it is assigned. */
function cast(column: string, type: string): string {
  return `CAST(CAST(w.${name(column)} AS pg_catalog.text) AS ${type.replace(/\((\d+)\)$/, '')})`;
}

/** Values written since into columns whose type changes back. */
function recast(entity: Entity, changes: ColumnChanges, since: Since): Carried | null {
  const key = entity.columns?.key ?? [];
  const { now } = entity;
  const retyped = changes.retyped.filter((pair) => isStored(pair.before) && isStored(pair.now));
  if (!now || retyped.length === 0 || key.length === 0) return null;
  const present = (column: string): string =>
    now.columns.find((one) => nameBefore(entity, one.name) === column)?.name ?? column;
  const selected = [
    ...key.map((column) => `w.${name(present(column))} AS ${name(column)}`),
    ...retyped.map((pair) => `${cast(pair.now.name, pair.before.type)} AS ${name(pair.before.name)}`),
  ];
  const columns = [...key, ...retyped.map((pair) => pair.before.name)];
  return { query: `SELECT ${selected.join(', ')} FROM ${since.of(now)} AS w`, key, columns, fill: [] };
}

/** Rows that the step inserted go again; those changed since are somebody's and stay. */
function takeInserted(making: Making, entity: Entity): void {
  const { now, columns } = entity;
  if (!entity.inserted || !now) return;
  const here = relation(now.schema, now.name);
  const present = (column: string): string =>
    now.columns.find((one) => nameBefore(entity, one.name) === column)?.name ?? column;
  const known =
    columns?.archived && columns.key.length > 0
      ? ` AND NOT EXISTS (SELECT 1 FROM ${relation(ARCHIVE_SCHEMA, columns.archived)} AS a WHERE ${sameKey(entity.before, columns.key, ['t', 'a'], present)})`
      : '';
  const which = `${byStep('t', making.facts.step)}${known}`;
  making.keepRows(now.name, `SELECT t.* FROM ${here} AS t WHERE ${which}`, {
    columns: now.columns.map((column) => column.name),
    words: `The rows that the rollback put into ${now.name}.`,
  });
  making.add(
    'away',
    draft(
      'instead',
      `DELETE FROM ${here} AS t WHERE ${which}`,
      `Takes out of ${now.name} what the rollback put into it.`,
    ),
  );
}

/** Deleted rows come back, unless a row with their key is there again: the last that were deleted first. */
export function putBack(making: Making, entities: readonly Entity[]): void {
  const all = entities.flatMap((entity) => entity.rows.map((entry) => ({ entity, entry })));
  for (const { entity, entry } of all.sort((one, other) => other.entry.seq - one.entry.seq)) {
    const { before, columns } = entity;
    const { archived, key, columns: kept } = entry;
    if (archived === null) continue;
    const target = relation(before.schema, before.name);
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
    making.say(
      'insert',
      `INSERT INTO ${target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM ${relation(ARCHIVE_SCHEMA, archived)} AS a${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''}`,
      `Puts the rows back that were deleted from ${before.name}.`,
    );
  }
}

/** Without a key nothing can be told apart: all rows of before, for all that nobody has written since. */
function replaceAll(making: Making, entity: Entity, archived: string, columns: readonly string[]): void {
  const { before } = entity;
  const target = relation(before.schema, before.name);
  const list = columns.map(name).join(', ');
  making.say(
    'rows',
    `DELETE FROM ${target} AS t WHERE NOT (${writtenSince('t', making.facts.step)})`,
    `Empties ${before.name}, which has no key: its rows come back whole.`,
  );
  making.say(
    'rows',
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
  const target = relation(before.schema, before.name);
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
  making.say(
    'rows',
    `UPDATE ${target} AS t SET ${sets.join(', ')} FROM ${place} AS a WHERE ${key}`,
    `Puts ${[...back.map((one) => one.name), ...overwritten].join(', ')} of ${before.name} back, by ${entry.key.join(', ')}.`,
  );
  const missing = `NOT EXISTS (SELECT 1 FROM ${place} AS a WHERE ${key})`;
  if (overwritten.length > 0 && entry.full !== true) {
    const filled = overwritten.map((column) => `t.${name(column)} IS NOT NULL`).join(' OR ');
    making.say(
      'rows',
      `UPDATE ${target} AS t SET ${overwritten.map((column) => `${name(column)} = NULL`).join(', ')} WHERE (${filled}) AND ${missing}${written === null ? '' : ` AND NOT ${written}`}`,
      'Empties what held nothing before.',
    );
  }
  if (defaults.length > 0 && written !== null) {
    making.say(
      'rows',
      `UPDATE ${target} AS t SET ${defaults.map((column) => `${name(column.name)} = ${column.default ?? 'NULL'}`).join(', ')} WHERE ${written} AND ${missing}`,
      'Gives rows that were inserted since the rollback the defaults of columns that come back.',
    );
  }
}

/** The whole of it, in its phases. */
export function restoreInPlace(
  making: Making,
  entity: Entity,
  layout: Layout,
  since: Since,
  mapping: ForwardMapping | null,
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
  const carried = mapping ? byMapping(mapping, layout, since) : keyed ? recast(entity, changes, since) : null;
  if (keyed && (changes.overwritten.length > 0 || defaults)) since.of(now);
  if (goes.length > 0)
    making.keepColumns(
      now,
      goes.map(({ name: column }) => column),
    );
  takeInserted(making, entity);
  reshape(making, entity, changes);
  putValues(making, entity, changes, keyed ? since : null, carried?.columns ?? []);
  if (carried) carry(making, before, carried, false);
  finish(making, entity, changes);
}
