/**
 * Where the catalog keeps what hangs on a table. Each query sees `t`, the rows of pg_class of the tables asked about,
 * and returns kind, table, name, detail, the columns of the table it rests on (empty: on none in particular), the
 * other table's oid, and source text that may name things. Column dependencies are in pg_depend (manual,
 * catalog-pg-depend), which knows them for expressions too.
 */

/** The columns of `t` that an object depends on. */
function dependsOn(classid: string, objid: string): string {
  return `ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d
                  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                 WHERE d.classid = '${classid}'::regclass AND d.objid = ${objid}
                   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid > 0
                 ORDER BY 1)`;
}

/** The columns of `t` in an array of attribute numbers. */
function named(numbers: string, relation = 't.oid'): string {
  return `ARRAY(SELECT a.attname::text FROM pg_attribute a
                 WHERE a.attrelid = ${relation} AND a.attnum = ANY (${numbers}) AND a.attnum > 0 ORDER BY a.attnum)`;
}

const NO_COLUMNS = `'{}'::text[]`;

interface Part {
  kind: string;
  /** server_version_num from which the catalog has it. */
  since?: number;
  name: string;
  detail?: string;
  columns?: string;
  other?: string;
  source?: string;
  from: string;
}

const IN_EXTENSION = `EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid
                                 AND e.deptype = 'e')`;

const REWRITES = `(SELECT DISTINCT d.refobjid, r.oid AS rule, r.ev_class, r.rulename
                     FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
                    WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass) r
                  ON r.refobjid = t.oid AND r.ev_class <> t.oid
                JOIN pg_class v ON v.oid = r.ev_class`;

