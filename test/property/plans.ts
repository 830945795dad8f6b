/**
 * Random plans that a server accepts: each move is read against the catalog as the moves before it leave it, so that
 * it usually means something there. Numbers pick by their remainder, so that fast-check can shrink them.
 */
import fc from 'fast-check';
import type { Catalog, Table } from '../../src/sql/types.ts';
import { rowsMove } from './rows.ts';

export interface Move {
  kind: (typeof KINDS)[number];
  /** What is picked: table, column, another column, name or value. */
  picks: readonly [number, number, number, number];
}

const KINDS = [
  'create-table',
  'drop-table',
  'rename-table',
  'add-column',
  'drop-column',
  'rename-column',
  'set-not-null',
  'drop-not-null',
  'set-default',
  'drop-default',
  'alter-type',
  'add-constraint',
  'drop-constraint',
  'rename-constraint',
  'create-index',
  'drop-index',
  'rename-index',
  'update',
  'insert',
  'delete',
  'comment',
  'several',
  'restore',
  'merge',
] as const;

/** Rows are what tells least, and what is lost for good: they come more often than the rest. */
const WEIGHT: Partial<Record<Move['kind'], number>> = {
  update: 4,
  insert: 2,
  restore: 3,
  merge: 2,
  'drop-table': 2,
};

const pick = fc.nat({ max: 11 });
export const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof(...KINDS.map((kind) => ({ weight: WEIGHT[kind] ?? 1, arbitrary: fc.constant(kind) }))),
  picks: fc.tuple(pick, pick, pick, pick),
});

export const of = <T>(list: readonly T[], pick: number): T | undefined => list[pick % list.length];

const TABLES = ['a', 'b', 'c', 'd', 'e', '"F g"'];
const COLUMNS = ['x', 'y', 'z', 'w', '"v u"'];
const SPECS = [
  'int',
  'text',
  'int NOT NULL DEFAULT 3',
  "varchar(8) DEFAULT 'q'",
  'bigint',
  'int DEFAULT 5',
  'jsonb',
];
const TYPES = ['text', 'bigint', 'varchar(40)', 'int USING 1', 'text USING NULL'];

export const quoted = (name: string): string => (/^[a-z_]\w*$/.test(name) ? name : `"${name}"`);
const bare = (name: string): string => name.replaceAll('"', '');

function freeName(there: readonly string[], pool: readonly string[], pick: number): string {
  const free = pool.filter((name) => !there.includes(bare(name)));
  return of(free, pick) ?? of(pool, pick) ?? 'x';
}

/** The statements of a move in this catalog; none where it has nothing to be about. */
export function statementsOf({ kind, picks }: Move, catalog: Catalog): string[] {
  const [p, q, r, s] = picks;
  const tables = Object.values(catalog.tables);
  const names = tables.map((table) => table.name);
  if (kind === 'create-table') {
    const only = s % 5 === 0 ? 'IF NOT EXISTS ' : '';
    const name = s % 7 === 0 ? of(TABLES, p) : freeName(names, TABLES, p);
    const columns = `id int PRIMARY KEY, x ${of(SPECS, q)}, y ${of(SPECS, r)}`;
    return [`CREATE TABLE ${only}${name} (${columns})`];
  }
  const table = of(tables, p);
  if (!table) return [];
  return tableMove(kind, table, tables, [q, r, s], freeName(names, TABLES, q));
}

type Picks = readonly [number, number, number];

function tableMove(kind: Move['kind'], table: Table, tables: Table[], picks: Picks, name: string): string[] {
  const [q, r, s] = picks;
  const t = quoted(table.name);
  const others = tables.filter((one) => one.name !== table.name);
  switch (kind) {
    case 'drop-table':
      return [`DROP TABLE ${s % 3 === 0 ? 'IF EXISTS ' : ''}${t}${s % 2 === 0 ? ' CASCADE' : ''}`];
    case 'rename-table':
      return [`ALTER TABLE ${t} RENAME TO ${name}`];
    case 'several':
      return several(table, picks);
    case 'restore':
      return restore(table, picks, name);
    case 'merge':
      return merge(table, of(others, q), picks, name);
    case 'update':
    case 'insert':
    case 'delete':
      return rowsMove(kind, table, of(others, r), picks);
    case 'comment':
      return [
        q % 2 === 0
          ? `COMMENT ON TABLE ${t} IS 'n${r % 3}'`
          : `COMMENT ON COLUMN ${t}.${column(table, q)} IS 'n${r % 3}'`,
      ];
    default:
      return kind.endsWith('index') || kind.endsWith('constraint')
        ? attachedMove(kind, table, of(others, r), picks)
        : columnMove(kind, table, [q, r, s]);
  }
}

