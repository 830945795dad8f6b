/** Making a table again from its definition: the table, its constraints, its indexes. */
import type {
  ColumnDefinition,
  ConstraintDefinition,
  IndexDefinition,
  SequenceDefinition,
  TableDefinition,
} from '../definition.ts';
import { quoteName, quoteQualified, type Named, type Worded } from './quoting.ts';
import { retargeted, selfReferencing } from './retarget.ts';

/**
 * CREATE TABLE with columns, types, collations, defaults, generated and identity columns and NOT NULL, persistence and
 * tablespace; storage, options and the rest are {@link attributesSql}'s. To be run with the search_path that the
 * definition is spelled for. The default of a serial column stays on the same sequence.
 * @throws {Error} for what is not made again: see {@link notMadeAgain}
 */
export function createTableSql(definition: TableDefinition, target: Named): string {
  const obstacle = notMadeAgain(definition)[0];
  if (obstacle) throw new Error(obstacle);
  const columns = definition.columns.map((column) => `  ${columnSql(column, definition, target)}`);
  const method =
    definition.accessMethod && definition.accessMethod !== 'heap' ? definition.accessMethod : null;
  return [
    `CREATE ${definition.persistence === 'u' ? 'UNLOGGED ' : ''}TABLE ${quoteQualified(target)} (`,
    columns.join(',\n'),
    `)${method ? ` USING ${quoteName(method)}` : ''}${definition.tablespace ? ` TABLESPACE ${quoteName(definition.tablespace)}` : ''}`,
  ].join('\n');
}

/** Why a table could not be made again from its definition, one sentence each; empty when it can. */
export function notMadeAgain(definition: TableDefinition): string[] {
  const { name } = definition;
  const reasons: string[] = [];
  if (definition.kind === 'p') reasons.push(`${name} is partitioned.`);
  if (definition.parents.length > 0) reasons.push(`${name} inherits from ${definition.parents.join(', ')}.`);
  if (definition.children.length > 0)
    reasons.push(`${definition.children.join(', ')} inherits from ${name}.`);
  if (definition.persistence === 't') reasons.push(`${name} is a temporary table.`);
  const granted = [definition.grants, ...definition.columns.map(({ grants }) => grants)];
  if (granted.some((list) => list?.some(({ grantor }) => grantor !== definition.owner))) {
    reasons.push(
      `Rights on ${name} were granted by others than its owner, who alone can be named as the one who grants.`,
    );
  }
  return reasons;
}

function columnSql(column: ColumnDefinition, table: TableDefinition, target: Named): string {
  const parts = [quoteName(column.name), column.type];
  if (column.collation) parts.push(`COLLATE ${column.collation}`);
  if (column.default !== null) parts.push(`DEFAULT ${column.default}`);
  if (column.generated && column.expression !== null) {
    parts.push(
      `GENERATED ALWAYS AS (${column.expression}) ${column.generated === 'v' ? 'VIRTUAL' : 'STORED'}`,
    );
  }
  if (column.identity) parts.push(identitySql(column, table.sequences, target));
  if (column.notNull) parts.push(notNullSql(column, table.constraints));
  return parts.join(' ');
}

function identitySql(column: ColumnDefinition, sequences: SequenceDefinition[], target: Named): string {
  const sequence = sequences.find((candidate) => candidate.identity && candidate.column === column.name);
  const kind = column.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT';
  if (!sequence) return `GENERATED ${kind} AS IDENTITY`;
  const name = quoteQualified({ schema: target.schema, name: sequence.name });
  // The type is the column's own and may not be said again (sql-createtable).
  const settings = (sequence.settings ?? '').replace(/^AS [a-z ]+? START /, 'START ');
  return `GENERATED ${kind} AS IDENTITY (SEQUENCE NAME ${name}${settings ? ` ${settings}` : ''})`;
}

/** From PostgreSQL 18 on NOT NULL is a constraint with a name. */
function notNullSql(column: ColumnDefinition, constraints: ConstraintDefinition[]): string {
  const named = constraints.find(({ type, columns }) => type === 'n' && columns[0] === column.name);
  return named ? `CONSTRAINT ${quoteName(named.name)} NOT NULL` : 'NOT NULL';
}

/**
 * ALTER TABLE … ADD CONSTRAINT on `target`. A foreign key of the table to itself comes to point at `target`. What
 * pg_get_constraintdef leaves out (storage of the index behind it) is {@link attributesSql}'s.
 * @param of the table it was read from
 */
export function constraintSql(constraint: ConstraintDefinition, target: Named, of: Named): string {
  const sql = `ALTER TABLE ${quoteQualified(target)} ADD CONSTRAINT ${quoteName(constraint.name)} ${constraint.definition}`;
  return constraint.type === 'f' ? selfReferencing(sql, of, target) : sql;
}

const ORDER = 'puxcf';

/** All constraints but NOT NULL, which the columns carry; keys before what may refer to them. */
export function constraintsSql(definition: TableDefinition, target: Named): Worded[] {
  return definition.constraints
    .filter(({ type }) => ORDER.includes(type))
    .sort((one, other) => ORDER.indexOf(one.type) - ORDER.indexOf(other.type))
    .map((constraint) => ({
      sql: constraintSql(constraint, target, definition),
      words: `Gives ${target.name} the constraint ${constraint.name}.`,
    }));
}

/** The index's own CREATE INDEX, on the table `target`; an index is made in its table's schema. */
export function indexSql(index: IndexDefinition, target: { schema: string; table: string }): string {
  return retargeted(index.definition, { schema: target.schema, name: target.table });
}

/** The indexes that no constraint brings with it. */
export function indexesSql(definition: TableDefinition, target: Named): Worded[] {
  return definition.indexes
    .filter(({ constraint }) => constraint === null)
    .map((index) => ({
      sql: indexSql(index, { schema: target.schema, table: target.bare ?? target.name }),
      words: `Builds the index ${index.name}.`,
    }));
}
