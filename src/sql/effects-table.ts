/** Effects of CREATE TABLE and ALTER TABLE. */
import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, CreateStmt, Node } from '@pgsql/types';
import { exclusionText, namesItself } from './effects-exclude.ts';
import { takenOver } from './effects-using-index.ts';
import { isSerial, quoteIdent, typeNameOf } from './types-of.ts';
import { tableSwitch } from './objects/effects.ts';
import { belonging, isOverride, keyOf, sourcesOf, type Override } from './family/create.ts';
import { familyCommand } from './family/effects.ts';
import { onlyIf } from './effects-session.ts';
import { tableSetting } from './effects-settings.ts';
import { defaultText, expressionText } from './parse-render.ts';
import { tableText, textsOf } from './parse-tree.ts';
import type { ColumnSpec, Effect } from './types.ts';

type Outcome = Effect[] | string;

interface Place {
  table: string;
  schema?: string;
}

/** pg_constraint.contype of the kinds that are understood. */
const CONTYPE: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'c',
  CONSTR_EXCLUSION: 'x',
  CONSTR_FOREIGN: 'f',
  CONSTR_PRIMARY: 'p',
  CONSTR_UNIQUE: 'u',
};

const ACTION: Readonly<Record<string, string>> = {
  c: 'CASCADE',
  d: 'SET DEFAULT',
  n: 'SET NULL',
  r: 'RESTRICT',
};

const list = (names: readonly string[]): string => names.map(quoteIdent).join(', ');

function foreignKey(constraint: Constraint, columns: readonly string[]): string {
  const far = constraint.pktable ? tableText(constraint.pktable).split('.').map(quoteIdent).join('.') : '';
  const keys = textsOf(constraint.pk_attrs);
  const update = ACTION[constraint.fk_upd_action ?? ''];
  const remove = ACTION[constraint.fk_del_action ?? ''];
  return (
    `FOREIGN KEY (${list(columns)}) REFERENCES ${far}${keys.length > 0 ? `(${list(keys)})` : ''}` +
    (update ? ` ON UPDATE ${update}` : '') +
    (remove ? ` ON DELETE ${remove}` : '')
  );
}

function definitionOf(constraint: Constraint, column?: string): string {
  const columns = column === undefined ? textsOf(constraint.keys) : [column];
  if (constraint.contype === 'CONSTR_PRIMARY') return `PRIMARY KEY (${list(columns)})`;
  if (constraint.contype === 'CONSTR_UNIQUE') return `UNIQUE (${list(columns)})`;
  if (constraint.contype === 'CONSTR_CHECK') {
    return `CHECK (${constraint.raw_expr ? expressionText(constraint.raw_expr) : ''})`;
  }
  return foreignKey(constraint, column === undefined ? textsOf(constraint.fk_attrs) : [column]);
}

function constraintEffect(place: Place, constraint: Constraint, column?: string): Outcome {
  const type = CONTYPE[constraint.contype ?? ''];
  // PostgreSQL 18 writes a NOT NULL as a constraint with a name; before it there is none to speak of.
  if (constraint.contype === 'CONSTR_NOTNULL' && !constraint.skip_validation) {
    const columns = column === undefined ? textsOf(constraint.keys) : [column];
    return columns.map((one): Effect => ({ kind: 'set-not-null', ...place, column: one }));
  }
  if (type === undefined)
    return `the constraint ${constraint.conname ?? ''} is of a kind that is not covered`;
  if (constraint.indexname) return takenOver(place, constraint, type);
  const notValid = constraint.skip_validation === true;
  if (type === 'x') {
    const definition = exclusionText(constraint);
    if (definition === null) return `the constraint ${constraint.conname ?? ''} is not readable`;
    if (constraint.conname === undefined && !namesItself(definition))
      return 'the constraint has no name, and which one the server gives it is not known';
    return [
      { kind: 'add-constraint', ...place, name: constraint.conname ?? null, type, definition, notValid },
    ];
  }
  const definition = definitionOf(constraint, column) + (notValid ? ' NOT VALID' : '');
  return [{ kind: 'add-constraint', ...place, name: constraint.conname ?? null, type, definition, notValid }];
}

/**
 * DEFAULT NULL is not stored: the column has no default then (AddRelationNewConstraints in heap.c). Where the type has a
 * length or precision, NULL is converted to it, and that is stored.
 */
function isNull(node: Node): boolean {
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isNull(node.TypeCast.arg);
  return 'A_Const' in node && node.A_Const.isnull === true;
}

function defaultOf(node: Node | undefined, type: string): string | null {
  const none = node === undefined || (isNull(node) && !type.includes('('));
  return none ? null : defaultText(node, type);
}

