/**
 * What hangs on a table, each as a JSON array. Every query sees `c`, the table's row of pg_class. Every function, type
 * and operator is qualified and nothing is converted by itself: these run inside a step's transaction too, where the
 * runbook's schema is in the search_path.
 */
import { CONSTRAINT_PARENT, INDEX_PARENT } from './family.ts';

export const EQ = 'OPERATOR(pg_catalog.=)';
export const NE = 'OPERATOR(pg_catalog.<>)';
export const AND_BITS = 'OPERATOR(pg_catalog.&)';

const AGG = 'pg_catalog.json_agg';
const OBJECT = 'pg_catalog.json_build_object';

/** A character of the internal type "char", in which the catalog keeps its codes. */
export function code(character: string): string {
  return `'${character}'::pg_catalog."char"`;
}

function oidOf(table: string): string {
  return `'pg_catalog.${table}'::pg_catalog.regclass::pg_catalog.oid`;
}

/** pg_description (manual, functions-info: obj_description); column 0 is the object itself. */
export function comment(table: string, oid: string, column = '0'): string {
  return `(SELECT ds.description FROM pg_catalog.pg_description ds
            WHERE ds.objoid ${EQ} ${oid} AND ds.classoid ${EQ} ${oidOf(table)}
              AND ds.objsubid ${EQ} ${column}::pg_catalog.int4)`;
}

/** An access control list; NULL stays NULL. A grantee of 0 is PUBLIC. */
export function grants(acl: string): string {
  return `CASE WHEN ${acl} IS NULL THEN NULL ELSE
    (SELECT COALESCE(${AGG}(${OBJECT}(
              'grantee', CASE WHEN x.grantee ${EQ} 0::pg_catalog.oid THEN '' ELSE pg_catalog.pg_get_userbyid(x.grantee)::pg_catalog.text END,
              'grantor', pg_catalog.pg_get_userbyid(x.grantor),
              'privilege', x.privilege_type,
              'grantable', x.is_grantable)), '[]'::pg_catalog.json)
       FROM pg_catalog.aclexplode(${acl}) x) END`;
}

function qualifiedName(schema: string, name: string): string {
  return `pg_catalog.format('%I.%I', ${schema}, ${name})`;
}

/** A column's name by its number in the table `relation`. */
function columnNames(numbers: string, relation: string): string {
  return `(SELECT ${AGG}(ca.attname ORDER BY k.n)
             FROM pg_catalog.unnest(${numbers}) WITH ORDINALITY k(attnum, n)
             JOIN pg_catalog.pg_attribute ca ON ca.attrelid ${EQ} ${relation} AND ca.attnum ${EQ} k.attnum)`;
}

/** @param version server_version_num: attcompression is there since 14; an unset target is -1 before 17, then NULL */
export function columns(version: number): string {
  return `
  SELECT ${AGG}(${OBJECT}(
           'name', a.attname,
           'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
           'notNull', a.attnotnull,
           'default', CASE WHEN a.attgenerated ${EQ} ${code('')} THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
           'generated', a.attgenerated,
           'expression', CASE WHEN a.attgenerated ${NE} ${code('')} THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
           'identity', a.attidentity,
           'collation', (SELECT ${qualifiedName('cn.nspname', 'co.collname')}
                           FROM pg_catalog.pg_collation co
                           JOIN pg_catalog.pg_namespace cn ON cn.oid ${EQ} co.collnamespace
                          WHERE co.oid ${EQ} a.attcollation AND a.attcollation ${NE} ty.typcollation),
           'storage', CASE WHEN a.attstorage ${NE} ty.typstorage THEN a.attstorage END,
           'storedAs', a.attstorage,
           'compression', ${version >= 140_000 ? `CASE WHEN a.attcompression ${NE} ${code('')} THEN a.attcompression END` : 'NULL::pg_catalog.text'},
           'statisticsTarget', CASE WHEN a.attstattarget OPERATOR(pg_catalog.>=) 0::pg_catalog.int4 THEN a.attstattarget END,
           'options', a.attoptions,
           'comment', ${comment('pg_class', 'c.oid', 'a.attnum')},
           'grants', ${grants('a.attacl')}) ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type ty ON ty.oid ${EQ} a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid ${EQ} a.attrelid AND d.adnum ${EQ} a.attnum
   WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2 AND NOT a.attisdropped`;
}

const INDEX_COLUMNS = `
  (SELECT ${AGG}(COALESCE(ka.attname::pg_catalog.text,
                          pg_catalog.pg_get_indexdef(x.indexrelid, k.n::pg_catalog.int4, false)) ORDER BY k.n)
     FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY k(attnum, n)
     LEFT JOIN pg_catalog.pg_attribute ka ON ka.attrelid ${EQ} x.indrelid AND ka.attnum ${EQ} k.attnum
    WHERE k.n OPERATOR(pg_catalog.<=) x.indnkeyatts::pg_catalog.int8)`;

