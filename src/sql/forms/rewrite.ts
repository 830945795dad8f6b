/**
 * The form rewrite: one ALTER TABLE writes the table once, where the statements as written write it at every UPDATE.
 * The table keeps its identity, and with it everything that hangs on it.
 *
 * Added columns come first and get their values by TYPE … USING: one ALTER TABLE cannot add a column and change its
 * type. USING sees each row as it was, also columns that the same statement drops (ATRewriteTable; see the tests).
 * Indexes are dropped before and built after, so that they are built once.
 */
import { draft, type Draft } from '../archive/draft.ts';
import { asStatement } from '../archive/as-written.ts';
import { constraintSql, indexSql, STORAGE } from '../definition-sql.ts';
import { name } from '../risk/text.ts';
import type { Effect, Statement } from '../types.ts';
import type { MappedColumn, Mapping } from './mapping.ts';
import { isConstant, isNullConstant } from './nodes.ts';
import { wholeExpression } from './render.ts';
import { refuse } from './unfit.ts';

const COMPRESSION: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4' };

const FIRST: readonly Effect['kind'][] = [
  'drop-index',
  'drop-constraint',
  'rename-constraint',
  'rename-index',
];
const LAST: readonly Effect['kind'][] = ['create-index', 'add-constraint'];

/** Statements one of whose effects is of these kinds. */
const having = (mapping: Mapping, kinds: readonly Effect['kind'][]): number[] =>
  mapping.statements
    .filter(({ effects }) => effects.some(({ kind }) => kinds.includes(kind)))
    .map(({ index }) => index);

interface Ground {
  mapping: Mapping;
  /** The table under its name after the step, in SQL. */
  table: string;
}

/** True when the statement can be sent as it stands once the table has its name after the step. */
function stands(statement: Statement, { mapping }: Ground): boolean {
  return statement.effects.every(
    (effect) => effect.kind === 'drop-index' || ('table' in effect && effect.table === mapping.after.name),
  );
}

function dropped(effect: Effect, { table }: Ground): [sql: string, words: string] | null {
  switch (effect.kind) {
    case 'drop-constraint':
      return [
        `ALTER TABLE ${table} DROP CONSTRAINT ${effect.ifExists ? 'IF EXISTS ' : ''}${name(effect.name)}`,
        `Drops the constraint ${effect.name}.`,
      ];
    case 'rename-constraint':
      return [
        `ALTER TABLE ${table} RENAME CONSTRAINT ${name(effect.from)} TO ${name(effect.to)}`,
        `Gives the constraint ${effect.from} the name ${effect.to}.`,
      ];
    default:
      return null;
  }
}

/** Statements of which everything is of these kinds stand as written; parts of others are written out. */
function parts(
  ground: Ground,
  kinds: readonly Effect['kind'][],
  written: (effect: Effect) => [sql: string, words: string] | null,
  whole: (statement: Statement) => boolean,
): Draft[] {
  return ground.mapping.statements.flatMap((statement): Draft[] => {
    const own = statement.effects.filter(({ kind }) => kinds.includes(kind));
    if (own.length === 0) return [];
    if (own.length === statement.effects.length && whole(statement)) return [asStatement(statement)];
    return own.flatMap((effect) => {
      const found = written(effect);
      if (!found) return refuse(`Statement ${statement.index} cannot be taken apart.`);
      return [draft('instead', found[0], found[1], { carries: [statement.index] })];
    });
  });
}

function renameTable({ mapping }: Ground): Draft[] {
  const { before, after } = mapping;
  if (before.name === after.name) return [];
  const renames = mapping.statements.filter(({ effects }) =>
    effects.some(({ kind }) => kind === 'rename-table'),
  );
  const [only, ...more] = renames;
  if (only && more.length === 0) return [asStatement(only)];
  const sql = `ALTER TABLE ${name(before.schema)}.${name(before.name)} RENAME TO ${name(after.name)}`;
  return [
    draft('instead', sql, `Gives the table the name ${after.name}.`, {
      carries: renames.map(({ index }) => index),
    }),
  ];
}

