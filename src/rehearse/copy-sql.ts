/** The SQL that makes a copy of a table elsewhere, and what of the table is not in it. Pure; needs `loadParser`. */
import type { ConstraintDefinition, TableDefinition } from '../sql/definition.ts';
import {
  attributesSql,
  constraintsSql,
  createTableSql,
  indexesSql,
  notMadeAgain,
  quoteName,
  quoteQualified,
} from '../sql/definition-sql.ts';
import { parseOne } from '../sql/parse.ts';
import { functionsIn, walk } from '../sql/parse-tree.ts';
import type { OwnNames } from './names.ts';

export interface CopyPlan {
  /** To be made by itself: no rights, owner or row security. */
  definition: TableDefinition;
  create: string[];
  /** Filled by SELECT from the table itself. */
  columns: string[];
  /** After the rows are there. */
  finish: string[];
  /** After all tables are there. */
  foreignKeys: string[];
  notCopied: string[];
}

/** Why no copy can be made, one sentence each. */
export function notCopyable(definition: TableDefinition, names: OwnNames): string[] {
  const generated = definition.columns.filter(
    ({ expression }) => expression !== null && callsOwn(`SELECT ${expression}`, names),
  );
  return [
    ...notMadeAgain(withoutRights(definition)),
    ...generated.map(
      ({ name }) =>
        `${definition.name}.${name} is computed by a function of this database, which may do anything.`,
    ),
  ];
}

export const withoutRights = (definition: TableDefinition): TableDefinition => ({
  ...definition,
  grants: null,
  rowSecurity: { enabled: false, forced: false },
  columns: definition.columns.map((column) => ({ ...column, grants: null })),
  statistics: [],
});

function callsOwn(sql: string, { ownFunctions }: OwnNames): boolean {
  return functionsIn(parseOne(sql)).some((name) => ownFunctions.has(name) || name.includes('.'));
}

/** The table that a foreign key refers to; null when it is in another schema. */
function referred({ definition }: ConstraintDefinition): string | null {
  let found: string | null = null;
  walk(parseOne(`ALTER TABLE t ADD ${definition}`), (kind, fields) => {
    if (kind === 'pktable' && fields.schemaname === undefined && typeof fields.relname === 'string')
      found = fields.relname;
  });
  return found;
}

export interface CopyRequest {
  schema: string;
  names: OwnNames;
  /** All tables that are copied, and those of which a sample alone is. */
  copied: ReadonlySet<string>;
  sampled: ReadonlySet<string>;
}

/** Run with `<schema>, <the table's own>, pg_temp` in the search_path. */
export function copyPlan(table: TableDefinition, { schema, names, copied, sampled }: CopyRequest): CopyPlan {
  const notCopied: string[] = [];
  const left = (what: string, why: string): false => {
    notCopied.push(`${what} of ${table.name}: ${why}.`);
    return false;
  };
  const OWN = 'it calls a function of this database, which may do anything';
  const keys = ({ type, name, ...rest }: ConstraintDefinition): boolean => {
    if (type !== 'f') return true;
    const other = referred({ type, name, ...rest });
    if (other === null || !copied.has(other))
      return left(`Foreign key ${name}`, 'the table it refers to is not copied');
    if (sampled.has(other) || sampled.has(table.name))
      return left(`Foreign key ${name}`, 'of one of the tables a sample is copied');
    return true;
  };
  const definition: TableDefinition = {
    ...withoutRights(table),
    columns: withoutRights(table).columns.map((column) =>
      column.default !== null && callsOwn(`SELECT ${column.default}`, names)
        ? (left(`Default of ${column.name}`, OWN), { ...column, default: null })
        : column,
    ),
    constraints: table.constraints.filter(
      (one) =>
        (one.type !== 'c' || !callsOwn(`ALTER TABLE t ADD ${one.definition}`, names)
          ? true
          : left(`Constraint ${one.name}`, OWN)) && keys(one),
    ),
    indexes: table.indexes.filter(
      (one) => one.constraint !== null || !callsOwn(one.definition, names) || left(`Index ${one.name}`, OWN),
    ),
  };
  if (table.triggers.length > 0)
    left(`Triggers (${table.triggers.map(({ name }) => name).join(', ')})`, 'no code runs on a copy');
  const target = { schema, name: table.name };
  const attributes = attributesSql(definition, target).filter(
    ({ sql }) => !/^ALTER (TABLE|STATISTICS) \S+ OWNER TO /.test(sql),
  );
  const sqlOf = (early: boolean): string[] =>
    attributes.filter((one) => one.early === early).map(({ sql }) => sql);
  const constraints = constraintsSql(definition, target).map(({ sql }) => sql);
  const foreign = constraints.filter((sql) => isForeign(sql));
  const serial = definition.sequences.filter(({ identity }) => !identity);
  return {
    definition,
    create: [
      ...serial.map(
        ({ name, settings }) => `CREATE SEQUENCE ${quoteQualified({ schema, name })} ${settings ?? ''}`,
      ),
      createTableSql(definition, target),
      ...serial.map(
        ({ name, column }) =>
          `ALTER SEQUENCE ${quoteQualified({ schema, name })} OWNED BY ${quoteQualified(target)}.${quoteName(column)}`,
      ),
      ...sqlOf(true),
    ],
    columns: definition.columns.filter(({ generated }) => generated === '').map(({ name }) => name),
    finish: [
      ...constraints.filter((sql) => !isForeign(sql)),
      ...indexesSql(definition, target).map(({ sql }) => sql),
      ...sqlOf(false),
    ],
    foreignKeys: foreign,
    notCopied,
  };
}

function isForeign(sql: string): boolean {
  let foreign = false;
  walk(parseOne(sql), (kind, fields) => {
    if (kind === 'Constraint' && fields.contype === 'CONSTR_FOREIGN') foreign = true;
  });
  return foreign;
}

/**
 * The rows of the table, or a sample of them: by rows where the table is small enough to be read whole, else by pages
 * (manual, tablesample-method), which reads no more than its share.
 * @param share 1 is all rows
 */
export function sampleSql({ definition, columns }: CopyPlan, share: number): string {
  const method = definition.heapBytes < READ_WHOLE ? 'BERNOULLI' : 'SYSTEM';
  const sample = share < 1 ? ` TABLESAMPLE ${method} (${(share * 100).toFixed(4)}) REPEATABLE (1)` : '';
  return `SELECT ${columns.map(quoteName).join(', ')} FROM ONLY ${quoteQualified(definition)}${sample}`;
}

/** Fills the copy from the table, on one server. */
export function fillSql(plan: CopyPlan, schema: string, share: number): string {
  const { definition, columns } = plan;
  const always = definition.columns.some(({ identity }) => identity === 'a')
    ? ' OVERRIDING SYSTEM VALUE'
    : '';
  const target = quoteQualified({ schema, name: definition.name });
  return `INSERT INTO ${target} (${columns.map(quoteName).join(', ')})${always} ${sampleSql(plan, share)}`;
}

const READ_WHOLE = 64 * 1024 * 1024;
