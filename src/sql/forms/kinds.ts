/**
 * What is known of types: which type an expression has, and as which type a later statement sees what a column holds.
 *
 * An assignment converts a value to its column's type. Where such a value is read again before it is stored, the same
 * conversion has to be written out. An explicit cast to varchar(n) cuts a long text off without a word where an
 * assignment raises 22001 (manual, datatype-character), so a value is never cast to a type with a length. What remains: an assignment cuts off
 * spaces beyond the length (same page), and a value that is only read in between keeps them.
 */
import type { Node } from '@pgsql/types';
import { textsOf } from '../parse-tree.ts';
import { typeNameOf } from '../types-of.ts';

/** Literals without a type: they take the one that is wanted where they stand. */
export const UNKNOWN = 'unknown';

/** Types of the server itself that hold what they are given, or round it the same way in a cast as in an assignment. */
const PLAIN = new Set([
  'bigint',
  'bit varying',
  'boolean',
  'bytea',
  'character varying',
  'cidr',
  'date',
  'double precision',
  'inet',
  'integer',
  'interval',
  'json',
  'jsonb',
  'macaddr',
  'money',
  'numeric',
  'real',
  'smallint',
  'text',
  'time with time zone',
  'time without time zone',
  'timestamp with time zone',
  'timestamp without time zone',
  'tsvector',
  'uuid',
  'xml',
]);

/** An assignment to them rounds, as an explicit cast does. */
const ROUNDS = /^(numeric|time|timestamp|interval)\b/;

/** True when an assignment to the type rounds, and an explicit cast does the same. */
export function rounds(type: string): boolean {
  return ROUNDS.test(type);
}

/** Checks the number of dimensions and changes nothing (pgvector). */
const DIMENSIONS = /^(?:(?:"(?:[^"]|"")*"|[\w$]+)\.)?(vector|halfvec)\(\d+\)$/;

/** The type without its modifiers: `character varying(255)[]` is `character varying[]`. */
export function baseType(type: string): string {
  const plain = type.replace(/\([^)]*\)/, '');
  return plain.startsWith('interval') ? `interval${plain.endsWith('[]') ? '[]' : ''}` : plain;
}

/** True for types of the server itself, and lists of them, whatever their length. */
export function isPlain(type: string): boolean {
  return PLAIN.has(baseType(type).replace(/(\[\])+$/, ''));
}

/** The type to which a value has to be cast to be what a column of this type would hold; null when no cast is. */
export function seenAs(type: string): string | null {
  if (DIMENSIONS.test(type)) return baseType(type);
  if (!isPlain(type)) return null;
  return ROUNDS.test(type) ? type : baseType(type);
}

/** True when a value of this type is stored in a column of that type as it is. */
export function isSame(from: string | null, to: string): boolean {
  if (from === null || from === UNKNOWN) return false;
  if (from === to) return true;
  if (ROUNDS.test(to) && to !== baseType(to)) return false;
  const pair = [baseType(from), baseType(to)];
  // Both hold the same text, and nothing but pg_typeof tells them apart.
  if (pair.every((one) => one === 'text' || one === 'character varying')) return true;
  return pair[0] === pair[1] && (isPlain(to) || from === baseType(to));
}

const COMPARES = new Set([
  '=', '<>', '<', '>', '<=', '>=', '~', '~*', '!~', '!~*', '~~', '!~~', '~~*', '!~~*', '?', '?|', '?&', '@>', '<@',
]); // prettier-ignore

function operatorType(name: string, left: string | null): string | null {
  if (COMPARES.has(name)) return 'boolean';
  const json = left === 'json' || left === 'jsonb';
  if (json && (name === '->>' || name === '#>>')) return 'text';
  if (json && (name === '->' || name === '#>')) return left;
  if (left === 'jsonb' && ['-', '#-', '||'].includes(name)) return 'jsonb';
  return null;
}

/** Each is converted by itself into those after it; the last one is preferred (pg_cast, pg_type.typispreferred). */
export const NUMBERS = ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'];

/** CASE and COALESCE: the one type of their values (manual, typeconv-union-case); null when it is not plain. */
function commonType(types: readonly (string | null)[]): string | null {
  const known = new Set(types.filter((type) => type !== UNKNOWN).map((type) => type && baseType(type)));
  if (known.size === 0) return 'text';
  if (known.size === 1) return [...known][0] ?? null;
  const ranks = [...known].map((type) => NUMBERS.indexOf(type ?? ''));
  if (!ranks.includes(-1)) return NUMBERS[Math.max(...ranks)] ?? null;
  return [...known].every((type) => type === 'text' || type === 'character varying') ? 'text' : null;
}

function numberType(digits: string): string {
  const whole = /^-?\d+$/.test(digits) && digits.replace('-', '').length < 19;
  return whole ? 'bigint' : 'numeric';
}

const RETURNS: Readonly<Record<string, string>> = {
  btrim: 'text',
  concat: 'text',
  jsonb_build_array: 'jsonb',
  jsonb_build_object: 'jsonb',
  jsonb_set: 'jsonb',
  jsonb_strip_nulls: 'jsonb',
  jsonb_typeof: 'text',
  lower: 'text',
  md5: 'text',
  now: 'timestamp with time zone',
  to_jsonb: 'jsonb',
  upper: 'text',
};

/**
 * The type of an expression as far as its text shows it, else null: nobody relies on it being found, only on it being
 * right.
 *
 * @param of the type of a column
 */
export function typeOf(node: Node, of: (column: string) => string | null): string | null {
  const below = (each: Node | undefined): string | null => (each ? typeOf(each, of) : UNKNOWN);
  if ('ColumnRef' in node) {
    const fields = textsOf(node.ColumnRef.fields);
    return fields.length === 1 ? of(fields[0] ?? '') : null;
  }
  if ('TypeCast' in node) return typeNameOf(node.TypeCast.typeName);
  if ('A_Const' in node) {
    const { ival, fval, boolval } = node.A_Const;
    if (ival) return 'integer';
    if (fval) return numberType(fval.fval ?? '');
    return boolval ? 'boolean' : UNKNOWN;
  }
  if ('CoalesceExpr' in node) return commonType((node.CoalesceExpr.args ?? []).map(below));
  if ('CaseExpr' in node) {
    const arms = (node.CaseExpr.args ?? []).map((arm) =>
      'CaseWhen' in arm ? arm.CaseWhen.result : undefined,
    );
    return commonType([...arms, node.CaseExpr.defresult].map(below));
  }
  if ('NullTest' in node || 'BoolExpr' in node || 'BooleanTest' in node) return 'boolean';
  if ('FuncCall' in node) {
    const names = textsOf(node.FuncCall.funcname);
    return names.length === 1 || names[0] === 'pg_catalog' ? (RETURNS[names.at(-1) ?? ''] ?? null) : null;
  }
  if ('A_Expr' in node) {
    const { kind, name, lexpr } = node.A_Expr;
    if (kind === 'AEXPR_OP') return operatorType(textsOf(name).at(-1) ?? '', below(lexpr));
    return kind === 'AEXPR_NULLIF' ? null : 'boolean';
  }
  return null;
}