export const column = (table: Table, pick: number): string => quoted(of(table.columns, pick)?.name ?? 'x');
const freeColumn = (table: Table, pick: number): string =>
  freeName(
    table.columns.map((one) => one.name),
    COLUMNS,
    pick,
  );

function columnMove(kind: Move['kind'], table: Table, [q, r, s]: Picks): string[] {
  const t = `ALTER TABLE ${quoted(table.name)}`;
  const c = column(table, q);
  switch (kind) {
    case 'add-column': {
      const only = s % 5 === 0 ? 'IF NOT EXISTS ' : '';
      return [
        `${t} ADD COLUMN ${only}${s % 6 === 0 ? of(COLUMNS, q) : freeColumn(table, q)} ${of(SPECS, r)}`,
      ];
    }
    case 'drop-column':
      return [
        `${t} DROP COLUMN ${s % 4 === 0 ? 'IF EXISTS ' : ''}${s % 8 === 0 ? of(COLUMNS, q) : c}${s % 3 === 0 ? ' CASCADE' : ''}`,
      ];
    case 'rename-column':
      return [`${t} RENAME COLUMN ${c} TO ${freeColumn(table, r)}`];
    case 'set-not-null':
      return [`${t} ALTER COLUMN ${c} SET NOT NULL`];
    case 'drop-not-null':
      return [`${t} ALTER COLUMN ${c} DROP NOT NULL`];
    case 'set-default':
      return [`${t} ALTER COLUMN ${c} SET DEFAULT ${1 + (r % 3)}`];
    case 'drop-default':
      return [`${t} ALTER COLUMN ${c} DROP DEFAULT`];
    default:
      return [`${t} ALTER COLUMN ${c} TYPE ${of(TYPES, r)}`];
  }
}

function attachedMove(
  kind: Move['kind'],
  table: Table,
  other: Table | undefined,
  [q, r, s]: Picks,
): string[] {
  const t = quoted(table.name);
  const constraint = of(
    table.constraints.filter((one) => one.type !== 'n'),
    q,
  );
  const index = of(
    table.indexes.filter((one) => table.constraints.every(({ name }) => name !== one.name)),
    q,
  );
  const named = of(['i1', 'i2', 'i3', '"i 4"'], s) ?? 'i1';
  switch (kind) {
    case 'add-constraint':
      return [
        `ALTER TABLE ${t} ADD ${s % 3 === 0 ? '' : `CONSTRAINT k${s % 4} `}${constraintText(table, other, [q, r, s])}`,
      ];
    case 'drop-constraint':
      return constraint
        ? [`ALTER TABLE ${t} DROP CONSTRAINT ${quoted(constraint.name)}${s % 2 === 0 ? ' CASCADE' : ''}`]
        : [];
    case 'rename-constraint':
      return constraint ? [`ALTER TABLE ${t} RENAME CONSTRAINT ${quoted(constraint.name)} TO k${s % 4}`] : [];
    case 'create-index':
      return [
        `CREATE ${r % 4 === 0 ? 'UNIQUE ' : ''}INDEX ${s % 5 === 0 ? 'IF NOT EXISTS ' : ''}${named} ON ${t} (${column(table, q)})`,
      ];
    case 'drop-index':
      return [
        `DROP INDEX ${s % 2 === 0 || !index ? `IF EXISTS ${index ? quoted(index.name) : named}` : quoted(index.name)}`,
      ];
    default:
      return index ? [`ALTER INDEX ${quoted(index.name)} RENAME TO ${named}`] : [];
  }
}

