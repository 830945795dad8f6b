/** Foreign keys that keep a step from dropping what they point at, or that a change of rows would break. */
import { touchedTables, type Touched } from '../../postgres/touched.ts';
import { arrayLiteral } from '../../postgres/catalog.ts';
import { unqualified } from '../../postgres/unqualified.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import type { RepairContext } from '../find.ts';
import type { Repair } from '../types.ts';
import { name, textsOf } from './asking.ts';

interface Key {
  constraint: string;
  schema: string;
  table: string;
  definition: string;
  /** oid of the table it points at. */
  target: string;
  columns: string[];
}

/** FOREIGN KEY in pg_constraint (manual, catalog-pg-constraint); parts of a partitioned table's key go with it. */
const KEYS = `
  SELECT o.conname, n.nspname, c.relname, pg_catalog.pg_get_constraintdef(o.oid), o.confrelid::pg_catalog.text,
         (SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, E'\\n' ORDER BY k.n)
            FROM pg_catalog.unnest(o.confkey) WITH ORDINALITY k(attnum, n)
            JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) o.confrelid
             AND a.attnum OPERATOR(pg_catalog.=) k.attnum)
    FROM pg_catalog.pg_constraint o
    JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) o.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
   WHERE o.contype OPERATOR(pg_catalog.=) 'f'::pg_catalog."char"
     AND o.conparentid OPERATOR(pg_catalog.=) 0::pg_catalog.oid
     AND o.conrelid OPERATOR(pg_catalog.<>) o.confrelid
     AND (o.confrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
          OR o.conname OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.name[]))
   ORDER BY 2, 3, 1`;

async function keys(
  context: RepairContext,
  oids: readonly number[],
  named: readonly string[],
): Promise<Key[]> {
  const rows = await textsOf(context, KEYS, [arrayLiteral(oids), arrayLiteral(named)]);
  return rows.map(
    ([constraint = '', schema = '', table = '', definition = '', target = '', columns = '']) => ({
      constraint,
      schema,
      table,
      definition: unqualified(definition, context.schema),
      target,
      columns: columns.split('\n'),
    }),
  );
}

/** What the plan takes away from under the key, in words; null when it stays right. */
function inTheWay(key: Key, touched: readonly Touched[], schema: string): string | null {
  const target = touched.find(({ oid }) => String(oid) === key.target);
  if (!target || target.cascade) return null;
  const own = key.schema === schema ? touched.find(({ table }) => table === key.table) : undefined;
  if (own?.droppedConstraints.has(key.constraint)) return null;
  if (target.droppedAt !== null) {
    const before = own?.droppedAt !== null && own !== undefined && own.droppedAt < target.droppedAt;
    return before ? null : `the table ${target.table}, which the steps drop`;
  }
  const gone = key.columns.filter((column) => target.droppedColumns.has(column));
  return gone.length > 0 ? `${target.table}.${gone.join(', ')}, which the steps drop` : null;
}

/** One value that is 0 once the key is gone. */
const goneCheck = (key: Key): string => `SELECT count(*) FROM pg_constraint
WHERE conname = ${quoteLiteral(key.constraint)} AND conrelid = ${quoteLiteral(name(key.table))}::regclass`;

function dropping(key: Key, why: string): Repair {
  return {
    id: `drop-key:${key.table}.${key.constraint}`,
    title: `Drop the foreign key ${key.constraint} of ${key.table}`,
    found: `The foreign key ${key.constraint} of ${key.table} ${why}. It is defined as: ${key.definition}.`,
    careful: [
      'Its definition is kept in the archive of the repair: "backout undo" of that run puts it back as long as what it points at is there.',
      `Until then nothing keeps rows of ${key.table} from pointing at rows that do not exist.`,
      'After the rollback backout looks whether it can be put back: with "backout", where there is nothing left to roll back.',
    ],
    sql: `ALTER TABLE ${name(key.table)} DROP CONSTRAINT ${name(key.constraint)};`,
    checks: [{ title: `${key.constraint} is dropped`, sql: goneCheck(key), expect: '0' }],
    recommended: true,
  };
}

/** Those of other schemas are named: backout changes tables of the run's schema alone. */
function offer(context: RepairContext, key: Key, why: string): Repair[] {
  if (key.schema === context.schema) return [dropping(key, why)];
  context.note?.({
    title: `Foreign key ${key.constraint} of ${key.schema}.${key.table}`,
    lines: [
      `It ${why}: ${key.definition}.`,
      `Its table is in schema ${key.schema}, which this run does not change. Its owner has to run: ALTER TABLE ${name(key.schema)}.${name(key.table)} DROP CONSTRAINT ${name(key.constraint)};`,
    ],
  });
  return [];
}

/** Keys that point at a table or a column that what is left of the plan drops. */
export async function blockingKeys(context: RepairContext): Promise<Repair[]> {
  const { plan, position, catalog, schema } = context;
  const touched = touchedTables(plan, position, catalog);
  if (touched.length === 0) return [];
  const found = await keys(
    context,
    touched.map(({ oid }) => oid),
    [],
  );
  return found.flatMap((key) => {
    const what = inTheWay(key, touched, schema);
    return what === null ? [] : offer(context, key, `points at ${what}`);
  });
}

/** The key that a statement broke (23503): the server names it. */
export async function violatedKeys(context: RepairContext): Promise<Repair[]> {
  const { about } = context;
  if (about.kind !== 'failure' || about.error.sqlstate !== '23503') return [];
  const { constraint, table } = about.error.about ?? {};
  if (constraint === undefined) return [];
  const found = await keys(context, [], [constraint]);
  return found
    .filter((key) => key.schema === context.schema && (table === undefined || key.table === table))
    .flatMap((key) => offer(context, key, 'forbids what the step changes'));
}
