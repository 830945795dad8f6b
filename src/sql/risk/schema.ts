/** Statements that change the catalog: what they do to the contents, and what in the rows stands against them. */
import type { Node } from '@pgsql/types';
import {
  columnOf,
  constantDefault,
  emptyTable,
  renamedColumn,
  withColumn,
  withoutColumn,
  type ContentColumn,
  type Contents,
} from '../contents.ts';
import { madeOf } from '../effects-create-as.ts';
import { walk } from '../parse-tree.ts';
import type { Effect, Statement } from '../types.ts';
import { isGiven, isNull } from './facts.ts';
import { NotFollowed, type Context } from './context.ts';
import { assessInsert } from './insert.ts';
import { assessDropColumns, assessDropTable } from './dropped.ts';
import { rowsFrom } from './rows.ts';
import { taken } from './taken.ts';
import { rowsOf } from './text.ts';
import { assessNull, assessType, parseExpression } from './update.ts';

type Of<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;

/** Constraints in a CREATE TABLE that rows could break. */
function constraintsIn(tree: Node): string[] {
  const words: Record<string, string> = {
    CONSTR_CHECK: 'a CHECK',
    CONSTR_UNIQUE: 'a UNIQUE',
    CONSTR_FOREIGN: 'a foreign key',
    CONSTR_EXCLUSION: 'an EXCLUDE',
  };
  const found: string[] = [];
  walk(tree, (kind, fields) => {
    const word = kind === 'Constraint' ? words[String(fields.contype)] : undefined;
    if (word !== undefined) found.push(word);
  });
  return found;
}

function automaticIn(tree: Node): Set<string> {
  const found = new Set<string>();
  walk(tree, (kind, fields) => {
    if (kind !== 'ColumnDef') return;
    walk(fields.constraints, (below, constraint) => {
      const contype = below === 'Constraint' ? constraint.contype : '';
      if (contype === 'CONSTR_IDENTITY' || contype === 'CONSTR_GENERATED') found.add(String(fields.colname));
    });
  });
  return found;
}

/** A table made of a query: first empty, then as if the rows were put in. */
async function createOf(context: Context, effect: Of<'create-table'>, tree: Node): Promise<void> {
  const { world, lineage } = context;
  const made = madeOf(tree);
  if (!effect.as || !made) return;
  const known = !effect.as.open && effect.columns.every(({ type }) => type !== '');
  const specs = effect.columns.map((column) => ({
    ...column,
    type: column.type === '' ? 'text' : column.type,
    automatic: false,
  }));
  lineage.create(effect.table);
  world.set(emptyTable(world, effect.table, specs, []));
  if (!known)
    throw new NotFollowed(
      'the rows of the new table',
      'Which columns its query gives is not known beforehand.',
    );
  if (effect.as.empty) return;
  const relation = { relname: effect.table, inh: true, relpersistence: 'p' };
  taken(context, await assessInsert(context, { relation, selectStmt: { SelectStmt: made.query } }));
}

async function createTable(context: Context, effect: Of<'create-table'>, tree: Node): Promise<void> {
  const { world, lineage } = context;
  if (world.find(effect.table)) return;
  if (effect.as) return createOf(context, effect, tree);
  const automatic = automaticIn(tree);
  const specs = effect.columns.map((column) => ({
    ...column,
    notNull: column.notNull || effect.primaryKey.includes(column.name),
    automatic: automatic.has(column.name),
  }));
  lineage.create(effect.table);
  world.set(emptyTable(world, effect.table, specs, constraintsIn(tree)));
}

async function addColumn(context: Context, contents: Contents, effect: Of<'add-column'>): Promise<void> {
  const { world, questions } = context;
  const spec = effect.column;
  if (columnOf(contents, spec.name)) return;
  const findings = context.findings.about(contents.name, contents.keyColumns);
  const node = spec.default === null ? null : parseExpression(spec.default);
  const given = node !== null && isGiven(node);
  const missing = node === null || isNull(node);
  const rows = rowsFrom(
    `${contents.base ?? contents.cte} AS backout_t`,
    null,
    'backout_t.backout_key',
    contents.keyColumns,
  );
  const probe = { condition: 'true', keys: missing };
  if (missing && spec.notNull) {
    const say = (n: number) =>
      `${rowsOf(n)} would have no value in the new column ${spec.name}, which must not be NULL.`;
    const found = (n: number, keys: string[]) => findings.failing('not-null', spec.name, n, keys, say(n));
    await questions.ask(rows, [{ ...probe, found }]);
  } else if (given) {
    await questions.ask(rows, [
      { ...probe, found: (n) => findings.invented(spec.name, spec.default ?? '', n) },
    ]);
  } else if (!missing) {
    findings.unchecked(
      `the default of ${spec.name}`,
      'What it gives for the rows that are there was not looked at.',
    );
  }
  const column: ContentColumn = {
    ...spec,
    automatic: false,
    fact: missing ? 'null' : given ? 'filled' : 'open',
    source: null,
    origin: 'plan',
  };
  const literalDefault = spec.default !== null && constantDefault(column) !== null;
  world.set(withColumn(world, contents, column, literalDefault ? (spec.default ?? 'NULL') : 'NULL'));
  if (!missing && !literalDefault) lose(context, contents.name, `the default of ${spec.name} is computed`);
}

/** From here on, what the table holds is not known. */
export function lose(context: Context, table: string, why: string): void {
  const contents = context.world.find(table);
  if (contents && contents.lost === null) context.world.set({ ...contents, lost: why });
}

