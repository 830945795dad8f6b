/** What an undo of a step as written could not bring back, said before anything runs. */
import type { Attachment } from '../../postgres/types.ts';
import { identitiesTakenFrom } from '../effects-settings.ts';
import type { Flow, Followed } from './follow.ts';

function writes({ inserts, updates, deletes }: Followed): boolean {
  return inserts.length + updates.length + deletes.length > 0;
}

/** Attachments that are objects of their own. */
const ELSEWHERE = /view|foreign key to|rule of another|function|dependent/;

function ofTable(table: Followed, attachments: readonly Attachment[], flow: Flow): string[] {
  const { definition } = table;
  const name = definition.name;
  const own = attachments.filter((one) => one.table === name);
  const made = flow.objects.some(
    ({ effect: { type, verb, on } }) =>
      (type === 'trigger' || type === 'rule') && verb !== 'drop' && (on === name || on === table.now),
  );
  const fires =
    made || definition.triggers.some(({ enabled }) => enabled !== 'D') || definition.rules.length > 0;
  const pointed = own.some(({ kind }) => kind === 'foreign key to the table');
  const numbered = definition.sequences.some(({ column }) => table.dropped.has(column));
  const spread = definition.children.length > 0 || definition.parents.length > 0 || definition.kind === 'p';
  return [
    ...(writes(table) && fires
      ? [
          `Triggers or rules of ${name} run when the step writes to it; what they change elsewhere is not archived.`,
        ]
      : []),
    ...(table.deletes.length > 0 && pointed && !table.truncated
      ? [
          `Foreign keys point at ${name}; rows of other tables that they delete or change along are not archived.`,
        ]
      : []),
    ...(table.inserts.length > 0 && pointed
      ? [
          `Foreign keys point at ${name}; what they tie to the rows that the step puts in may keep these from going again, or go with them.`,
        ]
      : []),
    ...(table.drop?.cascade === true
      ? [`${name} is dropped with CASCADE: what goes with it in other tables is not brought back.`]
      : []),
    ...(table.cascades && own.some(({ kind }) => ELSEWHERE.test(kind))
      ? [
          `A column or a constraint of ${name} is dropped with CASCADE: views and foreign keys of other tables that go with it are not brought back.`,
        ]
      : []),
    ...(table.deletes.length > 0 && definition.kind !== 'p' && definition.children.length > 0
      ? [`Other tables inherit from ${name}: rows that go from them come back into ${name} itself.`]
      : []),
    ...(table.restarted
      ? [
          `The numbers of ${name} begin anew: rows that get the number of one that went keep it when the step is undone, and the old row stays in the archive.`,
        ]
      : []),
    ...(numbered
      ? [`A sequence of ${name} goes with its column: an undo continues after the highest value.`]
      : []),
    ...(table.drop !== null && spread
      ? [`${name} is a partition, a parent or a child of other tables: only its rows are kept.`]
      : []),
  ];
}

/** One sentence each. */
export function notUndoableOf(flow: Flow, attachments: readonly Attachment[]): string[] {
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
    ...flow.tables.filter(({ touched }) => touched).flatMap((table) => ofTable(table, attachments, flow)),
  ];
}
