/**
 * Whether a value survives a conversion, as a condition in SQL that itself never raises an error.
 *
 * From PostgreSQL 16 the server can be asked (`pg_input_is_valid`, manual "Data Validity Checking Functions").
 * Before that, the texts that each type's input function accepts are described by regular expressions and ranges:
 * float8in and strtod, numeric_in, int4in, boolin (unique prefixes), uuid_in, pgvector's vector_in.
 */
import { literal } from './risk/text.ts';

export type Check =
  /** No value can fail. */
  | { kind: 'safe' }
  /** `ok` is true for values that convert, false for those that raise, NULL for NULL. `long`: for their length. */
  | { kind: 'test'; ok: string; long?: true }
  /** Like test, but where `ok` is false the value may still convert. */
  | { kind: 'unsure'; ok: string; why: string }
  /** Nothing raises; where `over` is true the text is cut to `limit` characters in silence. */
  | { kind: 'cut'; over: string; limit: number }
  /** Not known how to tell beforehand. */
  | { kind: 'gap'; why: string };

interface TypeName {
  base: string;
  mods: number[];
  array: boolean;
}

const SAFE: Check = { kind: 'safe' };
const STRINGS = new Set(['text', 'character varying', 'character', 'name', '"char"', 'unknown']);
const TIMES = new Set([
  'date',
  'timestamp without time zone',
  'timestamp with time zone',
  'time without time zone',
  'time with time zone',
]);
const INTEGERS: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
};
const NUMBERS = new Set([...Object.keys(INTEGERS), 'numeric', 'real', 'double precision']);
/** Types whose input functions report errors softly, so that pg_input_is_valid answers instead of raising. */
const SOFT = new Set([
  ...NUMBERS,
  ...TIMES,
  'boolean',
  'uuid',
  'jsonb',
  'json',
  'interval',
  'inet',
  'cidr',
  'bytea',
]);

const WIDTH = ['smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision'];
/** What the input functions skip around a value: C's isspace. */
const SPACE = '[ \\t\\n\\v\\f\\r]*';
const DIGITS = '([0-9]+\\.?[0-9]*|\\.[0-9]+)';

/** Splits a type as `format_type` writes it. */
export function parseType(type: string): TypeName {
  const array = type.endsWith('[]');
  const plain = array ? type.slice(0, -2) : type;
  const mods = /\(([\d, ]+)\)/.exec(plain);
  return {
    base: plain.replace(/\([\d, ]+\)/, '').replace(/^(?:"[^"]+"|\w+)\.(?=vector$)/, ''),
    mods: (mods?.[1] ?? '').split(',').filter(Boolean).map(Number),
    array,
  };
}

/** True for types whose values are texts. */
export function isString(type: string): boolean {
  const { base, array } = parseType(type);
  return !array && STRINGS.has(base);
}

function matches(text: string, pattern: string): string {
  return `(${text}) ~* ${literal(`^${SPACE}${pattern}${SPACE}$`)}`;
}

function asNumeric(text: string): string {
  return `CAST(${text} AS pg_catalog.numeric)`;
}

/** The value of the exponent, at most `digits` digits long, is what keeps a conversion to numeric from raising. */
function shortExponent(text: string, digits: number): string {
  return `(${text}) !~* ${literal(`e[+-]?0*[1-9][0-9]{${digits},}`)}`;
}

/**
 * strtod rounds to the nearest double: beyond the largest double by half a unit is infinity, below half the smallest
 * is zero, and float8in refuses both (only a true zero is zero).
 */
function floatText(text: string): string {
  const plain = `[+-]?${DIGITS}`;
  const zero = matches(text, '[+-]?(0+\\.?0*|\\.0+)(e[+-]?[0-9]+)?');
  const size = `pg_catalog.abs(${asNumeric(text)})`;
  const inRange = `${size} < 1.797693134862315807937e308 AND ${size} > 2.4703282292062328e-324`;
  return `CASE
    WHEN pg_catalog.char_length(${text}) <= 300 AND ${matches(text, plain)} THEN true
    WHEN ${matches(text, '[+-]?(inf|infinity|nan|nan\\([0-9a-z_]*\\))')} THEN true
    WHEN ${matches(text, '[+-]?0x([0-9a-f]+\\.?[0-9a-f]*|\\.[0-9a-f]+)(p[+-]?[0-9]{1,2})?')}
      THEN pg_catalog.char_length(${text}) <= 200
    WHEN ${zero} THEN true
    WHEN ${matches(text, `${plain}(e[+-]?[0-9]+)?`)} AND ${shortExponent(text, 3)} THEN ${inRange}
    WHEN (${text}) IS NOT NULL THEN false END`;
}

function realText(text: string): string {
  const size = `pg_catalog.abs(CAST(${text} AS pg_catalog.float8))`;
  const finite = `CAST(${text} AS pg_catalog.float8) NOT IN ('NaN', 'Infinity', '-Infinity')`;
  return `CASE WHEN (${floatText(text)}) THEN
    CASE WHEN ${finite} THEN ${size} = 0 OR (${size} < 3.4028235677973366e38 AND ${size} > 7.006492321624085e-46)
    ELSE true END WHEN (${text}) IS NOT NULL THEN false END`;
}

function numericText(text: string, version: number): string {
  // numeric has infinities since PostgreSQL 14.
  const special = version >= 140000 ? '(nan|[+-]?inf(inity)?)' : 'nan';
  return `CASE WHEN ${matches(text, `[+-]?${DIGITS}(e[+-]?[0-9]+)?`)} THEN ${shortExponent(text, 3)}
    WHEN (${text}) IS NOT NULL THEN ${matches(text, special)} END`;
}

function fits(value: string, mods: readonly number[]): string {
  const [precision = 0, scale = 0] = mods;
  return `pg_catalog.abs(pg_catalog.round(${value}, ${scale})) < 1e${precision - scale} OR ${value} = 'NaN'`;
}

function numericTextWith(text: string, mods: readonly number[], version: number): string {
  if (mods.length === 0) return numericText(text, version);
  return `CASE WHEN ${numericText(text, version)} THEN ${fits(asNumeric(text), mods)} WHEN (${text}) IS NOT NULL THEN false END`;
}

function integerText(text: string, [low, high]: readonly [string, string]): string {
  return `CASE WHEN ${matches(text, '[+-]?[0-9]+')} THEN ${asNumeric(text)} BETWEEN ${low} AND ${high}
    WHEN (${text}) IS NOT NULL THEN false END`;
}

const BOOLEAN = '(t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|1|0)';
const UUID = '(\\{([0-9a-f]{4}-?){7}[0-9a-f]{4}\\}|([0-9a-f]{4}-?){7}[0-9a-f]{4})';

/** ISO 8601 without extras; everything else may still be a date to PostgreSQL. */
function isoText(text: string, base: string): string {
  const date = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])';
  const time = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]))?';
  const whole = base === 'date' ? date : base.startsWith('timestamp') ? `${date}([ T]${time})?` : time;
  return `${matches(text, whole)} AND (${text}) !~ '^0000'`;
}

