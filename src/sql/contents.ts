/**
 * What the tables of a plan hold after statements that have not run, as queries over what they hold now.
 *
 * Each version of a table is a common table expression over the version before it, beginning with the real table.
 * PostgreSQL reads through those that are referenced once, and computes only the columns that a count needs; the real
 * tables are declared NOT MATERIALIZED, so that their indexes serve (manual, "Common Table Expression Materialization").
 */
import { name } from './risk/text.ts';
import type { Catalog, ColumnSpec, Table } from './types.ts';

/** The hidden column with the row's primary key, as a jsonb array: it sorts as the key does, whatever its types. */
export const KEY = 'backout_key';

/** What is known of a column in every row: always NULL, never NULL, or neither. */
export type Fact = 'null' | 'filled' | 'open';

export interface ContentColumn {
  name: string;
  type: string;
  notNull: boolean;
  default: string | null;
  /** The server fills it: an identity, or a generated column. */
  automatic: boolean;
  fact: Fact;
  /** The real table's column that it still is, unchanged; null when it is an expression. */
  source: string | null;
  /** Whether its values were in the database before the plan. */
  origin: 'database' | 'plan';
}

export interface Contents {
  name: string;
  cte: string;
  columns: ContentColumn[];
  /** Hidden boolean columns that remember which rows a statement reached. */
  flags: string[];
  keyColumns: string;
  /** The key's columns under their present names, when all are still there. */
  keyRefs: string[] | null;
  /** Null for a table that the plan creates. */
  real: Table | null;
  /** The real table's own version, as long as the plan neither adds nor removes rows. */
  base: string | null;
  /** Constraints of a created table that are not looked at. */
  created: string[];
  empty: boolean;
  /** Why what the table holds is not known any more, or null. */
  lost: string | null;
}

/** All versions of all tables. Mutable: it moves through the plan statement by statement. */
export class World {
  private readonly ctes: string[] = [];
  private readonly bases = new Set<number>();
  private readonly joins = new Set<number>();
  private readonly tables = new Map<string, Contents | null>();

  constructor(
    private readonly catalog: Catalog,
    readonly version: number,
  ) {}

  /** The table under its present name, or null where there is none or it is in another schema. */
  find(table: string, schema?: string): Contents | null {
    if (schema !== undefined && schema !== '' && schema !== this.catalog.schema) return null;
    const known = this.tables.get(table);
    if (known !== undefined) return known;
    const real = this.catalog.tables[table];
    if (!real) return null;
    const contents = this.read(real);
    this.tables.set(table, contents);
    return contents;
  }

  set(contents: Contents): void {
    this.tables.set(contents.name, contents);
  }

  remove(table: string): void {
    this.tables.set(table, null);
  }

  /**
   * Declares a query as a common table expression; its name.
   *
   * @param costly it joins or computes rows anew, so that working it out once pays
   */
  declare(sql: string, costly = false): string {
    this.ctes.push(sql);
    if (costly) this.joins.add(this.ctes.length);
    return `backout_r${this.ctes.length}`;
  }

  /** The declarations that a query needs, by number, whether it names them itself or through others. */
  private needed(sql: string): Set<number> {
    const needed = new Set<number>();
    const look = (text: string): void => {
      for (const found of text.matchAll(/\bbackout_r(\d+)\b/g)) {
        const number = Number(found[1]);
        if (needed.has(number)) continue;
        needed.add(number);
        look(this.ctes[number - 1] ?? '');
      }
    };
    look(sql);
    return needed;
  }

  /** Which costly declarations a query needs. */
  costly(sql: string): number[] {
    return [...this.needed(sql)].filter((number) => this.joins.has(number));
  }

