/** What an undo brings back, in sentences for the operator. */
import { list } from '../archive/draft.ts';
import { rowsOf } from '../risk/text.ts';
import { columnChanges } from './columns.ts';
import type { Entity, Layout } from './entities.ts';
import { homeless } from './queries.ts';
import type { UndoFacts, Written } from './types.ts';

function ofEntity(entity: Entity, facts: UndoFacts): string[] {
  const { kind, before, nowName, now } = entity;
  const kept = facts.archived.find(({ entry }) => entry.seq === entity.table?.seq)?.rows;
  const rows = kept === null || kept === undefined ? 'with its rows' : `with ${rowsOf(kept)}`;
  if (kind === 'moved') return [`${before.name} comes back from the archive ${rows}.`];
  if (kind === 'swapped')
    return [`${before.name} comes back from the archive ${rows}; ${nowName} goes there in its place.`];
  if (kind === 'dropped') return [`${before.name} is made again and gets back the rows that were kept.`];
  if (!now) return [];
  const changes = columnChanges(entity);
  const back = changes.back.map(({ name }) => name);
  const renamed =
    before.name === nowName
      ? `${before.name} is as it was before`
      : `${nowName} becomes ${before.name} again`;
  const order = back.length > 0 ? ' In the order of columns they come last.' : '';
  return [
    `${renamed}${back.length > 0 ? `: ${list(back)} ${back.length === 1 ? 'comes' : 'come'} back` : ''}${changes.gone.length > 0 ? `, ${list(changes.gone)} ${changes.gone.length === 1 ? 'goes' : 'go'} into the archive` : ''}.${order}`,
  ];
}

function ofWritten(found: Written, facts: UndoFacts, layout: Layout): string[] {
  if (found.rows === 0 && (found.deleted ?? 0) === 0) return [];
  const { table, rows, inserted, deleted, without } = found;
  const entity = layout.entities.find((one) => one.now?.name === table && one.kind !== 'moved');
  const reads = facts.step.record.forward.filter(({ sql }) => sql.includes(table));
  // A row that is not known by its key can be put into no row of before.
  const lost =
    entity?.kind === 'swapped' &&
    entity.key.length === 0 &&
    !facts.step.record.forward.some((mapping) => mapping.table === entity.before.name);
  const to = lost ? [] : entity ? [entity.before.name] : reads.map((mapping) => mapping.table);
  const out: string[] = [];
  if (rows > 0) {
    const fresh = inserted === null ? '' : ` (${inserted} new)`;
    const [was, is, stay] = rows === 1 ? ['was', 'is', 'stays'] : ['were', 'are', 'stay'];
    const where =
      to.length > 0
        ? `${is} kept in ${list(to)}`
        : `${stay} in the archive only: nothing says what becomes of them`;
    out.push(`${rowsOf(rows)} of ${table} ${was} written after the rollback${fresh} and ${where}.`);
  }
  for (const [column, count] of Object.entries(without)) {
    if (to.length > 0)
      out.push(`${column} of ${rowsOf(count)} among them has no place there and stays in the archive only.`);
  }
  if (deleted) out.push(`Deleted from ${table} after the rollback, and deleted again: ${rowsOf(deleted)}.`);
  return out;
}

/** Everything that is said before the confirmation. */
export function wordsFor(facts: UndoFacts, layout: Layout): string[] {
  return [
    ...layout.entities.flatMap((entity) => ofEntity(entity, facts)),
    ...layout.created.map(({ name }) => `${name}, which the rollback made, goes into the archive.`),
    ...facts.written.flatMap((found) => ofWritten(found, facts, layout)),
    ...layout.created
      .filter((table) => homeless(facts, layout, table).length < table.columns.length)
      .map(
        ({ name }) =>
          `Rows that were deleted from ${name} after the rollback come back: there is nothing left to know them by.`,
      ),
  ];
}
