/**
 * What the statements of a step make of one table, as one step: from its columns now to its columns then, each as an
 * expression over what a row holds now. Worked out from the parse trees; nothing is asked of the database.
 */
import type { Node } from '@pgsql/types';
import type { TableDefinition } from '../definition.ts';
import { constraintName, definedColumns } from '../symbolic-names.ts';
import type { Effect, Statement } from '../types.ts';
import { definitionAfter } from './after.ts';
import { columnName, isConstant, NULL } from './nodes.ts';
import { sortOut } from './sort-out.ts';
import { DoesNotFit, orSentence, refuse } from './unfit.ts';
import { checkExpression, rowUpdate, withBareNames } from './update.ts';
import { Values, type Binding } from './values.ts';

export interface MappedColumn {
  name: string;
  /** The column it was; null for one that the step adds. */
  original: string | null;
  /** The name it was added under, else the original's. */
  first: string;
  type: string;
  /** Over original columns and bindings. */
  value: Node;
  /** Its values or its type are not those of the original column. */
  changed: boolean;
  retyped: boolean;
  defaulted: boolean;
  generated: boolean;
}

export interface Mapping {
  /** The table as it is before the step. */
  before: TableDefinition;
  /** And as the statements leave it; what was there keeps its names. */
  after: TableDefinition;
  /** In the order the statements leave. */
  columns: MappedColumn[];
  bindings: Binding[];
  /** Columns that go, under their names before. */
  dropped: string[];
  /** The statements it stands for. */
  statements: Statement[];
  /** The others: they neither read nor write the table. */
  side: Statement[];
}

const titled = (statement: Statement): string => `Statement ${statement.index}`;

class Walk {
  table: TableDefinition;
  readonly values: Values;

  constructor(
    readonly before: TableDefinition,
    private readonly taken: ReadonlySet<string>,
  ) {
    this.table = before;
    this.values = new Values(before.columns);
  }

  apply(effect: Effect, statement: Statement): void {
    if (this.skipped(effect)) return;
    this.change(effect, statement);
    this.table = definitionAfter(this.table, effect, statement, this.taken);
  }

  /** IF EXISTS and IF NOT EXISTS that have nothing to do. */
  private skipped(effect: Effect): boolean {
    if (effect.kind === 'drop-column') return effect.ifExists && !this.values.find(effect.column);
    if (effect.kind === 'add-column')
      return effect.ifNotExists && this.values.find(effect.column.name) !== undefined;
    if (effect.kind === 'create-index')
      return effect.ifNotExists && (this.taken.has(effect.name) || this.hasIndex(effect.name));
    if (effect.kind === 'drop-constraint')
      return effect.ifExists && !this.table.constraints.some(({ name }) => name === effect.name);
    return false;
  }

  private hasIndex(name: string): boolean {
    return this.table.indexes.some((index) => index.name === name);
  }

  private change(effect: Effect, statement: Statement): void {
    const { values } = this;
    switch (effect.kind) {
      case 'update':
        return this.update(statement);
      case 'add-column':
        return this.addColumn(effect, statement);
      case 'drop-column': {
        if (effect.cascade) refuse(`${titled(statement)} says CASCADE.`);
        const { original } = values.get(effect.column);
        if (original !== null) values.dropped.push(original);
        values.columns = values.columns.filter(({ name }) => name !== effect.column);
        return;
      }
      case 'rename-column':
        values.get(effect.from).name = effect.to;
        return;
      case 'alter-type':
        return this.alterType(effect.column, effect.type, statement);
      case 'set-default':
      case 'drop-default':
        values.get(effect.column).defaulted = true;
        return;
      case 'set-not-null':
      case 'drop-not-null':
        values.get(effect.column);
        return;
      case 'drop-constraint':
        if (effect.cascade) refuse(`${titled(statement)} says CASCADE.`);
        return;
      case 'create-index':
        if (effect.concurrently) refuse(`${titled(statement)} builds an index CONCURRENTLY.`);
        return;
      case 'drop-index':
        if (effect.cascade || effect.concurrently)
          refuse(`${titled(statement)} says CASCADE or CONCURRENTLY.`);
        return;
      case 'rename-table':
      case 'add-constraint':
      case 'rename-constraint':
      case 'rename-index':
        return;
      default:
        refuse(`${titled(statement)} does something else to the table.`);
    }
  }

  private names(): string[] {
    return this.values.columns.map(({ name }) => name);
  }

  private update(statement: Statement): void {
    if (!('UpdateStmt' in statement.tree)) return refuse(`${titled(statement)} is no plain UPDATE.`);
    const { assignments, condition } = rowUpdate(statement.tree.UpdateStmt, this.names(), titled(statement));
    this.values.update(assignments, condition);
  }

  private addColumn({ column }: Extract<Effect, { kind: 'add-column' }>, statement: Statement): void {
    const { name, type } = column;
    const numbered = column.default?.startsWith('nextval(') ?? false;
    if (column.identity !== undefined || column.generated !== undefined || numbered)
      refuse(`${titled(statement)} adds a column that the server fills.`);
    if (this.values.find(name)) refuse(`${titled(statement)} adds the column ${name}, which is there.`);
    const value = addedValue(statement, name);
    this.values.columns.push({
      name,
      original: null,
      first: name,
      type,
      value,
      retyped: false,
      defaulted: column.default !== null,
      generated: false,
    });
  }

