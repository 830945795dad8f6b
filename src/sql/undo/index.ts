/** Taking a step back: the state before it, and what was written since. */
import {
  ARCHIVE_SCHEMA,
  draft,
  JOURNAL_SCHEMA,
  numbered,
  relation,
  text,
  type Draft,
} from '../archive/draft.ts';
import { fillHash, recordActions } from '../archive/record.ts';
import { procedureHash } from '../procedure/hash.ts';
import { lockedPlace } from '../lock-levels.ts';
import type { FormCost, ForwardMapping, StepLocks, StepRecord } from '../procedure/types.ts';
import { objectsBack } from '../objects/undo.ts';
import { parentsFirst } from '../family/members.ts';
import { withTypeNames } from './type-names.ts';
import { Aside } from './aside.ts';
import { byMapping, carry } from './carry.ts';
import { columnChanges } from './columns.ts';
import { familyTables, refusedFamilies, restoreFamilies, withoutInherited } from './family.ts';
import { layoutOf, type Entity, type Layout } from './entities.ts';
import { putBack, restoreInPlace } from './in-place.ts';
import { Making } from './making.ts';
import { restoreMoved, restoreSwapped } from './moved.ts';
import { constraintChanges, indexChanges } from './parts.ts';
import { refusedOf } from './refused.ts';
import { recreate } from './recreate.ts';
import { positionsSql } from './shape.ts';
import { keepStill } from './still.ts';
import { Since } from './since.ts';
import type { UndoFacts, UndoOffer } from './types.ts';
import { wordsFor } from './words.ts';

export { valueChecks, type ValueCheck } from './checks.ts';
export { tablesOf } from './entities.ts';
export { writtenOf, writtenQueries } from './queries.ts';
export type { EarlierUndo, UndoFacts, UndoOffer, Written, WrittenQuery } from './types.ts';
export { earlierUndos } from './earlier.ts';

/** Only rows change: the definition is what it was. */
function rowsOnly(entity: Entity, layout: Layout): boolean {
  if (entity.kind !== 'in-place' || entity.nowName !== entity.before.name) return false;
  const changes = columnChanges(entity);
  const parts = [constraintChanges(entity, changes, layout), indexChanges(entity, changes)];
  // Keeping a rule from running takes the strongest lock (manual, sql-altertable).
  if (entity.now?.rules.some(({ enabled }) => enabled !== 'D')) return false;
  const same = changes.kept.every(
    ({ now, before }) =>
      now.notNull === before.notNull && now.default === before.default && now.comment === before.comment,
  );
  return (
    same &&
    changes.back.length + changes.gone.length + changes.renamed.length === 0 &&
    parts.every(({ add, drop, rename }) => add.length + drop.length + rename.length === 0)
  );
}

/** Tables whose rows alone change come first, among them that of applied versions: it keeps `mix ecto.migrate` out. */
function locksFor(layout: Layout, related: readonly string[]): StepLocks[] {
  const { entities, created } = layout;
  const there = entities.filter(({ now, kind }) => now !== null && kind !== 'moved');
  const light = there
    .filter((entity) => rowsOnly(entity, layout) && !related.includes(entity.nowName))
    .map(({ nowName }) => nowName);
  const names = [...there.map(({ nowName }) => nowName), ...created.map(({ name }) => name), ...related];
  const heavy = names.filter((table) => !light.includes(table));
  const kept = entities.flatMap(({ table }) => (table?.archived ? [table.archived] : []));
  const known = new Map([...there.flatMap(({ now }) => now ?? []), ...created].map((one) => [one.name, one]));
  const sorted = (names: string[]): string[] => [...new Set(names)].sort();
  const of = (table: string): Pick<StepLocks, 'schema' | 'table'> => lockedPlace(known.get(table), table);
  return [
    ...sorted(light).map((table) => ({ ...of(table), level: 'SHARE ROW EXCLUSIVE' as const })),
    ...sorted(heavy).map((table) => ({ ...of(table), level: 'ACCESS EXCLUSIVE' as const })),
    ...sorted(kept).map((table) => ({ schema: ARCHIVE_SCHEMA, table, level: 'ACCESS EXCLUSIVE' as const })),
  ];
}

function costOf(layout: Layout): FormCost {
  const { entities } = layout;
  const written = entities.filter(
    (entity) => entity.kind === 'in-place' && entity.now !== null && !rowsOnly(entity, layout),
  );
  const bytes = written.reduce((sum, { now }) => sum + (now?.heapBytes ?? 0) * 2 + (now?.indexBytes ?? 0), 0);
  const moved = bytes === 0;
  return {
    lock: moved
      ? 'ACCESS EXCLUSIVE, briefly: only the catalog is written'
      : 'ACCESS EXCLUSIVE for the whole step',
    readers: false,
    writers: false,
    bytes,
    basis: moved
      ? 'tables are moved, not copied'
      : 'twice the present size of tables that are written anew, and their indexes',
    archiveBytes: written.reduce((sum, { now }) => sum + (now?.heapBytes ?? 0), 0),
  };
}

