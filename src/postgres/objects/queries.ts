/**
 * What the server says of objects beside tables, a query for each family. $1 is a JSON array of what is looked for, $2 the
 * search_path that decides how names are spelled. As in `definition/parts.ts` every name is qualified and nothing is
 * converted by itself: these run inside a step's transaction too.
 */
import { SETTINGS } from './settings.ts';
import { code, comment, EQ, grants, INDEXES, NE, RULES, TRIGGERS } from '../definition/parts.ts';

const AGG = 'pg_catalog.json_agg';
const OBJECT = 'pg_catalog.json_build_object';

export const WANTED = `pg_catalog.json_to_recordset($1::pg_catalog.json) AS r(
    at pg_catalog.int4, schema pg_catalog.text, name pg_catalog.text, place pg_catalog.text, signature pg_catalog.text[])`;

export const name = (text: string): string => `${text}::pg_catalog.name`;
export const user = (oid: string): string => `pg_catalog.pg_get_userbyid(${oid})`;

/** Of whatever kind and schema: nothing is lost by taking from them what they have not. */
const GIVEN = `
  (SELECT ${AGG}(DISTINCT CASE WHEN da.grantee ${EQ} 0::pg_catalog.oid THEN '' ELSE pg_catalog.pg_get_userbyid(da.grantee)::pg_catalog.text END)
     FROM pg_catalog.pg_default_acl de CROSS JOIN LATERAL pg_catalog.aclexplode(de.defaclacl) da)`;

/** Effective rights, and whether they are those that every new object has. */
function rights(acl: string, kind: string, owner: string): string {
  return `'given', ${GIVEN}, 'plain', ${acl} IS NULL, 'grants', ${grants(`COALESCE(${acl}, pg_catalog.acldefault(${code(kind)}, ${owner}))`)}`;
}

export function family(rows: string): string {
  return `SELECT CASE WHEN pg_catalog.set_config('search_path', $2, true) IS NOT NULL THEN (${rows}) END AS found`;
}

const COLUMNS = `
  (SELECT ${AGG}(${OBJECT}('name', a.attname, 'comment', ${comment('pg_class', 'c.oid', 'a.attnum')},
            'default', (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
                         WHERE d.adrelid ${EQ} a.attrelid AND d.adnum ${EQ} a.attnum),
            'grants', ${grants('a.attacl')}) ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a
    WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped)`;

/** Sequences have other rights than tables. */
const ACL_KIND = `CASE WHEN c.relkind ${EQ} ${code('S')} THEN ${code('s')} ELSE ${code('r')} END`;

const SEQUENCE = `
  (SELECT ${OBJECT}('type', pg_catalog.format_type(q.seqtypid, NULL::pg_catalog.int4), 'start', q.seqstart::pg_catalog.text,
            'increment', q.seqincrement::pg_catalog.text, 'minvalue', q.seqmin::pg_catalog.text,
            'maxvalue', q.seqmax::pg_catalog.text, 'cache', q.seqcache::pg_catalog.text, 'cycle', q.seqcycle,
            'owner', (SELECT pg_catalog.format('%I.%I.%I', tn.nspname, tc.relname, ta.attname)
                        FROM pg_catalog.pg_depend e JOIN pg_catalog.pg_class tc ON tc.oid ${EQ} e.refobjid
                        JOIN pg_catalog.pg_namespace tn ON tn.oid ${EQ} tc.relnamespace
                        JOIN pg_catalog.pg_attribute ta ON ta.attrelid ${EQ} tc.oid AND ta.attnum::pg_catalog.int4 ${EQ} e.refobjsubid
                       WHERE e.classid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND e.objid ${EQ} c.oid
                         AND e.refclassid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid
                         AND e.deptype ${EQ} ${code('a')}))
     FROM pg_catalog.pg_sequence q WHERE q.seqrelid ${EQ} c.oid)`;

