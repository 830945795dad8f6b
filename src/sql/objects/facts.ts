/** What an effect on an object needs to be so before it, and what is so after it; what the catalog says of either. */
import { sayMember } from '../family/members.ts';
import type { Fact } from '../position/facts.ts';
import type { Catalog } from '../types.ts';
import { isRelation, maySame, objectKey, renamedTo } from './keys.ts';
import type { ObjectEffect, ObjectRef } from './types.ts';

type Presence = 'present' | 'absent';

/** Views are relations: they are where tables are, and one name cannot be both. */
function there(ref: ObjectRef, value: Presence, schema: string): Fact {
  if (isRelation(ref) && (ref.schema === undefined || ref.schema === schema))
    return { kind: 'table', table: ref.name, name: '', value };
  return { kind: 'object', table: objectKey(ref, schema), name: '', value, ref };
}

function attribute(ref: ObjectRef, name: string, value: string, schema: string): Fact {
  return { kind: 'object-attribute', table: objectKey(ref, schema), name, value, ref };
}

function attributes(ref: ObjectRef, sets: Readonly<Record<string, string>>, schema: string): Fact[] {
  return Object.entries(sets).map(([name, value]) => attribute(ref, name, value, schema));
}

const tableOf = (on: string): Fact => ({ kind: 'table', table: on, name: '', value: 'present' });

/** IF EXISTS forgives a missing table as well (manual, sql-droptrigger). */
function around(effect: ObjectEffect, schema: string): Fact[] {
  const { on, type, name, ifExists } = effect;
  const own = effect.schema === undefined || effect.schema === schema;
  if (!own || ifExists || effect.withTable) return [];
  if (on !== undefined) return [tableOf(on)];
  return type === 'table' ? [tableOf(name)] : [];
}

export function objectRequirements(effect: ObjectEffect, schema: string): { before: Fact[]; after: Fact[] } {
  const near = around(effect, schema);
  const always = effect.type === 'table' || effect.type === 'default privileges';
  const own = always ? [] : [there(effect, 'present', schema)];
  const gone = there(effect, 'absent', schema);
  const sets = attributes(effect, effect.sets, schema);
  switch (effect.verb) {
    case 'create':
      return {
        before: effect.ifNotExists ? near : [...near, gone],
        after: [...near, ...own, ...sets],
      };
    case 'replace':
      return { before: near, after: [...near, ...own, ...sets] };
    case 'drop':
      return { before: effect.ifExists ? [] : [...near, ...own], after: [...near, gone] };
    case 'rename': {
      const to = renamedTo(effect);
      return {
        before: [...near, ...own, there(to, 'absent', schema)],
        after: [...near, there(to, 'present', schema), gone],
      };
    }
    default: {
      const needs = attributes(effect, effect.needs ?? {}, schema);
      return { before: [...near, ...own, ...needs], after: [...near, ...own, ...sets] };
    }
  }
}

/** What the catalog says; null when there is no such object, or nobody looked for it. */
export function objectValue(catalog: Catalog, fact: Fact): string | null {
  const state = catalog.objects?.[fact.table];
  if (state === undefined) return null;
  if (fact.kind === 'object') return state === null ? 'absent' : 'present';
  if (state === null) return null;
  if (fact.name === 'owner') return state.owner;
  if (fact.name === 'comment') return state.comment ?? '';
  // A storage parameter that nobody has set has no value of its own; nor has a table's being a part of another.
  if (/^(option:|parent |partition key$)/.test(fact.name)) return state.attributes[fact.name] ?? '';
  if (/^(attribute|mapping):/.test(fact.name)) return state.attributes[fact.name] ?? '';
  const counted = /^(label|grant|grant option|check|has attribute|uses|column):/;
  return state.attributes[fact.name] ?? (counted.test(fact.name) ? 'no' : null);
}

/** An object that nobody looked for under this name contradicts nothing. */
export function isUnasked(catalog: Catalog, fact: Fact): boolean {
  return catalog.objects !== undefined && catalog.objects[fact.table] === undefined;
}

const OBJECT_KINDS = ['object', 'object-attribute'];

