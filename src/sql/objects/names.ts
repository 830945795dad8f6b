/** Objects as the parser writes them down, in all its ways, to {@link ObjectRef}. */
import type { Node, ObjectWithArgs, RangeVar, TypeName } from '@pgsql/types';
import { nameParts, textsOf } from '../parse-tree.ts';
import { typeNameOf } from '../types-of.ts';
import type { ObjectEffect, ObjectRef, ObjectType, ObjectVerb } from './types.ts';

/** ObjectType of the parser (parsenodes.h) to ours. Operator classes, languages, foreign servers and the like are not covered. */
export const TYPES: Readonly<Record<string, ObjectType>> = {
  OBJECT_AGGREGATE: 'aggregate',
  OBJECT_CAST: 'cast',
  OBJECT_COLLATION: 'collation',
  OBJECT_DOMAIN: 'domain',
  OBJECT_EVENT_TRIGGER: 'event trigger',
  OBJECT_EXTENSION: 'extension',
  OBJECT_FUNCTION: 'function',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_OPERATOR: 'operator',
  OBJECT_POLICY: 'policy',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_PUBLICATION: 'publication',
  OBJECT_RULE: 'rule',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_TSCONFIGURATION: 'text search configuration',
  OBJECT_TSDICTIONARY: 'text search dictionary',
  OBJECT_TYPE: 'type',
  OBJECT_VIEW: 'view',
};

const ON_TABLE: readonly ObjectType[] = ['trigger', 'policy', 'rule'];

/** `[name]` or `[schema, name]`. */
export function placed(type: ObjectType, parts: readonly string[]): ObjectRef {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  return schema === undefined ? { type, name } : { type, name, schema };
}

/** `[table, name]` or `[schema, table, name]`. */
function hanging(type: ObjectType, parts: readonly string[]): ObjectRef {
  const [on = '', schema] = parts.slice(0, -1).reverse();
  return { type, name: parts.at(-1) ?? '', on, ...(schema === undefined ? {} : { schema }) };
}

export function onTable(type: ObjectType, name: string, range: RangeVar | undefined): ObjectRef {
  const on = range?.relname ?? '';
  return { type, name, on, ...(range?.schemaname ? { schema: range.schemaname } : {}) };
}

export function relationRef(type: ObjectType, range: RangeVar | undefined): ObjectRef {
  const name = range?.relname ?? '';
  return range?.schemaname ? { type, name, schema: range.schemaname } : { type, name };
}

export function routineRef(type: ObjectType, routine: ObjectWithArgs): ObjectRef {
  const named = placed(type, textsOf(routine.objname));
  if (routine.args_unspecified) return named;
  const types = (routine.objargs ?? []).map((node) =>
    'TypeName' in node ? typeNameOf(node.TypeName) : 'NONE',
  );
  return { ...named, signature: types };
}

function typeRef(type: ObjectType, { names }: TypeName): ObjectRef {
  return placed(type, textsOf(names));
}

function castRef(node: Node): ObjectRef {
  const items = 'List' in node ? (node.List.items ?? []) : [];
  return {
    type: 'cast',
    name: '',
    signature: items.map((one) => ('TypeName' in one ? typeNameOf(one.TypeName) : '')),
  };
}

/** Any object of DROP, COMMENT, ALTER … OWNER, RENAME; null when it cannot be read. */
export function refOf(type: ObjectType, node: Node | undefined): ObjectRef | null {
  if (!node) return null;
  if ('ObjectWithArgs' in node) return routineRef(type, node.ObjectWithArgs);
  if ('TypeName' in node) return typeRef(type, node.TypeName);
  if (type === 'cast') return castRef(node);
  const parts = nameParts(node);
  if (parts.length === 0) return null;
  return ON_TABLE.includes(type) ? hanging(type, parts) : placed(type, parts);
}

type More = Partial<Omit<ObjectEffect, keyof ObjectRef | 'kind' | 'verb'>>;

export function effect(ref: ObjectRef, verb: ObjectVerb, more: More = {}): ObjectEffect {
  return {
    kind: 'object',
    verb,
    ...ref,
    ifExists: false,
    ifNotExists: false,
    cascade: false,
    sets: {},
    reads: [],
    again: false,
    ...more,
  };
}