interface Declared {
  column: ColumnSpec;
  primary: boolean;
  constraints: Constraint[];
}

/** Column constraints that only say how a foreign key is checked. */
const QUIET = /^CONSTR_(ATTR_|NULL$)/;

function declare(place: Place, def: ColumnDef): Declared {
  const type = typeNameOf(def.typeName);
  const serial = isSerial(def.typeName);
  const sequence = quoteIdent(`${place.table}_${def.colname ?? ''}_seq`);
  const column: ColumnSpec = {
    name: def.colname ?? '',
    type,
    notNull: serial,
    default: serial ? `nextval('${sequence}'::regclass)` : null,
  };
  const declared: Declared = { column, primary: false, constraints: [] };
  for (const node of def.constraints ?? []) {
    if (!('Constraint' in node)) continue;
    const constraint = node.Constraint;
    const kind = constraint.contype ?? '';
    if (kind === 'CONSTR_NOTNULL') column.notNull = true;
    else if (kind === 'CONSTR_DEFAULT') column.default = defaultOf(constraint.raw_expr, type);
    else if (kind === 'CONSTR_IDENTITY')
      Object.assign(column, { identity: constraint.generated_when, notNull: true });
    else if (kind === 'CONSTR_GENERATED') column.generated = constraint.generated_kind || 's';
    else if (!QUIET.test(kind)) declared.constraints.push(constraint);
    if (kind === 'CONSTR_PRIMARY')
      Object.assign(declared, { primary: true, column: Object.assign(column, { notNull: true }) });
  }
  return declared;
}

function columnConstraints(place: Place, declared: Declared, withPrimary: boolean): Outcome[] {
  return declared.constraints
    .filter((constraint) => withPrimary || constraint.contype !== 'CONSTR_PRIMARY')
    .map((constraint) => constraintEffect(place, constraint, declared.column.name));
}

/** Joins outcomes; the first reason for not understanding one wins. */
function join(outcomes: readonly Outcome[]): Outcome {
  const effects: Effect[] = [];
  for (const outcome of outcomes) {
    if (typeof outcome === 'string') return outcome;
    effects.push(...outcome);
  }
  return effects;
}

function unusualTable(create: CreateStmt): string | null {
  if (create.ofTypename) return 'the table takes its columns from a type';
  if (create.relation?.relpersistence === 't') return 'the table is temporary';
  return null;
}

function createTable(create: CreateStmt): Outcome {
  const odd = unusualTable(create);
  if (odd !== null) return odd;
  const place = placeOf(create);
  const columns: ColumnSpec[] = [];
  const primaryKey: string[] = [];
  const constraints: Outcome[] = [];
  const needed: string[] = [];
  const overrides: Override[] = [];
  for (const element of create.tableElts ?? []) {
    if ('ColumnDef' in element && isOverride(element)) {
      const said = declare(place, element.ColumnDef);
      overrides.push(overrideOf(said.column, element.ColumnDef));
      if (said.primary) primaryKey.push(said.column.name);
      constraints.push(...columnConstraints(place, said, false));
    } else if ('ColumnDef' in element) {
      const declared = declare(place, element.ColumnDef);
      columns.push(declared.column);
      if (declared.primary) primaryKey.push(declared.column.name);
      constraints.push(...columnConstraints(place, declared, false));
    } else if ('Constraint' in element && element.Constraint.contype === 'CONSTR_PRIMARY') {
      primaryKey.push(...textsOf(element.Constraint.keys));
    } else if ('Constraint' in element) {
      if (element.Constraint.contype === 'CONSTR_NOTNULL') needed.push(...textsOf(element.Constraint.keys));
      else constraints.push(constraintEffect(place, element.Constraint));
    }
  }
  for (const column of columns) column.notNull ||= [...primaryKey, ...needed].includes(column.name);
  const joined = join(constraints);
  if (typeof joined === 'string') return joined;
  const declared = joined.flatMap((effect) =>
    effect.kind === 'add-constraint'
      ? [{ name: effect.name, type: effect.type, definition: effect.definition }]
      : [],
  );
  const ifNotExists = create.if_not_exists === true;
  const sources = sourcesOf(create);
  const more = {
    ...(declared.length > 0 ? { constraints: declared } : {}),
    ...(sources.length > 0 ? { of: { sources, overrides, open: true } } : {}),
    ...(create.partspec ? { partitioned: keyOf(create.partspec) } : {}),
  };
  const parts = belonging(create);
  if (ifNotExists && parts.length > 0)
    return 'with IF NOT EXISTS it may leave a table as it is, no part of another';
  return [{ kind: 'create-table', ...place, columns, primaryKey, ...more, ifNotExists }, ...parts];
}

