/** From what the server answered to a {@link TableDefinition}. */
import type { Grant, TableDefinition } from '../../sql/definition.ts';
import { familyOf, lean, type RawFamily } from './family.ts';
import { qualified, quoteIdentifier } from '../scope.ts';

type Lists<T> = { [K in keyof T]: T[K] extends unknown[] ? T[K] | null : T[K] };

interface RawPolicy {
  name: string;
  permissive: boolean;
  /** pg_policy.polcmd: r, a, w, d or *. */
  command: string;
  roles: string[] | null;
  using: string | null;
  check: string | null;
  comment: string | null;
}

interface RawSequence {
  schema: string;
  name: string;
  column: string;
  identity: boolean;
  type: string;
  start: string;
  increment: string;
  min: string;
  max: string;
  cache: string;
  cycle: boolean;
  comment: string | null;
  grants: Grant[] | null;
}

type Replaced = 'family' | 'triggersBelow' | 'columns' | 'indexes' | 'policies' | 'sequences' | 'options';

/** json_agg over nothing is NULL; a definition is NULL for what was dropped while the server waited to read it. */
export type RawTable = Lists<Omit<TableDefinition, Replaced>> & {
  family: RawFamily | null;
  triggersBelow: NonNullable<TableDefinition['triggersBelow']> | null;
  options: string[] | null;
  toastOptions: string[] | null;
  columns: Lists<TableDefinition['columns'][number]>[] | null;
  indexes: Lists<TableDefinition['indexes'][number]>[] | null;
  policies: RawPolicy[] | null;
  sequences: RawSequence[] | null;
};

const COMMANDS: Readonly<Record<string, string>> = {
  r: 'SELECT',
  a: 'INSERT',
  w: 'UPDATE',
  d: 'DELETE',
  '*': 'ALL',
};

export function definitionOf(raw: RawTable): TableDefinition {
  const { toastOptions, family, triggersBelow, ...table } = raw;
  return {
    ...table,
    ...familyOf(family),
    oid: Number(raw.oid),
    options: [...(raw.options ?? []), ...(toastOptions ?? []).map((option) => `toast.${option}`)].sort(),
    grants: sorted(raw.grants),
    columns: (raw.columns ?? []).map((column) => ({
      ...column,
      options: [...(column.options ?? [])].sort(),
      grants: sorted(column.grants),
    })),
    indexes: there(raw.indexes).map((index) => {
      const { statistics, ...rest } = lean(index);
      const kept = { ...rest, columns: index.columns ?? [] };
      return statistics ? { ...kept, statistics } : kept;
    }),
    constraints: there(raw.constraints).map((constraint) => ({
      ...lean(constraint),
      columns: (constraint.columns as string[] | null) ?? [],
    })),
    statistics: there(raw.statistics),
    triggers: there(raw.triggers).map(lean),
    ...(triggersBelow ? { triggersBelow: there(triggersBelow) } : {}),
    rules: there(raw.rules),
    policies: (raw.policies ?? []).map((policy) => ({
      name: policy.name,
      definition: policySql(policy, raw),
      comment: policy.comment,
    })),
    sequences: (raw.sequences ?? []).map(({ schema, name, column, identity, comment, grants, ...rest }) => {
      const sequence = { schema, name, column, identity, settings: sequenceSettings(rest), comment };
      return { ...sequence, grants: sorted(grants) };
    }),
    parents: raw.parents ?? [],
    children: raw.children ?? [],
    publications: raw.publications ?? [],
  };
}

function there<T extends { definition: string }>(parts: T[] | null): T[] {
  return (parts ?? []).filter(({ definition }) => (definition as string | null) !== null);
}

/** The order of an access control list says nothing. */
function sorted(grants: Grant[] | null): Grant[] | null {
  const key = ({ grantee, grantor, privilege }: Grant): string =>
    JSON.stringify([grantee, privilege, grantor]);
  return grants && [...grants].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** In the order of CREATE POLICY's syntax (manual, sql-createpolicy). */
function policySql(policy: RawPolicy, table: { schema: string; name: string }): string {
  const roles = (policy.roles ?? ['']).map((role) => (role === '' ? 'PUBLIC' : quoteIdentifier(role))).sort();
  return [
    `CREATE POLICY ${quoteIdentifier(policy.name)} ON ${qualified(table.schema, table.name)}`,
    `AS ${policy.permissive ? 'PERMISSIVE' : 'RESTRICTIVE'}`,
    `FOR ${COMMANDS[policy.command] ?? 'ALL'}`,
    `TO ${roles.join(', ')}`,
    ...(policy.using === null ? [] : [`USING (${policy.using})`]),
    ...(policy.check === null ? [] : [`WITH CHECK (${policy.check})`]),
  ].join(' ');
}

/** The options of CREATE SEQUENCE and of GENERATED … AS IDENTITY (manual, sql-createsequence). */
function sequenceSettings(
  sequence: Omit<RawSequence, 'schema' | 'name' | 'column' | 'identity' | 'comment' | 'grants'>,
): string {
  const { type, start, increment, min, max, cache, cycle } = sequence;
  return `AS ${type} START WITH ${start} INCREMENT BY ${increment} MINVALUE ${min} MAXVALUE ${max} CACHE ${cache} ${cycle ? 'CYCLE' : 'NO CYCLE'}`;
}