  /** A query with the declarations that it needs in front of it. */
  query(sql: string): string {
    const needed = this.needed(sql);
    if (needed.size === 0) return sql;
    const base = this.version >= 120000 ? 'AS NOT MATERIALIZED' : 'AS';
    const word = (n: number): string => (this.bases.has(n) ? base : 'AS');
    const list = [...needed].sort((one, other) => one - other);
    return `WITH ${list.map((n) => `backout_r${n} ${word(n)} (${this.ctes[n - 1]})`).join(',\n')}\n${sql}`;
  }

  private read(real: Table): Contents {
    const primary = real.indexes.find((index) => index.primary)?.columns ?? [];
    const keyed = primary.length > 0;
    const place = 'CAST(CAST(ctid AS text) AS point)';
    const key = keyed
      ? `pg_catalog.jsonb_build_array(${primary.map(name).join(', ')})`
      : `pg_catalog.jsonb_build_array((${place})[0], (${place})[1])`;
    const columns = real.columns.map((column) => name(column.name));
    const from = `${name(real.schema)}.${name(real.bare ?? real.name)}`;
    this.bases.add(this.ctes.length + 1);
    const cte = this.declare(`SELECT ${[`${key} AS ${KEY}`, ...columns].join(', ')} FROM ${from}`);
    return {
      name: real.name,
      cte,
      columns: real.columns.map((column) => ({
        name: column.name,
        type: column.type,
        notNull: column.notNull,
        default: column.default,
        automatic: column.identity !== '' || column.generated !== '',
        fact: column.notNull ? 'filled' : 'open',
        source: column.name,
        origin: 'database',
      })),
      flags: [],
      keyColumns: keyed ? primary.join(', ') : 'ctid',
      keyRefs: keyed ? primary : null,
      real,
      base: cte,
      created: [],
      empty: false,
      lost: ['r', 'p'].includes(real.kind) ? null : 'it is not an ordinary table',
    };
  }
}

export function columnOf(contents: Contents, column: string): ContentColumn | undefined {
  return contents.columns.find((each) => each.name === column);
}

/** A row's key as text, from SQL of its jsonb form. */
export function keyText(key: string, keyColumns: string): string {
  const text = `(SELECT pg_catalog.string_agg(backout_e.v, ',' ORDER BY backout_e.n)
    FROM pg_catalog.jsonb_array_elements_text(${key}) WITH ORDINALITY AS backout_e(v, n))`;
  return keyColumns === 'ctid' ? `'(' || ${text} || ')'` : text;
}

/** How a changed column reads in the next version. */
export interface Change {
  column: ContentColumn;
  sql: string;
}

/**
 * The next version of a table: the same rows, some columns with other values.
 *
 * @param from what to select from; the row's own columns must be reachable under `alias`
 * @param flag a hidden column to add: its name and its SQL
 */
export function changed(
  world: World,
  contents: Contents,
  changes: readonly Change[],
  from: string,
  alias: string,
  flag?: { name: string; sql: string },
): Contents {
  const of = (column: string): string => `${name(alias)}.${name(column)}`;
  const byName = new Map(changes.map((change) => [change.column.name, change]));
  const columns = contents.columns.map((column) => byName.get(column.name)?.column ?? column);
  const list = [KEY, ...contents.flags].map(of);
  if (flag) list.push(`${flag.sql} AS ${flag.name}`);
  for (const column of contents.columns) {
    const change = byName.get(column.name);
    list.push(change ? `${change.sql} AS ${name(column.name)}` : of(column.name));
  }
  return {
    ...contents,
    cte: world.declare(`SELECT ${list.join(', ')} FROM ${from}`),
    columns,
    flags: flag ? [...contents.flags, flag.name] : contents.flags,
  };
}

/** The next version with the rows that fulfil `keep` alone. */
export function kept(
  world: World,
  contents: Contents,
  keep: string,
  alias: string,
  costly: boolean,
): Contents {
  const cte = world.declare(`SELECT * FROM ${contents.cte} AS ${name(alias)} WHERE ${keep}`, costly);
  return { ...contents, cte, base: null };
}