export const PARTS: readonly Part[] = [
  {
    kind: 'view',
    name: 'v.oid::regclass::text',
    columns: dependsOn('pg_rewrite', 'r.rule'),
    other: 'v.oid',
    from: `t JOIN ${REWRITES} WHERE v.relkind = 'v' AND r.rulename = '_RETURN'`,
  },
  {
    kind: 'materialized view',
    name: 'v.oid::regclass::text',
    columns: dependsOn('pg_rewrite', 'r.rule'),
    other: 'v.oid',
    from: `t JOIN ${REWRITES} WHERE v.relkind = 'm'`,
  },
  {
    kind: 'rule of another table',
    name: 'r.rulename::text',
    detail: `'on ' || v.oid::regclass::text`,
    columns: dependsOn('pg_rewrite', 'r.rule'),
    other: 'v.oid',
    from: `t JOIN ${REWRITES} WHERE r.rulename <> '_RETURN'`,
  },
  {
    kind: 'rule',
    name: 'r.rulename::text',
    columns: dependsOn('pg_rewrite', 'r.oid'),
    from: `t JOIN pg_rewrite r ON r.ev_class = t.oid AND r.rulename <> '_RETURN'`,
  },
  {
    kind: 'function with a parsed body',
    name: 'p.oid::regprocedure::text',
    columns: dependsOn('pg_proc', 'p.oid'),
    from: `t JOIN (SELECT DISTINCT refobjid, objid FROM pg_depend WHERE classid = 'pg_proc'::regclass
                      AND refclassid = 'pg_class'::regclass) d ON d.refobjid = t.oid
             JOIN pg_proc p ON p.oid = d.objid`,
  },
  {
    kind: 'function that names the table',
    name: 'p.oid::regprocedure::text',
    detail: `'language ' || l.lanname`,
    source: 'p.prosrc',
    from: `t JOIN pg_proc p ON p.prosrc ~* ('\\m' || regexp_replace(t.relname, '(\\W)', '\\\\\\1', 'g') || '\\M')
             JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('c', 'internal')
            WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
              AND NOT ${IN_EXTENSION}`,
  },
  {
    kind: 'trigger',
    name: 'g.tgname::text',
    detail: `'calls ' || g.tgfoid::regprocedure::text`,
    columns: dependsOn('pg_trigger', 'g.oid'),
    source: 'p.prosrc',
    from: `t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal JOIN pg_proc p ON p.oid = g.tgfoid`,
  },
  {
    kind: 'policy',
    name: 'p.polname::text',
    columns: dependsOn('pg_policy', 'p.oid'),
    from: `t JOIN pg_policy p ON p.polrelid = t.oid`,
  },
  {
    kind: 'row-level security',
    name: 't.relname::text',
    detail: `CASE WHEN t.relforcerowsecurity THEN 'enabled and forced' ELSE 'enabled' END`,
    from: `t WHERE t.relrowsecurity OR t.relforcerowsecurity`,
  },
  {
    kind: 'publication',
    name: 'p.pubname::text',
    detail: `CASE WHEN p.puballtables THEN 'for all tables' ELSE 'lists the table' END`,
    from: `t JOIN pg_publication p ON p.puballtables OR EXISTS (
               SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = t.oid)
            WHERE t.relkind IN ('r', 'p') AND t.relpersistence = 'p'`,
  },
  {
    kind: 'publication',
    since: 150000,
    name: 'p.pubname::text',
    detail: `'lists the schema'`,
    from: `t JOIN pg_publication_namespace s ON s.pnnspid = t.relnamespace JOIN pg_publication p ON p.oid = s.pnpubid
            WHERE t.relkind IN ('r', 'p') AND t.relpersistence = 'p'`,
  },
  {
    kind: 'publication column list',
    since: 150000,
    name: 'p.pubname::text',
    columns: named('r.prattrs::int2[]'),
    from: `t JOIN pg_publication_rel r ON r.prrelid = t.oid AND r.prattrs IS NOT NULL
             JOIN pg_publication p ON p.oid = r.prpubid`,
  },
  {
    kind: 'publication row filter',
    since: 150000,
    name: 'p.pubname::text',
    detail: 'pg_get_expr(r.prqual, r.prrelid)',
    columns: dependsOn('pg_publication_rel', 'r.oid'),
    from: `t JOIN pg_publication_rel r ON r.prrelid = t.oid AND r.prqual IS NOT NULL
             JOIN pg_publication p ON p.oid = r.prpubid`,
  },
  {
    kind: 'subscription',
    name: 'r.srsubid::text',
    from: `t JOIN pg_subscription_rel r ON r.srrelid = t.oid`,
  },
  {
    kind: 'replica identity',
    name: `CASE t.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' ELSE COALESCE((
             SELECT x.indexrelid::regclass::text FROM pg_index x WHERE x.indrelid = t.oid AND x.indisreplident),
             'an index that is gone') END`,
    columns: `COALESCE((SELECT ${named('x.indkey::int2[]')} FROM pg_index x
                         WHERE x.indrelid = t.oid AND x.indisreplident), ${NO_COLUMNS})`,
    source: `(SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = t.oid AND x.indisreplident)`,
    from: `t WHERE t.relreplident <> 'd'`,
  },
  {
    kind: 'generated column',
    name: 'a.attname::text',
    detail: 'pg_get_expr(b.adbin, b.adrelid)',
    columns: `ARRAY(SELECT DISTINCT r.attname::text FROM pg_depend d
                      JOIN pg_attribute r ON r.attrelid = d.refobjid AND r.attnum = d.refobjsubid
                     WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid > 0
                       AND r.attnum <> a.attnum
                       AND ((d.classid = 'pg_attrdef'::regclass AND d.objid = b.oid)
                         OR (d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.objsubid = a.attnum)))`,
    from: `t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attgenerated <> '' AND NOT a.attisdropped
             JOIN pg_attrdef b ON b.adrelid = a.attrelid AND b.adnum = a.attnum`,
  },
  {
    kind: 'foreign key to the table',
    name: 'o.conname::text',
    // What it does to the rows that point here when these go.
    detail: `'of ' || o.conrelid::regclass::text || CASE o.confdeltype WHEN 'c' THEN ', ON DELETE CASCADE'
               WHEN 'n' THEN ', ON DELETE SET NULL' WHEN 'd' THEN ', ON DELETE SET DEFAULT' ELSE '' END`,
    columns: named('o.confkey'),
    other: 'o.conrelid',
    source: `pg_catalog.to_json(${named('o.conkey', 'o.conrelid')})::text`,
    from: `t JOIN pg_constraint o ON o.confrelid = t.oid AND o.contype = 'f' AND o.conrelid <> t.oid
            WHERE o.conparentid = 0`,
  },
  {
    kind: 'foreign key of the table',
    name: 'o.conname::text',
    detail: 'pg_get_constraintdef(o.oid)',
    columns: named('o.conkey'),
    from: `t JOIN pg_constraint o ON o.conrelid = t.oid AND o.contype = 'f'`,
  },
  {
    kind: 'check constraint',
    name: 'o.conname::text',
    detail: 'pg_get_constraintdef(o.oid)',
    columns: named('o.conkey'),
    from: `t JOIN pg_constraint o ON o.conrelid = t.oid AND o.contype = 'c'`,
  },
  {
    kind: 'key or exclusion constraint',
    name: 'o.conname::text',
    detail: 'pg_get_constraintdef(o.oid)',
    columns: dependsOn('pg_constraint', 'o.oid'),
    from: `t JOIN pg_constraint o ON o.conrelid = t.oid AND o.contype IN ('p', 'u', 'x')`,
  },
  {
    kind: 'index',
    name: 'i.relname::text',
    detail: `CASE WHEN x.indisvalid THEN '' ELSE 'INVALID ' END || pg_get_indexdef(x.indexrelid)`,
    columns: dependsOn('pg_class', 'i.oid'),
    from: `t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
            WHERE NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.oid AND o.contype IN ('p', 'u', 'x'))`,
  },
  {
    kind: 'statistics',
    name: 's.stxname::text',
    columns: dependsOn('pg_statistic_ext', 's.oid'),
    from: `t JOIN pg_statistic_ext s ON s.stxrelid = t.oid`,
  },
  {
    kind: 'grant',
    name: `CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END`,
    detail: 'g.rights',
    from: `t CROSS JOIN LATERAL (
             SELECT e.grantee, string_agg(e.privilege_type, ', ' ORDER BY e.privilege_type) AS rights
               FROM aclexplode(t.relacl) e WHERE e.grantee <> t.relowner GROUP BY e.grantee) g`,
  },
  {
    kind: 'column grant',
    name: 'a.attname::text',
    detail: 'a.attacl::text',
    columns: 'ARRAY[a.attname::text]',
    from: `t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped`,
  },
  {
    kind: 'comment',
    name: 't.relname::text',
    detail: 'left(d.description, 60)',
    from: `t JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = t.oid AND d.objsubid = 0`,
  },
  {
    kind: 'column comment',
    name: 'a.attname::text',
    detail: 'left(d.description, 60)',
    columns: 'ARRAY[a.attname::text]',
    from: `t JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = t.oid AND d.objsubid > 0
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.objsubid`,
  },
  {
    kind: 'security label',
    name: 's.provider',
    columns: named('ARRAY[s.objsubid]::int2[]'),
    from: `t JOIN pg_seclabel s ON s.classoid = 'pg_class'::regclass AND s.objoid = t.oid`,
  },
  {
    kind: 'storage parameters',
    name: 't.relname::text',
    detail: `array_to_string(t.reloptions, ', ')`,
    from: `t WHERE t.reloptions IS NOT NULL`,
  },
  {
    kind: 'tablespace',
    name: 's.spcname::text',
    from: `t JOIN pg_tablespace s ON s.oid = t.reltablespace`,
  },
  {
    kind: 'child table',
    name: 'h.inhrelid::regclass::text',
    other: 'h.inhrelid',
    from: `t JOIN pg_inherits h ON h.inhparent = t.oid`,
  },
  {
    kind: 'parent table',
    name: 'h.inhparent::regclass::text',
    columns: `ARRAY(SELECT a.attname::text FROM pg_attribute a
                     WHERE a.attrelid = t.oid AND a.attinhcount > 0 AND NOT a.attisdropped)`,
    other: 'h.inhparent',
    from: `t JOIN pg_inherits h ON h.inhrelid = t.oid`,
  },
  {
    kind: 'row type',
    name: `u.oid::regclass::text || '.' || a.attname`,
    detail: `'column of type ' || format_type(a.atttypid, a.atttypmod)`,
    other: 'u.oid',
    from: `t JOIN pg_type y ON y.oid = t.reltype
             JOIN pg_attribute a ON a.atttypid IN (y.oid, y.typarray) AND NOT a.attisdropped
             JOIN pg_class u ON u.oid = a.attrelid AND u.relkind IN ('r', 'p', 'm', 'c')`,
  },
  {
    kind: 'row type',
    name: 'p.oid::regprocedure::text',
    detail: `'function that takes or returns a row of it'`,
    from: `t JOIN pg_type y ON y.oid = t.reltype
             JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (y.oid, y.typarray)
              AND d.classid = 'pg_proc'::regclass
             JOIN pg_proc p ON p.oid = d.objid`,
  },
  {
    kind: 'sequence used elsewhere',
    name: 's.objid::regclass::text',
    detail: `'default of ' || b.adrelid::regclass::text`,
    columns: named('ARRAY[s.refobjsubid]::int2[]'),
    other: 'b.adrelid',
    from: `t JOIN pg_depend s ON s.refclassid = 'pg_class'::regclass AND s.refobjid = t.oid AND s.refobjsubid > 0
              AND s.classid = 'pg_class'::regclass AND s.deptype IN ('a', 'i')
             JOIN pg_class q ON q.oid = s.objid AND q.relkind = 'S'
             JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = q.oid
              AND d.classid = 'pg_attrdef'::regclass
             JOIN pg_attrdef b ON b.oid = d.objid AND b.adrelid <> t.oid`,
  },
  {
    kind: 'member of an extension',
    name: 'e.extname::text',
    from: `t JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e'
             JOIN pg_extension e ON e.oid = d.refobjid`,
  },
  {
    kind: 'typed table',
    name: 'format_type(t.reloftype, NULL)',
    from: `t WHERE t.reloftype <> 0`,
  },
  {
    kind: 'dependent object',
    name: 'pg_describe_object(d.classid, d.objid, d.objsubid)',
    columns: named('ARRAY[d.refobjsubid]::int2[]'),
    from: `t JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.deptype = 'n'
            WHERE d.classid NOT IN ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_trigger'::regclass,
                  'pg_policy'::regclass, 'pg_publication_rel'::regclass, 'pg_constraint'::regclass,
                  'pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_statistic_ext'::regclass)`,
  },
];

