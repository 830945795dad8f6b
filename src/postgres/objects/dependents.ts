/**
 * What depends on an object, at any distance (pg_depend): what DROP … CASCADE would take along. Parts of what is found
 * (deptype i: an array type, the rule behind a view, the index behind a key) are followed but not listed.
 */
import { EQ, NE } from '../definition/parts.ts';

const cls = (table: string): string => `'pg_catalog.${table}'::pg_catalog.regclass::pg_catalog.oid`;
const relation = (column: string, table: string, oid: string): string =>
  `(SELECT x.${column} FROM pg_catalog.${table} x WHERE x.oid ${EQ} ${oid})`;

/** The table that a dependent hangs on. */
const TABLE = `
  CASE d.classid
    WHEN ${cls('pg_trigger')} THEN ${relation('tgrelid', 'pg_trigger', 'd.objid')}
    WHEN ${cls('pg_policy')} THEN ${relation('polrelid', 'pg_policy', 'd.objid')}
    WHEN ${cls('pg_rewrite')} THEN ${relation('ev_class', 'pg_rewrite', 'd.objid')}
    WHEN ${cls('pg_attrdef')} THEN ${relation('adrelid', 'pg_attrdef', 'd.objid')}
    WHEN ${cls('pg_constraint')} THEN ${relation('conrelid', 'pg_constraint', 'd.objid')}
    WHEN ${cls('pg_statistic_ext')} THEN ${relation('stxrelid', 'pg_statistic_ext', 'd.objid')}
    WHEN ${cls('pg_class')} THEN CASE WHEN d.objsubid ${NE} 0::pg_catalog.int4 THEN d.objid
      ELSE (SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid ${EQ} d.objid) END
  END`;

const NAME = `
  CASE d.classid
    WHEN ${cls('pg_trigger')} THEN ${relation('tgname', 'pg_trigger', 'd.objid')}
    WHEN ${cls('pg_policy')} THEN ${relation('polname', 'pg_policy', 'd.objid')}
    WHEN ${cls('pg_rewrite')} THEN ${relation('rulename', 'pg_rewrite', 'd.objid')}
    WHEN ${cls('pg_constraint')} THEN ${relation('conname', 'pg_constraint', 'd.objid')}
    WHEN ${cls('pg_attrdef')} THEN (SELECT a.attname FROM pg_catalog.pg_attrdef x JOIN pg_catalog.pg_attribute a
        ON a.attrelid ${EQ} x.adrelid AND a.attnum ${EQ} x.adnum WHERE x.oid ${EQ} d.objid)
    WHEN ${cls('pg_class')} THEN CASE WHEN d.objsubid ${EQ} 0::pg_catalog.int4 THEN ${relation('relname', 'pg_class', 'd.objid')}
      ELSE (SELECT a.attname FROM pg_catalog.pg_attribute a
             WHERE a.attrelid ${EQ} d.objid AND a.attnum::pg_catalog.int4 ${EQ} d.objsubid) END
    WHEN ${cls('pg_proc')} THEN ${relation('proname', 'pg_proc', 'd.objid')}
    WHEN ${cls('pg_type')} THEN ${relation('typname', 'pg_type', 'd.objid')}
    WHEN ${cls('pg_operator')} THEN ${relation('oprname', 'pg_operator', 'd.objid')}
    WHEN ${cls('pg_cast')} THEN ''::pg_catalog.name
    WHEN ${cls('pg_ts_config')} THEN ${relation('cfgname', 'pg_ts_config', 'd.objid')}
    WHEN ${cls('pg_ts_dict')} THEN ${relation('dictname', 'pg_ts_dict', 'd.objid')}
  END`;

