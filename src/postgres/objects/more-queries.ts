/** As `queries.ts`: text search, collations, operators, casts, event triggers, publications, indexes, default privileges. */
import { code, comment, EQ, grants, NE } from '../definition/parts.ts';
import { family, name, user, WANTED } from './queries.ts';

const AGG = 'pg_catalog.json_agg';
const OBJECT = 'pg_catalog.json_build_object';
const PLAIN = `'plain', true, 'grants', NULL::pg_catalog.json`;

/** What lies in a schema under a name: `prefix` begins the names of the catalog's columns. */
function placed(table: string, prefix: string, more: string, joins = ''): string {
  return family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', x.oid, 'kind', '', 'schema', n.nspname, 'name', x.${prefix}name,
           'owner', ${user(`x.${prefix}owner`)}, 'comment', ${comment(table, 'x.oid')}, ${PLAIN}${more}))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.${table} x ON x.${prefix}namespace ${EQ} n.oid AND x.${prefix}name ${EQ} ${name('r.name')}${joins}`);
}

/** One name may stand for a collation in several encodings. */
export const COLLATIONS = placed(
  'pg_collation',
  'coll',
  '',
  ` AND x.collencoding ${EQ} ANY (ARRAY[-1, (SELECT db.encoding FROM pg_catalog.pg_database db
        WHERE db.datname ${EQ} pg_catalog.current_database())]::pg_catalog.int4[])`,
);

const TOKENS = `
  (SELECT ${AGG}(${OBJECT}('token', m.token, 'with', m.names, 'bare', m.bare) ORDER BY m.token)
     FROM (SELECT k.alias AS token, ${AGG}(pg_catalog.format('%I.%I', dn.nspname, di.dictname) ORDER BY mp.mapseqno) AS names,
                  pg_catalog.string_agg(di.dictname::pg_catalog.text, ', ' ORDER BY mp.mapseqno) AS bare
             FROM pg_catalog.pg_ts_config_map mp
             JOIN pg_catalog.ts_token_type(x.cfgparser) k ON k.tokid ${EQ} mp.maptokentype
             JOIN pg_catalog.pg_ts_dict di ON di.oid ${EQ} mp.mapdict
             JOIN pg_catalog.pg_namespace dn ON dn.oid ${EQ} di.dictnamespace
            WHERE mp.mapcfg ${EQ} x.oid GROUP BY k.alias) m)`;

export const CONFIGURATIONS = placed('pg_ts_config', 'cfg', `, 'tokens', ${TOKENS}`);
export const DICTIONARIES = placed('pg_ts_dict', 'dict', `, 'initial', x.dictinitoption`);

/** Parameters as in FUNCTIONS: what is not a type makes no operator. */
const TYPE = (at: number): string =>
  `CASE WHEN r.signature[${at}] ${EQ} 'NONE' THEN 0::pg_catalog.oid ELSE pg_catalog.to_regtype(r.signature[${at}])::pg_catalog.oid END`;

/** \`CREATE OPERATOR\` of \`x\`. */
const OPERATOR_SQL = `
  pg_catalog.concat('CREATE OPERATOR ', pg_catalog.format('%I.', n.nspname), x.oprname, ' (FUNCTION = ',
    (SELECT pg_catalog.format('%I.%I', pn.nspname, p.proname) FROM pg_catalog.pg_proc p
       JOIN pg_catalog.pg_namespace pn ON pn.oid ${EQ} p.pronamespace WHERE p.oid ${EQ} x.oprcode::pg_catalog.oid),
    CASE WHEN x.oprleft ${NE} 0::pg_catalog.oid THEN pg_catalog.concat(', LEFTARG = ', pg_catalog.format_type(x.oprleft, NULL::pg_catalog.int4)) END,
    CASE WHEN x.oprright ${NE} 0::pg_catalog.oid THEN pg_catalog.concat(', RIGHTARG = ', pg_catalog.format_type(x.oprright, NULL::pg_catalog.int4)) END,
    (SELECT pg_catalog.concat(', COMMUTATOR = OPERATOR(', pg_catalog.format('%I.', tn.nspname), t.oprname, ')') FROM pg_catalog.pg_operator t
       JOIN pg_catalog.pg_namespace tn ON tn.oid ${EQ} t.oprnamespace WHERE t.oid ${EQ} x.oprcom),
    (SELECT pg_catalog.concat(', NEGATOR = OPERATOR(', pg_catalog.format('%I.', tn.nspname), t.oprname, ')') FROM pg_catalog.pg_operator t
       JOIN pg_catalog.pg_namespace tn ON tn.oid ${EQ} t.oprnamespace WHERE t.oid ${EQ} x.oprnegate),
    CASE WHEN x.oprrest::pg_catalog.oid ${NE} 0::pg_catalog.oid THEN pg_catalog.concat(', RESTRICT = ', x.oprrest::pg_catalog.text) END,
    CASE WHEN x.oprjoin::pg_catalog.oid ${NE} 0::pg_catalog.oid THEN pg_catalog.concat(', JOIN = ', x.oprjoin::pg_catalog.text) END,
    CASE WHEN x.oprcanhash THEN ', HASHES' END, CASE WHEN x.oprcanmerge THEN ', MERGES' END, ')')`;

export const OPERATORS = placed(
  'pg_operator',
  'opr',
  `, 'definition', ${OPERATOR_SQL}, 'arguments', pg_catalog.concat(
     CASE WHEN x.oprleft ${EQ} 0::pg_catalog.oid THEN 'NONE' ELSE pg_catalog.format_type(x.oprleft, NULL::pg_catalog.int4) END, ', ',
     CASE WHEN x.oprright ${EQ} 0::pg_catalog.oid THEN 'NONE' ELSE pg_catalog.format_type(x.oprright, NULL::pg_catalog.int4) END)`,
  ` AND x.oprleft ${EQ} ${TYPE(1)} AND x.oprright ${EQ} ${TYPE(2)}`,
);

const TYPES_OF_CAST = `pg_catalog.format_type(x.castsource, NULL::pg_catalog.int4), ' AS ', pg_catalog.format_type(x.casttarget, NULL::pg_catalog.int4)`;

export const CASTS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', x.oid, 'kind', '', 'schema', '', 'name', '', 'owner', '',
           'comment', ${comment('pg_cast', 'x.oid')}, ${PLAIN}, 'arguments', pg_catalog.concat(${TYPES_OF_CAST}),
           'definition', pg_catalog.concat('CREATE CAST (', ${TYPES_OF_CAST}, ') ',
             CASE x.castmethod WHEN ${code('i')} THEN 'WITH INOUT' WHEN ${code('b')} THEN 'WITHOUT FUNCTION'
               ELSE (SELECT pg_catalog.concat('WITH FUNCTION ', pg_catalog.format('%I.%I', pn.nspname, p.proname), '(',
                              pg_catalog.pg_get_function_identity_arguments(p.oid), ')')
                       FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace pn ON pn.oid ${EQ} p.pronamespace WHERE p.oid ${EQ} x.castfunc) END,
             CASE x.castcontext WHEN ${code('a')} THEN ' AS ASSIGNMENT' WHEN ${code('i')} THEN ' AS IMPLICIT' END)))
    FROM ${WANTED} JOIN pg_catalog.pg_cast x ON x.castsource ${EQ} pg_catalog.to_regtype(r.signature[1])::pg_catalog.oid
     AND x.casttarget ${EQ} pg_catalog.to_regtype(r.signature[2])::pg_catalog.oid`);

