/**
 * Every value a {@link Session} returns is text, as the server wrote it, or null: nothing is lost in a conversion
 * that the caller did not ask for (`bigint`, `numeric` and timestamps do not fit JavaScript's types).
 */

/** A number from a count or a size. @throws {TypeError} when it is not a finite number. */
export function asNumber(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'bigint') return Number(number);
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw new TypeError('expected a number from the database');
}

/** A boolean as the server writes it: `t` or `f` (manual, datatype-boolean). @throws {TypeError} */
export function asBoolean(value: unknown): boolean {
  if (value === true || value === 't' || value === 'true') return true;
  if (value === false || value === 'f' || value === 'false') return false;
  throw new TypeError('expected a boolean from the database');
}

/** Text; NULL becomes the empty string. Not sanitised: pass it through `toLine` before it is shown. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Text or null. */
export function asTextOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : asText(value);
}

/** A JSON document: the embedded server may hand it over parsed, a connection as text. */
export function asJson(value: unknown): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
}
