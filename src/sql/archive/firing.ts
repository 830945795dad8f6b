/** What code of others may do to a table's rows while a step writes: triggers, rules, actions of foreign keys. Pure. */
import type { NamedDefinition, TableDefinition } from '../definition.ts';
import { parseOne } from '../parse.ts';
import { keyOf } from './columns.ts';
import type { Flow, Followed } from './follow.ts';

/** Bits of pg_trigger.tgtype, which the parser keeps as they are (server source, catalog/pg_trigger.h). */
const ROW = 1 << 0;
const BEFORE = 1 << 1;
const EVENTS = { inserts: 1 << 2, deletes: 1 << 3, updates: 1 << 4 } as const;
const TRUNCATE = 1 << 5;

type Write = keyof typeof EVENTS;

/** Of a trigger that cannot be read everything is thought. */
function typeOf({ definition }: NamedDefinition): number {
  const all = ROW | BEFORE | TRUNCATE | EVENTS.inserts | EVENTS.deletes | EVENTS.updates;
  try {
    const tree = parseOne(definition);
    if (!('CreateTrigStmt' in tree)) return all;
    const { events = 0, timing = 0, row } = tree.CreateTrigStmt;
    return events | timing | (row === true ? ROW : 0);
  } catch {
    return all;
  }
}

/** Its own, and those of its partitions and of what inherits from it: rows there are among its own. */
const triggersOf = ({
  definition: { triggers, triggersBelow = [] },
}: Followed): TableDefinition['triggers'] => [...triggers, ...triggersBelow];

/** Whether the step itself makes or switches what hangs on the table: then it is not read what it does. */
function madeByStep({ definition, now }: Followed, flow: Flow): boolean {
  return flow.objects.some(
    ({ effect: { type, verb, on } }) =>
      (type === 'trigger' || type === 'rule') && verb !== 'drop' && (on === definition.name || on === now),
  );
}

/** Whether anything runs at this kind of write that the step does to the table. */
function firesAt(table: Followed, flow: Flow, write: Write, wanted = 0): boolean {
  if (table[write].length === 0) return false;
  const { rules } = table.definition;
  if (madeByStep(table, flow) || rules.some(({ enabled }) => enabled !== 'D')) return true;
  return triggersOf(table)
    .filter(({ enabled }) => enabled !== 'D')
    .map(typeOf)
    .some((type) => (type & EVENTS[write]) !== 0 && (type & wanted) === wanted);
}

const ALL: readonly Write[] = ['inserts', 'updates', 'deletes'];

/** Whether triggers or rules of the table run when the step writes to it. */
export function fires(table: Followed, flow: Flow): boolean {
  const emptied = triggersOf(table).some(
    (one) => table.truncated && one.enabled !== 'D' && (typeOf(one) & TRUNCATE) !== 0,
  );
  return emptied || ALL.some((write) => firesAt(table, flow, write));
}

/**
 * Columns whose values triggers or rules may change in rows that are there, without the step naming them: all but the
 * key. At an UPDATE by whatever trigger; at a DELETE by one that may keep the row and change it instead.
 */
export function changedByOthers(table: Followed, flow: Flow): string[] {
  const { definition, overwritten, retyped, dropped } = table;
  if (!firesAt(table, flow, 'updates') && !firesAt(table, flow, 'deletes', BEFORE | ROW)) return [];
  const key = keyOf(definition, [...overwritten, ...retyped, ...dropped]);
  return definition.columns.flatMap(({ name, identity }) =>
    // What the server numbers ALWAYS can be given no other value by an UPDATE.
    key.includes(name) || identity === 'a' ? [] : [name],
  );
}

/** A foreign key that writes to the rows that bear it (pg_get_constraintdef). */
const ACTS = /\bON (?:UPDATE|DELETE) (?:CASCADE|SET)\b/;

/**
 * Whether rows of the table may end with the mark of the step's transaction although no statement of the step wrote to
 * them: then rows that the step puts in cannot be told by the mark alone.
 */
export function markedByOthers(table: Followed, flow: Flow): boolean {
  if (flow.tables.some((one) => ALL.some((write) => firesAt(one, flow, write)))) return true;
  const acts = table.definition.constraints.some(
    ({ type, definition }) => type === 'f' && ACTS.test(definition),
  );
  return acts && flow.tables.some(({ updates, deletes }) => updates.length + deletes.length > 0);
}