function addedColumns(ground: Ground): Draft[] {
  const { mapping, table } = ground;
  const added = mapping.columns.filter(({ original }) => original === null);
  if (added.length === 0) return [];
  const statements = mapping.statements.filter(({ effects }) =>
    effects.some(({ kind }) => kind === 'add-column'),
  );
  const bare = statements
    .flatMap(({ effects }) => effects)
    .every(
      (effect) => effect.kind === 'add-column' && !effect.column.notNull && effect.column.default === null,
    );
  const names = statements.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.kind === 'add-column' ? [effect.column.name] : [])),
  );
  const all = names.length === added.length && added.every(({ first }) => names.includes(first));
  if (bare && all && statements.every((statement) => stands(statement, ground)))
    return statements.map(asStatement);
  const list = added.map(({ first, type }) => `ADD COLUMN ${name(first)} ${type}`);
  return [
    draft('instead', `ALTER TABLE ${table}\n  ${list.join(',\n  ')}`, 'Adds the columns, still empty.', {
      carries: statements.map(({ index }) => index),
    }),
  ];
}

/** What becomes of one column, by its name before the last renames. */
function columnParts(column: MappedColumn, { mapping }: Ground): string[] {
  const { first, type, value, changed, original } = column;
  const after = mapping.after.columns.find((each) => each.name === column.name);
  const before = mapping.before.columns.find((each) => each.name === original);
  const set = `ALTER COLUMN ${name(first)}`;
  const parts: string[] = [];
  if (column.defaulted && before?.default && (column.retyped || after?.default === null))
    parts.push(`${set} DROP DEFAULT`);
  if (changed && !(original === null && isNullConstant(value))) {
    // Without COLLATE the column would get its type's own.
    const collation = after?.collation ? ` COLLATE ${after.collation}` : '';
    parts.push(`${set} TYPE ${type}${collation} USING ${usingText(column, mapping)}`);
    // ALTER TYPE forgets how the column was stored (ATExecAlterColumnType).
    const storage = STORAGE[after?.storage ?? ''];
    const compression = COMPRESSION[after?.compression ?? ''];
    if (storage) parts.push(`${set} SET STORAGE ${storage}`);
    if (compression) parts.push(`${set} SET COMPRESSION ${compression}`);
  }
  if (after?.notNull && !before?.notNull) parts.push(`${set} SET NOT NULL`);
  if (!after?.notNull && before?.notNull) parts.push(`${set} DROP NOT NULL`);
  if (column.defaulted && after && after.default !== null) parts.push(`${set} SET DEFAULT ${after.default}`);
  return parts;
}

/** The value alone, in brackets where another part of the ALTER TABLE could be read as its end. */
function usingText({ value }: MappedColumn, mapping: Mapping): string {
  const text = wholeExpression(mapping, value);
  return isConstant(value) ? text : `(${text})`;
}

const ALTERED: readonly Effect['kind'][] = [
  'update',
  'alter-type',
  'set-not-null',
  'drop-not-null',
  'set-default',
  'drop-default',
  'drop-column',
];

function alterOnce(ground: Ground): Draft {
  const { mapping, table } = ground;
  const list = [
    ...mapping.columns.flatMap((column) => columnParts(column, ground)),
    ...mapping.dropped.map((column) => `DROP COLUMN ${name(column)}`),
  ];
  if (list.length === 0) refuse('The statements change nothing in the table.');
  const adding = mapping.statements.filter(({ effects }) =>
    effects.some(
      (effect) => effect.kind === 'add-column' && (effect.column.notNull || effect.column.default !== null),
    ),
  );
  const carries = [...new Set([...having(mapping, ALTERED), ...adding.map(({ index }) => index)])];
  return draft('instead', `ALTER TABLE ${table}\n  ${list.join(',\n  ')}`, words(mapping), {
    carries: carries.sort((one, other) => one - other),
  });
}

function words({ columns, dropped: gone, after }: Mapping): string {
  const values = columns.filter(({ changed }) => changed).length;
  const drops =
    gone.length === 0 ? '' : `, drops ${gone.length === 1 ? 'a column' : `${gone.length} columns`}`;
  return `Writes ${after.name} once: gives ${values === 1 ? 'one column its values' : `${values} columns their values`}${drops}.`;
}

