/** `\d NAME`: a row for each relation that is meant, its columns and what hangs on it as JSON. */

const EQ = 'OPERATOR(pg_catalog.=)';

export interface DescribedColumn {
  name: string;
  type: string;
  collation: string | null;
  notNull: boolean;
  default: string | null;
  comment: string | null;
}

/** Lists of lines as psql writes them below a table. */
export interface Described {
  schema: string;
  name: string;
  /** pg_class.relkind. */
  kind: string;
  columns: DescribedColumn[];
  /** Of an index: its definition. */
  definition: string | null;
  indexes: string[];
  checks: string[];
  foreign: string[];
  referenced: string[];
  triggers: string[];
}

const json = (inner: string): string => `COALESCE((${inner}), '[]'::pg_catalog.json) AS`;

const COLUMNS = json(`SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
           'collation', (SELECT o.collname FROM pg_catalog.pg_collation o, pg_catalog.pg_type y
              WHERE o.oid ${EQ} a.attcollation AND y.oid ${EQ} a.atttypid AND a.attcollation OPERATOR(pg_catalog.<>) y.typcollation),
           'notNull', a.attnotnull,
           'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
           'comment', pg_catalog.col_description(a.attrelid, a.attnum)) ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a
          LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid ${EQ} a.attrelid AND d.adnum ${EQ} a.attnum
         WHERE a.attrelid ${EQ} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped`);

/** The way psql puts it: what the index is for, its method and its columns. */
const INDEX = `pg_catalog.format('"%s"%s %s%s', x.relname,
             CASE WHEN i.indisprimary THEN ' PRIMARY KEY,' WHEN i.indisunique THEN ' UNIQUE,' ELSE '' END,
             pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), '^.*? USING ', ''),
             CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END)`;

const INDEXES = json(`SELECT pg_catalog.json_agg(${INDEX} ORDER BY i.indisprimary DESC, x.relname)
          FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid ${EQ} i.indexrelid
         WHERE i.indrelid ${EQ} c.oid`);

const constraints = (type: string): string =>
  json(`SELECT pg_catalog.json_agg(pg_catalog.format('"%s" %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname)
          FROM pg_catalog.pg_constraint k WHERE k.conrelid ${EQ} c.oid AND k.contype::pg_catalog.text ${EQ} '${type}'`);

const REFERENCED =
  json(`SELECT pg_catalog.json_agg(pg_catalog.format('TABLE %s CONSTRAINT "%s" %s', k.conrelid::pg_catalog.regclass,
             k.conname, pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname)
          FROM pg_catalog.pg_constraint k WHERE k.confrelid ${EQ} c.oid AND k.contype::pg_catalog.text ${EQ} 'f'`);

const TRIGGERS =
  json(`SELECT pg_catalog.json_agg(pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid), '^CREATE (CONSTRAINT )?TRIGGER ', '')
             ORDER BY t.tgname)
          FROM pg_catalog.pg_trigger t WHERE t.tgrelid ${EQ} c.oid AND NOT t.tgisinternal`);

/** @param where on `c` (pg_class) and `n` (its schema) */
export function describeSql(where: string): string {
  return `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
       ${COLUMNS} columns,
       CASE WHEN c.relkind::pg_catalog.text ${EQ} ANY (ARRAY['i', 'I']::pg_catalog.text[])
         THEN pg_catalog.pg_get_indexdef(c.oid) END AS definition,
       ${INDEXES} indexes,
       ${constraints('c')} checks,
       ${constraints('f')} "foreign",
       ${REFERENCED} referenced,
       ${TRIGGERS} triggers
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} c.relnamespace
 WHERE ${where}
 ORDER BY 1, 2`;
}
