/** Values that do not fit, replaced by one that the operator types: for all rows, or for those that hold the same. */
import { quoteLiteral } from '../../sql/definition-sql.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { RepairContext } from '../find.ts';
import type { Repair, RepairInput } from '../types.ts';
import { PLACE, YOURS } from '../value.ts';
import { name, rowsOf, table, textsOf } from './asking.ts';
import { KEPT, label, repairIn, setting, type Place } from './value-place.ts';

/** Beyond this many different values nobody wants to answer for each. */
const MOST = 6;

export interface Misfit {
  place: Place;
  /** The rows that do not fit. */
  where: string;
  words: string;
  /** What the column that the step writes is declared as; null where that is not known. */
  type: string | null;
  /** Most characters; null: that is not what is wrong. */
  longest: number | null;
}

const INTEGERS = /^(smallint|integer|bigint|int[248]?)$/;
const NUMBERS = /^(real|double precision|float\d?|numeric|decimal)\b/;

function accepts(type: string | null): RepairInput['accepts'] {
  if (type !== null && INTEGERS.test(type)) return 'integer';
  return type !== null && NUMBERS.test(type) ? 'number' : 'text';
}

function replacing({ place, where, words, type, longest }: Misfit, id: string, rows: string): Repair {
  const kind = longest === null ? accepts(type) : 'text';
  const text = longest === null && type !== null ? `a value of type ${toLine(type, 60)}` : 'a text';
  const what = { number: 'a number', integer: 'a whole number', text }[kind];
  const limit = longest === null ? '' : ` of at most ${longest} characters`;
  const as = place.path.length > 0 ? 'json' : 'literal';
  return {
    ...repairIn(place, where, 'replace', words),
    id,
    title: `Put ${YOURS} in ${label(place)} of ${place.table.name} ${rows}`,
    careful: [KEPT, 'It is the same value for each of these rows.'],
    sql: `UPDATE ${name(place.table.name)}\nSET ${setting(place, PLACE, PLACE)}\nWHERE ${where};`,
    input: {
      prompt: `What should stand in ${label(place)} of ${place.table.name} ${rows}? Type ${what}${limit}.`,
      accepts: kind,
      longest,
      as,
      value: null,
    },
  };
}

/** Read back from the command line: one word of a shell. */
const asId = (value: string): string => value.replace(/[^\w.-]+/gu, '_').slice(0, 40);

/** The values as they are, with how many rows hold each; the most frequent first. */
async function different(context: RepairContext, { place, where }: Misfit): Promise<string[][]> {
  const rows = await textsOf(
    context,
    `SELECT (${place.value})::text, count(*)::text FROM ${table(context, place.table.name)}
      WHERE ${where} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${MOST + 1}`,
  );
  return rows.length > 1 && rows.length <= MOST ? rows : [];
}

/** Those of one value each come before the one for all that are left. */
export async function ownValues(context: RepairContext, misfit: Misfit): Promise<Repair[]> {
  const { place, where } = misfit;
  if (setting(place, '', '').includes(PLACE)) return [];
  const id = `replace:${place.table.name}.${label(place)}`;
  const found: Repair[] = [];
  for (const [value = '', rows = '0'] of await different(context, misfit)) {
    const own = `${id}:${asId(value)}`;
    if (value === '' || found.some((one) => one.id === own)) continue;
    const only = { ...misfit, where: `${where} AND ${place.value} = ${quoteLiteral(value)}` };
    found.push(replacing(only, own, `where it is "${toLine(value, 40)}" (${rowsOf(Number(rows))})`));
  }
  return [...found, replacing(misfit, id, 'where it does not fit')];
}
