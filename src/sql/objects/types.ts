/** Objects beside tables: how a statement names one, what it does to it, and how the database has it. */

export type ObjectType =
  | 'view'
  | 'materialized view'
  | 'sequence'
  | 'type'
  | 'domain'
  | 'function'
  | 'procedure'
  | 'trigger'
  | 'policy'
  | 'rule'
  | 'schema'
  | 'extension'
  | 'statistics'
  | 'aggregate'
  | 'collation'
  | 'text search configuration'
  | 'text search dictionary'
  | 'operator'
  /** It has no name: its signature is the types that it leads from and to. */
  | 'cast'
  | 'event trigger'
  | 'publication'
  /** What a role's new objects of a kind are given; its signature is the role, and the schema if there is one. Always there. */
  | 'default privileges'
  /** Its settings alone: where it is and what it is over is the table's. */
  | 'index'
  /** A table as far as its owner, its rights and its row security go, whatever kind of relation it is. */
  | 'table';

/** An object as a statement names it. */
export interface ObjectRef {
  type: ObjectType;
  name: string;
  /** Only when written; of a trigger, policy or rule: its table's. */
  schema?: string;
  /** Types of a function's input parameters in format_type's spelling; left out where the statement gives none. */
  signature?: readonly string[];
  /** The table of a trigger, policy or rule. */
  on?: string;
}

export type ObjectVerb =
  'create' | 'replace' | 'drop' | 'rename' | 'alter' | 'refresh' | 'comment' | 'grant' | 'revoke' | 'owner';

export interface ObjectEffect extends ObjectRef {
  kind: 'object';
  verb: ObjectVerb;
  /** The new name of a rename. */
  to?: string;
  /** The new schema of a SET SCHEMA, which is a rename otherwise. */
  toSchema?: string;
  /** It is about all of a kind that there are, in a schema or on a table; the catalog says which these are. */
  every?: Every;
  ifExists: boolean;
  ifNotExists: boolean;
  cascade: boolean;
  /** What it says of the object, by the names of {@link ObjectState.attributes}; empty where the catalog cannot show it. */
  sets: Readonly<Record<string, string>>;
  /** What `sets` replaces and what therefore must be so before it: labels of an enum. */
  needs?: Readonly<Record<string, string>>;
  /** Tables and views that its query names. */
  reads: readonly string[];
  /** Running it a second time is no error and changes nothing. */
  again: boolean;
  /** The statement makes the table that it is about. */
  withTable?: true;
  /** An ALTER TYPE … ADD VALUE: the server has no way back. */
  forGood?: boolean;
  /** The statement's own text, of one that makes the object. */
  text?: string;
}

/** `schema` is the one that is written. */
export interface Every {
  what: 'tables' | 'sequences' | 'functions' | 'procedures' | 'routines' | 'triggers' | 'user triggers';
  schema?: string;
  table?: string;
}

/** Who may do what; a grantee of '' is PUBLIC. */
export interface ObjectGrant {
  grantee: string;
  privilege: string;
  grantable: boolean;
  /** Of a column. */
  column?: string;
  /** Who gave it, where that is not the owner. */
  grantor?: string;
}

/** Something that goes along when an object is dropped with CASCADE, as pg_identify_object names it. */
export interface Dependent {
  /** `view`, `trigger`, `table column` … */
  type: string;
  identity: string;
  schema: string | null;
  /** The table it hangs on, of what lives on one: a trigger, a policy, a default, a constraint, an index. */
  table: string | null;
  tableOid: number | null;
  /** Its own: of a default the column's. */
  name: string | null;
  /** What it is named by, where it is an object of its own that can be made again. */
  ref: ObjectRef | null;
}

/** An object as the database has it. Texts are spelled for the search_path `<schema>, pg_temp`. */
export interface ObjectState {
  oid: number;
  /** pg_class.relkind of a relation, pg_type.typtype of a type, pg_proc.prokind of a function; else ''. */
  kind: string;
  schema: string;
  name: string;
  /** The SQL that makes it again, in order; null where the server cannot say. Owner, rights and comment are not in it. */
  make: readonly string[] | null;
  /** How it is written in DROP, ALTER … OWNER, GRANT and COMMENT: `FUNCTION "public"."f"(integer)`. */
  target: string;
  owner: string;
  comment: string | null;
  /** Effective rights; null where they are those that any new object has. */
  grants: readonly ObjectGrant[] | null;
  /** Roles that an object made now may be given something by default. */
  defaultGrantees?: readonly string[];
  /** What these are, where `grants` is null. */
  plainGrants?: readonly ObjectGrant[];
  /** Single things that statements set: `enabled`, `label:red`, `increment`, `row security` … */
  attributes: Readonly<Record<string, string>>;
  /** What a CREATE OR REPLACE is compared with: a function's body and what it is declared as. */
  like: string | null;
  /** It names a relation, so that it can be made only when tables are there. */
  late: boolean;
  /** Comments on its parts (columns, indexes) and what hangs on it, made again with it. */
  more: readonly string[];
  dependents: readonly Dependent[];
  /** A function named without its parameters, of which there are several: this is one of them. */
  several?: true;
}

/** By `objectKey`; null: it was looked for and is not there. */
export type ObjectStates = Readonly<Record<string, ObjectState | null>>;

/** What an undo needs to know of the objects of a step, in the order in which it touched them. */
export interface ObjectsRecord {
  objects: {
    key: string;
    ref: ObjectRef;
    before: ObjectState | null;
    /** Its name in the archive, when it was moved there. */
    archived: string | null;
    /** The table in the archive that says where a sequence stood. */
    numbers: string | null;
    /** The statement that made it, or took it away. */
    at: number;
    /** The statement that first took it away: what went last is made first. */
    gone?: number;
    /** Columns of a view that got other names, in order. */
    columns?: { from: string; to: string }[];
  }[];
  renamed: { from: ObjectRef; to: ObjectRef; at: number }[];
}
