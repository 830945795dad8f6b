/** What a database holds, as one text a line: definitions, and for each table its rows in no order. */
import type pg from 'pg';

type Client = Pick<pg.Client, 'query'>;

/** Schema public, every definition that PostgreSQL keeps of tables, views and sequences in it. */
const DEFINITIONS = `
WITH rel AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace)
SELECT format('relation %s %s owner=%s acl=%s rls=%s/%s ident=%s options=%s comment=%s', relkind, relname,
         pg_get_userbyid(relowner), relacl, relrowsecurity, relforcerowsecurity, relreplident, reloptions,
         obj_description(oid, 'pg_class')) AS line
  FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
UNION ALL
SELECT format('column %s.%s %s notnull=%s default=%s generated=%s identity=%s acl=%s comment=%s', c.relname, a.attname,
         format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated,
         a.attidentity, a.attacl, col_description(c.oid, a.attnum))
  FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT format('index %s valid=%s comment=%s', pg_get_indexdef(i.indexrelid), i.indisvalid,
         obj_description(i.indexrelid, 'pg_class'))
  FROM pg_index i JOIN rel c ON c.oid = i.indrelid
UNION ALL
SELECT format('constraint %s.%s %s validated=%s', c.relname, o.conname, pg_get_constraintdef(o.oid), o.convalidated)
  FROM pg_constraint o JOIN rel c ON c.oid = o.conrelid WHERE o.contype <> 'n'
UNION ALL
SELECT format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN rel c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT format('policy %s on %s %s %s %s', p.polname, c.relname, p.polcmd, pg_get_expr(p.polqual, p.polrelid),
         pg_get_expr(p.polwithcheck, p.polrelid))
  FROM pg_policy p JOIN rel c ON c.oid = p.polrelid
UNION ALL
SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM rel WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('sequence %s at %s owned by %s', c.relname, pg_sequence_last_value(c.oid),
         (SELECT d.refobjid::regclass || '.' || d.refobjsubid FROM pg_depend d
           WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')))
  FROM rel c WHERE c.relkind = 'S'
UNION ALL
SELECT format('function %s %s', p.oid::regprocedure, md5(pg_get_functiondef(p.oid)))
  FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')
   AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
UNION ALL
SELECT format('schema %s owner=%s acl=%s', nspname, pg_get_userbyid(nspowner), nspacl)
  FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|backout$|backout_archive$)'
ORDER BY 1`;

/** Columns by name, so that neither their order nor the rows' counts; values of `$1` ("table.column") are left out. */
const ROWS = `
SELECT format('rows %s %s', c.relname, (xpath('/row/x/text()', query_to_xml(format(
         'SELECT count(*) || '' '' || COALESCE(sum(hashtextextended(ROW(%s)::text, 0)), 0) AS x FROM public.%I',
         (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND c.relname || '.' || a.attname <> ALL ($1::text[])), c.relname), true, true, '')))[1]) AS line
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`;

/** Waits for nobody and reads everything: the test's databases are small, and nobody else may be writing. */
export async function fingerprint(client: Client, leftOut: readonly string[] = []): Promise<string[]> {
  await client.query("SET search_path = pg_catalog, public; SET lock_timeout = '20s'");
  const definitions = await client.query<{ line: string }>(DEFINITIONS);
  const rows = await client.query<{ line: string }>(ROWS, [leftOut]);
  return [...definitions.rows, ...rows.rows].map(({ line }) => line);
}

/** The lines that only one of them has, `-` for those of `expected`, at most `most`. */
export function difference(expected: readonly string[], found: readonly string[], most = 8): string[] {
  const gone = expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`);
  const extra = found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...extra].slice(0, most);
}
