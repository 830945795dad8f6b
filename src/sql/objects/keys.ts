/** How objects are told apart. */
import type { ObjectEffect, ObjectRef } from './types.ts';

/** Types whose names lie in no schema of their own. */
const WITHOUT_SCHEMA = ['schema', 'extension', 'cast', 'event trigger', 'publication'];

/** What an effect, or an entry, is about: without what it does or says. */
export function refOnly({ type, name, schema, signature, on }: ObjectRef): ObjectRef {
  return {
    type,
    name,
    ...(schema === undefined ? {} : { schema }),
    ...(signature === undefined ? {} : { signature }),
    ...(on === undefined ? {} : { on }),
  };
}

/** `function f(integer)`, `trigger t on orders`; with the schema where it is another than the run's. */
export function objectKey(ref: ObjectRef, schema: string): string {
  if (ref.type === 'default privileges') return defaultsKey(ref);
  const foreign = ref.schema !== undefined && ref.schema !== schema && !WITHOUT_SCHEMA.includes(ref.type);
  const place = foreign ? `${ref.schema ?? ''}.` : '';
  const signature = ref.signature ? `(${ref.signature.join(', ')})` : '';
  return ref.on === undefined
    ? `${ref.type} ${place}${ref.name}${signature}`
    : `${ref.type} ${ref.name} on ${place}${ref.on}`;
}

/** Without a schema they hold in every one. */
function defaultsKey({ name, signature: [role = '', schema] = [] }: ObjectRef): string {
  const place = schema === undefined ? '' : ` in schema ${schema}`;
  return `default privileges of ${role} on ${name}${place}`;
}

/** As {@link objectKey}, for people: without a schema that nobody wrote. */
export function objectName(ref: ObjectRef): string {
  return objectKey(ref, '');
}

/** What the object is called after a rename. */
export function renamedTo(effect: ObjectEffect): ObjectRef {
  const { type, signature, on, to = '', toSchema } = effect;
  const schema = toSchema ?? effect.schema;
  return {
    type,
    name: to,
    ...(schema === undefined ? {} : { schema }),
    ...(signature === undefined ? {} : { signature }),
    ...(on === undefined ? {} : { on }),
  };
}

/** The same object, or perhaps the same: a function named without its parameters may be any of that name. */
export function maySame(one: ObjectRef, other: ObjectRef, schema: string): boolean {
  const routine = (type: string): string => (type === 'procedure' ? 'function' : type);
  const bare = ({ signature: _, ...ref }: ObjectRef): string =>
    objectKey({ ...ref, type: routine(ref.type) as ObjectRef['type'] }, schema);
  if (bare(one) !== bare(other)) return false;
  if (!one.signature || !other.signature) return true;
  return one.signature.join() === other.signature.join();
}

/** Views and materialised views are relations: the catalog of tables shows whether they are there. */
export function isRelation(ref: Pick<ObjectRef, 'type'>): boolean {
  return ref.type === 'view' || ref.type === 'materialized view';
}

/** What is moved into the archive instead of being dropped. */
export const MOVED: readonly string[] = [
  'type',
  'domain',
  'function',
  'procedure',
  'aggregate',
  'sequence',
  'collation',
  'text search configuration',
  'text search dictionary',
];