const SIGNATURE = `
  CASE WHEN d.classid ${EQ} ${cls('pg_proc')} THEN
    (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.format_type(u.type, NULL::pg_catalog.int4) ORDER BY u.number), '[]'::pg_catalog.json)
       FROM pg_catalog.pg_proc x CROSS JOIN LATERAL pg_catalog.unnest(x.proargtypes::pg_catalog.oid[]) WITH ORDINALITY u(type, number)
      WHERE x.oid ${EQ} d.objid)
    WHEN d.classid ${EQ} ${cls('pg_operator')} THEN
    (SELECT pg_catalog.json_build_array(CASE WHEN x.oprleft ${EQ} 0::pg_catalog.oid THEN 'NONE' ELSE pg_catalog.format_type(x.oprleft, NULL::pg_catalog.int4) END,
              CASE WHEN x.oprright ${EQ} 0::pg_catalog.oid THEN 'NONE' ELSE pg_catalog.format_type(x.oprright, NULL::pg_catalog.int4) END)
       FROM pg_catalog.pg_operator x WHERE x.oid ${EQ} d.objid)
    WHEN d.classid ${EQ} ${cls('pg_cast')} THEN
    (SELECT pg_catalog.json_build_array(pg_catalog.format_type(x.castsource, NULL::pg_catalog.int4), pg_catalog.format_type(x.casttarget, NULL::pg_catalog.int4))
       FROM pg_catalog.pg_cast x WHERE x.oid ${EQ} d.objid) END`;

/** $1 the catalog's table, $2 the object's oid, $3 the search_path. */
export const DEPENDENTS = `
  SELECT CASE WHEN pg_catalog.set_config('search_path', $3, true) IS NOT NULL THEN (
  WITH RECURSIVE d(classid, objid, objsubid, part) AS (
      SELECT $1::pg_catalog.regclass::pg_catalog.oid, $2::pg_catalog.oid, 0::pg_catalog.int4, true
    UNION
      SELECT f.classid, f.objid, f.objsubid, f.part FROM d CROSS JOIN LATERAL (
          SELECT e.classid, e.objid, e.objsubid, e.deptype ${EQ} ANY (ARRAY['i', 'e']::pg_catalog."char"[]) AS part
            FROM pg_catalog.pg_depend e
           WHERE e.refclassid ${EQ} d.classid AND e.refobjid ${EQ} d.objid
             AND (d.objsubid ${EQ} 0::pg_catalog.int4 OR e.refobjsubid ${EQ} d.objsubid)
             AND e.deptype ${EQ} ANY (ARRAY['n', 'a', 'i', 'e', 'P', 'S']::pg_catalog."char"[])
        UNION ALL
          SELECT e.refclassid, e.refobjid, e.refobjsubid, false FROM pg_catalog.pg_depend e
           WHERE e.classid ${EQ} d.classid AND e.objid ${EQ} d.objid AND e.objsubid ${EQ} d.objsubid
             AND e.deptype ${EQ} ANY (ARRAY['i', 'P', 'S']::pg_catalog."char"[])) f)
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object('type', i.type, 'identity', i.identity, 'schema', k.nspname,
           'name', d.name, 'signature', d.signature, 'table', k.relname, 'relid', d.relid, 'kind', k.relkind, 'place', i.schema)
         ORDER BY d.objid DESC, d.objsubid DESC)
    FROM (SELECT d.classid, d.objid, d.objsubid, ${TABLE} AS relid, ${NAME} AS name, ${SIGNATURE} AS signature
            FROM d GROUP BY d.classid, d.objid, d.objsubid
          HAVING NOT pg_catalog.bool_or(d.part)) d
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) i
    LEFT JOIN (SELECT c.oid, c.relname, c.relkind, n.nspname FROM pg_catalog.pg_class c
                 JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} c.relnamespace) k ON k.oid ${EQ} d.relid
   WHERE NOT (d.classid ${EQ} ${cls('pg_constraint')} AND EXISTS (SELECT FROM pg_catalog.pg_constraint o
            WHERE o.oid ${EQ} d.objid AND o.contypid ${EQ} $2::pg_catalog.oid))
     AND NOT (d.classid ${EQ} ${cls('pg_rewrite')} AND d.name ${EQ} '_RETURN'::pg_catalog.name)
  ) END AS found`;
