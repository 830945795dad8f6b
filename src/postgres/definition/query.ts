/** One statement that reads the definitions of some tables of a schema, whatever the session's search_path is. */
import { FAMILY } from './family.ts';
import {
  CHILDREN,
  code,
  columns,
  comment,
  CONSTRAINTS,
  EQ,
  grants,
  INDEXES,
  PARENTS,
  POLICIES,
  publications,
  REPLICA_INDEX,
  RULES,
  SEQUENCES,
  STATISTICS,
  TRIGGERS,
  TRIGGERS_BELOW,
} from './parts.ts';

function tables(version: number): string {
  return `
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'schema', s.nspname,
           'name', c.relname,
           'oid', c.oid,
           'kind', c.relkind,
           'persistence', c.relpersistence,
           'owner', pg_catalog.pg_get_userbyid(c.relowner),
           'tablespace', (SELECT ts.spcname FROM pg_catalog.pg_tablespace ts WHERE ts.oid ${EQ} c.reltablespace),
           'accessMethod', (SELECT am.amname FROM pg_catalog.pg_am am WHERE am.oid ${EQ} c.relam),
           'options', c.reloptions,
           'toastOptions', (SELECT tt.reloptions FROM pg_catalog.pg_class tt WHERE tt.oid ${EQ} c.reltoastrelid),
           'replicaIdentity', c.relreplident,
           'replicaIndex', (${REPLICA_INDEX}),
           'rowSecurity', pg_catalog.json_build_object('enabled', c.relrowsecurity, 'forced', c.relforcerowsecurity),
           'comment', ${comment('pg_class', 'c.oid')},
           'grants', ${grants('c.relacl')},
           'columns', (${columns(version)}),
           'indexes', (${INDEXES}),
           'constraints', (${CONSTRAINTS}),
           'statistics', (${STATISTICS}),
           'triggers', (${TRIGGERS}),
           'triggersBelow', (${TRIGGERS_BELOW}),
           'rules', (${RULES}),
           'policies', (${POLICIES}),
           'sequences', (${SEQUENCES}),
           'parents', (${PARENTS}),
           'children', (${CHILDREN}),
           'family', ${FAMILY},
           'publications', (${publications(version)}),
           'heapBytes', pg_catalog.pg_table_size(c.oid::pg_catalog.regclass),
           'indexBytes', pg_catalog.pg_indexes_size(c.oid::pg_catalog.regclass),
           'estimatedRows', c.reltuples) ORDER BY c.relname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid ${EQ} c.relnamespace
   WHERE s.nspname ${EQ} $1::pg_catalog.name AND c.relname ${EQ} ANY ($2::pg_catalog.name[])
     AND c.relkind ${EQ} ANY (ARRAY[${code('r')}, ${code('p')}])`;
}

/**
 * $1 the schema, $2 the tables' names, $3 the search_path that decides how names are spelled. CASE settles the order
 * (manual, sql-expressions: expression evaluation rules): the path is set before the first name is spelled. Set locally
 * it is gone with the statement, or with the transaction around it.
 * @param version server_version_num
 */
export function definitionsQuery(version: number): string {
  return `SELECT CASE WHEN pg_catalog.set_config('search_path', $3, true) IS NOT NULL THEN (${tables(version)}) END AS tables`;
}