/** How many numbers a vector's text holds. Names the text once: what it stands for may be long, and is written out. */
const itemsOf = (text: string): string => `pg_catalog.cardinality(pg_catalog.string_to_array(${text}, ','))`;

/** pgvector's input: a bracketed list of n finite float4 numbers. */
function vectorText(text: string, mods: readonly number[]): string {
  const number = `[+-]?${DIGITS}(e[+-]?[0-9]{1,3})?`;
  const item = `${SPACE}${number}${SPACE}`;
  const items = itemsOf(text);
  const count = mods[0] === undefined ? `${items} <= 16000` : `${items} = ${mods[0]}`;
  const big = `(${text}) ~* ${literal('e[+]?0*[1-9][0-9]|[0-9]{38}')}`;
  const parts = `pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.btrim(${text}, E' \\t\\n\\x0b\\x0c\\r[]'), ','))`;
  const inRange = `NOT EXISTS (SELECT 1 FROM ${parts} AS backout_v(v)
    WHERE pg_catalog.abs(CAST(backout_v.v AS pg_catalog.numeric)) >= 3.4028235677973366e38)`;
  return `CASE WHEN ${matches(text, `\\[${item}(,${item})*\\]`)}
    THEN ${count} AND CASE WHEN ${big} THEN ${inRange} ELSE true END
    WHEN (${text}) IS NOT NULL THEN false END`;
}

function fromText(to: TypeName, type: string, text: string, version: number): Check {
  if (to.base === 'vector' && !to.array) return { kind: 'test', ok: vectorText(text, to.mods) };
  if (!SOFT.has(to.base))
    return { kind: 'gap', why: `how PostgreSQL reads a text as ${type} is not known here` };
  if (version >= 160000)
    return { kind: 'test', ok: `pg_catalog.pg_input_is_valid(${text}, ${literal(type)})` };
  if (to.array) return { kind: 'gap', why: `before PostgreSQL 16 a text cannot be tested for ${type}` };
  const range = INTEGERS[to.base];
  if (range) return { kind: 'test', ok: integerText(text, range) };
  if (to.base === 'numeric') return { kind: 'test', ok: numericTextWith(text, to.mods, version) };
  if (to.base === 'double precision') return { kind: 'test', ok: floatText(text) };
  if (to.base === 'real') return { kind: 'test', ok: realText(text) };
  if (to.base === 'boolean') return { kind: 'test', ok: matches(text, BOOLEAN) };
  if (to.base === 'uuid') return { kind: 'test', ok: `(${text}) ~* ${literal(`^${UUID}$`)}` };
  if (TIMES.has(to.base)) {
    const why = `before PostgreSQL 16 only ISO 8601 texts can be told to be a ${to.base}`;
    return { kind: 'unsure', ok: isoText(text, to.base), why };
  }
  return { kind: 'gap', why: `before PostgreSQL 16 a text cannot be tested for ${type}` };
}

