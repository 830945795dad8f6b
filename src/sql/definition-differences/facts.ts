/** A definition as a list of facts, each under a name that says what it is about: what two definitions are compared by. */
import type { ColumnDefinition, Grant, IndexDefinition, TableDefinition } from '../definition.ts';
import { quoteQualified, retargeted, statisticsIn, type Named } from '../definition-sql.ts';
import { selfReferencing } from '../definition-sql/retarget.ts';

/** From what it is about (`column price: type`) to what is said of it; '' where there is nothing. */
export type Facts = Map<string, string>;

/** Stands for the table in definitions that are compared under two names. */
const ANY: Named = { schema: 'any', name: 'any' };

/** Names of other objects are as the server writes them in the schema's own search_path. */
export function factsOf(table: TableDefinition, renamed: boolean): Facts {
  const facts: Facts = new Map();
  const put = (about: string, values: Record<string, unknown>): void => {
    for (const [key, value] of Object.entries(values)) facts.set(`${about}${key}`, spelled(value));
  };
  put('', {
    kind: table.kind,
    persistence: table.persistence,
    owner: table.owner,
    tablespace: table.tablespace,
    'access method': table.accessMethod ?? 'heap',
    'storage parameters': table.options,
    'replica identity': table.replicaIdentity,
    'replica identity index': table.replicaIdentity === 'i' ? table.replicaIndex : null,
    'row security': table.rowSecurity.enabled,
    'forced row security': table.rowSecurity.forced,
    comment: table.comment,
    rights: rights(table.grants, table.owner, 'table'),
    parents: table.parents,
    children: table.children,
  });
  for (const column of table.columns) put(`column ${column.name}: `, columnFacts(column, table.owner));
  for (const index of table.indexes) put(`index ${index.name}: `, indexFacts(index, renamed));
  for (const { name, type, definition, validated, comment } of table.constraints) {
    const spoken = renamed && type === 'f' ? ownKey(definition, table) : definition;
    put(`constraint ${name}: `, { definition: spoken, validated, comment });
  }
  for (const { name, definition, comment, target, schema, owner } of table.statistics) {
    const spoken = renamed ? (attempt(() => statisticsIn(definition, name, ANY)) ?? definition) : definition;
    put(`statistics ${name}: `, {
      definition: anyOrder(spoken),
      comment,
      owner,
      target,
      schema: elsewhere(schema, table),
    });
  }
  for (const kind of ['triggers', 'rules', 'policies'] as const) {
    for (const part of table[kind]) {
      const definition = renamed ? subject(part.definition) : part.definition;
      const enabled = 'enabled' in part ? part.enabled : '';
      put(`${SINGULAR[kind]} ${part.name}: `, { definition, enabled, comment: part.comment });
    }
  }
  for (const sequence of table.sequences) {
    put(`sequence of column ${sequence.column}: `, {
      kind: sequence.identity ? 'identity' : 'serial',
      name: sequence.name,
      schema: elsewhere(sequence.schema, table),
      settings: sequence.settings,
      comment: sequence.comment,
      rights: rights(sequence.grants ?? null, table.owner, 'sequence'),
    });
  }
  for (const { name, columns, where } of table.publications) {
    put(`publication ${name}: `, { listed: true, columns: columns && [...columns].sort(), where });
  }
  return facts;
}

/** The server lists the columns of statistics in the order of the table's, which means nothing to them. */
function anyOrder(statistics: string): string {
  return statistics.replace(
    /^(.*? ON )([^()]+)( FROM .*)$/s,
    (_whole, head: string, columns: string, tail: string) =>
      `${head}${columns.split(', ').sort().join(', ')}${tail}`,
  );
}

const SINGULAR = { triggers: 'trigger', rules: 'rule', policies: 'policy' } as const;

function spelled(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** Where it is, unless that is where its table is. */
function elsewhere(schema: string | undefined, table: TableDefinition): string {
  return schema === undefined || schema === table.schema ? '' : schema;
}

function columnFacts(column: ColumnDefinition, owner: string): Record<string, unknown> {
  return {
    type: column.type,
    'not null': column.notNull,
    default: column.default,
    generated: column.generated,
    expression: column.expression,
    identity: column.identity,
    collation: column.collation,
    storage: column.storage,
    compression: column.compression,
    'statistics target': column.statisticsTarget,
    options: column.options,
    comment: column.comment,
    rights: rights(column.grants, owner, 'column'),
  };
}

function indexFacts(index: IndexDefinition, renamed: boolean): Record<string, unknown> {
  return {
    definition: renamed ? subject(index.definition) : index.definition,
    constraint: index.constraint,
    valid: index.valid,
    clustered: index.clustered,
    tablespace: index.tablespace,
    'statistics targets': index.statistics?.map(({ column, target }) => `${column}: ${target}`),
    comment: index.comment,
  };
}

function attempt(work: () => string): string | null {
  try {
    return work();
  } catch {
    return null;
  }
}

function subject(definition: string): string {
  return attempt(() => retargeted(definition, ANY)) ?? definition;
}

function ownKey(definition: string, table: TableDefinition): string {
  const sql = `ALTER TABLE ${quoteQualified(ANY)} ADD CONSTRAINT c ${definition}`;
  return attempt(() => selfReferencing(sql, table, ANY)) ?? sql;
}

/** What an owner has by default (manual, ddl-priv). MAINTAIN, of PostgreSQL 17 and later, is left out of the question. */
const DEFAULT_RIGHTS = {
  table: ['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE'],
  sequence: ['SELECT', 'UPDATE', 'USAGE'],
  column: [],
} as const;

/** No list at all means the owner's default rights and nobody else's: both spellings are one. */
function rights(grants: Grant[] | null, owner: string, of: keyof typeof DEFAULT_RIGHTS): string {
  const list = grants ?? [];
  const byDefault: readonly string[] = DEFAULT_RIGHTS[of];
  const own = list.filter(({ grantee }) => grantee === owner).map(({ privilege }) => privilege);
  const lacking = grants === null ? [] : byDefault.filter((privilege) => !own.includes(privilege));
  const lines = list
    .filter(({ grantee }) => of === 'column' || grantee !== owner)
    .map(
      ({ grantee, grantor, privilege, grantable }) =>
        `${privilege} to ${grantee || 'PUBLIC'}${grantable ? ' with grant option' : ''}${grantor === owner ? '' : ` by ${grantor}`}`,
    );
  return [...(lacking.length > 0 ? [`owner without ${lacking.join(', ')}`] : []), ...lines.sort()].join('; ');
}