/** The constraint an index stands behind: primary key, unique or exclusion; a foreign key only points at one. */
const INDEX_CONSTRAINT = `
  (SELECT o.conname FROM pg_catalog.pg_constraint o
    WHERE o.conindid ${EQ} x.indexrelid AND o.conrelid ${EQ} x.indrelid
      AND o.contype ${EQ} ANY (ARRAY['p', 'u', 'x']::pg_catalog."char"[]))`;

export const INDEXES = `
  SELECT ${AGG}(${OBJECT}(
           'name', i.relname,
           'definition', pg_catalog.pg_get_indexdef(x.indexrelid),
           'comment', ${comment('pg_class', 'i.oid')},
           'constraint', ${INDEX_CONSTRAINT},
           'unique', x.indisunique,
           'primary', x.indisprimary,
           'valid', x.indisvalid,
           'clustered', x.indisclustered,
           'parent', ${INDEX_PARENT},
           'columns', ${INDEX_COLUMNS},
           'tablespace', (SELECT ts.spcname FROM pg_catalog.pg_tablespace ts WHERE ts.oid ${EQ} i.reltablespace),
           'statistics', (SELECT ${AGG}(${OBJECT}('column', ia.attnum, 'target', ia.attstattarget) ORDER BY ia.attnum)
                            FROM pg_catalog.pg_attribute ia
                           WHERE ia.attrelid ${EQ} i.oid
                             AND ia.attstattarget OPERATOR(pg_catalog.>=) 0::pg_catalog.int4)) ORDER BY i.relname)
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid ${EQ} x.indexrelid
   WHERE x.indrelid ${EQ} c.oid`;

/** The index that REPLICA IDENTITY USING INDEX names. */
export const REPLICA_INDEX = `
  SELECT i.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid ${EQ} x.indexrelid
   WHERE x.indrelid ${EQ} c.oid AND x.indisreplident`;

/** Constraint triggers (t) are among the triggers, with the statement that makes them. */
export const CONSTRAINTS = `
  SELECT ${AGG}(${OBJECT}(
           'name', o.conname,
           'type', o.contype,
           'definition', pg_catalog.pg_get_constraintdef(o.oid),
           'validated', o.convalidated,
           'parent', ${CONSTRAINT_PARENT},
           'columns', ${columnNames('o.conkey', 'o.conrelid')},
           'comment', ${comment('pg_constraint', 'o.oid')}) ORDER BY o.conname)
    FROM pg_catalog.pg_constraint o
   WHERE o.conrelid ${EQ} c.oid AND o.contype ${NE} ${code('t')}`;

export const STATISTICS = `
  SELECT ${AGG}(${OBJECT}(
           'name', e.stxname,
           'definition', pg_catalog.pg_get_statisticsobjdef(e.oid),
           'comment', ${comment('pg_statistic_ext', 'e.oid')},
           'schema', en.nspname,
           'owner', pg_catalog.pg_get_userbyid(e.stxowner),
           'target', CASE WHEN e.stxstattarget OPERATOR(pg_catalog.>=) 0::pg_catalog.int4 THEN e.stxstattarget END)
         ORDER BY e.stxname)
    FROM pg_catalog.pg_statistic_ext e JOIN pg_catalog.pg_namespace en ON en.oid ${EQ} e.stxnamespace
   WHERE e.stxrelid ${EQ} c.oid`;

export const TRIGGERS = `
  SELECT ${AGG}(${OBJECT}(
           'name', g.tgname,
           'definition', pg_catalog.pg_get_triggerdef(g.oid),
           'comment', ${comment('pg_trigger', 'g.oid')},
           'inherited', g.tgparentid ${NE} 0::pg_catalog.oid,
           'enabled', g.tgenabled) ORDER BY g.tgname)
    FROM pg_catalog.pg_trigger g WHERE g.tgrelid ${EQ} c.oid AND NOT g.tgisinternal`;

/** Whoever writes to the table writes to what is below it. */
export const TRIGGERS_BELOW = `
  SELECT ${AGG}(${OBJECT}(
           'schema', bn.nspname,
           'table', bc.relname,
           'name', g.tgname,
           'definition', pg_catalog.pg_get_triggerdef(g.oid),
           'comment', NULL,
           'enabled', g.tgenabled) ORDER BY bn.nspname, bc.relname, g.tgname)
    FROM (WITH RECURSIVE below(oid) AS (
            SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent ${EQ} c.oid
            UNION
            SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below w ON i.inhparent ${EQ} w.oid)
          SELECT w.oid FROM below w) b
    JOIN pg_catalog.pg_trigger g ON g.tgrelid ${EQ} b.oid AND NOT g.tgisinternal
    JOIN pg_catalog.pg_class bc ON bc.oid ${EQ} b.oid
    JOIN pg_catalog.pg_namespace bn ON bn.oid ${EQ} bc.relnamespace`;

