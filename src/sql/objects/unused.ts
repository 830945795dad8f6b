/** Moving an object takes it from under whatever rests on it, where DROP would be refused: so that is asked. */
import { ARCHIVE_SCHEMA, draft, type Draft } from '../archive/draft.ts';

const EQ = 'OPERATOR(pg_catalog.=)';
const cls = (table: string): string => `'pg_catalog.${table}'::pg_catalog.regclass::pg_catalog.oid`;

const ofRelation = (table: string, column: string): string =>
  `WHEN ${cls(table)} THEN (SELECT c.relnamespace FROM pg_catalog.${table} x
           JOIN pg_catalog.pg_class c ON c.oid ${EQ} x.${column} WHERE x.oid ${EQ} d.objid)`;
const ofItself = (table: string, column: string): string =>
  `WHEN ${cls(table)} THEN (SELECT x.${column} FROM pg_catalog.${table} x WHERE x.oid ${EQ} d.objid)`;

/** The schema that a dependent, or the table it is on, is in. */
const PLACE = `CASE d.classid
    ${ofItself('pg_class', 'relnamespace')} ${ofItself('pg_constraint', 'connamespace')}
    ${ofItself('pg_proc', 'pronamespace')} ${ofItself('pg_type', 'typnamespace')}
    ${ofItself('pg_ts_config', 'cfgnamespace')} ${ofItself('pg_ts_dict', 'dictnamespace')}
    ${ofItself('pg_collation', 'collnamespace')}
    ${ofRelation('pg_attrdef', 'adrelid')} ${ofRelation('pg_trigger', 'tgrelid')}
    ${ofRelation('pg_policy', 'polrelid')} ${ofRelation('pg_rewrite', 'ev_class')} END`;

/** The object in the archive by its name, which no other one has, with a type's array and a composite type's columns. */
const MOVED = `
    SELECT ${cls('pg_proc')} AS classid, p.oid AS objid, p.pronamespace AS place FROM pg_catalog.pg_proc p WHERE p.proname ${EQ} $2::pg_catalog.name
    UNION ALL SELECT ${cls('pg_class')}, c.oid, c.relnamespace FROM pg_catalog.pg_class c WHERE c.relname ${EQ} $2::pg_catalog.name
    UNION ALL SELECT ${cls('pg_collation')}, c.oid, c.collnamespace FROM pg_catalog.pg_collation c WHERE c.collname ${EQ} $2::pg_catalog.name
    UNION ALL SELECT ${cls('pg_ts_config')}, c.oid, c.cfgnamespace FROM pg_catalog.pg_ts_config c WHERE c.cfgname ${EQ} $2::pg_catalog.name
    UNION ALL SELECT ${cls('pg_ts_dict')}, c.oid, c.dictnamespace FROM pg_catalog.pg_ts_dict c WHERE c.dictname ${EQ} $2::pg_catalog.name
    UNION ALL SELECT ${cls('pg_type')}, t.oid, t.typnamespace FROM pg_catalog.pg_type t WHERE t.typname ${EQ} $2::pg_catalog.name
    UNION ALL SELECT ${cls('pg_type')}, t.typarray, t.typnamespace FROM pg_catalog.pg_type t
     WHERE t.typname ${EQ} $2::pg_catalog.name AND t.typarray OPERATOR(pg_catalog.<>) 0::pg_catalog.oid`;

/**
 * An error where something outside of the archive rests on it (pg_depend, deptype n and a). There is no other way to raise
 * one in SQL than a cast that fails.
 */
const UNUSED = `
  SELECT pg_catalog.concat($3::pg_catalog.text, pg_catalog.min(i.identity))::pg_catalog.int4 AS unused
    FROM (${MOVED}) o
    JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} o.place AND n.nspname ${EQ} $1::pg_catalog.name
    JOIN pg_catalog.pg_depend d ON d.refclassid ${EQ} o.classid AND d.refobjid ${EQ} o.objid
     AND d.deptype ${EQ} ANY (ARRAY['n', 'a']::pg_catalog."char"[])
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) i
   WHERE (${PLACE}) IS DISTINCT FROM o.place
  HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0::pg_catalog.int8`;

/** @param named the object as people know it */
export function unusedCheck(archived: string, named: string, carries: number[]): Draft {
  return draft('archive', UNUSED.trim(), `Refuses to go on where something still rests on ${named}.`, {
    params: [ARCHIVE_SCHEMA, archived, `cannot drop ${named} because of what depends on it: `],
    carries,
    command: 'SELECT',
  });
}