  private alterType(name: string, type: string, statement: Statement): void {
    const live = this.values.get(name);
    const using = usingOf(statement, name);
    if (live.generated) refuse(`${titled(statement)} changes the type of a generated column.`);
    if (
      live.defaulted &&
      this.table.columns.some((column) => column.name === name && column.default !== null)
    )
      refuse(`${titled(statement)} changes the type of ${name}, which was given a default before.`);
    if (using !== null) {
      checkExpression(using, titled(statement));
      const own = withBareNames(using, [this.table.name], this.names(), titled(statement));
      live.value = this.values.bound(this.values.resolved(own), `new_${name}`);
    } else if (live.retyped || columnName(live.value) !== live.original) {
      live.value = this.values.read(live);
    }
    live.type = type;
    live.retyped = true;
  }
}

function definitionIn(statement: Statement, column: string): Record<string, unknown> | null {
  const commands = 'AlterTableStmt' in statement.tree ? (statement.tree.AlterTableStmt.cmds ?? []) : [];
  for (const node of commands) {
    const command = 'AlterTableCmd' in node ? node.AlterTableCmd : undefined;
    const def = command?.def;
    if (def && 'ColumnDef' in def && (def.ColumnDef.colname ?? command.name) === column)
      return { ...def.ColumnDef };
  }
  return null;
}

function usingOf(statement: Statement, column: string): Node | null {
  const def = definitionIn(statement, column);
  if (def?.['collClause']) refuse(`${titled(statement)} sets a collation.`);
  return (def?.['raw_default'] as Node | undefined) ?? null;
}

/** Column constraints that a new column may bring; others have names and places of their own. */
const PLAIN = ['CONSTR_NOTNULL', 'CONSTR_NULL', 'CONSTR_DEFAULT'];

/** What ADD COLUMN puts into the rows that are there: NULL, or a default that is a constant. */
function addedValue(statement: Statement, column: string): Node {
  const def = definitionIn(statement, column);
  if (!def || def['collClause'] || def['storage_name'] || def['compression'])
    return refuse(`${titled(statement)} adds the column ${column} with more than a type.`);
  let value: Node = NULL;
  for (const node of (def['constraints'] ?? []) as Node[]) {
    if (!('Constraint' in node) || !PLAIN.includes(node.Constraint.contype ?? ''))
      return refuse(`${titled(statement)} adds the column ${column} with a constraint of its own.`);
    if (node.Constraint.contype === 'CONSTR_DEFAULT' && node.Constraint.raw_expr) {
      value = isConstant(node.Constraint.raw_expr)
        ? node.Constraint.raw_expr
        : refuse(`The default of ${column} is no constant.`);
    }
  }
  return value;
}

function columnsOf({ values }: Walk): MappedColumn[] {
  return values.columns.map(({ name, original, first, type, value, retyped, defaulted, generated }) => ({
    name,
    original,
    first,
    type,
    value,
    retyped,
    defaulted,
    generated,
    changed: retyped || original === null || columnName(value) !== original,
  }));
}

/** Names of relations and constraints that an effect brings; the server's own choice as long as nothing has it. */
export function newNames(effect: Effect): string[] {
  switch (effect.kind) {
    case 'create-table':
      return [effect.table, constraintName(effect.table, 'p', [])];
    case 'rename-table':
    case 'rename-index':
    case 'rename-constraint':
      return [effect.to];
    case 'add-constraint':
      return [effect.name ?? constraintName(effect.table, effect.type, definedColumns(effect.definition))];
    case 'create-index':
      return [effect.name];
    default:
      return [];
  }
}

/** The server chooses a name that is free at that moment, which depends on what the other statements have done by then. */
function checkNames(own: readonly Statement[], side: readonly Statement[], taken: ReadonlySet<string>): void {
  const made = new Set(side.flatMap(({ effects }) => effects.flatMap(newNames)));
  for (const statement of own) {
    for (const effect of statement.effects) {
      if (effect.kind !== 'add-constraint' || effect.name !== null) continue;
      const name = constraintName(effect.table, effect.type, definedColumns(effect.definition));
      if (made.has(name) || (side.length > 0 && taken.has(name)))
        refuse(`${titled(statement)} adds a constraint whose name depends on the statements before it.`);
    }
  }
}

/**
 * The mapping of one table, or the sentence that says why there is none. Pure; needs `loadParser`.
 *
 * @param table the table as it is before the step
 * @param statements of the step, those still to run, in order
 * @param taken names of other relations and constraints of the schema
 */
export function mappingOf(
  table: TableDefinition,
  statements: readonly Statement[],
  schema: string,
  taken: ReadonlySet<string> = new Set(),
): Mapping | string {
  return orSentence(() => {
    const walk = new Walk(table, taken);
    const { own, side } = sortOut(table, statements, schema, taken);
    checkNames(own, side, taken);
    for (const statement of own) {
      for (const effect of statement.effects) {
        try {
          walk.apply(effect, statement);
        } catch (error) {
          if (error instanceof DoesNotFit && !error.message.includes('tatement'))
            refuse(
              `Statement ${statement.index}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
            );
          throw error;
        }
      }
    }
    return {
      before: table,
      after: walk.table,
      columns: columnsOf(walk),
      bindings: walk.values.bindings,
      dropped: walk.values.dropped,
      statements: own,
      side,
    };
  });
}
