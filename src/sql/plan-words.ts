/** What a statement does, in words for the operator. */
import { list } from './archive/draft.ts';
import { copiedRows } from './copy/effects.ts';
import { settingWords } from './effects-settings.ts';
import { alongWords, familyWords } from './family/words.ts';
import { objectWords } from './objects/words.ts';
import { isComposed } from './parts/index.ts';
import type { Effect, Statement, Truncation } from './types.ts';

function constraintWords(type: string): string {
  return (
    { p: 'primary key', u: 'unique constraint', f: 'foreign key', c: 'check', x: 'exclusion constraint' }[
      type
    ] ?? 'constraint'
  );
}

function createAsWords(
  table: string,
  { reads, empty }: { reads: readonly string[]; empty: boolean },
): string {
  const from = reads.length > 0 ? ` over ${list(reads)}` : '';
  return `creates table ${table} with the columns ${empty ? '' : 'and rows '}of a query${from}`;
}

function catalogWords(effect: Effect): string | null {
  switch (effect.kind) {
    case 'create-table':
      if (effect.as) return createAsWords(effect.table, effect.as);
      return `creates table ${effect.table} with ${effect.columns.length} columns`;
    case 'drop-table':
      return `drops table ${effect.table} and every row in it`;
    case 'rename-table':
      return `renames table ${effect.from} to ${effect.to}`;
    case 'add-constraint':
      return `adds ${effect.type === 'x' ? 'an' : 'a'} ${constraintWords(effect.type)} to ${effect.table}: ${effect.definition}`;
    case 'drop-constraint':
      return `drops constraint ${effect.name} of ${effect.table}`;
    case 'validate-constraint':
      return `checks every row of ${effect.table} against constraint ${effect.name}`;
    case 'rename-constraint':
      return `renames constraint ${effect.from} of ${effect.table} to ${effect.to}`;
    case 'create-index':
      return `creates ${effect.unique ? 'the unique index' : 'index'} ${effect.name} on ${effect.table}`;
    case 'drop-index':
      return `drops index ${effect.name}`;
    case 'reindex':
      return `builds index ${effect.name} anew`;
    case 'rename-index':
      return `renames index ${effect.from} to ${effect.to}`;
    default:
      return null;
  }
}

function columnWords(effect: Effect): string | null {
  switch (effect.kind) {
    case 'add-column':
      return `adds column ${effect.column.name} to ${effect.table}`;
    case 'drop-column':
      return `drops column ${effect.column} of ${effect.table} and every value in it`;
    case 'rename-column':
      return `renames column ${effect.from} of ${effect.table} to ${effect.to}`;
    case 'set-not-null':
      return `requires a value in ${effect.table}.${effect.column}`;
    case 'drop-not-null':
      return `lets ${effect.table}.${effect.column} be empty`;
    case 'set-default':
      return `sets the default of ${effect.table}.${effect.column} to ${effect.expression}`;
    case 'drop-default':
      return `removes the default of ${effect.table}.${effect.column}`;
    case 'alter-type':
      return `changes the type of ${effect.table}.${effect.column} to ${effect.type}`;
    default:
      return null;
  }
}

function truncateWords(table: string, { cascade, restart, along }: Truncation): string {
  if (along) return `empties table ${table}, whose foreign keys point at it,`;
  const more = cascade ? ', with every table whose foreign keys point at it' : '';
  return `empties table ${table}${more}${restart ? ', and lets its numbers begin anew' : ''}`;
}

