/** What an undo of a step as written could not bring back, said before anything runs. */
import type { Attachment } from '../../postgres/types.ts';
import { identitiesTakenFrom } from '../effects-settings.ts';
import type { Statement } from '../types.ts';
import { takesAlong } from './along.ts';
import { fires } from './firing.ts';
import type { Flow, Followed } from './follow.ts';

/** Attachments that are objects of their own. */
const ELSEWHERE = /view|foreign key to|rule of another|function|dependent/;

function ofTable(
  table: Followed,
  attachments: readonly Attachment[],
  flow: Flow,
  pending: readonly Statement[],
): string[] {
  const { definition } = table;
  const name = definition.name;
  const own = attachments.filter((one) => one.table === name);
  const keys = own.filter(({ kind }) => kind === 'foreign key to the table');
  const numbered = definition.sequences.some(({ column }) => table.dropped.has(column));
  return [
    ...(fires(table, flow)
      ? [
          `Triggers or rules of ${name} run when the step writes to it; what they change elsewhere is not archived.`,
        ]
      : []),
    ...(takesAlong(table, keys, flow, pending)
      ? [
          `Foreign keys point at ${name}; rows of other tables that they delete or change along are not archived.`,
        ]
      : []),
    ...(table.inserts.length > 0 && keys.length > 0
      ? [
          `Foreign keys point at ${name}; what they tie to the rows that the step puts in may keep these from going again, or go with them.`,
        ]
      : []),
    ...(table.drop?.cascade === true && definition.family === undefined
      ? [`${name} is dropped with CASCADE: what goes with it in other tables is not brought back.`]
      : []),
    ...(table.cascades && own.some(({ kind }) => ELSEWHERE.test(kind))
      ? [
          `A column or a constraint of ${name} is dropped with CASCADE: views and foreign keys of other tables that go with it are not brought back.`,
        ]
      : []),
    ...(table.restarted
      ? [
          `The numbers of ${name} begin anew: rows that get the number of one that went keep it when the step is undone, and the old row stays in the archive.`,
        ]
      : []),
    ...(numbered
      ? [`A sequence of ${name} goes with its column: an undo continues after the highest value.`]
      : []),
  ];
}

/**
 * Rows of a table are kept before it is first written to. Those of a part were, or were not yet, changed by then, when the
 * step has written to them under the part's own name, or that of one above it.
 */
function throughRelatives(flow: Flow, pending: readonly Statement[]): string[] {
  const families = new Map(flow.tables.map(({ definition }) => [definition.name, definition.family]));
  const above = (table: string): string[] => {
    const parents = families.get(table)?.parents.map(({ name }) => name) ?? [];
    return [...parents, ...parents.flatMap(above)];
  };
  const written = pending.flatMap(({ index, effects }) =>
    effects.flatMap((one) =>
      !one.along && (one.kind === 'insert' || one.kind === 'update' || one.kind === 'delete')
        ? [{ index, table: one.table, deletes: one.kind === 'delete' }]
        : [],
    ),
  );
  return written.flatMap((early) =>
    written
      .filter(
        ({ index, table }) => index > early.index && !early.deletes && above(early.table).includes(table),
      )
      .slice(0, 1)
      .map(
        (late) =>
          `Statement ${early.index} writes to ${early.table} and statement ${late.index} to ${late.table}, which it is a part of: an undo may bring rows of ${early.table} back as they were in between. Make them steps of their own.`,
      ),
  );
}

/** One sentence each. @param pending the statements that still have to run, in order */
export function notUndoableOf(
  flow: Flow,
  attachments: readonly Attachment[],
  pending: readonly Statement[],
): string[] {
  return [
    ...flow.notUnderstood.map(
      ({ statement, what }) =>
        `Statement ${statement} is not understood (${what}): what it changes is neither archived nor undone.`,
    ),
    ...flow.objects.flatMap(({ effect }) =>
      identitiesTakenFrom(effect).map(
        (column) => `The numbers of ${effect.name}.${column} go: an undo continues after the highest value.`,
      ),
    ),
    ...flow.elsewhere.map(
      ({ statement, table }) =>
        `Statement ${statement} changes ${table}, in another schema: that is neither archived nor undone.`,
    ),
    ...flow.notTables.map(
      ({ statement, name }) =>
        `Statement ${statement} changes ${name}, which is no table: that is neither archived nor undone.`,
    ),
    ...throughRelatives(flow, pending),
    ...flow.tables
      .filter(({ touched }) => touched)
      .flatMap((table) => ofTable(table, attachments, flow, pending)),
  ];
}