/** Views, materialised views, sequences, and tables as far as rights, owner and row security go. */
export const RELATIONS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', c.oid, 'kind', c.relkind, 'schema', n.nspname, 'name', c.relname,
           'owner', ${user('c.relowner')}, 'comment', ${comment('pg_class', 'c.oid')},
           'given', ${GIVEN}, 'plain', c.relacl IS NULL, 'grants', ${grants(`COALESCE(c.relacl, pg_catalog.acldefault(${ACL_KIND}, c.relowner))`)},
           'definition', CASE WHEN c.relkind ${EQ} ANY (ARRAY[${code('v')}, ${code('m')}]) THEN pg_catalog.pg_get_viewdef(c.oid) END,
           'options', c.reloptions, 'populated', c.relispopulated, 'columns', ${COLUMNS},
           'settings', ${SETTINGS}, 'security', c.relrowsecurity, 'forced', c.relforcerowsecurity,
           'indexes', (${INDEXES}), 'triggers', (${TRIGGERS}), 'rules', (${RULES}), 'sequence', ${SEQUENCE}))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.pg_class c ON c.relnamespace ${EQ} n.oid AND c.relname ${EQ} ${name('r.name')}
   WHERE c.relkind ${NE} ${code('i')} AND c.relkind ${NE} ${code('I')} AND c.relkind ${NE} ${code('c')}`);

/** PostgreSQL 18 has NOT NULL among the constraints (n). */
const DOMAIN = `
  CASE WHEN t.typtype ${EQ} ${code('d')} THEN ${OBJECT}('default', t.typdefault, 'notNull', t.typnotnull, 'checks',
    (SELECT ${AGG}(${OBJECT}('name', o.conname, 'definition', pg_catalog.pg_get_constraintdef(o.oid), 'validated', o.convalidated,
              'comment', ${comment('pg_constraint', 'o.oid')}) ORDER BY o.conname)
       FROM pg_catalog.pg_constraint o WHERE o.contypid ${EQ} t.oid AND o.contype ${EQ} ${code('c')})) END`;

const COMPOSITE = `
  CASE WHEN t.typtype ${EQ} ${code('c')} THEN (SELECT COALESCE(${AGG}(${OBJECT}('name', a.attname,
              'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
              'collation', (SELECT pg_catalog.format('%I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_collation co
                              JOIN pg_catalog.pg_namespace cn ON cn.oid ${EQ} co.collnamespace
                              JOIN pg_catalog.pg_type ty ON ty.oid ${EQ} a.atttypid
                             WHERE co.oid ${EQ} a.attcollation AND a.attcollation ${NE} ty.typcollation),
              'comment', ${comment('pg_class', 'a.attrelid', 'a.attnum')}) ORDER BY a.attnum), '[]'::pg_catalog.json)
       FROM pg_catalog.pg_attribute a WHERE a.attrelid ${EQ} t.typrelid
        AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped) END`;

export const TYPES = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', t.oid, 'kind', t.typtype, 'schema', n.nspname, 'name', t.typname,
           'owner', ${user('t.typowner')}, 'comment', ${comment('pg_type', 't.oid')}, ${rights('t.typacl', 'T', 't.typowner')},
           'labels', (SELECT ${AGG}(l.enumlabel ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l WHERE l.enumtypid ${EQ} t.oid),
           'domain', ${DOMAIN}, 'composite', ${COMPOSITE}))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.pg_type t ON t.typnamespace ${EQ} n.oid AND t.typname ${EQ} ${name('r.name')}`);

/** Types that are not there make no parameter: the function cannot be there either. */
const PARAMETERS = `
  (SELECT pg_catalog.string_agg(COALESCE(pg_catalog.to_regtype(s.type)::pg_catalog.oid::pg_catalog.text, '-'), ' ' ORDER BY s.number)
     FROM pg_catalog.unnest(r.signature) WITH ORDINALITY s(type, number))`;