function rowWords(effect: Effect, whole: Statement['tree']): string {
  // What stands last in a WITH that writes says nothing of its other parts.
  const tree: Statement['tree'] = isComposed({ tree: whole }) ? { List: {} } : whole;
  switch (effect.kind) {
    case 'update': {
      const all = 'UpdateStmt' in tree && !tree.UpdateStmt.whereClause ? 'every row' : 'rows';
      const from = effect.reads.length > 0 ? `, with values from ${list(effect.reads)}` : '';
      return `sets ${list(effect.columns)} in ${all} of ${effect.table}${from}`;
    }
    case 'insert':
      return `adds rows to ${effect.table}${effect.reads.length > 0 ? ` from ${list(effect.reads)}` : ''}`;
    case 'delete':
      if (effect.truncate) return truncateWords(effect.table, effect.truncate);
      return `deletes ${'DeleteStmt' in tree && !tree.DeleteStmt.whereClause ? 'every row' : 'rows'} of ${effect.table}`;
    case 'select':
      return effect.reads.length > 0 ? `reads ${list(effect.reads)} and changes nothing` : 'changes nothing';
    case 'create-extension':
      return `creates the extension ${effect.name}`;
    case 'lock':
      return `locks table ${effect.table} in mode ${effect.level} until the step ends`;
    case 'upkeep':
      return `looks after ${effect.table} (${effect.what}): no row and no definition changes`;
    case 'setting':
      return `sets ${effect.name} to ${effect.value} until the step ends`;
    case 'guard': {
      const looks = effect.reads.length > 0 ? `looks at ${list(effect.reads)}` : 'changes nothing';
      return effect.refuses ? `${looks} and may refuse to go on` : looks;
    }
    case 'nothing':
      return `does nothing: ${effect.why.charAt(0).toLowerCase()}${effect.why.slice(1, -1)}`;
    case 'comment':
      return `sets the comment on ${effect.on}`;
    case 'object':
      return objectWords(effect);
    default:
      return 'is not understood';
  }
}

function settingsSaid(effect: Effect): string | null {
  const family = familyWords(effect);
  if (family !== null) return family;
  if (effect.kind !== 'object' || effect.type !== 'table' || effect.verb !== 'alter') return null;
  const words = Object.entries(effect.sets).map(([name, value]) => settingWords(name, value));
  if (words.length === 0 || words.some((one) => one === null)) return null;
  return `sets for ${effect.name}: ${list(words.map((one) => one ?? ''))}`;
}

/** ALTER TABLE with the same kind of change to several columns reads as one. */
function together(effects: readonly Effect[]): string | null {
  const [first] = effects;
  if (!first || effects.length < 2) return null;
  if (effects.every((effect) => effect.kind === 'add-column') && first.kind === 'add-column') {
    return `adds columns ${list(effects.map((effect) => (effect.kind === 'add-column' ? effect.column.name : '')))} to ${first.table}`;
  }
  if (effects.every((effect) => effect.kind === 'drop-column') && first.kind === 'drop-column') {
    const names = effects.map((effect) => (effect.kind === 'drop-column' ? effect.column : ''));
    return `drops columns ${list(names)} of ${first.table} and every value in them`;
  }
  if (effects.every((effect) => effect.kind === 'set-not-null') && first.kind === 'set-not-null') {
    const names = effects.map((effect) => (effect.kind === 'set-not-null' ? effect.column : ''));
    return `requires a value in ${list(names)} of ${first.table}`;
  }
  return null;
}

/** With the schema in front of its names, where the statement writes one. */
function asNamed(effect: Effect): Effect {
  const { schema } = effect;
  if (schema === undefined) return effect;
  const full = (name: string): string => `${schema}.${name}`;
  if ('table' in effect) return { ...effect, table: full(effect.table) };
  if (effect.kind === 'rename-table' || effect.kind === 'rename-index')
    return { ...effect, from: full(effect.from) };
  if (effect.kind === 'drop-index' || effect.kind === 'reindex')
    return { ...effect, name: full(effect.name) };
  return effect;
}

function copiedWords(rows: number, [first]: readonly Effect[]): string {
  const table = first && 'table' in first ? first.table : '';
  return `adds ${rows} ${rows === 1 ? 'row' : 'rows'} to ${table}: a COPY, sent as INSERT`;
}

/** A statement as one sentence without a full stop, e.g. "Renames table codebase_snapshots to detection_events". */
export function wordsOf(statement: Statement): string {
  const effects = statement.effects.filter(({ along }) => !along).map(asNamed);
  const unclear = effects.find((effect) => effect.kind === 'not-understood');
  if (unclear?.kind === 'not-understood') return `Not understood: ${unclear.what}`;
  const each = effects.map(
    (effect) =>
      settingsSaid(effect) ?? catalogWords(effect) ?? columnWords(effect) ?? rowWords(effect, statement.tree),
  );
  const copied = copiedRows(statement);
  const own =
    copied === null ? (together(effects) ?? list([...new Set(each)])) : copiedWords(copied, effects);
  const words = `${own}${alongWords(statement.effects)}`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
