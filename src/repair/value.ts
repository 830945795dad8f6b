/** The SQL of a repair that holds a value which the operator types. Pure. */
import { quoteLiteral } from '../sql/definition-sql.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Repair, RepairInput } from './types.ts';

/** Stands in the SQL of such a repair, before anything that was read from the database. */
export const PLACE = "'<value>'";

/** Its words in the title, before a value was given. */
export const YOURS = 'a value of yours';

function literalOf({ accepts, as }: RepairInput, value: string): string {
  if (as === 'literal') return quoteLiteral(value);
  return quoteLiteral(accepts === 'text' ? JSON.stringify(value) : value);
}

/** With what was given in its SQL and in its title; as it is where nothing is asked for, or nothing was given. */
export function withValue(repair: Repair): Repair {
  const { input, title, sql } = repair;
  if (!input || input.value === null) return repair;
  const literal = literalOf(input, input.value);
  const shown = toLine(input.value, 60);
  return {
    ...repair,
    title: title.replace(YOURS, () => (input.accepts === 'text' ? `"${shown}"` : shown)),
    sql: sql.replace(PLACE, () => literal),
  };
}

/** Whether anything is still to be given. */
export const isOpen = ({ input }: Repair): boolean => input?.value === null;