function recordOf(facts: UndoFacts, layout: Layout, making: Making): StepRecord {
  const { record } = facts.step;
  const here = layout.entities.flatMap(({ now, kind }) => (now && kind !== 'moved' ? [now] : []));
  return {
    schema: record.schema,
    form: record.form,
    before: [...here, ...layout.created],
    renamed: Object.fromEntries(Object.entries(record.renamed).map(([before, after]) => [after, before])),
    renamedColumns: {},
    created: layout.entities.filter(({ kind }) => kind !== 'in-place').map(({ before }) => before.name),
    dropped: layout.created.map(({ name }) => name),
    archive: making.entries,
    notUndoable: ['An undo is not undone: roll back again instead.'],
    forward: [],
    ...(record.elsewhere ? { elsewhere: record.elsewhere } : {}),
  };
}

function make(
  facts: UndoFacts,
  layout: Layout,
  mappingFor: (table: string) => ForwardMapping | null,
): { making: Making; still: string[] } {
  const making = new Making(facts);
  const since = new Since(making);
  const aside = new Aside(facts, layout);
  const entities = withoutInherited(layout);
  restoreFamilies(making, entities, layout);
  for (const entity of entities) {
    const mapping = mappingFor(entity.before.name);
    if (entity.kind === 'swapped') restoreSwapped(making, entity, layout, since, mapping);
    else if (entity.kind === 'moved') restoreMoved(making, entity, layout, since, mapping);
    else if (entity.kind === 'in-place') restoreInPlace(making, entity, layout, since, mapping, aside);
    else {
      const { columns, before } = entity;
      const place = columns?.archived ? relation(ARCHIVE_SCHEMA, columns.archived) : null;
      recreate(
        making,
        before,
        place && columns ? { place, columns: [...columns.key, ...columns.columns] } : null,
      );
      const mapping = mappingFor(before.name);
      if (!mapping || !columns) continue;
      // Rows that are new take their numbers from sequences, which begin anew with the table.
      positionsSql(making, before, before.columns, 'rows');
      carry(making, before, byMapping(mapping, layout, since), columns);
    }
  }
  putBack(making, layout.entities);
  const still = keepStill(making, layout);
  const { restarted = [] } = facts.step.record;
  for (const { before, kind } of layout.entities) {
    if (kind === 'in-place' && restarted.includes(before.name)) positionsSql(making, before, before.columns);
  }
  for (const table of parentsFirst(layout.created, (one) => one)) making.moveAway(table);
  objectsBack(objectFacts(facts), making);
  return { making, still };
}

const objectFacts = ({ step, objects = {}, run }: UndoFacts) => ({
  record: step.record,
  objects,
  run,
  step: step.step,
});

/** The row of the step that is taken back says by which run. */
function undone({ run, step }: UndoFacts): Draft {
  return draft(
    'record',
    `UPDATE ${JOURNAL_SCHEMA}.step SET undone_by = ${text(run)} WHERE run OPERATOR(pg_catalog.=) ${text(step.run)} AND step OPERATOR(pg_catalog.=) ${text(step.step)}`,
    'Writes into the journal that the step is undone.',
  );
}

/**
 * The undo of one step of a run: what was there before comes back from the archive, and rows that were written since
 * are kept. Pure; needs `loadParser`. Steps of a run are undone in reverse, each made from what is there by then.
 *
 * Nothing that it takes away is lost: what the rollback made goes into the archive of the undo's own run.
 */
export function undoProcedure(asked: UndoFacts): UndoOffer {
  const facts = withTypeNames(asked);
  const layout = layoutOf(facts);
  const { forward, form } = facts.step.record;
  const mappingFor = (table: string): ForwardMapping | null =>
    forward.find((one) => one.table === table) ?? null;
  const objects = objectsBack(objectFacts(facts), null);
  const refused = [...refusedOf(facts, layout, mappingFor), ...refusedFamilies(layout), ...objects.refused];
  const words = [...wordsFor(facts, layout), ...objects.words, ...facts.step.record.notUndoable];
  if (refused.length > 0) return { procedure: null, words, refused };
  const { making, still } = make(facts, layout, mappingFor);
  const { step, title } = facts.step;
  const record = recordOf(facts, layout, making);
  const journal = recordActions({ run: facts.run, step, title: `Undo of ${title}`, form, record });
  const locks = [...(facts.step.record.toolLocks ?? []), ...locksFor(layout, familyTables(layout, facts))];
  const actions = numbered([...making.drafts(), undone(facts), ...journal]);
  const hash = procedureHash(facts.look, form, locks, actions);
  return {
    procedure: {
      step,
      title: `Undo of ${title}`,
      form,
      actions: fillHash(actions, hash),
      locks,
      guarded: record.before.map(({ name }) => name),
      archive: making.entries,
      cost: costOf(layout),
      notUndoable: facts.step.record.notUndoable,
      hash,
    },
    words: [...words, ...still],
    refused: [],
  };
}