/** Whether an effect on an object may change a fact. */
export function objectTouches(effect: ObjectEffect, fact: Fact, schema: string): boolean {
  if (OBJECT_KINDS.includes(fact.kind)) {
    if (effect.cascade && fact.value === 'present') return true;
    if (!fact.ref) return false;
    if (effect.verb === 'rename' && maySame(renamedTo(effect), fact.ref, schema)) return true;
    if (!maySame(effect, fact.ref, schema)) return false;
    const only = ['alter', 'owner', 'comment', 'grant', 'revoke', 'refresh'].includes(effect.verb);
    if (!only) return true;
    if (fact.kind !== 'object-attribute') return false;
    const names = Object.keys({ ...effect.sets, ...effect.needs });
    const renames = names.some((name) => name === `has ${fact.name}`);
    return (
      renames ||
      names.includes(fact.name) ||
      (fact.name === 'labels' && names.some((name) => name.startsWith('label:')))
    );
  }
  if (!isRelation(effect) || fact.kind !== 'table') return false;
  if (!['create', 'replace', 'drop', 'rename'].includes(effect.verb)) return false;
  return fact.table === effect.name || (effect.toSchema === undefined && fact.table === effect.to);
}

/** With a table go the triggers, policies and rules on it, and what is said of itself. */
export function goesWithTable(fact: Fact, table: string): boolean {
  const { ref } = fact;
  if (!OBJECT_KINDS.includes(fact.kind) || !ref) return false;
  return ref.on === table || (ref.type === 'table' && ref.name === table) || ref.type === 'sequence';
}

/** The same fact when its table has another name. */
export function underTableName<T extends Fact>(fact: T, from: string, to: string, schema: string): T {
  const { ref } = fact;
  if (!OBJECT_KINDS.includes(fact.kind) || !ref) return fact;
  const moved: ObjectRef | null =
    ref.on === from
      ? { ...ref, on: to }
      : ref.type === 'table' && ref.name === from
        ? { ...ref, name: to }
        : null;
  return moved === null ? fact : { ...fact, ref: moved, table: objectKey(moved, schema) };
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  O: 'enabled',
  D: 'disabled',
  A: 'always on',
  R: 'on in replicas',
};

const PARTS: Readonly<Record<string, string>> = {
  check: 'check',
  'has attribute': 'attribute',
  column: 'column',
  uses: 'dictionary',
};

/** Of domains, composite types, views and text search configurations. */
function sayPart(name: string, object: string, value: string): string | null {
  const [, kind = '', part = ''] = /^(.*?):(.*)$/s.exec(name) ?? [];
  if (PARTS[kind] !== undefined)
    return `${object} ${value === 'yes' ? 'has' : 'does not have'} the ${PARTS[kind]} ${part}`;
  if (kind === 'attribute')
    return value === '' ? `${object} has no attribute ${part}` : `attribute ${part} of ${object} is ${value}`;
  if (kind === 'validated') return `check ${part} of ${object} is ${value === 'yes' ? '' : 'not '}validated`;
  if (kind === 'mapping')
    return value === '' ? `${object} maps ${part} to nothing` : `${object} maps ${part} to ${value}`;
  return null;
}

/** A fact about an object in words. */
export function sayObject(fact: Fact, value: string | null): string {
  if (fact.kind === 'object') return `${fact.table} ${value === 'present' ? 'exists' : 'does not exist'}`;
  if (value === null) return `${fact.table} does not exist`;
  const { name } = fact;
  const member = sayMember(fact.table, name, value);
  if (member !== null) return member;
  if (name === 'enabled') return `${fact.table} is ${ATTRIBUTES[value] ?? value}`;
  if (name === 'comment')
    return value === '' ? `${fact.table} has no comment` : `${fact.table} has the comment “${value}”`;
  const label = /^label:(.*)$/s.exec(name)?.[1];
  if (label !== undefined)
    return `${fact.table} ${value === 'yes' ? 'has' : 'does not have'} the value ${label}`;
  const part = sayPart(name, fact.table, value);
  if (part !== null) return part;
  if (name === 'labels') return `${fact.table} has the values ${(JSON.parse(value) as string[]).join(', ')}`;
  const grant = /^grant:(.*)$/s.exec(name)?.[1];
  if (grant !== undefined) return `${grant} on ${fact.table} is ${value === 'yes' ? 'given' : 'not given'}`;
  return `${name} of ${fact.table} is ${value}`;
}
