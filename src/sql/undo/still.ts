/**
 * Triggers and rules of a table do not run while an undo puts its rows back: rows come back as they were, and not as a
 * trigger makes them; nothing is written elsewhere or told to anybody a second time.
 */
import { list, placed, relation } from '../archive/draft.ts';
import { SWITCH } from '../objects/hanging.ts';
import { name } from '../risk/text.ts';
import type { TableDefinition } from '../definition.ts';
import type { Entity, Layout } from './entities.ts';
import { parentsFirst } from '../family/members.ts';
import type { Making } from './making.ts';

interface Firing {
  kind: 'TRIGGER' | 'RULE';
  name: string;
  /** pg_trigger.tgenabled, pg_rewrite.ev_enabled: O, A or R. */
  enabled: string;
}

/**
 * What is switched on in any way: which of them fires depends on session_replication_role (manual, sql-altertable), and
 * that is the session's. Triggers of the server's own, by which foreign keys are kept, are not among them.
 */
export function firingOf(table: Pick<TableDefinition, 'triggers' | 'rules'>): Firing[] {
  return switchesOf(table).filter(({ enabled }) => enabled !== 'D');
}

function switchesOf({ triggers, rules }: Pick<TableDefinition, 'triggers' | 'rules'>): Firing[] {
  return [
    ...triggers.map((one) => ({ kind: 'TRIGGER' as const, ...one })),
    ...rules.map((one) => ({ kind: 'RULE' as const, ...one })),
  ].map(({ kind, name: known, enabled }) => ({ kind, name: known, enabled }));
}

/** As a sentence has it: `trigger a`, `triggers a and b`, `trigger a and rule r`. */
function called(firing: readonly Firing[]): string {
  const of = (kind: Firing['kind'], word: string): string[] => {
    const names = [...new Set(firing.filter((one) => one.kind === kind).map((one) => one.name))];
    return names.length === 0 ? [] : [`${word}${names.length === 1 ? '' : 's'} ${list(names)}`];
  };
  return list([...of('TRIGGER', 'trigger'), ...of('RULE', 'rule')]);
}

/** What is below a table, each with all its triggers: switched by itself, since a parent's switch is its partitions' too. */
function below({ triggersBelow = [] }: TableDefinition): { place: string; triggers: Firing[] }[] {
  const places = new Map<string, Firing[]>();
  for (const { schema, table, name: known, enabled } of triggersBelow) {
    const place = relation(schema, table);
    places.set(place, [...(places.get(place) ?? []), { kind: 'TRIGGER', name: known, enabled }]);
  }
  return [...places].map(([place, triggers]) => ({ place, triggers }));
}

const switched = (parts: readonly Firing[], to?: string): string =>
  parts.map((one) => `${SWITCH[to ?? one.enabled] ?? 'ENABLE'} ${one.kind} ${name(one.name)}`).join(', ');

/** The table that bears them while its rows are written: itself, or as it lies in the archive. */
function bearer(making: Making, { kind, now, table }: Entity): TableDefinition | null {
  if (kind === 'in-place') return now;
  if (kind === 'dropped') return null;
  return making.facts.kept.find((one) => one.name === table?.archived) ?? null;
}

/** Tables that are another's part now and were not before, or not so: with the part go the triggers of the whole. */
function leavingOf(entities: readonly Entity[], created: readonly TableDefinition[]): Set<string> {
  const parents = (one: TableDefinition): string => JSON.stringify([...one.parents].sort());
  const changed = entities.flatMap(({ before, now }) =>
    now && parents(before) !== parents(now) ? [now] : [],
  );
  return new Set([...changed, ...created].map((one) => placed(one)));
}

/** Tables whose rows the undo writes, and those below them in a family: what is written to the whole reaches its parts. */
function writtenOf(making: Making, entities: readonly Entity[]): (entity: Entity) => boolean {
  const place = ({ schema, name: known }: { schema: string; name: string }): string =>
    JSON.stringify([schema, known]);
  const by = new Map(entities.map((entity) => [place(entity.before), entity]));
  const isWritten = (entity: Entity): boolean =>
    [entity.before, ...(entity.now ? [entity.now] : [])].some((one) => making.writesTo(one)) ||
    (entity.before.family?.parents ?? []).some((one) => {
      const above = by.get(place(one));
      return above !== undefined && isWritten(above);
    });
  return isWritten;
}

const had = ({ triggers, rules }: TableDefinition, { kind, name: known }: Firing): boolean =>
  (kind === 'TRIGGER' ? triggers : rules).some((one) => one.name === known);

/**
 * Called when all writes are made: switches off what would run at them, and on again exactly as it was. In the
 * transaction of the step, so that for everybody else they were never off. The owner may do so (manual, sql-altertable),
 * and an undo is none but the owner's; events that were put off would keep the server from it (55006, measured on
 * PostgreSQL 15), so they are let happen first.
 *
 * @returns a sentence for each table of which something is kept from running
 */
export function keepStill(making: Making, { entities, created }: Layout): string[] {
  const leaving = leavingOf(entities, created);
  const words: string[] = [];
  const isWritten = writtenOf(making, entities);
  // A parent's switch is its partitions' too: each has its own put right after it.
  const seen = new Set<string>();
  const quiet = parentsFirst(entities, ({ before }) => before).flatMap((entity) => {
    const there = bearer(making, entity);
    if (!there || !isWritten(entity) || seen.has(placed(there))) return [];
    const own = firingOf(there);
    // What went with a table into the archive has other places by now.
    const under = entity.kind === 'in-place' ? below(there).filter(({ place }) => !leaving.has(place)) : [];
    for (const { place } of under) seen.add(place);
    const all = [
      ...own,
      ...under.flatMap(({ triggers }) => triggers.filter(({ enabled }) => enabled !== 'D')),
    ];
    return all.length > 0 ? [{ entity, there, own, under, all }] : [];
  });
  if (quiet.length > 0)
    making.say(
      'triggers-on',
      'SET CONSTRAINTS ALL IMMEDIATE',
      'Checks what may wait for the end: before that nothing can be switched on again.',
    );
  for (const { entity, there, own, under, all } of quiet) {
    const { before, kind } = entity;
    const what = called(all);
    const off = (place: string, parts: readonly Firing[]): void => {
      if (parts.length > 0)
        making.say(
          kind === 'in-place' ? 'triggers-off' : 'back',
          `ALTER TABLE ${place} ${switched(parts, 'D')}`,
          `Keeps ${called(parts)} of ${before.name} from running while its rows are put back.`,
        );
    };
    const on = (place: string, parts: readonly Firing[]): void => {
      if (parts.length > 0)
        making.say(
          'triggers-on',
          `ALTER TABLE ${place} ${switched(parts)}`,
          `Switches ${called(parts)} of ${before.name} on again, as before.`,
        );
    };
    off(placed(kind === 'in-place' ? there : before), own);
    const goes = leaving.has(placed(there));
    on(
      placed(before),
      switchesOf(there).filter(
        (one) => (kind !== 'in-place' || one.enabled !== 'D') && (!goes || had(before, one)),
      ),
    );
    for (const { place, triggers } of under) {
      const renamed = entities.find(({ now }) => now !== null && placed(now) === place);
      off(
        place,
        triggers.filter(({ enabled }) => enabled !== 'D'),
      );
      on(renamed ? placed(renamed.before) : place, triggers);
    }
    words.push(
      `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${before.name} ${all.length === 1 ? 'does' : 'do'} not run while its rows are put back, so that they come back as they were.`,
    );
  }
  return words;
}
