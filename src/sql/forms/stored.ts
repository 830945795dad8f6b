/**
 * A value as a column of a type would store it, written as an expression. INSERT converts what it is given by
 * assignment; CREATE TABLE … AS takes what the SELECT gives, type, length and collation included.
 */
import { baseType, isPlain, NUMBERS, rounds, UNKNOWN } from './kinds.ts';

const TEXTS = ['text', 'character varying'];

/** Bytes of a varlena's header, by which a length in characters is kept as a type modifier (VARHDRSZ). */
const HEADER = 4;

/**
 * A cast to varchar(n) would cut a long text off without a word. The server's own function for it, told that nobody
 * asked for a cast, raises 22001 and takes away nothing but spaces, as an assignment does (varchar() in varchar.c; see
 * the tests).
 */
function textSql(type: string, collation: string | null, sql: string): string {
  const length = /^character varying\((\d+)\)$/.exec(type)?.[1];
  const fitting =
    length === undefined
      ? sql
      : `pg_catalog."varchar"(CAST(${sql} AS character varying), ${Number(length) + HEADER}, false)`;
  return `CAST(${fitting} AS ${type}) COLLATE ${collation ?? 'pg_catalog."default"'}`;
}

/**
 * @param column the type as format_type writes it, and the collation where it is not the type's own
 * @param from the type that the expression is known to have; null when it is not known
 * @returns null where it cannot be told that this is what INSERT would store
 */
export function storedSql(
  { type, collation }: { type: string; collation: string | null },
  from: string | null,
  sql: string,
): string | null {
  if (from === null || type.endsWith(']')) return null;
  const [base, given] = [baseType(type), baseType(from)];
  if (TEXTS.includes(base)) {
    return TEXTS.includes(given) || given === UNKNOWN ? textSql(type, collation, sql) : null;
  }
  if (!isPlain(type) || (type !== base && !rounds(type))) return null;
  // Each number can be assigned to each other, by the very function that a cast calls (pg_cast).
  const fits = given === UNKNOWN || given === base || [base, given].every((one) => NUMBERS.includes(one));
  return fits ? `CAST(${sql} AS ${type})` : null;
}