export const RULES = `
  SELECT ${AGG}(${OBJECT}(
           'name', r.rulename,
           'definition', pg_catalog.pg_get_ruledef(r.oid),
           'comment', ${comment('pg_rewrite', 'r.oid')},
           'enabled', r.ev_enabled) ORDER BY r.rulename)
    FROM pg_catalog.pg_rewrite r WHERE r.ev_class ${EQ} c.oid AND r.rulename ${NE} '_RETURN'::pg_catalog.name`;

/** The server has no function that writes a policy down: its parts, from which `reading.ts` does. */
export const POLICIES = `
  SELECT ${AGG}(${OBJECT}(
           'name', p.polname,
           'permissive', p.polpermissive,
           'command', p.polcmd,
           'roles', (SELECT ${AGG}(CASE WHEN ro.oid ${EQ} 0::pg_catalog.oid THEN '' ELSE pg_catalog.pg_get_userbyid(ro.oid)::pg_catalog.text END)
                       FROM pg_catalog.unnest(p.polroles) ro(oid)),
           'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
           'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
           'comment', ${comment('pg_policy', 'p.oid')}) ORDER BY p.polname)
    FROM pg_catalog.pg_policy p WHERE p.polrelid ${EQ} c.oid`;

/** A sequence hangs on its column by an automatic dependency (serial) or an internal one (identity). */
export const SEQUENCES = `
  SELECT ${AGG}(${OBJECT}(
           'schema', sn.nspname, 'name', sc.relname, 'column', sa.attname,
           'identity', sd.deptype ${EQ} ${code('i')},
           'type', pg_catalog.format_type(sq.seqtypid, NULL::pg_catalog.int4),
           'start', sq.seqstart::pg_catalog.text, 'increment', sq.seqincrement::pg_catalog.text,
           'min', sq.seqmin::pg_catalog.text, 'max', sq.seqmax::pg_catalog.text,
           'cache', sq.seqcache::pg_catalog.text, 'cycle', sq.seqcycle,
           'comment', ${comment('pg_class', 'sc.oid')},
           'grants', ${grants('sc.relacl')}) ORDER BY sa.attnum, sc.relname)
    FROM pg_catalog.pg_depend sd
    JOIN pg_catalog.pg_class sc ON sc.oid ${EQ} sd.objid AND sc.relkind ${EQ} ${code('S')}
    JOIN pg_catalog.pg_namespace sn ON sn.oid ${EQ} sc.relnamespace
    JOIN pg_catalog.pg_sequence sq ON sq.seqrelid ${EQ} sc.oid
    JOIN pg_catalog.pg_attribute sa ON sa.attrelid ${EQ} sd.refobjid AND sa.attnum::pg_catalog.int4 ${EQ} sd.refobjsubid
   WHERE sd.classid ${EQ} ${oidOf('pg_class')} AND sd.refclassid ${EQ} ${oidOf('pg_class')}
     AND sd.refobjid ${EQ} c.oid AND sd.deptype ${EQ} ANY (ARRAY['a', 'i']::pg_catalog."char"[])`;

function inheritance(self: string, other: string): string {
  return `
  SELECT ${AGG}(${qualifiedName('hn.nspname', 'hc.relname')} ORDER BY h.inhseqno, hc.relname)
    FROM pg_catalog.pg_inherits h
    JOIN pg_catalog.pg_class hc ON hc.oid ${EQ} h.${other}
    JOIN pg_catalog.pg_namespace hn ON hn.oid ${EQ} hc.relnamespace
   WHERE h.${self} ${EQ} c.oid`;
}

export const PARENTS = inheritance('inhrelid', 'inhparent');
export const CHILDREN = inheritance('inhparent', 'inhrelid');

/** @param version server_version_num: column lists and row filters are there since 15 */
export function publications(version: number): string {
  const parts = version >= 150_000;
  return `
  SELECT ${AGG}(${OBJECT}(
           'name', pu.pubname,
           'columns', ${parts ? columnNames('pr.prattrs::pg_catalog.int2[]', 'pr.prrelid') : 'NULL::pg_catalog.text'},
           'where', ${parts ? 'pg_catalog.pg_get_expr(pr.prqual, pr.prrelid)' : 'NULL::pg_catalog.text'}) ORDER BY pu.pubname)
    FROM pg_catalog.pg_publication_rel pr JOIN pg_catalog.pg_publication pu ON pu.oid ${EQ} pr.prpubid
   WHERE pr.prrelid ${EQ} c.oid`;
}
