/** Tables that lie in the archive come back whole; what stands in their place, or was created, goes there. */
import { ARCHIVE_SCHEMA, relation, placed } from '../archive/draft.ts';
import { moveBack, outgoingKeys } from '../archive/move.ts';
import type { ForwardMapping } from '../procedure/types.ts';
import { hangingSql } from '../objects/hanging.ts';
import { staleIn } from '../objects/stale.ts';
import { byMapping, byName, carry } from './carry.ts';
import { columnChanges } from './columns.ts';
import { nameBefore, type Entity, type Layout } from './entities.ts';
import { putValues, takeInserted } from './in-place.ts';
import type { Making } from './making.ts';
import { sameKey } from './match.ts';
import { tieAgain } from './shape.ts';
import type { Since } from './since.ts';

/** The table itself, under its names; its foreign keys when every table is back. */
function bringBack(making: Making, entity: Entity): void {
  const { before, table } = entity;
  if (!table?.archived) return;
  making.add('back', ...moveBack(before, table.archived));
  // A partition gets its parent's by itself.
  for (const key of outgoingKeys(before).filter(({ parent }) => parent === undefined))
    tieAgain(making, before, key);
}

/** Triggers, policies and rights that the step took from the table before it went. */
function hangAgain(making: Making, { before, table }: Entity): void {
  const kept = making.facts.kept.find(({ name }) => name === table?.archived);
  if (!kept || making.facts.step.record.objects === undefined) return;
  for (const { sql, words } of hangingSql(before, kept, staleIn(making.facts)))
    making.say('finish', sql, words);
}

/** Rows that were there before and were deleted since go from the forward table too, kept first. */
function deletedSince(making: Making, entity: Entity): void {
  const { before, now, table, key } = entity;
  if (!now || !table?.archived || key.length === 0) return;
  const present = (column: string): string =>
    now.columns.find((one) => nameBefore(entity, one.name) === column)?.name ?? column;
  if (!key.every((column) => now.columns.some((one) => one.name === present(column)))) return;
  const gone = `NOT EXISTS (SELECT 1 FROM ${placed(now)} AS r WHERE ${sameKey(before, key, ['r', 'f'], present)})`;
  const place = making.keepRows(
    before.name,
    `SELECT f.* FROM ${relation(ARCHIVE_SCHEMA, table.archived)} AS f WHERE ${gone}`,
    {
      key,
      columns: before.columns.map((column) => column.name),
      words: `The rows of ${before.name} that were deleted from ${now.name} since the rollback.`,
    },
  );
  making.write(
    'rows',
    before,
    `DELETE FROM ${placed(before)} AS f WHERE EXISTS (SELECT 1 FROM ${place} AS d WHERE ${sameKey(before, key, ['d', 'f'])})`,
    `Takes out of ${before.name} what was deleted since the rollback.`,
  );
}

/** A dropped table. */
export function restoreMoved(
  making: Making,
  entity: Entity,
  layout: Layout,
  since: Since,
  mapping: ForwardMapping | null,
): void {
  bringBack(making, entity);
  hangAgain(making, entity);
  takeInserted(making, entity);
  putValues(
    making,
    { ...entity, now: entity.before },
    columnChanges({ ...entity, now: entity.before, renamed: {} }),
    null,
  );
  if (mapping) carry(making, entity.before, byMapping(mapping, layout, since), entity.table);
}

/** A table in whose place a restored one stands. */
export function restoreSwapped(
  making: Making,
  entity: Entity,
  layout: Layout,
  since: Since,
  mapping: ForwardMapping | null,
): void {
  const { now, before } = entity;
  if (!now) return;
  const carried = mapping ? byMapping(mapping, layout, since) : byName(entity, now, since);
  if (carried) carry(making, before, carried, entity.table);
  deletedSince(making, entity);
  making.moveAway(now);
  bringBack(making, entity);
}