function uncheckedConstraint(context: Context, effect: Of<'add-constraint'>, contents: Contents): void {
  const words: Record<string, string> = {
    p: 'a primary key: that no two rows have the same one',
    u: 'a unique constraint: that no two rows have the same value',
    f: 'a foreign key: that every row has its counterpart',
    c: 'a check: that every row fulfils it',
    x: 'an exclusion constraint',
  };
  const why = 'It is not counted beforehand; the statement fails when rows stand against it.';
  if (!effect.notValid)
    context.findings.about(contents.name).unchecked(words[effect.type] ?? effect.definition, why);
}

/** USING of an ALTER COLUMN TYPE. */
function usingOf(tree: Node, column: string): Node | null {
  const commands = 'AlterTableStmt' in tree ? (tree.AlterTableStmt.cmds ?? []) : [];
  for (const command of commands) {
    const alter = 'AlterTableCmd' in command ? command.AlterTableCmd : {};
    const definition = alter.def && 'ColumnDef' in alter.def ? alter.def.ColumnDef : undefined;
    if (alter.subtype === 'AT_AlterColumnType' && alter.name === column)
      return definition?.raw_default ?? null;
  }
  return null;
}

function need(context: Context, table: string): Contents {
  const contents = context.world.find(table);
  if (!contents) throw new NotFollowed('the whole statement', `There is no table ${table} to look at.`);
  if (contents.lost !== null)
    throw new NotFollowed('the whole statement', `What ${table} holds is not known: ${contents.lost}.`);
  return contents;
}

function altered(context: Context, contents: Contents, column: string, change: Partial<ContentColumn>): void {
  const columns = contents.columns.map((one) => (one.name === column ? { ...one, ...change } : one));
  context.world.set({ ...contents, columns });
}

async function dropColumns(context: Context, effects: readonly Of<'drop-column'>[]): Promise<void> {
  const contents = need(context, effects[0]?.table ?? '');
  const columns = effects.flatMap((effect) => columnOf(contents, effect.column) ?? []);
  await assessDropColumns(context, contents, columns);
  let next = contents;
  for (const column of columns) {
    next = withoutColumn(context.world, next, column.name);
    context.lineage.forget(contents.name, column.name);
  }
  context.world.set(next);
}

async function setNotNull(context: Context, effects: readonly Of<'set-not-null'>[]): Promise<void> {
  const contents = need(context, effects[0]?.table ?? '');
  const columns = effects.flatMap((effect) => columnOf(contents, effect.column) ?? []);
  await assessNull(context, contents, columns);
  const names = new Set(columns.map((column) => column.name));
  const strict = contents.columns.map((one) =>
    names.has(one.name) ? { ...one, notNull: true, fact: 'filled' as const } : one,
  );
  context.world.set({ ...contents, columns: strict });
}

async function one(context: Context, effect: Effect, statement: Statement): Promise<void> {
  const { world, lineage } = context;
  switch (effect.kind) {
    case 'create-table':
      return createTable(context, effect, statement.tree);
    case 'drop-table': {
      const contents = world.find(effect.table);
      if (!contents) return;
      if (contents.lost !== null)
        context.findings.unchecked(
          `what goes with ${effect.table}`,
          `Its contents are not known: ${contents.lost}.`,
        );
      else await assessDropTable(context, contents);
      lineage.forget(effect.table);
      return world.remove(effect.table);
    }
    case 'rename-table': {
      const contents = world.find(effect.from);
      lineage.renameTable(effect.from, effect.to);
      if (!contents) return;
      world.remove(effect.from);
      return world.set({ ...contents, name: effect.to });
    }
    case 'rename-column': {
      const contents = need(context, effect.table);
      lineage.renameColumn(effect.table, effect.from, effect.to);
      return columnOf(contents, effect.from)
        ? world.set(renamedColumn(world, contents, effect.from, effect.to))
        : undefined;
    }
    case 'add-column':
      return addColumn(context, need(context, effect.table), effect);
    case 'alter-type': {
      const contents = need(context, effect.table);
      const column = columnOf(contents, effect.column);
      if (column)
        await assessType(context, contents, column, effect.type, usingOf(statement.tree, effect.column));
      return;
    }
    case 'drop-not-null':
      return altered(context, need(context, effect.table), effect.column, { notNull: false });
    case 'set-default':
      return altered(context, need(context, effect.table), effect.column, { default: effect.expression });
    case 'drop-default':
      return altered(context, need(context, effect.table), effect.column, { default: null });
    case 'add-constraint': {
      const contents = need(context, effect.table);
      uncheckedConstraint(context, effect, contents);
      return;
    }
    case 'create-index':
      if (effect.unique)
        context.findings.unchecked(
          `the unique index ${effect.name}`,
          'Whether two rows have the same value was not counted.',
        );
      return;
    default:
      return;
  }
}

/** Effects of one kind on one table are looked at together: one query for all of them. */
function grouped(effects: readonly Effect[]): Effect[][] {
  const groups: Effect[][] = [];
  for (const effect of effects) {
    const last = groups.at(-1)?.[0];
    const together = effect.kind === 'drop-column' || effect.kind === 'set-not-null';
    if (together && last?.kind === effect.kind && last.table === effect.table) groups.at(-1)?.push(effect);
    else groups.push([effect]);
  }
  return groups;
}

/** @throws {NotFollowed} @throws {DatabaseError} */
export async function assessCatalogEffects(context: Context, statement: Statement): Promise<void> {
  for (const group of grouped(statement.effects.filter(({ along }) => !along))) {
    const drops = group.filter((effect) => effect.kind === 'drop-column');
    const strict = group.filter((effect) => effect.kind === 'set-not-null');
    if (drops.length > 0) await dropColumns(context, drops);
    else if (strict.length > 0) await setNotNull(context, strict);
    else for (const effect of group) await one(context, effect, statement);
  }
}