function constraintText(table: Table, other: Table | undefined, [q, r]: Picks): string {
  const c = column(table, q);
  if (r % 3 === 0) return `UNIQUE (${c})`;
  if (r % 3 === 1 || !other) return `CHECK (${c} IS NOT NULL OR ${c} IS NULL)`;
  return `FOREIGN KEY (${c}) REFERENCES ${quoted(other.name)} (id)`;
}

/** One ALTER TABLE with several commands. */
function several(table: Table, [q, r, s]: Picks): string[] {
  const t = `ALTER TABLE ${quoted(table.name)}`;
  const [one, two] = [freeColumn(table, q), freeColumn(table, q + 1)];
  const [c, d] = [column(table, q), column(table, r)];
  const ways = [
    `${t} ADD COLUMN ${one} ${of(SPECS, r)}, ADD COLUMN ${two} ${of(SPECS, s)}`,
    `${t} DROP COLUMN ${c}, ADD COLUMN ${one} ${of(SPECS, s)}`,
    `${t} ALTER COLUMN ${c} SET NOT NULL, ALTER COLUMN ${d} SET NOT NULL`,
    `${t} ALTER COLUMN ${c} DROP NOT NULL, ALTER COLUMN ${d} DROP DEFAULT`,
    `${t} DROP COLUMN ${c}, DROP COLUMN ${d}`,
    `${t} ALTER COLUMN ${c} TYPE text, ALTER COLUMN ${d} SET DEFAULT '4'`,
  ];
  return [of(ways, s) ?? ''];
}

/** What a rollback does to a table that the migration renamed: the shape of most runbooks. */
function restore(table: Table, [q, r, s]: Picks, name: string): string[] {
  const renamed = q % 4 === 0 ? quoted(table.name) : name;
  const [one, two] = [freeColumn(table, r), freeColumn(table, r + 1)];
  const old = column(table, 1 + (r % Math.max(1, table.columns.length - 1)));
  const t = `ALTER TABLE ${renamed}`;
  const value = s % 2 === 0 ? `COALESCE(${old}::text, 'none')` : `'v' || id::text`;
  return [
    ...table.indexes
      .filter(
        (index) => !index.primary && table.constraints.every((constraint) => constraint.name !== index.name),
      )
      .map((index) => `DROP INDEX IF EXISTS ${quoted(index.name)}`),
    ...(renamed === quoted(table.name) ? [] : [`ALTER TABLE ${quoted(table.name)} RENAME TO ${renamed}`]),
    `${t} ADD COLUMN ${one} text, ADD COLUMN ${two} int`,
    `UPDATE ${renamed} SET ${one} = ${value}, ${two} = ${s % 3} WHERE ${one} IS NULL`,
    `UPDATE ${renamed} SET ${two} = 9 WHERE ${two} IS NULL`,
    `${t} ALTER COLUMN ${one} SET NOT NULL, ALTER COLUMN ${two} SET NOT NULL`,
    ...(old === 'id' ? [] : [`${t} DROP COLUMN ${old}`]),
    `CREATE INDEX ${of(['i1', 'i2', 'i3'], s)} ON ${renamed} (${one})`,
  ];
}

/** What a rollback does where the migration split a table: made again, filled from what replaced it, which goes. */
function merge(table: Table, other: Table | undefined, [q, r, s]: Picks, name: string): string[] {
  const c = column(table, r);
  const guard = `WHERE NOT EXISTS (SELECT 1 FROM ${name} AS n WHERE n.id = o.id)`;
  const second = `INSERT INTO ${name} (id, x) SELECT o.id + ${q % 2 === 0 ? 0 : 100}, 'second' FROM ${quoted(other?.name ?? '')} AS o ${q % 3 === 0 ? '' : guard}`;
  return [
    `CREATE TABLE ${name} (id int PRIMARY KEY, x text, y int DEFAULT 1)`,
    `INSERT INTO ${name} (id, x) SELECT o.id, o.${c}::text FROM ${quoted(table.name)} AS o ${s % 2 === 0 ? '' : guard}`,
    ...(other ? [second] : []),
    `DROP TABLE ${quoted(table.name)}`,
    ...(other && s % 3 > 0 ? [`DROP TABLE IF EXISTS ${quoted(other.name)}`] : []),
    `CREATE INDEX ${of(['i1', 'i2', 'i3'], r)} ON ${name} (x)`,
  ];
}
