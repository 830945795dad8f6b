/** Which statements of a step are about one table, and which have nothing to do with it. */
import type { TableDefinition } from '../definition.ts';
import { tableOfObject } from '../objects/refs.ts';
import { tablesOfEffect } from '../tables-of.ts';
import type { Effect, Statement } from '../types.ts';
import { refuse } from './unfit.ts';

/** The tables an effect names, with the schema left out where it is the run's own. */
export function named(effect: Effect, schema: string): string[] {
  const own = effect.schema === undefined || effect.schema === schema;
  const tables = tablesOfEffect(effect);
  const short = (table: string): string =>
    table.startsWith(`${schema}.`) ? table.slice(schema.length + 1) : table;
  if (effect.kind === 'update' || effect.kind === 'insert' || effect.kind === 'delete') {
    const reads = effect.reads.map(short);
    return own ? [effect.table, ...reads] : reads;
  }
  return own ? tables.map(short) : effect.kind === 'select' ? tables.map(short) : [];
}

interface Names {
  /** Its name now. */
  table: string;
  /** Every name it has or had in the step, and those of its indexes. */
  all: Set<string>;
  indexes: Set<string>;
}

/** What the effect does to the table: true; nothing: false. @throws {DoesNotFit} when it is both */
function concerns(
  effect: Effect,
  names: Names,
  schema: string,
  index: number,
  taken: ReadonlySet<string>,
): boolean {
  const own = effect.schema === undefined || effect.schema === schema;
  if (effect.kind === 'not-understood') return refuse(`Statement ${index} is not understood.`);
  if (effect.kind === 'comment') return refuse(`Statement ${index} sets a comment.`);
  if (effect.kind === 'object') {
    if (tableOfObject(effect) === names.table)
      return refuse(`Statement ${index} changes what hangs on the table.`);
    return false;
  }
  if (effect.kind === 'upkeep') return refuse(`Statement ${index} is ${effect.what}.`);
  if (effect.kind === 'lock' || effect.kind === 'setting' || effect.kind === 'guard')
    return refuse(`Statement ${index} is for those after it, as they are written.`);
  if (effect.kind === 'nothing') return false;
  if (effect.kind === 'create-extension') return refuse(`Statement ${index} creates an extension.`);
  // An index that is nowhere is nobody's: the statement does nothing, in any place.
  if (effect.kind === 'drop-index')
    return own && (names.indexes.has(effect.name) || (effect.ifExists && !taken.has(effect.name)));
  if (effect.kind === 'rename-index') return own && names.indexes.has(effect.from);
  if (effect.kind === 'reindex') return own && names.indexes.has(effect.name);
  if (effect.kind === 'rename-table') return own && effect.from === names.table;
  if (effect.kind === 'select' || !own) return false;
  if (effect.table !== names.table) return false;
  if (effect.kind === 'update' && effect.reads.length === 0) return true;
  if (effect.kind === 'update') return refuse(`Statement ${index} reads another table.`);
  if (effect.kind === 'insert') return refuse(`Statement ${index} adds rows to the table.`);
  if (effect.kind === 'delete') return refuse(`Statement ${index} deletes rows of the table.`);
  if (effect.kind === 'drop-table') return refuse(`Statement ${index} drops the table.`);
  return true;
}

function follow(effect: Effect, names: Names): void {
  if (effect.kind === 'rename-table') {
    names.table = effect.to;
    names.all.add(effect.to);
  }
  if (effect.kind === 'create-index') {
    names.indexes.add(effect.name);
    names.all.add(effect.name);
  }
  if (effect.kind === 'rename-index') {
    names.indexes.add(effect.to);
    names.all.add(effect.to);
  }
}

/** Names of relations that an effect makes or takes away. */
function relations(effect: Effect): string[] {
  if (effect.kind === 'create-index' || effect.kind === 'drop-index') return [effect.name];
  return effect.kind === 'rename-index' ? [effect.from, effect.to] : [];
}

/**
 * The statements about the table in their order, and the others, which may then run before or after all of them.
 * @throws {DoesNotFit} when one is about both, or uses a name that the table has in between
 */
export function sortOut(
  table: TableDefinition,
  statements: readonly Statement[],
  schema: string,
  taken: ReadonlySet<string>,
): { own: Statement[]; side: Statement[] } {
  const indexes = new Set(table.indexes.map(({ name }) => name));
  const names: Names = { table: table.name, all: new Set([table.name, ...indexes]), indexes };
  const own: Statement[] = [];
  const side: Statement[] = [];
  for (const statement of statements) {
    const about = statement.effects.map((effect) => concerns(effect, names, schema, statement.index, taken));
    if (about.some(Boolean) && !about.every(Boolean))
      refuse(`Statement ${statement.index} is about other tables as well.`);
    if (about.some(Boolean)) {
      for (const effect of statement.effects) follow(effect, names);
      own.push(statement);
    } else side.push(statement);
  }
  for (const statement of side) {
    const used = statement.effects.flatMap((effect) => [...named(effect, schema), ...relations(effect)]);
    const clash = used.find((name) => names.all.has(name));
    if (clash !== undefined)
      refuse(`Statement ${statement.index} uses ${clash}, which the other statements change.`);
  }
  return { own, side };
}