export const EVENT_TRIGGERS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', x.oid, 'kind', '', 'schema', '', 'name', x.evtname, 'owner', ${user('x.evtowner')},
           'comment', ${comment('pg_event_trigger', 'x.oid')}, ${PLAIN}, 'enabled', x.evtenabled,
           'definition', pg_catalog.concat(pg_catalog.format('CREATE EVENT TRIGGER %I ON ', x.evtname), x.evtevent,
             CASE WHEN x.evttags IS NOT NULL THEN pg_catalog.concat(' WHEN TAG IN (', (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(u.tag), ', ')
                FROM pg_catalog.unnest(x.evttags) AS u(tag)), ')') END, ' EXECUTE FUNCTION ',
             (SELECT pg_catalog.format('%I.%I()', pn.nspname, p.proname) FROM pg_catalog.pg_proc p
                JOIN pg_catalog.pg_namespace pn ON pn.oid ${EQ} p.pronamespace WHERE p.oid ${EQ} x.evtfoid))))
    FROM ${WANTED} JOIN pg_catalog.pg_event_trigger x ON x.evtname ${EQ} ${name('r.name')}`);

/** As JSON, of which the columns differ between versions. Odd: with row filters, column lists or whole schemas, as since 15. */
export const PUBLICATIONS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', x.oid, 'kind', '', 'schema', '', 'name', x.pubname, 'owner', ${user('x.pubowner')},
           'comment', ${comment('pg_publication', 'x.oid')}, ${PLAIN}, 'publication', pg_catalog.to_jsonb(x.*), 'odd',
           EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.refclassid ${EQ} 'pg_catalog.pg_publication'::pg_catalog.regclass::pg_catalog.oid
                      AND e.refobjid ${EQ} x.oid AND e.classid ${NE} 'pg_catalog.pg_publication_rel'::pg_catalog.regclass::pg_catalog.oid)
           OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel pr WHERE pr.prpubid ${EQ} x.oid
                      AND COALESCE(pg_catalog.to_jsonb(pr.*) OPERATOR(pg_catalog.->>) 'prattrs', pg_catalog.to_jsonb(pr.*) OPERATOR(pg_catalog.->>) 'prqual') IS NOT NULL),
           'tables', (SELECT ${AGG}(pg_catalog.format('%I.%I', pn.nspname, pc.relname) ORDER BY pn.nspname, pc.relname)
              FROM pg_catalog.pg_publication_rel pr JOIN pg_catalog.pg_class pc ON pc.oid ${EQ} pr.prrelid
              JOIN pg_catalog.pg_namespace pn ON pn.oid ${EQ} pc.relnamespace WHERE pr.prpubid ${EQ} x.oid)))
    FROM ${WANTED} JOIN pg_catalog.pg_publication x ON x.pubname ${EQ} ${name('r.name')}`);

