/** What the migrated tables should have and have not: by the runbook's `sql migrated`, and by the indexes that its steps drop. */
import { parseStatements } from '../../../sql/parse.ts';
import { quoteIdent } from '../../../sql/types-of.ts';
import { definedColumns } from '../../../sql/symbolic-names.ts';
import { rowsOf } from '../../../sql/risk/text.ts';
import type { Effect, Statement, Table } from '../../../sql/types.ts';
import type { Finder, RepairContext } from '../../find.ts';
import type { Repair } from '../../types.ts';
import { columnsByName, isCovered } from './covers.ts';
import { BUILDS, isValid, twiceWords } from './indexes.ts';
import { forwardTables } from './tables.ts';
import { duplicates, nulls } from './unique.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

const listed = (names: readonly string[]): string => names.join(', ');
const has = (table: Table, columns: readonly string[]): boolean =>
  columns.every((column) => table.columns.some(({ name }) => name === column));
const hasIndex = ({ catalog }: RepairContext, name: string): boolean =>
  Object.values(catalog.tables).some(({ indexes }) => indexes.some((index) => index.name === name));

/** A table of the migration under its name; a view by that name is none. */
function tableOf({ catalog }: RepairContext, effect: { schema?: string; table: string }): Table | null {
  const table = catalog.tables[effect.table];
  const here = effect.schema === undefined || effect.schema === catalog.schema;
  return here && table && (table.kind === 'r' || table.kind === 'p') ? table : null;
}

