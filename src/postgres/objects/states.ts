/** What the server said of an object, as {@link ObjectState}. */
import { settingsOf } from './settings.ts';
import { quoteLiteral, quoteName, quoteQualified } from '../../sql/definition-sql.ts';
import { defaultGrants, wordOf } from '../../sql/objects/defaults.ts';
import type { DomainCheck } from '../../sql/objects/domain.ts';
import { grantableKey, grantKey } from '../../sql/objects/grants.ts';
import { functionLike } from '../../sql/objects/like.ts';
import type { ObjectGrant, ObjectRef, ObjectState } from '../../sql/objects/types.ts';

interface Part {
  name: string;
  definition: string;
  comment: string | null;
  enabled?: string;
  constraint?: string | null;
}

interface RawColumn {
  name: string;
  comment: string | null;
  default: string | null;
  grants: RawGrant[] | null;
}

type RawGrant = ObjectGrant & { grantor: string };
type RawCheck = DomainCheck & { validated: boolean };

interface RawAttribute {
  name: string;
  type: string;
  collation: string | null;
  comment: string | null;
}

/** A row of one of the queries; each family fills in its own. */
export interface RawObject {
  at: number;
  oid: number | string;
  kind: string;
  schema: string;
  name: string;
  owner: string;
  comment: string | null;
  plain: boolean;
  given?: string[] | null;
  grants: RawGrant[] | null;
  definition?: string | null;
  options?: string[] | null;
  populated?: boolean;
  columns?: RawColumn[] | null;
  security?: boolean;
  forced?: boolean;
  indexes?: Part[] | null;
  triggers?: Part[] | null;
  rules?: Part[] | null;
  settings?: Record<string, string> | null;
  sequence?: Record<string, string | boolean | null> | null;
  labels?: string[] | null;
  arguments?: string;
  returns?: string | null;
  parameters?: string;
  body?: string;
  language?: string;
  volatility?: string;
  strict?: boolean;
  definer?: boolean;
  leakproof?: boolean;
  parallel?: string;
  config?: string[] | null;
  parsed?: boolean;
  late?: boolean;
  enabled?: string;
  version?: string;
  table?: string;
  /** Of a schema: the default privileges that are set in it. */
  defaults?: { role: string; kind: string; grants: RawGrant[] }[] | null;
  domain?: { default: string | null; notNull: boolean; checks: RawCheck[] | null } | null;
  composite?: RawAttribute[] | null;
  /** Of a trigger: it belongs to a foreign key. */
  internal?: boolean;
  tokens?: { token: string; with: string[]; bare: string }[] | null;
  /** Of a dictionary: its options. */
  initial?: string | null;
  /** Of statistics. */
  target?: string;
  publication?: Record<string, unknown>;
  tables?: string[] | null;
  odd?: boolean;
}