/** Its storage parameters, and the table it is on. */
export const INDEXES_NAMED = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', c.oid, 'kind', c.relkind, 'schema', n.nspname, 'name', c.relname, 'owner', ${user('c.relowner')},
           'comment', ${comment('pg_class', 'c.oid')}, ${PLAIN}, 'options', c.reloptions,
           'table', (SELECT tc.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class tc ON tc.oid ${EQ} x.indrelid
                      WHERE x.indexrelid ${EQ} c.oid)))
    FROM ${WANTED} JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.schema')}
    JOIN pg_catalog.pg_class c ON c.relnamespace ${EQ} n.oid AND c.relname ${EQ} ${name('r.name')}
   WHERE c.relkind ${EQ} ANY (ARRAY[${code('i')}, ${code('I')}])`);

/** The letters of ALTER DEFAULT PRIVILEGES; acldefault has one of its own for sequences. */
const LETTER = `(CASE r.name WHEN 'tables' THEN 'r' WHEN 'sequences' THEN 'S' WHEN 'functions' THEN 'f' WHEN 'types' THEN 'T'
    WHEN 'schemas' THEN 'n' END)::pg_catalog."char"`;
const ACL_LETTER = `(CASE r.name WHEN 'tables' THEN 'r' WHEN 'sequences' THEN 's' WHEN 'functions' THEN 'f' WHEN 'types' THEN 'T'
    WHEN 'schemas' THEN 'n' END)::pg_catalog."char"`;

/** In every schema they begin with what any object has; those of one schema come on top (manual, sql-alterdefaultprivileges). */
export const DEFAULTS = family(`
  SELECT ${AGG}(${OBJECT}('at', r.at, 'oid', COALESCE(x.oid, 1::pg_catalog.oid), 'kind', '', 'schema', COALESCE(r.signature[2], ''),
           'name', r.name, 'owner', '', 'comment', NULL::pg_catalog.text, 'plain', false,
           'grants', ${grants(`COALESCE(x.defaclacl, CASE WHEN r.signature[2] IS NULL THEN pg_catalog.acldefault(${ACL_LETTER}, o.oid) END)`)}))
    FROM ${WANTED} JOIN pg_catalog.pg_roles o ON o.rolname ${EQ} ${name('r.signature[1]')}
    LEFT JOIN pg_catalog.pg_namespace n ON n.nspname ${EQ} ${name('r.signature[2]')}
    LEFT JOIN pg_catalog.pg_default_acl x ON x.defaclrole ${EQ} o.oid AND x.defaclobjtype ${EQ} ${LETTER}
     AND x.defaclnamespace ${EQ} COALESCE(n.oid, 0::pg_catalog.oid)
   WHERE r.signature[2] IS NULL OR n.oid IS NOT NULL`);