/** What acts on the whole database; reported with the first table. */
const DATABASE_WIDE: readonly Part[] = [
  {
    kind: 'event trigger',
    name: 'e.evtname::text',
    detail: `e.evtevent || ', calls ' || e.evtfoid::regprocedure::text`,
    from: `pg_event_trigger e WHERE e.evtenabled <> 'D'`,
  },
  {
    kind: 'logical replication slot',
    name: 's.slot_name::text',
    detail: `s.plugin || CASE WHEN s.active THEN ', active' ELSE ', inactive' END`,
    from: `pg_replication_slots s WHERE s.slot_type = 'logical' AND s.database = current_database()`,
  },
];

/** One statement for all of them: one snapshot. `$1` is an array of table oids. */
export function attachmentsQuery(versionNumber: number): string {
  const select = (part: Part, table: string): string =>
    `SELECT '${part.kind}' AS kind, ${table}::text AS oid, ${part.name} AS name, ${part.detail ?? `''`} AS detail,
            array_to_json(${part.columns ?? NO_COLUMNS}) AS columns, (${part.other ?? 'NULL'})::text AS other,
            ${part.source ?? 'NULL'} AS source
       FROM ${part.from}`;
  const ofTables = PARTS.filter(({ since }) => versionNumber >= (since ?? 0)).map((part) =>
    select(part, 't.oid'),
  );
  const ofDatabase = DATABASE_WIDE.map((part) => select(part, 'NULL'));
  return `WITH t AS (SELECT * FROM pg_class WHERE oid = ANY ($1::oid[]))
${[...ofTables, ...ofDatabase].join('\nUNION ALL\n')}
ORDER BY 2, 1, 3`;
}