/** The next version with more rows. `rows` gives the key and then every column in order. */
export function joined(
  world: World,
  contents: Contents,
  rows: string,
  keyColumns: string,
  facts: readonly Fact[],
): Contents {
  const list = [KEY, ...contents.flags, ...contents.columns.map((column) => name(column.name))];
  const flags = contents.flags.map((flag) => `false AS ${flag}`);
  const names = [KEY, ...contents.columns.map((column) => name(column.name))];
  const added = `SELECT ${[names[0], ...flags, ...names.slice(1)].join(', ')} FROM (${rows}) AS backout_new`;
  const sql = contents.empty ? added : `SELECT ${list.join(', ')} FROM ${contents.cte} UNION ALL ${added}`;
  return {
    ...contents,
    cte: world.declare(sql, true),
    base: null,
    empty: false,
    keyColumns: contents.real ? contents.keyColumns : keyColumns,
    keyRefs: contents.real ? contents.keyRefs : null,
    columns: contents.columns.map((column, at) => {
      const fact = facts[at] ?? 'open';
      return { ...column, source: null, fact: contents.empty || fact === column.fact ? fact : 'open' };
    }),
  };
}

/** A table as CREATE TABLE makes it. */
export function emptyTable(
  world: World,
  table: string,
  specs: readonly (ColumnSpec & { automatic: boolean })[],
  created: string[],
): Contents {
  const list = specs.map((spec) => `CAST(NULL AS ${spec.type}) AS ${name(spec.name)}`);
  return {
    name: table,
    cte: world.declare(`SELECT ${[`CAST(NULL AS jsonb) AS ${KEY}`, ...list].join(', ')} WHERE false`),
    columns: specs.map((spec) => ({
      name: spec.name,
      type: spec.type,
      notNull: spec.notNull,
      default: spec.default,
      automatic: spec.automatic,
      fact: 'filled',
      source: null,
      origin: 'plan',
    })),
    flags: [],
    keyColumns: '',
    keyRefs: null,
    real: null,
    base: null,
    created,
    empty: true,
    lost: null,
  };
}

/** The next version with a column more. */
export function withColumn(world: World, contents: Contents, column: ContentColumn, sql: string): Contents {
  const cte = world.declare(
    `SELECT *, CAST(${sql} AS ${column.type}) AS ${name(column.name)} FROM ${contents.cte}`,
  );
  return { ...contents, cte, columns: [...contents.columns, column] };
}

/** The next version without a column. */
export function withoutColumn(world: World, contents: Contents, column: string): Contents {
  const columns = contents.columns.filter((each) => each.name !== column);
  const list = [KEY, ...contents.flags, ...columns.map((each) => name(each.name))];
  const keyRefs = contents.keyRefs?.includes(column) ? null : contents.keyRefs;
  return {
    ...contents,
    cte: world.declare(`SELECT ${list.join(', ')} FROM ${contents.cte}`),
    columns,
    keyRefs,
  };
}

/** The next version with a column under another name. */
export function renamedColumn(world: World, contents: Contents, from: string, to: string): Contents {
  const alias = 'backout_t';
  const list = [KEY, ...contents.flags].concat(
    contents.columns.map(({ name: old }) => (old === from ? `${name(from)} AS ${name(to)}` : name(old))),
  );
  return {
    ...contents,
    cte: world.declare(`SELECT ${list.join(', ')} FROM ${contents.cte} AS ${alias}`),
    columns: contents.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
    keyRefs: contents.keyRefs?.map((ref) => (ref === from ? to : ref)) ?? null,
  };
}

/** A constant default is a value that tells nothing: rows that hold it hold no data of their own. */
export function constantDefault(column: ContentColumn): string | null {
  const text = column.default;
  if (text === null) return null;
  return /^('(?:[^']|'')*'|-?[\d.]+|true|false|ARRAY\[\])(::[\w "]+(\([\d,]+\))?(\[\])?)*$/i.test(text)
    ? text
    : null;
}