export const FUNCTIONS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', p.oid, 'kind', p.prokind, 'schema', n.nspname, 'name', p.proname,
           'owner', ${user('p.proowner')}, 'comment', ${comment('pg_proc', 'p.oid')}, ${rights('p.proacl', 'f', 'p.proowner')},
           'definition', CASE WHEN p.prokind ${EQ} ANY (ARRAY[${code('f')}, ${code('p')}, ${code('w')}]) THEN pg_catalog.pg_get_functiondef(p.oid) END,
           'arguments', pg_catalog.pg_get_function_identity_arguments(p.oid),
           'returns', pg_catalog.pg_get_function_result(p.oid), 'parameters', pg_catalog.pg_get_function_arguments(p.oid),
           'body', p.prosrc, 'language', (SELECT la.lanname FROM pg_catalog.pg_language la WHERE la.oid ${EQ} p.prolang),
           'volatility', p.provolatile, 'strict', p.proisstrict, 'definer', p.prosecdef, 'leakproof', p.proleakproof,
           'parallel', p.proparallel, 'config', p.proconfig, 'parsed', p.prosrc ${EQ} '',
           'late', EXISTS (SELECT FROM pg_catalog.pg_depend e
                            WHERE e.classid ${EQ} 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid AND e.objid ${EQ} p.oid
                              AND (e.refclassid ${EQ} 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid
                                OR EXISTS (SELECT FROM pg_catalog.pg_type ty WHERE ty.oid ${EQ} e.refobjid AND ty.typrelid ${NE} 0::pg_catalog.oid)))))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.pg_proc p ON p.pronamespace ${EQ} n.oid AND p.proname ${EQ} ${name('r.name')}
   WHERE r.signature IS NULL OR p.proargtypes::pg_catalog.text ${EQ} COALESCE(${PARAMETERS}, '')`);

function hanging(
  table: string,
  alias: string,
  on: string,
  named: string,
  enabled: string,
  more = '',
): string {
  return family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', ${alias}.oid, 'kind', '', 'schema', n.nspname, 'name', ${named}, 'owner', '',
           'comment', ${comment(table, `${alias}.oid`)}, 'plain', true, 'grants', NULL::pg_catalog.json, ${more}'enabled', ${enabled}))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.pg_class c ON c.relnamespace ${EQ} n.oid AND c.relname ${EQ} ${name('r.place')}
    JOIN pg_catalog.${table} ${alias} ON ${alias}.${on} ${EQ} c.oid AND ${named} ${EQ} ${name('r.name')}`);
}

export const TRIGGERS_NAMED = hanging(
  'pg_trigger',
  'g',
  'tgrelid',
  'g.tgname',
  'g.tgenabled',
  `'internal', g.tgisinternal, `,
);
export const RULES_NAMED = hanging('pg_rewrite', 'w', 'ev_class', 'w.rulename', 'w.ev_enabled');
export const POLICIES_NAMED = hanging('pg_policy', 'p', 'polrelid', 'p.polname', "''");

export const SCHEMAS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', n.oid, 'kind', '', 'schema', n.nspname, 'name', n.nspname,
           'owner', ${user('n.nspowner')}, 'comment', ${comment('pg_namespace', 'n.oid')}, ${rights('n.nspacl', 'n', 'n.nspowner')},
           'defaults', (SELECT ${AGG}(${OBJECT}('role', ${user('e.defaclrole')}, 'kind', e.defaclobjtype, 'grants', ${grants('e.defaclacl')})
                          ORDER BY e.oid)
                          FROM pg_catalog.pg_default_acl e WHERE e.defaclnamespace ${EQ} n.oid)))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.name')}`);

export const EXTENSIONS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', x.oid, 'kind', '', 'schema', n.nspname, 'name', x.extname,
           'owner', ${user('x.extowner')}, 'comment', ${comment('pg_extension', 'x.oid')}, 'plain', true,
           'grants', NULL::pg_catalog.json, 'version', x.extversion))
    FROM ${WANTED} JOIN pg_catalog.pg_extension x ON x.extname ${EQ} ${name('r.name')}
    JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} x.extnamespace`);

export const STATISTICS_NAMED = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', e.oid, 'kind', '', 'schema', n.nspname, 'name', e.stxname,
           'owner', ${user('e.stxowner')}, 'comment', ${comment('pg_statistic_ext', 'e.oid')}, 'plain', true,
           'grants', NULL::pg_catalog.json,
           'target', pg_catalog.concat(COALESCE(e.stxstattarget::pg_catalog.int4, -1)),
           'table', (SELECT pc.relname FROM pg_catalog.pg_class pc WHERE pc.oid ${EQ} e.stxrelid)))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.pg_statistic_ext e ON e.stxnamespace ${EQ} n.oid AND e.stxname ${EQ} ${name('r.name')}`);
