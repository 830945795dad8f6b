/**
 * What is asked of the catalog in the place of psql's `\d…` and `\l`: one SELECT each, which changes nothing and runs
 * nobody else's code. The columns are psql's own, read off its version 15.
 */
import type { Asked, PsqlQuestion } from './command.ts';
import { describeSql } from './describe.ts';
import { patternOf } from './pattern.ts';

export interface PsqlQuery {
  sql: string;
  params: string[];
}

/** `column` matches the pattern in `$n`; the collation is that of every name (manual, infoschema aside: "C"). */
const matches = (column: string, n: number): string =>
  `${column}::pg_catalog.text OPERATOR(pg_catalog.~) $${n}::pg_catalog.text`;

const EQ = 'OPERATOR(pg_catalog.=)';

/** Of objects in schemas: by the pattern, else those that are visible; without one, no system objects unless asked for. */
function inSchema(
  { pattern, system }: Asked,
  name: string,
  visible: string,
): { where: string; params: string[] } {
  if (pattern === null) {
    const own = `n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.name
   AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'::pg_catalog.name
   AND n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_toast'`;
    return { where: system ? visible : `${visible}\n   AND ${own}`, params: [] };
  }
  const found = patternOf(pattern);
  return found.schema === null
    ? { where: `${visible}\n   AND ${matches(name, 1)}`, params: [found.name] }
    : {
        where: `${matches(name, 1)}\n   AND ${matches('n.nspname', 2)}`,
        params: [found.name, found.schema],
      };
}

const TYPES: readonly [string, string][] = [
  ['r', 'table'],
  ['p', 'partitioned table'],
  ['v', 'view'],
  ['m', 'materialized view'],
  ['i', 'index'],
  ['I', 'partitioned index'],
  ['S', 'sequence'],
  ['f', 'foreign table'],
];

export const relationType = (kind: string): string =>
  `CASE ${TYPES.map(([letter, word]) => `WHEN ${kind}::pg_catalog.text ${EQ} '${letter}' THEN '${word}'`).join(' ')} ELSE 'other' END`;

const roleName = (oid: string): string => `pg_catalog.pg_get_userbyid(${oid})`;

function relations(question: Extract<PsqlQuestion, { kind: 'relations' }>): PsqlQuery {
  const { relkinds, verbose } = question;
  const hasIndexes = relkinds.includes('i');
  const { where, params } = inSchema(question, 'c.relname', 'pg_catalog.pg_table_is_visible(c.oid)');
  const table = hasIndexes ? `,\n       t.relname AS "Table"` : '';
  const more = verbose
    ? `,\n       pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid::pg_catalog.regclass)) AS "Size",
       pg_catalog.obj_description(c.oid, 'pg_class') AS "Description"`
    : '';
  const kinds = [...relkinds].map((kind) => `'${kind}'`).join(', ');
  return {
    sql: `SELECT n.nspname AS "Schema", c.relname AS "Name",
       ${relationType('c.relkind')} AS "Type",
       ${roleName('c.relowner')} AS "Owner"${table}${more}
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} c.relnamespace
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid ${EQ} c.oid
  LEFT JOIN pg_catalog.pg_class t ON t.oid ${EQ} i.indrelid
 WHERE c.relkind::pg_catalog.text ${EQ} ANY (ARRAY[${kinds}]::pg_catalog.text[])
   AND ${where}
 ORDER BY 1, 2`,
    params,
  };
}

function databases({ pattern, verbose }: Asked): PsqlQuery {
  const where = pattern === null ? '' : `\n WHERE ${matches('d.datname', 1)}`;
  const more = verbose ? `,\n       pg_catalog.shobj_description(d.oid, 'pg_database') AS "Description"` : '';
  return {
    sql: `SELECT d.datname AS "Name", ${roleName('d.datdba')} AS "Owner",
       pg_catalog.pg_encoding_to_char(d.encoding) AS "Encoding",
       d.datcollate AS "Collate", d.datctype AS "Ctype",
       pg_catalog.array_to_string(d.datacl, ' ') AS "Access privileges"${more}
  FROM pg_catalog.pg_database d${where}
 ORDER BY 1`,
    params: pattern === null ? [] : [patternOf(pattern).name],
  };
}

function schemas({ pattern, system, verbose }: Asked): PsqlQuery {
  const own = `\n WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.!~) '^pg_'
   AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'::pg_catalog.name`;
  const where = pattern === null ? (system ? '' : own) : `\n WHERE ${matches('n.nspname', 1)}`;
  const more = verbose
    ? `,\n       pg_catalog.array_to_string(n.nspacl, ' ') AS "Access privileges",
       pg_catalog.obj_description(n.oid, 'pg_namespace') AS "Description"`
    : '';
  return {
    sql: `SELECT n.nspname AS "Name", ${roleName('n.nspowner')} AS "Owner"${more}
  FROM pg_catalog.pg_namespace n${where}
 ORDER BY 1`,
    params: pattern === null ? [] : [patternOf(pattern).name],
  };
}

function functions(question: Asked): PsqlQuery {
  const { where, params } = inSchema(question, 'p.proname', 'pg_catalog.pg_function_is_visible(p.oid)');
  const kind = (letter: string): string => `p.prokind::pg_catalog.text ${EQ} '${letter}'`;
  const more = question.verbose
    ? `,\n       ${roleName('p.proowner')} AS "Owner",
       pg_catalog.obj_description(p.oid, 'pg_proc') AS "Description"`
    : '';
  return {
    sql: `SELECT n.nspname AS "Schema", p.proname AS "Name",
       pg_catalog.pg_get_function_result(p.oid) AS "Result data type",
       pg_catalog.pg_get_function_arguments(p.oid) AS "Argument data types",
       CASE WHEN ${kind('a')} THEN 'agg' WHEN ${kind('w')} THEN 'window' WHEN ${kind('p')} THEN 'proc' ELSE 'func' END AS "Type"${more}
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} p.pronamespace
 WHERE ${where}
 ORDER BY 1, 2, 4`,
    params,
  };
}

function describe(question: Asked): PsqlQuery {
  const { where, params } = inSchema(question, 'c.relname', 'pg_catalog.pg_table_is_visible(c.oid)');
  return { sql: describeSql(where), params };
}

/** The one query that answers it; `\echo` is a query as well, so that it stands in the order of what is sent. */
export function queryOf(question: PsqlQuestion): PsqlQuery {
  switch (question.kind) {
    case 'relations':
      return relations(question);
    case 'describe':
      return describe(question);
    case 'databases':
      return databases(question);
    case 'schemas':
      return schemas(question);
    case 'functions':
      return functions(question);
    case 'echo':
      return { sql: 'SELECT $1::pg_catalog.text AS echo', params: [question.says] };
  }
}
