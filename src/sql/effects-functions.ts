/**
 * Functions that only compute. PostgreSQL has over 3000 functions and anybody can add their own, so the question is
 * turned round: what is not on this list may do anything, and the statement that calls it is not understood.
 * Clock and random functions are on it: they change nothing, although they do not give the same twice.
 */
const PURE = `
abs acos age any_value array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims
array_position array_positions array_prepend array_remove array_replace array_to_json array_to_string array_upper
ascii asin atan atan2 avg bit_and bit_count bit_length bit_or bool_and bool_or btrim cardinality cbrt ceil ceiling
char_length character_length chr clock_timestamp coalesce col_description concat concat_ws convert_from convert_to
corr cos cot count covar_pop covar_samp cume_dist current_database current_schema current_setting date date_bin
date_part date_trunc decode degrees dense_rank digest div encode every exp extract factorial first_value float8 floor
format format_type gcd gen_random_uuid generate_series generate_subscripts get_bit get_byte greatest hashtext
hashtextextended initcap int2 int4 int8 isfinite json_agg json_array_element json_array_element_text
json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_field
json_object_field_text json_object_keys json_populate_record json_strip_nulls json_to_record json_to_recordset
json_typeof jsonb_agg jsonb_array_element jsonb_array_element_text jsonb_array_elements jsonb_array_elements_text
jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all
jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg
jsonb_object_field jsonb_object_field_text jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query
jsonb_path_query_array jsonb_path_query_first jsonb_populate_record jsonb_pretty jsonb_set jsonb_set_lax
jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof justify_days justify_hours justify_interval lag
last_value lcm lead least left length like_escape ln log log10 lower lpad ltrim make_date make_interval make_time
make_timestamp make_timestamptz max md5 min mod mode normalize now nth_value ntile nullif num_nonnulls num_nulls
obj_description octet_length overlaps overlay parse_ident percent_rank percentile_cont percentile_disc pg_column_size
pg_get_expr pg_input_is_valid pg_relation_size pg_size_pretty pg_table_size pg_total_relation_size pg_typeof pi
position power quote_ident quote_literal quote_nullable radians random rank regexp_count regexp_instr regexp_like
regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace
reverse right round row_number row_to_json rpad rtrim scale sha224 sha256 sha384 sha512 sign sin split_part sqrt
starts_with statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array string_to_table strpos substr
substring sum tan text timeofday timestamp timestamptz timezone to_char to_date to_hex to_json to_jsonb to_number
to_regclass to_timestamp transaction_timestamp translate trim_array trim_scale trunc unistr unnest upper
uuid_generate_v4 var_pop var_samp variance vector vector_dims vector_norm version width_bucket xmlagg
`;

const KNOWN: ReadonlySet<string> = new Set(PURE.trim().split(/\s+/));

/** Among the pure ones, those that give something else at each call or transaction. */
const VOLATILE: ReadonlySet<string> = new Set([
  'clock_timestamp',
  'current_setting',
  'gen_random_uuid',
  'now',
  'random',
  'statement_timestamp',
  'timeofday',
  'transaction_timestamp',
  'uuid_generate_v4',
]);

/** Functions whose value is asked anew for each row: adding a column with such a default rewrites the table. */
const EACH_ROW: ReadonlySet<string> = new Set([
  'clock_timestamp',
  'gen_random_uuid',
  'nextval',
  'random',
  'timeofday',
  'uuid_generate_v4',
]);

/** True when a function is known to do nothing but compute a value. */
export function onlyComputes(name: string): boolean {
  return KNOWN.has(name);
}

/** True when calling it twice may give two values. */
export function isChanging(name: string): boolean {
  return VOLATILE.has(name) || !KNOWN.has(name);
}

/** True for a function that PostgreSQL declares VOLATILE, or that is not known here. */
export function isVolatile(name: string): boolean {
  return EACH_ROW.has(name) || !KNOWN.has(name);
}