/** What is not said of a column stays as the parent has it. */
function overrideOf(column: ColumnSpec, def: ColumnDef): Override {
  const given = (def.constraints ?? []).some(
    (node) => 'Constraint' in node && node.Constraint.contype === 'CONSTR_DEFAULT',
  );
  const { name, notNull } = column;
  return { column: name, notNull, ...(given ? { default: column.default } : {}) };
}

function placeOf(statement: Pick<CreateStmt, 'relation'>): Place {
  const table = statement.relation?.relname ?? '';
  return statement.relation?.schemaname ? { table, schema: statement.relation.schemaname } : { table };
}

function addColumn(place: Place, command: AlterTableCmd): Outcome {
  if (!command.def || !('ColumnDef' in command.def)) return 'the column is not readable';
  const declared = declare(place, command.def.ColumnDef);
  const add: Effect = {
    kind: 'add-column',
    ...place,
    column: declared.column,
    ifNotExists: command.missing_ok === true,
  };
  const constraints = join(columnConstraints(place, declared, true));
  if (typeof constraints === 'string' || !command.missing_ok) return join([[add], constraints]);
  const unless = { table: place.table, column: declared.column.name };
  return [add, ...constraints.map((one): Effect => ({ ...one, unless }))];
}

function setDefault(place: Place, column: string, def: Node | undefined): Effect[] {
  if (!def) return [{ kind: 'drop-default', ...place, column }];
  return [{ kind: 'set-default', ...place, column, expression: expressionText(def) }];
}

function alterType(place: Place, column: string, def: Node | undefined): Outcome {
  if (!def || !('ColumnDef' in def)) return 'the new type is not readable';
  const using = def.ColumnDef.raw_default !== undefined;
  return [{ kind: 'alter-type', ...place, column, type: typeNameOf(def.ColumnDef.typeName), using }];
}

function subcommand(place: Place, command: AlterTableCmd, alter: AlterTableStmt): Outcome {
  const switched = tableSwitch(alter, command);
  if (switched !== null) return switched;
  const family = familyCommand(alter.relation, command);
  if (family !== null) return family;
  const set = tableSetting(alter.relation, command);
  if (set !== null) return set;
  const column = command.name ?? '';
  const ifExists = command.missing_ok === true;
  const cascade = command.behavior === 'DROP_CASCADE';
  switch (command.subtype) {
    case 'AT_AddColumn':
      return addColumn(place, command);
    case 'AT_DropColumn':
      return [{ kind: 'drop-column', ...place, column, ifExists, cascade }];
    case 'AT_SetNotNull':
      return [{ kind: 'set-not-null', ...place, column }];
    case 'AT_DropNotNull':
      return [{ kind: 'drop-not-null', ...place, column }];
    case 'AT_ColumnDefault':
      return setDefault(place, column, command.def);
    case 'AT_AlterColumnType':
      return alterType(place, column, command.def);
    case 'AT_AddConstraint':
      if (!command.def || !('Constraint' in command.def)) return 'the constraint is not readable';
      return constraintEffect(place, command.def.Constraint);
    case 'AT_ValidateConstraint':
      return [{ kind: 'validate-constraint', ...place, name: column }];
    case 'AT_DropConstraint':
      return [{ kind: 'drop-constraint', ...place, name: column, ifExists, cascade }];
    default:
      return `${(command.subtype ?? '').replace(/^AT_/, '').replace(/([a-z])([A-Z])/g, '$1 $2')} is not covered`;
  }
}

function alterTable(alter: AlterTableStmt): Outcome {
  if (alter.objtype !== 'OBJECT_TABLE') return 'only tables are covered';
  const place = placeOf(alter);
  const all = join(
    (alter.cmds ?? []).map((node) =>
      'AlterTableCmd' in node ? subcommand(place, node.AlterTableCmd, alter) : 'not readable',
    ),
  );
  return typeof all === 'string' || !alter.missing_ok ? all : onlyIf(all, place.table);
}

function settle(command: string, outcome: Outcome): Effect[] {
  return typeof outcome === 'string' ? [{ kind: 'not-understood', what: `${command}: ${outcome}` }] : outcome;
}

export function createTableEffects(create: CreateStmt): Effect[] {
  return settle('CREATE TABLE', createTable(create));
}

export function alterTableEffects(alter: AlterTableStmt): Effect[] {
  return settle('ALTER TABLE', alterTable(alter));
}