function allGrants(raw: RawObject): ObjectGrant[] {
  const grant = ({ grantee, privilege, grantable, grantor }: RawGrant): ObjectGrant => ({
    grantee,
    privilege,
    grantable,
    // Of default privileges the role itself gives, and there is no owner.
    ...(raw.owner === '' || grantor === raw.owner ? {} : { grantor }),
  });
  const own = (raw.grants ?? []).map(grant);
  const columns = (raw.columns ?? []).flatMap(({ name: column, grants }) =>
    (grants ?? []).map((one) => ({ ...grant(one), column })),
  );
  const key = (grant: ObjectGrant): string => grantKey(grant);
  return [...own, ...columns].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function grantAttributes(grants: readonly ObjectGrant[]): Record<string, string> {
  return Object.fromEntries(
    grants.flatMap((grant) => [
      [grantKey(grant), 'yes'],
      ...(grant.grantable ? [[grantableKey(grant), 'yes']] : []),
    ]),
  ) as Record<string, string>;
}

const KEYWORDS: Partial<Record<ObjectRef['type'], string>> = { statistics: 'STATISTICS' };

function targetOf(ref: ObjectRef, raw: RawObject): string {
  const keyword = KEYWORDS[ref.type] ?? ref.type.toUpperCase();
  const place = quoteQualified(raw);
  // ALTER AGGREGATE wants the parameters with the name; a routine is found by a name that is unique (sql-alterroutine).
  if (ref.type === 'aggregate')
    return `ROUTINE ${place}(${(raw.arguments ?? '').replace(/^\*$/, '').replace(/(^| )ORDER BY /, '$1, ')})`;
  if (ref.type === 'operator')
    return `OPERATOR ${quoteName(raw.schema)}.${raw.name} (${raw.arguments ?? ''})`;
  if (ref.type === 'cast') return `CAST (${raw.arguments ?? ''})`;
  if (ref.type === 'default privileges') return 'DEFAULT PRIVILEGES';
  if (ref.type === 'function' || ref.type === 'procedure') {
    const routine = raw.kind === 'p' ? 'PROCEDURE' : 'FUNCTION';
    return `${routine} ${place}(${raw.arguments ?? ''})`;
  }
  if (['schema', 'extension', 'event trigger', 'publication'].includes(ref.type))
    return `${keyword} ${quoteName(raw.name)}`;
  if (ref.on !== undefined)
    return `${keyword} ${quoteName(raw.name)} ON ${quoteQualified({ schema: raw.schema, name: ref.on })}`;
  return `${keyword} ${place}`;
}

const RELATION_WORD: Readonly<Record<string, string>> = { v: 'VIEW', m: 'MATERIALIZED VIEW', S: 'SEQUENCE' };

function viewSql(raw: RawObject): string[] {
  const word = raw.kind === 'v' ? 'VIEW' : 'MATERIALIZED VIEW';
  const options = (raw.options ?? []).map((option) => {
    const at = option.indexOf('=');
    return `${option.slice(0, at)} = ${quoteLiteral(option.slice(at + 1))}`;
  });
  const columns = (raw.columns ?? []).map(({ name }) => quoteName(name)).join(', ');
  const query = (raw.definition ?? '').trim().replace(/;$/, '');
  const place = quoteQualified(raw);
  return [
    `CREATE ${word} ${place} (${columns})${options.length > 0 ? ` WITH (${options.join(', ')})` : ''} AS ${query}${raw.kind === 'm' && raw.populated === false ? ' WITH NO DATA' : ''}`,
    ...(raw.columns ?? []).flatMap((column) =>
      column.default === null
        ? []
        : [`ALTER VIEW ${place} ALTER COLUMN ${quoteName(column.name)} SET DEFAULT ${column.default}`],
    ),
  ];
}

const SWITCH: Readonly<Record<string, string>> = { D: 'DISABLE', A: 'ENABLE ALWAYS', R: 'ENABLE REPLICA' };

function moreOfView(raw: RawObject): string[] {
  const place = quoteQualified(raw);
  const named = (name: string): string => quoteQualified({ schema: raw.schema, name });
  const said = (on: string, comment: string | null): string[] =>
    comment === null ? [] : [`COMMENT ON ${on} IS ${quoteLiteral(comment)}`];
  const switched = (kind: string, { name, enabled = 'O' }: Part): string[] =>
    SWITCH[enabled] ? [`ALTER TABLE ${place} ${SWITCH[enabled]} ${kind} ${quoteName(name)}`] : [];
  return [
    ...(raw.columns ?? []).flatMap(({ name, comment }) =>
      said(`COLUMN ${place}.${quoteName(name)}`, comment),
    ),
    ...(raw.indexes ?? []).flatMap((one) => [
      one.definition,
      ...said(`INDEX ${named(one.name)}`, one.comment),
    ]),
    ...(raw.triggers ?? []).flatMap((one) => [
      one.definition,
      ...switched('TRIGGER', one),
      ...said(`TRIGGER ${quoteName(one.name)} ON ${place}`, one.comment),
    ]),
    ...(raw.rules ?? []).flatMap((one) => [
      one.definition,
      ...switched('RULE', one),
      ...said(`RULE ${quoteName(one.name)} ON ${place}`, one.comment),
    ]),
  ];
}

function makeOf(ref: ObjectRef, raw: RawObject): string[] | null {
  if (raw.kind === 'v' || raw.kind === 'm') return viewSql(raw);
  if (ref.type === 'function' || ref.type === 'procedure')
    return typeof raw.definition === 'string' ? [raw.definition.trim()] : null;
  if (ref.type === 'schema') return [`CREATE SCHEMA ${quoteName(raw.name)}`];
  if (ref.type === 'operator' || ref.type === 'cast' || ref.type === 'event trigger')
    return typeof raw.definition === 'string' ? [raw.definition] : null;
  if (ref.type === 'publication') return publicationSql(raw);
  if (ref.type !== 'extension') return null;
  return [
    `CREATE EXTENSION ${quoteName(raw.name)} WITH SCHEMA ${quoteName(raw.schema)} VERSION ${quoteLiteral(raw.version ?? '')}`,
  ];
}

const ACTIONS = ['insert', 'update', 'delete', 'truncate'];

/** Null where it has parts that older servers do not know. */
function publicationSql({ name, publication = {}, tables, odd }: RawObject): string[] | null {
  if (odd) return null;
  const published = ACTIONS.filter((one) => publication[`pub${one}`] === true).join(', ');
  const root = publication['pubviaroot'] === true ? ', publish_via_partition_root = true' : '';
  const what =
    publication['puballtables'] === true
      ? ' FOR ALL TABLES'
      : (tables ?? []).length > 0
        ? ` FOR TABLE ${(tables ?? []).join(', ')}`
        : '';
  return [`CREATE PUBLICATION ${quoteName(name)}${what} WITH (publish = ${quoteLiteral(published)}${root})`];
}

function likeOf(raw: RawObject): string | null {
  const { body, language, volatility, strict, definer, leakproof, parallel } = raw;
  if (body === undefined || language === undefined || raw.parsed || (raw.config ?? []).length > 0)
    return null;
  return functionLike({
    body,
    language,
    volatility: volatility ?? '',
    strict: strict === true,
    definer: definer === true,
    leakproof: leakproof === true,
    parallel: parallel ?? '',
  });
}

/** Of domains, composite types, text search, views and indexes, under the names that effects on them set. */
function moreAttributes(ref: ObjectRef, raw: RawObject): Record<string, string> {
  const found: Record<string, string> = {};
  if (raw.domain) {
    const { default: value, notNull, checks } = raw.domain;
    Object.assign(found, { default: value ?? '', 'not null': notNull ? 'yes' : 'no' });
    for (const { name, validated } of checks ?? []) {
      found[`check:${name}`] = 'yes';
      found[`validated:${name}`] = validated ? 'yes' : 'no';
    }
    const kept = (checks ?? []).map(({ name, definition, comment }) => ({ name, definition, comment }));
    found['checks'] = JSON.stringify(kept);
  }
  if (raw.composite) {
    for (const { name, type } of raw.composite)
      Object.assign(found, { [`attribute:${name}`]: type, [`has attribute:${name}`]: 'yes' });
    found['attributes'] = JSON.stringify(
      raw.composite.map(({ name, type, collation, comment }) => ({
        name,
        type,
        definition: collation === null ? type : `${type} COLLATE ${collation}`,
        comment,
      })),
    );
  }
  if (raw.tokens !== undefined) {
    for (const { token, bare } of raw.tokens ?? []) {
      found[`mapping:${token}`] = bare;
      for (const name of bare.split(', ')) found[`uses:${name}`] = 'yes';
    }
    found['mappings'] = JSON.stringify(
      (raw.tokens ?? []).map(({ token, with: through }) => ({ token, with: through })),
    );
  }
  if (raw.initial !== undefined) found['options'] = raw.initial ?? '';
  if (raw.target !== undefined) found['target'] = raw.target;
  if (raw.internal) found['internal'] = 'yes';
  if (raw.kind === 'v' || raw.kind === 'm' || ref.type === 'index')
    for (const option of raw.options ?? []) {
      const at = option.indexOf('=');
      found[`option:${option.slice(0, at)}`] = option.slice(at + 1);
    }
  if (raw.kind === 'v' || raw.kind === 'm')
    for (const { name, default: value, comment } of raw.columns ?? [])
      Object.assign(found, {
        [`column:${name}`]: 'yes',
        [`default of ${name}`]: value ?? '',
        [`comment of ${name}`]: comment ?? '',
      });
  return found;
}

function attributesOf(
  ref: ObjectRef,
  raw: RawObject,
  grants: readonly ObjectGrant[],
): Record<string, string> {
  const attributes: Record<string, string> = grantAttributes(grants);
  Object.assign(attributes, moreAttributes(ref, raw));
  if (raw.enabled !== undefined && raw.enabled !== '') attributes['enabled'] = raw.enabled;
  for (const label of raw.labels ?? []) attributes[`label:${label}`] = 'yes';
  if (raw.labels) attributes['labels'] = JSON.stringify(raw.labels);
  if (ref.type === 'table') {
    attributes['row security'] = raw.security ? 'on' : 'off';
    attributes['forced row security'] = raw.forced ? 'on' : 'off';
    Object.assign(attributes, settingsOf(raw.settings, raw.options));
  }
  if (raw.table !== undefined) attributes['table'] = raw.table;
  if (raw.version !== undefined) attributes['version'] = raw.version;
  if (raw.populated !== undefined && raw.kind === 'm') attributes['populated'] = raw.populated ? 'yes' : 'no';
  for (const [key, value] of Object.entries(raw.sequence ?? {})) {
    const name = key === 'owner' ? 'owned by' : key === 'type' ? 'as' : key;
    attributes[name] = typeof value === 'boolean' ? (value ? 'yes' : 'no') : (value ?? 'NONE');
  }
  return attributes;
}

/** Default privileges go with their schema, and come back with it. */
function moreOf(ref: ObjectRef, raw: RawObject): string[] {
  if (raw.kind === 'v' || raw.kind === 'm') return moreOfView(raw);
  if (ref.type === 'event trigger' && SWITCH[raw.enabled ?? 'O'])
    return [`ALTER EVENT TRIGGER ${quoteName(raw.name)} ${SWITCH[raw.enabled ?? 'O'] ?? ''}`];
  if (ref.type !== 'schema') return [];
  return (raw.defaults ?? []).flatMap(({ role, kind, grants }) =>
    defaultGrants({ name: wordOf(kind), signature: [role, raw.name] }, grants),
  );
}

/** Pure. What depends on it is read by itself. */
export function stateOf(ref: ObjectRef, raw: RawObject): ObjectState {
  const grants = allGrants(raw);
  const relation = ref.type === 'table' ? RELATION_WORD[raw.kind] : undefined;
  return {
    oid: Number(raw.oid),
    kind: raw.kind,
    schema: raw.schema,
    name: raw.name,
    make: makeOf(ref, raw),
    target: relation === undefined ? targetOf(ref, raw) : `${relation} ${quoteQualified(raw)}`,
    owner: raw.owner,
    comment: raw.comment,
    ...(raw.plain && grants.every(({ column }) => column === undefined)
      ? { grants: null, plainGrants: grants }
      : { grants }),
    ...(raw.given ? { defaultGrantees: raw.given } : {}),
    attributes: attributesOf(ref, raw, grants),
    like: likeOf(raw),
    late: raw.late ?? ['v', 'm'].includes(raw.kind),
    more: moreOf(ref, raw),
    dependents: [],
  };
}
