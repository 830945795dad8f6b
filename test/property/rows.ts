/** Random statements that change rows. */
import type { Table } from '../../src/sql/types.ts';
import { column, of, quoted } from './plans.ts';

type Picks = readonly [number, number, number];

const VALUES = ['NULL', '1', '2', '3', '7'];
const value = (pick: number): string => of(VALUES, pick) ?? 'NULL';
const asText = (c: string): string => `${c}::text`;

export function rowsMove(
  kind: 'update' | 'insert' | 'delete',
  table: Table,
  other: Table | undefined,
  picks: Picks,
): string[] {
  if (kind === 'update') return update(table, other, picks);
  return kind === 'insert' ? insert(table, other, picks) : remove(table, other, picks);
}

/** Values are written as JSON strings would be: '7' is a text, an integer and a JSON number. */
const literal = (pick: number): string => (value(pick) === 'NULL' ? 'NULL' : `'${value(pick)}'`);

function update(table: Table, other: Table | undefined, [q, r, s]: Picks): string[] {
  const t = quoted(table.name);
  const [c, d] = [column(table, q), column(table, r)];
  const far = other ? column(other, r) : 'id';
  const ways = [
    `UPDATE ${t} SET ${c} = ${literal(r)} WHERE ${c} IS NULL`,
    `UPDATE ${t} SET ${c} = ${literal(r)}`,
    `UPDATE ${t} SET ${c} = ${d}`,
    `UPDATE ${t} SET ${c} = ${d} WHERE ${c} IS NULL`,
    `UPDATE ${t} SET ${c} = ${literal(r)} WHERE ${asText(d)} = ${literal(s + 1)}`,
    `UPDATE ${t} SET ${c} = ${literal(r)} WHERE ${asText(c)} = ${literal(q + 1)}`,
    `UPDATE ${t} SET ${c} = ${c} || '1'`,
    // Not one that looks for what it sets: what is taken from elsewhere cannot be told from what was there.
    ...(other && c !== 'id'
      ? [`UPDATE ${t} SET ${c} = o.${far} FROM ${quoted(other.name)} AS o WHERE o.id = ${t}.id`]
      : []),
    `UPDATE ${t} SET ${c} = COALESCE(${d}, ${literal(r)}) WHERE ${c} IS NULL`,
    `UPDATE ${t} SET ${c} = ${literal(r)}, ${d} = ${literal(q)} WHERE id > ${s % 3}`,
  ];
  return [of(ways, s) ?? ''];
}

function insert(table: Table, other: Table | undefined, [q, r, s]: Picks): string[] {
  const t = quoted(table.name);
  const c = column(table, q);
  const o = quoted(other?.name ?? '');
  const ways = [
    `INSERT INTO ${t} (id) VALUES (${20 + r})`,
    `INSERT INTO ${t} (id, ${c}) VALUES (${40 + r}, ${literal(s)}), (${60 + r}, ${literal(r)})`,
    ...(other
      ? [
          `INSERT INTO ${t} (id) SELECT id + 200 FROM ${o}`,
          `INSERT INTO ${t} (id) SELECT id FROM ${o} AS o WHERE NOT EXISTS (SELECT 1 FROM ${t} AS n WHERE n.id = o.id)`,
        ]
      : []),
  ];
  return [of(ways, s) ?? ''];
}

function remove(table: Table, other: Table | undefined, [q, r, s]: Picks): string[] {
  const t = quoted(table.name);
  const c = column(table, q);
  const ways = [
    `DELETE FROM ${t} WHERE ${c} IS NULL`,
    `DELETE FROM ${t} WHERE ${asText(c)} = ${literal(r + 1)}`,
    `DELETE FROM ${t} WHERE id > ${r % 4}`,
    `DELETE FROM ${t}`,
    ...(other ? [`DELETE FROM ${t} USING ${quoted(other.name)} AS o WHERE o.id = ${t}.id`] : []),
  ];
  return [of(ways, s) ?? ''];
}
