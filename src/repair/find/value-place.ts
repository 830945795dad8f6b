/** Where a value that does not fit is, and what every repair of it has. Pure. */
import { quoteLiteral } from '../../sql/definition-sql.ts';
import type { Column, Table } from '../../sql/types.ts';
import type { Repair } from '../types.ts';
import { name } from './asking.ts';

/** Where a value is now: the plan may be about to rename its table and its column. */
export interface Place {
  table: Table;
  column: Column;
  /** SQL of the value as text. */
  value: string;
  path: string[];
}

/** SET that puts another value in this place; `json` is an expression of type jsonb, `plain` one of the column's. */
export const setting = ({ column, path }: Place, json: string, plain: string): string =>
  path.length === 0
    ? `${name(column.name)} = ${plain}`
    : `${name(column.name)} = jsonb_set(${name(column.name)}, ARRAY[${path.map(quoteLiteral).join(', ')}], ${json})`;

export const KEPT =
  'The value as it is now is kept in the archive of the repair: "backout undo" of that run brings it back.';

export const label = ({ column, path }: Place): string => [column.name, ...path].join('.');

export function repairIn(
  place: Place,
  where: string,
  what: string,
  words: string,
): Omit<Repair, 'title' | 'careful' | 'sql'> {
  return {
    id: `${what}:${place.table.name}.${label(place)}`,
    found: words,
    checks: [
      {
        title: `Every ${label(place)} of ${place.table.name} fits`,
        sql: `SELECT count(*) FROM ${name(place.table.name)} WHERE ${where}`,
        expect: '0',
      },
    ],
    recommended: false,
  };
}
