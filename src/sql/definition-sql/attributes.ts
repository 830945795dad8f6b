/** What a freshly created table is given so that it is the one of a definition. */
import type { ColumnDefinition, IndexDefinition, TableDefinition } from '../definition.ts';
import { grantsSql } from './grants.ts';
import { quoteLiteral, quoteName, quoteQualified, type Named, type Worded } from './quoting.ts';
import { indexOptions, statisticsIn } from './retarget.ts';

export interface AttributeSql extends Worded {
  /** Better before the rows are written: it decides how they are stored. */
  early: boolean;
}

/** What ALTER TABLE says for pg_attribute.attstorage. */
export const STORAGE: Readonly<Record<string, string>> = {
  p: 'PLAIN',
  e: 'EXTERNAL',
  x: 'EXTENDED',
  m: 'MAIN',
};
const COMPRESSION: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

/**
 * The statements that give a freshly created table what its definition says beyond columns, constraints and indexes:
 * owner, options, storage, statistics, comments, rights, row security, replica identity. `early` ones come right after
 * CREATE TABLE, the others when indexes and constraints are there. Triggers, rules, policies and publications are not
 * among them, nor owned sequences ({@link ownSequencesSql}).
 * @param defaults roles that default privileges give rights to (`defaultGrantees` of `src/postgres/definition`)
 */
export function attributesSql(
  definition: TableDefinition,
  target: Named,
  defaults: readonly string[] = [],
): AttributeSql[] {
  const early = [
    ...optionsSql(definition, target),
    ...definition.columns.flatMap((column) => storageSql(column, target)),
  ];
  const late = [
    ...definition.columns.flatMap((column) => columnStatisticsSql(column, target)),
    ...definition.indexes.flatMap((index) => indexAttributesSql(index, target)),
    ...statisticsSql(definition, target),
    ...commentsSql(definition, target),
    ...identitySql(definition, target),
    ...rowSecuritySql(definition, target),
    ...ownerSql(definition, target),
    ...grantsSql(definition, target, defaults),
  ];
  return [
    ...early.map((statement) => ({ ...statement, early: true })),
    ...late.map((statement) => ({ ...statement, early: false })),
  ];
}

function alter(target: Named): string {
  return `ALTER TABLE ${quoteQualified(target)}`;
}

/** Options are `name=value` with a name of the server's own, perhaps with `toast.` before it. */
function setOptions(options: readonly string[]): string {
  const settings = options.map((option) => {
    const at = option.indexOf('=');
    const name = option.slice(0, at).split('.').map(quoteName).join('.');
    return `${name} = ${quoteLiteral(option.slice(at + 1))}`;
  });
  return `SET (${settings.join(', ')})`;
}

function optionsSql({ options }: TableDefinition, target: Named): Worded[] {
  if (options.length === 0) return [];
  return [
    {
      sql: `${alter(target)} ${setOptions(options)}`,
      words: `Gives ${target.name} its storage parameters.`,
    },
  ];
}

function storageSql(column: ColumnDefinition, target: Named): Worded[] {
  const set = `${alter(target)} ALTER COLUMN ${quoteName(column.name)} SET`;
  const storage = STORAGE[column.storage ?? ''];
  const compression = COMPRESSION[column.compression ?? ''];
  const words = `Sets how ${target.name}.${column.name} is stored.`;
  return [
    ...(storage ? [{ sql: `${set} STORAGE ${storage}`, words }] : []),
    ...(compression ? [{ sql: `${set} COMPRESSION ${compression}`, words }] : []),
  ];
}

function columnStatisticsSql(column: ColumnDefinition, target: Named): Worded[] {
  const set = `${alter(target)} ALTER COLUMN ${quoteName(column.name)}`;
  const words = `Sets what statistics are kept of ${target.name}.${column.name}.`;
  return [
    ...(column.statisticsTarget === null
      ? []
      : [{ sql: `${set} SET STATISTICS ${column.statisticsTarget}`, words }]),
    ...(column.options.length === 0 ? [] : [{ sql: `${set} ${setOptions(column.options)}`, words }]),
  ];
}

