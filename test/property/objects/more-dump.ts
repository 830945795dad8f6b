/** What a schema's definition consists of beside what the dump of test/sql/objects shows. */
import type { Session } from '../../../src/sql/session.ts';
import { dump } from '../../sql/objects/support.ts';

const MORE = `
  WITH n AS (SELECT oid FROM pg_namespace WHERE nspname = $1)
  SELECT line FROM (
    SELECT concat_ws(' ', 'column', c.relname, a.attname, a.attnotnull, a.attidentity, a.attgenerated, a.attstattarget, a.attislocal, a.attinhcount, a.attcollation) AS line
      FROM pg_class c JOIN n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p')
    UNION ALL SELECT concat_ws(' ', 'table', c.relname, c.relreplident, c.relpersistence, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), (SELECT string_agg(h.inhparent::regclass::text, ',' ORDER BY 1) FROM pg_inherits h WHERE h.inhrelid = c.oid))
      FROM pg_class c JOIN n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'i', 'I')
    UNION ALL SELECT concat_ws(' ', 'more of constraint', c.relname, o.conname, o.convalidated, o.conislocal, o.coninhcount, obj_description(o.oid, 'pg_constraint')) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN n ON n.oid = c.relnamespace
    UNION ALL SELECT concat_ws(' ', 'owned sequence', q.relname, d.refobjid::regclass, d.refobjsubid, d.deptype) FROM pg_class q JOIN n ON n.oid = q.relnamespace JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = q.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') WHERE q.relkind = 'S') lines
  ORDER BY 1`;

/** Every row, whatever the order of the columns. */
const ROWS = `
  SELECT concat_ws(' ', 'row of', c.relname, r.line) AS line
    FROM pg_class c CROSS JOIN LATERAL unnest(xpath('/table/row/r/text()', query_to_xml(format('SELECT to_jsonb(t)::text AS r FROM %I.%I AS t ORDER BY 1', $1::text, c.relname), false, false, ''))) AS r(line)
   WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind = 'r'`;

/** Everything in the schema and in that beside it, a line each, the schema's name as `@`. */
export async function whole(session: Session, schema: string): Promise<string[]> {
  const lines: string[] = [];
  for (const each of [`${schema}_b`, schema]) {
    const first = await dump(session, each);
    const more = await session.query(MORE, [each]);
    const contents = await session.query(ROWS, [each]);
    lines.push(...first.filter((line) => !line.startsWith('row of ')));
    lines.push(...[...more.rows, ...contents.rows].map(({ line }) => String(line)));
  }
  return lines.map((line) => line.replaceAll(schema, '@')).sort();
}

export function difference(before: readonly string[], after: readonly string[]): string[] {
  const count = (list: readonly string[], line: string): number => list.filter((one) => one === line).length;
  return [
    ...before
      .filter((line, at) => before.indexOf(line) === at && count(before, line) > count(after, line))
      .map((line) => `- ${line}`),
    ...after
      .filter((line, at) => after.indexOf(line) === at && count(after, line) > count(before, line))
      .map((line) => `+ ${line}`),
  ];
}
