/** Objects beside tables, as the database has them now: those that a plan names, and what depends on those that go. */
import { objectKey } from '../sql/objects/keys.ts';
import { objectsOf, type Asked } from '../sql/objects/refs.ts';
import type { Dependent, ObjectRef, ObjectState, ObjectStates, ObjectType } from '../sql/objects/types.ts';
import type { Session } from '../sql/session.ts';
import type { Catalog, Elsewhere, Plan } from '../sql/types.ts';
import { asJson, asText } from '../sql/values.ts';
import { DEPENDENTS } from './objects/dependents.ts';
import {
  EXTENSIONS,
  FUNCTIONS,
  POLICIES_NAMED,
  RELATIONS,
  RULES_NAMED,
  SCHEMAS,
  STATISTICS_NAMED,
  TRIGGERS_NAMED,
  TYPES,
} from './objects/queries.ts';
import {
  CASTS,
  COLLATIONS,
  CONFIGURATIONS,
  DEFAULTS,
  DICTIONARIES,
  EVENT_TRIGGERS,
  INDEXES_NAMED,
  OPERATORS,
  PUBLICATIONS,
} from './objects/more-queries.ts';
import { stateOf, type RawObject } from './objects/states.ts';
import { quoteIdentifier } from './scope.ts';

const QUERIES: Readonly<Record<ObjectType, string>> = {
  view: RELATIONS,
  'materialized view': RELATIONS,
  sequence: RELATIONS,
  table: RELATIONS,
  type: TYPES,
  domain: TYPES,
  function: FUNCTIONS,
  procedure: FUNCTIONS,
  trigger: TRIGGERS_NAMED,
  policy: POLICIES_NAMED,
  rule: RULES_NAMED,
  schema: SCHEMAS,
  extension: EXTENSIONS,
  statistics: STATISTICS_NAMED,
  aggregate: FUNCTIONS,
  collation: COLLATIONS,
  'text search configuration': CONFIGURATIONS,
  'text search dictionary': DICTIONARIES,
  operator: OPERATORS,
  cast: CASTS,
  'event trigger': EVENT_TRIGGERS,
  publication: PUBLICATIONS,
  'default privileges': DEFAULTS,
  index: INDEXES_NAMED,
};

/** The catalog's own table of a kind, of those that something may depend on. */
const CLASSES: Partial<Record<ObjectType, string>> = {
  view: 'pg_catalog.pg_class',
  'materialized view': 'pg_catalog.pg_class',
  sequence: 'pg_catalog.pg_class',
  type: 'pg_catalog.pg_type',
  domain: 'pg_catalog.pg_type',
  function: 'pg_catalog.pg_proc',
  procedure: 'pg_catalog.pg_proc',
  schema: 'pg_catalog.pg_namespace',
  extension: 'pg_catalog.pg_extension',
  aggregate: 'pg_catalog.pg_proc',
  collation: 'pg_catalog.pg_collation',
  'text search configuration': 'pg_catalog.pg_ts_config',
  'text search dictionary': 'pg_catalog.pg_ts_dict',
  operator: 'pg_catalog.pg_operator',
  cast: 'pg_catalog.pg_cast',
};

/** The kind of relation or type that a name must have to be the object that is meant. */
const KINDS: Partial<Record<ObjectType, readonly string[]>> = {
  view: ['v'],
  'materialized view': ['m'],
  sequence: ['S'],
  domain: ['d'],
  function: ['f', 'w', 'a'],
  procedure: ['p'],
  aggregate: ['a'],
};

interface Place {
  schema: string;
  elsewhere?: Elsewhere | undefined;
}

/** The schema and name in which an object is looked for: a table of another schema is known as `schema.name`. */
function wanted(ref: ObjectRef, at: number, { schema, elsewhere = {} }: Place): Record<string, unknown> {
  const foreign = elsewhere[ref.on ?? ref.name];
  const named = ref.schema === undefined && foreign !== undefined;
  return {
    at,
    schema: named ? foreign.schema : (ref.schema ?? schema),
    name: named && ref.on === undefined ? foreign.name : ref.name,
    place: named && ref.on !== undefined ? foreign.name : (ref.on ?? null),
    signature: ref.signature ?? null,
  };
}

async function readStates(
  session: Session,
  place: Place,
  refs: readonly ObjectRef[],
): Promise<(ObjectState | null)[]> {
  const states = refs.map((): ObjectState | null => null);
  const path = `${quoteIdentifier(place.schema)}, pg_temp`;
  for (const query of new Set(refs.map(({ type }) => QUERIES[type]))) {
    const mine = refs.flatMap((ref, at) => (QUERIES[ref.type] === query ? [wanted(ref, at, place)] : []));
    const { rows } = await session.query(query, [JSON.stringify(mine), path]);
    for (const raw of (asJson(rows[0]?.['found'] ?? null) ?? []) as RawObject[]) {
      const ref = refs[raw.at];
      const kinds = ref && KINDS[ref.type];
      if (!ref || (kinds && !kinds.includes(raw.kind))) continue;
      const several = states[raw.at] ? { several: true as const } : {};
      states[raw.at] = { ...stateOf(ref, raw), ...several };
    }
  }
  return states;
}