/** An index behind a constraint is made by it, without the parameters it was once given. */
function indexAttributesSql(index: IndexDefinition, target: Named): Worded[] {
  const name = quoteQualified({ schema: target.schema, name: index.name });
  const words = `Gives the index ${index.name} its parameters.`;
  const options = index.constraint === null ? '' : indexOptions(index.definition);
  return [
    ...(options ? [{ sql: `ALTER INDEX ${name} SET ${options}`, words }] : []),
    ...(index.tablespace
      ? [{ sql: `ALTER INDEX ${name} SET TABLESPACE ${quoteName(index.tablespace)}`, words }]
      : []),
    ...(index.statistics ?? []).map(({ column, target: number }) => ({
      sql: `ALTER INDEX ${name} ALTER COLUMN ${column} SET STATISTICS ${number}`,
      words,
    })),
    ...(index.clustered
      ? [
          {
            sql: `${alter(target)} CLUSTER ON ${quoteName(index.name)}`,
            words: `Marks ${index.name} for CLUSTER.`,
          },
        ]
      : []),
  ];
}

/** They are made in the target's schema, and SET SCHEMA of the table leaves them there: see {@link moveStatisticsSql}. */
function statisticsSql(definition: TableDefinition, target: Named): Worded[] {
  return definition.statistics.flatMap((statistics) => {
    const name = quoteQualified({ schema: target.schema, name: statistics.name });
    const words = `Makes the extended statistics ${statistics.name} on ${target.name}.`;
    return [
      { sql: statisticsIn(statistics.definition, statistics.name, target), words },
      ...(typeof statistics.target === 'number'
        ? [{ sql: `ALTER STATISTICS ${name} SET STATISTICS ${statistics.target}`, words }]
        : []),
      ...(statistics.comment === null ? [] : [commentSql(`STATISTICS ${name}`, statistics)]),
      ...(statistics.owner === undefined
        ? []
        : [{ sql: `ALTER STATISTICS ${name} OWNER TO ${quoteName(statistics.owner)}`, words }]),
    ];
  });
}

function commentSql(on: string, of: { name: string; comment: string | null }): Worded {
  return {
    sql: `COMMENT ON ${on} IS ${quoteLiteral(of.comment ?? '')}`,
    words: `Puts the comment of ${of.name} back.`,
  };
}

function commentsSql(definition: TableDefinition, target: Named): Worded[] {
  const table = quoteQualified(target);
  const said = <T extends { comment: string | null }>(parts: readonly T[]): T[] =>
    parts.filter(({ comment }) => comment !== null);
  return [
    ...said([definition]).map((part) => commentSql(`TABLE ${table}`, part)),
    ...said(definition.columns).map((part) => commentSql(`COLUMN ${table}.${quoteName(part.name)}`, part)),
    ...said(definition.constraints).map((part) =>
      commentSql(`CONSTRAINT ${quoteName(part.name)} ON ${table}`, part),
    ),
    ...said(definition.indexes).map((part) =>
      commentSql(`INDEX ${quoteQualified({ schema: target.schema, name: part.name })}`, part),
    ),
  ];
}

function identitySql({ replicaIdentity, replicaIndex }: TableDefinition, target: Named): Worded[] {
  const words = `Sets what the log says of changed rows of ${target.name}.`;
  const set = `${alter(target)} REPLICA IDENTITY`;
  if (replicaIdentity === 'f') return [{ sql: `${set} FULL`, words }];
  if (replicaIdentity === 'n') return [{ sql: `${set} NOTHING`, words }];
  if (replicaIdentity !== 'i' || replicaIndex === null) return [];
  return [{ sql: `${set} USING INDEX ${quoteName(replicaIndex)}`, words }];
}

function rowSecuritySql({ rowSecurity }: TableDefinition, target: Named): Worded[] {
  return [
    ...(rowSecurity.enabled
      ? [
          {
            sql: `${alter(target)} ENABLE ROW LEVEL SECURITY`,
            words: `Switches row security on for ${target.name}.`,
          },
        ]
      : []),
    ...(rowSecurity.forced
      ? [
          {
            sql: `${alter(target)} FORCE ROW LEVEL SECURITY`,
            words: `Puts the owner of ${target.name} under its row security too.`,
          },
        ]
      : []),
  ];
}

function ownerSql({ owner }: TableDefinition, target: Named): Worded[] {
  return [
    {
      sql: `${alter(target)} OWNER TO ${quoteName(owner)}`,
      words: `Makes ${owner} the owner of ${target.name}.`,
    },
  ];
}
