/** Type names: from a parse tree to the spelling `format_type` gives them, so that both can be compared. */
import type { Node, TypeName } from '@pgsql/types';

/** The parser's names of the built-in types, in format_type's spelling (src/backend/utils/adt/format_type.c). */
const SPELLING: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bpchar: 'character',
  char: '"char"',
  decimal: 'numeric',
  float4: 'real',
  float8: 'double precision',
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  timetz: 'time with time zone',
  varbit: 'bit varying',
  varchar: 'character varying',
};

/** The pseudo-types that stand for an integer column with a sequence of its own. */
const SERIAL: Readonly<Record<string, string>> = {
  bigserial: 'bigint',
  serial: 'integer',
  serial2: 'smallint',
  serial4: 'integer',
  serial8: 'bigint',
  smallserial: 'smallint',
};

/** Bits of an interval's field mask (INTERVAL_MASK in utils/timestamp.h); any other mask means all fields. */
const [MONTH, YEAR, DAY, HOUR, MINUTE, SECOND] = [1 << 1, 1 << 2, 1 << 3, 1 << 10, 1 << 11, 1 << 12];

const INTERVAL_FIELDS: Readonly<Record<number, string>> = {
  [YEAR]: 'year',
  [MONTH]: 'month',
  [DAY]: 'day',
  [HOUR]: 'hour',
  [MINUTE]: 'minute',
  [SECOND]: 'second',
  [YEAR | MONTH]: 'year to month',
  [DAY | HOUR]: 'day to hour',
  [DAY | HOUR | MINUTE]: 'day to minute',
  [DAY | HOUR | MINUTE | SECOND]: 'day to second',
  [HOUR | MINUTE]: 'hour to minute',
  [HOUR | MINUTE | SECOND]: 'hour to second',
  [MINUTE | SECOND]: 'minute to second',
};

function words(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => ('String' in node ? (node.String.sval ?? '') : ''));
}

/** An identifier as SQL needs it written: quoted only when it must be. */
export function quoteIdent(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function modifiers(type: TypeName): string[] {
  return (type.typmods ?? []).map((node) => {
    if ('A_Const' in node) {
      const { ival, fval, sval } = node.A_Const;
      if (sval) return sval.sval ?? '';
      return fval ? (fval.fval ?? '') : String(ival?.ival ?? 0);
    }
    return 'ColumnRef' in node ? words(node.ColumnRef.fields).join('.') : '?';
  });
}

function withModifiers(name: string, spelled: string, mods: readonly string[]): string {
  // Without a length it is no `character`, which would be character(1).
  if (mods.length === 0) return name === 'bpchar' ? name : spelled;
  if (name === 'interval') {
    const fields = INTERVAL_FIELDS[Number(mods[0])];
    return `interval${fields ? ` ${fields}` : ''}${mods[1] === undefined ? '' : `(${mods[1]})`}`;
  }
  // format_type always writes a numeric's scale.
  if (spelled === 'numeric') return `numeric(${mods[0]},${mods[1] ?? '0'})`;
  const zone = /^(time|timestamp)( with(?:out)? time zone)$/.exec(spelled);
  return zone ? `${zone[1]}(${mods[0]})${zone[2]}` : `${spelled}(${mods.join(',')})`;
}

/** True for serial, bigserial and smallserial: such a column is NOT NULL and gets a sequence. */
export function isSerial(type: TypeName | undefined): boolean {
  const names = words(type?.names);
  return names.length === 1 && (names[0] ?? '') in SERIAL;
}

/**
 * A type as `format_type` would write it: `varchar(255)` is `character varying(255)`, `float` is
 * `double precision`, any number of array dimensions is `[]`.
 */
export function typeNameOf(type: TypeName | undefined): string {
  if (!type) return '';
  const names = words(type.names);
  const last = names.at(-1) ?? '';
  const builtIn = names.length === 1 || (names.length === 2 && names[0] === 'pg_catalog');
  const spelled = builtIn
    ? (SERIAL[last] ?? SPELLING[last] ?? quoteIdent(last))
    : names.map(quoteIdent).join('.');
  const array = (type.arrayBounds ?? []).length > 0 ? '[]' : '';
  return withModifiers(last, spelled, modifiers(type)) + array;
}

/** format_type writes a schema where the type is not on the search_path: that says nothing about the type. */
function withoutSchema(type: string): string {
  return type.replace(/^(?:"(?:[^"]|"")*"|[\w$]+)\.(?=\D)/, '');
}

/** True when two spellings, one perhaps qualified with a schema, name the same type. */
export function sameType(one: string, other: string): boolean {
  return one === other || withoutSchema(one) === withoutSchema(other);
}
