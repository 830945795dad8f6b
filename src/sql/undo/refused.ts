/** Why a step cannot be undone as it stands, each in a sentence. */
import { notMadeAgain } from '../definition-sql.ts';
import { outputNames } from '../output-names.ts';
import { parseOne } from '../parse.ts';
import type { ForwardMapping } from '../procedure/types.ts';
import { rowsOf } from '../risk/text.ts';
import { nameBefore, type Entity, type Layout } from './entities.ts';
import type { UndoFacts } from './types.ts';

function archiveFaults(facts: UndoFacts): string[] {
  const there = new Set(facts.kept.map(({ name }) => name));
  const needed = facts.step.record.archive.filter(
    ({ archived, kind }) => archived !== null && kind !== 'definition' && kind !== 'created',
  );
  return needed.flatMap(({ object, archived, seq }) => {
    const purged = facts.archived.some(({ entry, purged: gone }) => entry.seq === seq && gone);
    if (!purged && there.has(archived ?? '')) return [];
    return [
      `What was kept of ${object} is ${purged ? 'purged' : 'not in the archive any more'}: ${archived ?? ''}.`,
    ];
  });
}

function placeFaults(facts: UndoFacts, { entities, created }: Layout): string[] {
  const going = new Set([
    ...entities.filter(({ kind }) => kind !== 'moved' && kind !== 'dropped').map(({ nowName }) => nowName),
    ...created.map(({ name }) => name),
  ]);
  return entities.flatMap((entity) => {
    const { before, now, kind, nowName } = entity;
    if (kind === 'in-place' || kind === 'swapped') {
      if (!now) return [`${nowName} is not there any more.`];
      if (nowName === before.name) return [];
    }
    const taken = facts.now.some(({ name }) => name === before.name) && !going.has(before.name);
    return taken ? [`A table named ${before.name} is there already, and is none of this step's.`] : [];
  });
}

function keyFaults(facts: UndoFacts, entity: Entity): string[] {
  const rows = facts.written.find(({ table }) => table === entity.nowName)?.rows ?? 0;
  if (entity.kind !== 'in-place' || !entity.columns || entity.columns.key.length > 0 || rows === 0) return [];
  return [
    `${entity.nowName} has no key by which a row is found, and ${rowsOf(rows)} ${rows === 1 ? 'was' : 'were'} written since: what is new cannot be told.`,
  ];
}

function noValue(entity: Entity, column: string, rows: number): string {
  return `${column} of ${entity.before.name} may not be empty, and ${rowsOf(rows)} written since ${rows === 1 ? 'has' : 'have'} no value for it; a forward= block in the runbook would say which.`;
}

/** A row that is new in the forward table needs a value for each column that may not be empty. */
function emptyFaults(facts: UndoFacts, entity: Entity, mapping: ForwardMapping | null): string[] {
  const found = facts.written.find(({ table }) => table === entity.nowName);
  const fresh = found?.inserted ?? 0;
  if (entity.kind === 'moved' || entity.kind === 'dropped') return [];
  const mapped = mapping ? (outputNames(parseOne(mapping.sql)) ?? []) : [];
  const left = Object.entries(found?.empty ?? {})
    .filter(([column]) => !mapped.includes(column))
    .map(([column, rows]) => noValue(entity, column, rows));
  if (fresh === 0) return left;
  const given = new Set([
    ...mapped,
    ...(mapping && entity.kind === 'swapped'
      ? []
      : (entity.now?.columns ?? []).map((column) => nameBefore(entity, column.name))),
  ]);
  const missing = entity.before.columns
    .filter(
      (one) =>
        one.notNull &&
        one.default === null &&
        one.identity === '' &&
        one.generated === '' &&
        !given.has(one.name),
    )
    .map((one) => noValue(entity, one.name, fresh));
  return [...left, ...missing];
}

function mappingFaults(entity: Entity, mapping: ForwardMapping | null): string[] {
  if (!mapping) return [];
  const has = new Set(entity.before.columns.map(({ name }) => name));
  return (outputNames(parseOne(mapping.sql)) ?? [])
    .filter((column) => !has.has(column))
    .map(
      (column) =>
        `The forward= block at line ${mapping.line} gives ${column}, which ${entity.before.name} does not have.`,
    );
}

/** Empty when the undo can be made. */
export function refusedOf(
  facts: UndoFacts,
  layout: Layout,
  mappingFor: (table: string) => ForwardMapping | null,
): string[] {
  const { record } = facts.step;
  if (record.notUndoable.includes('Nothing was archived.')) {
    return ['Nothing was archived when this step ran, so there is nothing to bring it back from.'];
  }
  return [
    ...archiveFaults(facts),
    ...placeFaults(facts, layout),
    ...layout.entities.flatMap((entity) => {
      const mapping = mappingFor(entity.before.name);
      const unmade = entity.kind === 'dropped' ? notMadeAgain(entity.before) : [];
      return [
        ...unmade,
        ...keyFaults(facts, entity),
        ...mappingFaults(entity, mapping),
        ...emptyFaults(facts, entity, mapping),
      ];
    }),
  ];
}
