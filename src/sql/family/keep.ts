/**
 * How a table that is a part of others, or has parts, goes into the archive: whole families together, as they are; a part
 * of one that stays is taken out of it first, since its rows would go on being rows of the parent.
 */
import type { Attachment } from '../../postgres/types.ts';
import { draft, relation, type Draft } from '../archive/draft.ts';
import type { Flow, Followed } from '../archive/follow.ts';
import type { Statement } from '../types.ts';
import { knownAs } from './members.ts';
import type { Relative } from './types.ts';

export interface Setting {
  flow: Flow;
  pending: readonly Statement[];
  attachments: readonly Attachment[];
  /** The run's own schema. */
  schema: string;
}

export const isRelated = ({ definition }: Followed): boolean => definition.family !== undefined;

/** Another table inherits from it: what is read from it are rows of the other one as well. */
export const isInherited = ({ definition: { kind, family } }: Followed): boolean =>
  kind !== 'p' && (family?.children.length ?? 0) > 0;

/** Names before the step of those it is a part of (or that are parts of it) when a statement begins. */
function near(
  table: Followed,
  statement: number,
  { flow, schema }: Setting,
  side: 'parents' | 'children',
): string[] {
  const own = table.definition.name;
  const start = (table.definition.family?.[side] ?? []).map((one: Relative) => knownAs(one, schema));
  const [self, other] = side === 'parents' ? (['part', 'parent'] as const) : (['parent', 'part'] as const);
  const found = new Set(start);
  for (const link of flow.links) {
    if (link.statement >= statement || link[self] !== own) continue;
    if (link.joins) found.add(link[other]);
    else found.delete(link[other]);
  }
  return [...found];
}

const onlyDrops = ({ effects }: Statement): boolean => effects.every(({ kind }) => kind === 'drop-table');

const followed = (name: string, { flow }: Setting): Followed | undefined =>
  flow.tables.find(({ definition }) => definition.name === name);

/** Both lie in the archive by the time anybody could read the one through the other. */
function goTogether(table: Followed, parent: Followed | undefined, { pending }: Setting): boolean {
  const [own, other] = [table.drop?.statement, parent?.drop?.statement];
  if (own === undefined || other === undefined || other < own) return false;
  return pending.filter(({ index }) => index >= own && index <= other).every(onlyDrops);
}

/** Those it has to be taken out of before it is moved: they stay, or are still worked with. */
export function leaves(table: Followed, setting: Setting): string[] {
  const at = table.drop?.statement ?? 0;
  return near(table, at, setting, 'parents').filter(
    (name) => !goTogether(table, followed(name, setting), setting),
  );
}

const NAMED =
  /^(view|materialized view|rule of another table|function with a parsed body|foreign key to the table|dependent object|sequence used elsewhere|row type)$/;

/** Why one of a family cannot be moved as it is; null where it can. */
export function obstacle(table: Followed, setting: Setting): string | null {
  const { definition, drop, altered } = table;
  const { name } = definition;
  if (drop === null) return null;
  if (altered) return `the step has altered ${name} before: drop it in a step of its own`;
  if (definition.persistence === 't') return `${name} is temporary`;
  const all = setting.attachments.filter((one) => one.table === name);
  const held = all.find(
    ({ kind, outcome }) => outcome === 'breaks' || (drop.cascade && outcome === 'lost' && NAMED.test(kind)),
  );
  if (held)
    return `the ${held.kind} ${held.name} depends on ${name}: drop that by a statement of its own first`;
  const staying = near(table, drop.statement, setting, 'children').find((child) => {
    const one = followed(child, setting);
    return !one?.drop || one.drop.statement > drop.statement;
  });
  if (staying !== undefined) return `${staying} is a part of ${name} and is not known to go before it`;
  const parents = near(table, drop.statement, setting, 'parents');
  const left = leaves(table, setting);
  return left.length > 0 && parents.length > 1
    ? `${name} inherits from several tables, whose order would not come back`
    : null;
}

/** @param now the parent's name at that moment */
export function parting(
  table: Followed,
  place: { schema: string; name: string },
  parent: string,
  now: string,
  statement: number,
): Draft {
  const above = relation(place.schema, now);
  const own = relation(place.schema, place.name);
  const bound = table.definition.family?.parents.find(({ name }) => name === parent)?.bound ?? null;
  const partition = bound !== null || table.definition.family === undefined;
  return draft(
    'archive',
    partition ? `ALTER TABLE ${above} DETACH PARTITION ${own}` : `ALTER TABLE ${own} NO INHERIT ${above}`,
    `Takes ${place.name} out of ${now}: its rows leave with it.`,
    { carries: [statement] },
  );
}

/** Of one that stops to inherit: NO INHERIT makes its columns its own, and INHERIT leaves them so (pg_attribute.attislocal). */
export function ownColumns(table: Followed, setting: Setting): string[] {
  const { family, name } = table.definition;
  const some = (family?.parents ?? []).some(({ bound }) => bound === null);
  const left =
    (table.drop !== null && leaves(table, setting).length > 0) ||
    setting.flow.links.some(({ part, joins }) => part === name && !joins);
  if (!some || (family?.inherited.length ?? 0) === 0 || !left) return [];
  return [
    `When ${name} inherits again, the columns it inherits are its own as well: they no longer go when the parent loses them.`,
  ];
}
