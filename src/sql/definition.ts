/**
 * Everything that PostgreSQL keeps about one table, in full: what a copy must be given before it may take the table's
 * place, what an undo must bring back, and what two states of a table are compared by. Read by `src/postgres/definition`.
 */
import type { Family } from './family/types.ts';

/** `pg_get_*` spellings are those of a session whose search_path is the table's schema and pg_temp. */
export interface TableDefinition {
  schema: string;
  /** Of a table in another schema than the run's with that schema in front: `schema.name`. */
  name: string;
  /** Of such a table: its name alone. */
  bare?: string;
  oid: number;
  /** pg_class.relkind: r or p; others are not described. */
  kind: string;
  /** pg_class.relpersistence: p, u or t. */
  persistence: string;
  owner: string;
  tablespace: string | null;
  /** Table access method; `heap` is the server's own. */
  accessMethod?: string | null;
  /** reloptions, as `name=value`, sorted; TOAST's with the prefix `toast.`. */
  options: string[];
  /** pg_class.relreplident: d, n, f or i. */
  replicaIdentity: string;
  /** The index of REPLICA IDENTITY USING INDEX. */
  replicaIndex: string | null;
  rowSecurity: { enabled: boolean; forced: boolean };
  comment: string | null;
  /** GRANTs on the table: grantee '' is PUBLIC. Null when the ACL is the default one (relacl is NULL). */
  grants: Grant[] | null;
  columns: ColumnDefinition[];
  indexes: IndexDefinition[];
  constraints: ConstraintDefinition[];
  /** Extended statistics: their schema, owner, and target when set. SET SCHEMA of the table does not move them. */
  statistics: (NamedDefinition & { schema?: string; owner?: string; target?: number | null })[];
  /** `inherited`: comes and goes with the parent's. */
  triggers: (NamedDefinition & { enabled: string; inherited?: true })[];
  /** Of its partitions and of tables that inherit from it, at any depth; absent where there are none. */
  triggersBelow?: (NamedDefinition & { enabled: string; schema: string; table: string })[];
  rules: (NamedDefinition & { enabled: string })[];
  policies: NamedDefinition[];
  /** Sequences owned by a column (serial and identity). */
  sequences: SequenceDefinition[];
  /** Parents, when it inherits or is a partition; children, when others inherit from it. Names with their schema. */
  parents: string[];
  children: string[];
  /** The same with bounds and keys; absent where there is neither. */
  family?: Family;
  /** Publications that name the table itself, with their column list and row filter as SQL. */
  publications: { name: string; columns: string[] | null; where: string | null }[];
  /** Bytes: heap with TOAST, and indexes. */
  heapBytes: number;
  indexBytes: number;
  estimatedRows: number;
}

export interface SequenceDefinition {
  schema: string;
  name: string;
  column: string;
  identity: boolean;
  /** As CREATE SEQUENCE and AS IDENTITY (…) take them: `AS bigint START WITH 1 …`. */
  settings?: string;
  comment?: string | null;
  grants?: Grant[] | null;
}

export interface Grant {
  grantee: string;
  grantor: string;
  privilege: string;
  grantable: boolean;
}

export interface ColumnDefinition {
  name: string;
  /** format_type. */
  type: string;
  notNull: boolean;
  default: string | null;
  /** `''`, `s` or `v`. */
  generated: string;
  /** The expression of a generated column. */
  expression: string | null;
  /** `''`, `a` or `d`. */
  identity: string;
  /** Schema-qualified, when it is not the type's own. */
  collation: string | null;
  /** attstorage, when it is not the type's own: p, e, x or m. */
  storage: string | null;
  /** attstorage, whether the type's own or not. */
  storedAs?: string;
  /** attcompression: p or l. */
  compression: string | null;
  /** attstattarget, when set. */
  statisticsTarget: number | null;
  /** attoptions. */
  options: string[];
  comment: string | null;
  grants: Grant[] | null;
}

export interface NamedDefinition {
  name: string;
  /** The whole statement that creates it, as pg_get_*def writes it. */
  definition: string;
  comment: string | null;
}

export interface IndexDefinition extends NamedDefinition {
  /** The constraint it stands behind, if any. */
  constraint: string | null;
  unique: boolean;
  primary: boolean;
  valid: boolean;
  clustered: boolean;
  /** The parent's index that it is a part of. */
  parent?: string;
  /** Columns in key order; expressions as SQL. */
  columns: string[];
  /** pg_get_indexdef does not say it. Null: the database's default. */
  tablespace?: string | null;
  /** ALTER INDEX … ALTER COLUMN number SET STATISTICS. */
  statistics?: { column: number; target: number }[];
}

export interface ConstraintDefinition {
  name: string;
  /** contype: p, u, f, c, x, n, t. */
  type: string;
  /** pg_get_constraintdef. */
  definition: string;
  validated: boolean;
  columns: string[];
  /** The parent's constraint that it comes and goes with. */
  parent?: string;
  comment: string | null;
}