function fromJsonb(to: TypeName, type: string, value: string, version: number): Check {
  const numeric = NUMBERS.has(to.base);
  if (to.array || (!numeric && to.base !== 'boolean'))
    return { kind: 'gap', why: `jsonb as ${type} is not tested` };
  const kind = `pg_catalog.jsonb_typeof(${value})`;
  const wanted = numeric ? 'number' : 'boolean';
  // From PostgreSQL 18 a JSON null becomes NULL; before, it raises.
  const nothing = version >= 180000 ? `WHEN ${kind} = 'null' THEN true` : '';
  if (!numeric)
    return { kind: 'test', ok: `CASE ${nothing} WHEN ${kind} IS NOT NULL THEN ${kind} = '${wanted}' END` };
  const inner = numberFits('numeric', to, asNumeric(`(${value})`));
  const fit = inner.kind === 'test' ? inner.ok : 'true';
  const ok = `CASE ${nothing} WHEN ${kind} = '${wanted}' THEN ${fit} WHEN ${kind} IS NOT NULL THEN false END`;
  return { kind: 'test', ok };
}

/** From one type of number to another (cast functions round, then check the range). */
function numberFits(from: string, to: TypeName, value: string): Check {
  const range = INTEGERS[to.base];
  if (to.base === 'numeric') {
    if (to.mods.length === 0) return SAFE;
    return { kind: 'test', ok: fits(asNumeric(value), to.mods) };
  }
  if (WIDTH.indexOf(from) <= WIDTH.indexOf(to.base) && from !== 'numeric') return SAFE;
  if (range) {
    // A float is rounded to even, a numeric away from zero.
    const float = from === 'real' || from === 'double precision';
    const ok = float
      ? `(${value}) >= ${range[0]}.5 AND (${value}) < ${range[1]}.5`
      : `pg_catalog.round(${value}) BETWEEN ${range[0]} AND ${range[1]}`;
    return { kind: 'test', ok };
  }
  const limit = to.base === 'real' ? '3.4028235677973366e38' : '1.797693134862315807937e308';
  const size = `pg_catalog.abs(${value})`;
  return { kind: 'test', ok: `${size} < ${limit} OR (${value}) IN ('NaN')` };
}

/** Texts that are longer than a length-limited type takes; trailing spaces beyond it do not count (SQL standard). */
function tooLong(value: string, array: boolean, limit: number): string {
  const over = (text: string) =>
    `pg_catalog.char_length(pg_catalog.rtrim(CAST(${text} AS text), ' ')) > ${limit}`;
  if (!array) return over(`(${value})`);
  return `EXISTS (SELECT 1 FROM pg_catalog.unnest(${value}) AS backout_e(v) WHERE ${over('backout_e.v')})`;
}

/**
 * What an explicit cast does with a value.
 *
 * @param from the value's type as pg_typeof writes it
 * @param to the type as format_type writes it
 * @param value SQL of the value, which must not raise
 * @param version server_version_num
 */
export function castCheck(from: string, to: string, value: string, version: number): Check {
  const source = parseType(from);
  const target = parseType(to);
  const limit = target.mods[0];
  if (STRINGS.has(target.base) && (!target.array || source.array)) {
    if (limit === undefined) return SAFE;
    return { kind: 'cut', over: tooLong(value, target.array, limit), limit };
  }
  if (source.base === target.base && source.array === target.array) return sameBase(target, value);
  if (isString(from)) return fromText(target, to, `CAST(${value} AS text)`, version);
  if (source.array || target.array) return { kind: 'gap', why: `${from} as ${to} is not tested` };
  if (source.base === 'jsonb') return fromJsonb(target, to, value, version);
  if (NUMBERS.has(source.base) && NUMBERS.has(target.base)) return numberFits(source.base, target, value);
  if (TIMES.has(source.base) && TIMES.has(target.base)) return SAFE;
  if (source.base === 'json' && target.base === 'jsonb') return SAFE;
  if (source.base === 'jsonb' && target.base === 'json') return SAFE;
  return { kind: 'gap', why: `${from} as ${to} is not tested` };
}

function sameBase(target: TypeName, value: string): Check {
  if (target.base === 'vector' && target.mods.length > 0 && !target.array) {
    // It is a vector already: only the number of its dimensions can be wrong.
    return { kind: 'test', ok: `${itemsOf(`CAST(${value} AS text)`)} = ${target.mods[0]}` };
  }
  if (target.base === 'numeric' && target.mods.length > 0 && !target.array) {
    return { kind: 'test', ok: fits(`(${value})`, target.mods) };
  }
  return SAFE;
}

/** What storing a value in a column does: like a cast, but a text that is too long raises (SQLSTATE 22001). */
export function assignCheck(from: string, to: string, value: string, version: number): Check {
  const check = castCheck(from, to, value, version);
  return check.kind === 'cut' ? { kind: 'test', ok: `NOT (${check.over})`, long: true } : check;
}