async function index(
  context: RepairContext,
  effect: Of<'create-index'>,
  statement: Statement,
): Promise<Repair[]> {
  const { name, columns, unique } = effect;
  const table = tableOf(context, effect);
  if (!table || !has(table, columns) || isCovered(table, effect)) return [];
  if (hasIndex(context, name)) {
    // An invalid one is found as such.
    const own = table.indexes.find((one) => one.name === name);
    if (own?.valid !== false)
      context.note?.({
        title: `Index ${name} is not what the migration makes`,
        lines: [`It should be ${unique ? 'unique ' : ''}over (${listed(columns)}).`, own?.definition ?? ''],
      });
    return [];
  }
  const twice = unique ? await duplicates(context, table, columns) : 0;
  return [
    {
      id: `index:${name}`,
      title: `Create index ${name} on ${table.name}`,
      found: `${table.name} has no ${unique ? 'unique ' : ''}index over (${listed(columns)}), which the migration makes.`,
      careful: [BUILDS, ...(twice === 0 ? [] : [twiceWords(twice)])],
      sql: `${statement.sql};`,
      checks: [{ title: `Index ${name} is there and valid`, sql: isValid(name), expect: '1' }],
      recommended: twice === 0,
    },
  ];
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function constraint(
  context: RepairContext,
  effect: Of<'add-constraint'>,
  statement: Statement,
): Promise<Repair[]> {
  const table = tableOf(context, effect);
  const columns = definedColumns(effect.definition);
  if (!table || effect.name === null || !has(table, columns)) return [];
  const there = table.constraints.some(
    (one) =>
      one.name === effect.name ||
      one.definition === effect.definition ||
      (effect.type === 'p' && one.type === 'p'),
  );
  const key = effect.type === 'p' || effect.type === 'u';
  if (there || hasIndex(context, effect.name)) return [];
  if (effect.type === 'u' && isCovered(table, { columns, unique: true })) return [];
  const twice = key ? await duplicates(context, table, columns) : 0;
  const empty = effect.type === 'p' ? await nulls(context, table, columns[0] ?? '') : 0;
  const words =
    { p: 'a primary key', u: 'a unique constraint', f: 'a foreign key' }[effect.type] ?? 'a check';
  return [
    {
      id: `constraint:${effect.name}`,
      title: `Add ${words} to ${table.name}`,
      found: `${table.name} lacks ${effect.name}, ${effect.definition}, which the migrated table has.`,
      careful: [
        'It reads the whole table, and nobody else can use the table meanwhile.',
        ...(twice === 0 ? [] : [twiceWords(twice)]),
        ...(empty === 0 ? [] : [`${rowsOf(empty ?? 0)} without a value: it fails as long as that is so.`]),
      ],
      sql: `${statement.sql};`,
      checks: [
        {
          title: `Constraint ${effect.name} is there`,
          sql: `SELECT count(*) FROM pg_constraint WHERE conrelid = to_regclass(${literal(quoteIdent(table.name))}) AND conname = ${literal(effect.name)} AND convalidated`,
          expect: '1',
        },
      ],
      recommended: twice === 0 && empty === 0,
    },
  ];
}

async function required(context: RepairContext, effects: readonly Of<'set-not-null'>[]): Promise<Repair[]> {
  const [first] = effects;
  const table = first ? tableOf(context, first) : null;
  if (!table) return [];
  const missing = effects
    .map(({ column }) => column)
    .filter((column) => table.columns.some(({ name, notNull }) => name === column && !notNull));
  if (missing.length === 0) return [];
  const empty: string[] = [];
  for (const column of missing) {
    const rows = await nulls(context, table, column);
    if (rows !== 0) empty.push(`${column}: ${rows === null ? 'could not be counted' : rowsOf(rows)}`);
  }
  const changes = missing.map((column) => `ALTER COLUMN ${quoteIdent(column)} SET NOT NULL`);
  return [
    {
      id: `not-null:${table.name}.${missing.join('.')}`,
      title: `Require a value in ${listed(missing)} of ${table.name}`,
      found: `${table.name} allows NULL in ${listed(missing)}, which the migrated table does not.`,
      careful: [
        'It reads the whole table, and nobody else can use the table meanwhile.',
        ...(empty.length === 0
          ? []
          : [`Rows without a value (${listed(empty)}): it fails as long as there are any.`]),
      ],
      sql: `ALTER TABLE ${quoteIdent(table.name)}\n  ${changes.join(',\n  ')};`,
      checks: [
        {
          title: `${table.name} allows no NULL there`,
          sql: `SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass(${literal(quoteIdent(table.name))}) AND attname IN (${missing.map(literal).join(', ')}) AND attnotnull`,
          expect: String(missing.length),
        },
      ],
      recommended: empty.length === 0,
    },
  ];
}

/** Each statement of `sql migrated` whose effect is missing. Other kinds of statements are passed over; lint names them. */
export const missingParts: Finder = async (context) => {
  const found: Repair[] = [];
  for (const { sql, line } of context.runbook.fixes.migrated) {
    for (const statement of parseStatements(sql, line)) {
      for (const effect of statement.effects) {
        if (effect.kind === 'create-index') found.push(...(await index(context, effect, statement)));
        if (effect.kind === 'add-constraint') found.push(...(await constraint(context, effect, statement)));
      }
      const columns = statement.effects.filter((effect) => effect.kind === 'set-not-null');
      found.push(...(await required(context, columns)));
    }
  }
  return found;
};

/**
 * Indexes that the rollback drops and that are not there. Of those only the name is known: what it says by the
 * convention of Ecto and PostgreSQL is offered, and not chosen unasked.
 */
export const droppedIndexes: Finder = async (context) => {
  const { plan, catalog } = context;
  const tables = forwardTables(plan).flatMap((name) => catalog.tables[name] ?? []);
  const names = plan.steps.flatMap(({ statements }) =>
    statements.flatMap(({ effects }) =>
      effects.flatMap((effect) => (effect.kind === 'drop-index' ? [effect.name] : [])),
    ),
  );
  const declared = migratedIndexes(context);
  return [...new Set(names)]
    .filter((name) => !hasIndex(context, name) && !declared.has(name))
    .flatMap((name): Repair[] => {
      const [table, columns] = tables
        .map((one) => [one, columnsByName(one, name)] as const)
        .find(([, read]) => read !== null) ?? [null, null];
      if (!table || !columns || isCovered(table, { columns, unique: false })) return [];
      const over = columns.map(quoteIdent).join(', ');
      return [
        {
          id: `index:${name}`,
          title: `Create index ${name} on ${table.name}`,
          found: `The rollback drops index ${name}, and it is not there. By its name it is over (${listed(columns)}).`,
          careful: [BUILDS, 'Whether it is to be unique, its name does not say: look at the migration.'],
          sql: `CREATE INDEX ${quoteIdent(name)} ON ${quoteIdent(table.name)} (${over});`,
          checks: [{ title: `Index ${name} is there and valid`, sql: isValid(name), expect: '1' }],
          recommended: false,
        },
      ];
    });
};

const migratedIndexes = ({ runbook }: RepairContext): Set<string> =>
  new Set(
    runbook.fixes.migrated
      .flatMap(({ sql, line }) => parseStatements(sql, line))
      .flatMap(({ effects }) =>
        effects.flatMap((effect) => (effect.kind === 'create-index' ? [effect.name] : [])),
      ),
  );