interface RawDependent {
  type: string;
  identity: string;
  schema: string | null;
  name: string | null;
  signature: string[] | null;
  table: string | null;
  kind: string | null;
  place: string | null;
  relid: number | string | null;
}

const REMADE: Readonly<Record<string, ObjectType>> = {
  view: 'view',
  'materialized view': 'materialized view',
  function: 'function',
  procedure: 'procedure',
  aggregate: 'aggregate',
  operator: 'operator',
  cast: 'cast',
  'text search configuration': 'text search configuration',
  'text search dictionary': 'text search dictionary',
};

function dependentOf(raw: RawDependent, { schema }: Place): Dependent {
  const type = REMADE[raw.type];
  const hangs = raw.type === 'trigger' || raw.type === 'policy' || raw.type === 'rule';
  const inSchema = (place: string | null): { schema?: string } =>
    place === null || place === schema ? {} : { schema: place };
  const ref: ObjectRef | null =
    type !== undefined && raw.name !== null
      ? {
          type,
          name: raw.name,
          ...inSchema(raw.place),
          ...(raw.signature ? { signature: raw.signature } : {}),
        }
      : hangs && raw.name !== null && raw.table !== null
        ? { type: raw.type as ObjectType, name: raw.name, on: raw.table, ...inSchema(raw.schema) }
        : null;
  return {
    type: raw.type,
    identity: raw.identity,
    schema: raw.schema ?? raw.place,
    table: raw.table,
    tableOid: raw.relid === null ? null : Number(raw.relid),
    name: raw.name,
    ref,
  };
}

async function dependentsOf(
  session: Session,
  place: Place,
  { ref }: Asked,
  { oid }: ObjectState,
): Promise<Dependent[]> {
  const type = CLASSES[ref.type];
  if (type === undefined) return [];
  const path = `${quoteIdentifier(place.schema)}, pg_temp`;
  const { rows } = await session.query(DEPENDENTS, [type, String(oid), path]);
  const found = (asJson(rows[0]?.['found'] ?? null) ?? []) as RawDependent[];
  // What hangs on a view is made again with it.
  return found.filter(({ kind }) => kind !== 'v' && kind !== 'm').map((one) => dependentOf(one, place));
}

const PATH = `SELECT pg_catalog.current_setting('search_path') AS path`;

/** Inside a transaction the path set for a question stays: it is put back. */
async function keepingPath<T>(session: Session, ask: () => Promise<T>): Promise<T> {
  const former = asText((await session.query(PATH)).rows[0]?.['path']);
  const answer = await ask();
  await session.query("SELECT pg_catalog.set_config('search_path', $1, true)", [former]);
  return answer;
}

/**
 * The objects asked for, by `objectKey`; null for those that are not there. Of those that are dropped also what depends
 * on them, which is then among the objects. May be called inside a transaction.
 * @throws {DatabaseError}
 */
export async function readObjects(
  session: Session,
  place: Place,
  asked: readonly Asked[],
): Promise<ObjectStates> {
  if (asked.length === 0) return {};
  return keepingPath(session, async () => {
    const states = await readStates(
      session,
      place,
      asked.map(({ ref }) => ref),
    );
    const found: Record<string, ObjectState | null> = {};
    const more = new Map<string, ObjectRef>();
    for (const [at, one] of asked.entries()) {
      const state = states[at] ?? null;
      const dependents = state && one.dropped ? await dependentsOf(session, place, one, state) : [];
      found[one.key] = state && { ...state, dependents };
      for (const { ref } of dependents) if (ref) more.set(objectKey(ref, place.schema), ref);
    }
    const others = [...more].filter(([key]) => !(key in found));
    const behind = await readStates(
      session,
      place,
      others.map(([, ref]) => ref),
    );
    for (const [at, [key]] of others.entries()) found[key] = behind[at] ?? null;
    return found;
  });
}

/** The catalog with the objects that the plan names; as it is where there are none. @throws {DatabaseError} */
export async function withObjects(session: Session, catalog: Catalog, plan: Plan): Promise<Catalog> {
  const asked = objectsOf(plan, catalog.schema);
  if (asked.length === 0) return catalog;
  return { ...catalog, objects: await readObjects(session, catalog, asked) };
}