/** Renames of columns that are there at the end; others are dropped under the name they had before. */
function renameColumns({ mapping, table }: Ground): Draft[] {
  const left = new Set(mapping.columns.map(({ first }) => first));
  /** Present name → the name before any rename. */
  const firsts = new Map(mapping.before.columns.map((column) => [column.name, column.name]));
  const follow = (effect: Effect): string | null => {
    if (effect.kind === 'add-column') firsts.set(effect.column.name, effect.column.name);
    if (effect.kind === 'drop-column') firsts.delete(effect.column);
    if (effect.kind !== 'rename-column') return null;
    const first = firsts.get(effect.from) ?? effect.from;
    firsts.delete(effect.from);
    firsts.set(effect.to, first);
    return first;
  };
  return mapping.statements.flatMap((statement) =>
    statement.effects.flatMap((effect): Draft[] => {
      const first = follow(effect);
      if (effect.kind !== 'rename-column' || first === null || !left.has(first)) return [];
      // A rename is a statement of its own.
      if (effect.table === mapping.after.name) return [asStatement(statement)];
      const sql = `ALTER TABLE ${table} RENAME COLUMN ${name(effect.from)} TO ${name(effect.to)}`;
      return [
        draft('instead', sql, `Gives the column ${effect.from} the name ${effect.to}.`, {
          carries: [statement.index],
        }),
      ];
    }),
  );
}

function built(effect: Effect, { mapping }: Ground): [sql: string, words: string] | null {
  const { after } = mapping;
  if (effect.kind === 'create-index') {
    const index = after.indexes.find((one) => one.name === effect.name);
    return index
      ? [indexSql(index, { schema: after.schema, table: after.name }), `Builds the index ${effect.name}.`]
      : null;
  }
  if (effect.kind !== 'add-constraint') return null;
  const known = new Set(mapping.before.constraints.map((one) => one.name));
  const added = after.constraints.filter((one) => !known.has(one.name) && one.type !== 'n');
  const found = added.find(
    (one) => one.name === effect.name || (effect.name === null && one.type === effect.type),
  );
  return found ? [constraintSql(found, after, after), `Adds the constraint ${found.name}.`] : null;
}

/** Column names in an index or constraint are those at its statement: it stands only when none changes later. */
function standsToTheEnd(statement: Statement, ground: Ground): boolean {
  const later = ground.mapping.statements.filter(({ index }) => index > statement.index);
  const renames = later.some(({ effects }) =>
    effects.some(({ kind }) => kind === 'rename-column' || kind === 'drop-column'),
  );
  return !renames && stands(statement, ground);
}

/** Names that two columns have one after the other cannot be told apart in one statement. */
function checkNames({ columns, before, statements }: Mapping): void {
  const originals = new Set(before.columns.map((column) => column.name));
  const twice = columns.find(({ original, first }) => original === null && originals.has(first));
  if (twice) refuse(`The step adds a column ${twice.first}, and another column had that name before.`);
  for (const { index, effects } of statements) {
    const earlier = statements.filter((one) => one.index < index).flatMap((one) => one.effects);
    const made = earlier.flatMap((one) =>
      one.kind === 'create-index' || one.kind === 'add-constraint' ? [one.name] : [],
    );
    for (const effect of effects) {
      const changed =
        effect.kind === 'drop-constraint' || effect.kind === 'drop-index'
          ? effect.name
          : effect.kind === 'rename-constraint' || effect.kind === 'rename-index'
            ? effect.from
            : null;
      if (changed !== null && made.includes(changed))
        refuse(`Statement ${index} changes what another statement of the step has made.`);
    }
  }
}

/** Every statement is carried by an action: one that comes to nothing, by the one that writes the table. */
function allCarried(drafts: readonly Draft[], once: Draft, { statements }: Mapping): Draft[] {
  const carried = new Set(drafts.flatMap(({ carries }) => carries));
  const rest = statements.map(({ index }) => index).filter((index) => !carried.has(index));
  const carries = [...once.carries, ...rest].sort((one, other) => one - other);
  return drafts.map((one) => (one === once ? { ...one, carries } : one));
}

/**
 * The actions on the table; what is kept of it is put before them.
 * @throws {DoesNotFit}
 */
export function rewriteDrafts(mapping: Mapping): Draft[] {
  checkNames(mapping);
  const ground = { mapping, table: `${name(mapping.after.schema)}.${name(mapping.after.name)}` };
  const once = alterOnce(ground);
  const drafts = [
    ...parts(
      ground,
      ['drop-index'],
      () => null,
      () => true,
    ),
    ...renameTable(ground),
    ...parts(
      ground,
      FIRST.slice(1),
      (effect) => dropped(effect, ground),
      (statement) => stands(statement, ground),
    ),
    ...addedColumns(ground),
    once,
    ...renameColumns(ground),
    ...parts(
      ground,
      LAST,
      (effect) => built(effect, ground),
      (statement) => standsToTheEnd(statement, ground),
    ),
  ];
  return allCarried(drafts, once, mapping);
}
