/** Functions and operators: which cannot raise on any value, which need something, which are not known. */

export interface CallNeeds {
  /** True where the function can be called with this first argument. */
  ok?: string;
  why?: string;
  /** What it does with unexpected values is not known. */
  gap?: true;
  /** Not one of PostgreSQL's own. */
  elsewhere?: true;
  /** A constant that stands for a value made up at each call: evaluating it twice would not give the same. */
  made?: string;
}

const SAFE = new Set(
  `array_agg array_append array_cat array_length array_position array_prepend array_remove array_replace array_to_json
  array_to_string avg bool_and bool_or btrim cardinality ceil char_length character_length concat concat_ws count
  current_database current_schema every floor greatest initcap json_agg json_build_array json_typeof jsonb_agg
  jsonb_build_array jsonb_extract_path jsonb_extract_path_text jsonb_pretty jsonb_strip_nulls jsonb_typeof least left
  length lower lpad ltrim max md5 min now num_nonnulls num_nulls nullif octet_length pg_typeof position replace reverse
  right round row_number row_to_json rpad rtrim split_part starts_with statement_timestamp string_agg string_to_array
  strpos sum timezone to_json to_jsonb transaction_timestamp translate trunc unnest upper jsonb_exists jsonb_exists_any
  jsonb_exists_all abs any_value date_trunc`.split(/\s+/),
);

/** What jsonb functions want of their argument (manual, "JSON Processing Functions"). */
const WANTS: Readonly<Record<string, 'array' | 'object'>> = {
  array_elements: 'array',
  array_elements_text: 'array',
  array_length: 'array',
  each: 'object',
  each_text: 'object',
  object_keys: 'object',
};

const MADE: Readonly<Record<string, string>> = {
  nextval: 'CAST(0 AS pg_catalog.int8)',
  random: 'CAST(0 AS pg_catalog.float8)',
  clock_timestamp: 'pg_catalog.now()',
};

/** Safe as long as everything after the first argument is a constant (and the statement therefore plans at all). */
const SAFE_WITH_CONSTANTS = new Set([
  'substr',
  'substring',
  'regexp_replace',
  'regexp_match',
  'to_char',
  'extract',
  'date_part',
  'overlay',
  'like_escape',
]);

/**
 * @param operand SQL of the first argument, which cannot raise
 * @param constants which arguments are constants
 * @param madeId what stands for a random uuid: one that is the row's own
 */
export function callNeeds(
  called: string,
  operand: string,
  constants: readonly boolean[],
  madeId: string,
): CallNeeds {
  if (called === 'gen_random_uuid' || called === 'uuid_generate_v4') return { made: madeId };
  const made = MADE[called];
  if (made !== undefined) return { made };
  const json = /^(jsonb?)_(.+)$/.exec(called);
  const wanted = json ? WANTS[json[2] ?? ''] : undefined;
  if (json && wanted !== undefined) {
    const ok = `pg_catalog.${json[1]}_typeof(${operand}) = '${wanted}'`;
    return { ok, why: `it takes an ${wanted} only` };
  }
  if (SAFE.has(called)) return {};
  if (called === 'vector_dims' || called === 'vector_norm' || called === 'vector')
    return { gap: true, elsewhere: true };
  if (SAFE_WITH_CONSTANTS.has(called) && constants.slice(1).every(Boolean)) return {};
  if (called === 'substr' && constants.length === 2) return {};
  // A NULL key raises.
  if (/^jsonb?_object_agg$/.test(called)) return { ok: `(${operand}) IS NOT NULL`, why: 'a key is NULL' };
  if (/^jsonb?_build_object$/.test(called) && constants.every((constant, at) => constant || at % 2 === 1))
    return {};
  return { gap: true };
}

export interface OperatorNeeds {
  ok?: string;
  side?: 'left' | 'right';
  why?: string;
  gap?: string;
}

const WHOLE = new Set(['smallint', 'integer', 'bigint']);

/** Operators that compare, match or take apart raise on no value. Null: nothing to look at. */
export function operatorNeeds(
  operator: string,
  types: { left: string; right: string },
  left: string,
  right: string,
  constantRight: boolean,
  version: number,
): OperatorNeeds | null {
  if (types.left === 'jsonb' && operator === '-') {
    const kinds = WHOLE.has(types.right) ? `= 'array'` : `IN ('object', 'array')`;
    return {
      ok: `pg_catalog.jsonb_typeof(${left}) ${kinds}`,
      side: 'left',
      why: 'the value has no such parts',
    };
  }
  if (types.left === 'jsonb' && operator === '#-')
    return { gap: 'a path that does not fit the value raises an error' };
  if (types.left === 'jsonb' && operator === '||' && version < 140000) {
    return { gap: 'before PostgreSQL 14 an object and a plain value cannot be joined' };
  }
  if ((operator === '/' || operator === '%') && !constantRight) {
    return { ok: `(${right}) <> 0`, side: 'right', why: 'division by zero' };
  }
  if (
    !constantRight &&
    ['+', '-', '*', '^'].includes(operator) &&
    [...WHOLE, 'numeric', 'real', 'double precision'].includes(types.left)
  ) {
    return { gap: 'the result may be out of range' };
  }
  return null;
}
