import { beforeAll, expect, test } from 'vitest';
import { touchedTables, type Touched } from '../../src/postgres/touched.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import type { Catalog, Position } from '../../src/sql/types.ts';
import { allPending } from './support.ts';

beforeAll(loadParser);

const CATALOG: Catalog = {
  schema: 'public',
  tables: Object.fromEntries(
    ['one', 'two', 'three'].map((name, at) => [
      name,
      {
        schema: 'public',
        name,
        oid: at + 1,
        kind: 'r',
        owner: 'me',
        estimatedRows: 1,
        bytes: 1,
        columns: ['id', 'x', 'y'].map((column) => ({
          name: column,
          type: 'text',
          notNull: false,
          default: null,
          generated: '',
          identity: '',
        })),
        indexes: [
          { name: `${name}_x`, definition: '', columns: ['x'], unique: false, primary: false, valid: true },
        ],
        constraints: [],
      },
    ]),
  ),
};

function touched(sql: string, applied: number[] = []): Record<string, Touched> {
  const plan = planFromSql(sql);
  const pending = allPending(plan);
  const position: Position = {
    steps: pending.steps.map((step) => ({
      ...step,
      statements: step.statements.map((statement) =>
        applied.includes(statement.index) ? { ...statement, state: 'applied' } : statement,
      ),
    })),
  };
  return Object.fromEntries(touchedTables(plan, position, CATALOG).map((table) => [table.table, table]));
}

test('follows a table through its names', () => {
  const { one } = touched(
    'ALTER TABLE one RENAME TO uno; ALTER TABLE uno RENAME COLUMN x TO z; ALTER TABLE uno ADD COLUMN w text; ALTER TABLE uno DROP COLUMN z, DROP COLUMN w; UPDATE uno SET y = 1; DROP TABLE uno CASCADE;',
  );
  expect(one).toMatchObject({ renamedTo: 'uno', droppedAt: 6, cascade: true, updates: 1, reshaped: true });
  expect(one?.droppedColumns).toEqual(new Set(['x']));
  expect(one?.writes).toEqual(new Set(['UPDATE']));
});

test('two tables that change names are not mixed up', () => {
  const all = touched(
    'ALTER TABLE one RENAME TO spare; ALTER TABLE two RENAME TO one; ALTER TABLE one DROP COLUMN x; ALTER TABLE spare ALTER COLUMN y TYPE int;',
  );
  expect(all['two']?.droppedColumns).toEqual(new Set(['x']));
  expect(all['one']?.retypedColumns).toEqual(new Set(['y']));
  expect(all['one']?.droppedColumns.size).toBe(0);
});

test('what is applied, read, made by the plan or in another schema does not count', () => {
  const all = touched(
    'ALTER TABLE one DROP COLUMN x; SELECT * FROM two; CREATE TABLE four (x int); INSERT INTO four SELECT 1 FROM two; ALTER TABLE elsewhere.three DROP COLUMN x;',
    [1],
  );
  expect(Object.keys(all)).toEqual([]);
});

test('an index belongs to its table', () => {
  expect(touched('DROP INDEX two_x;')['two']?.droppedIndexes).toEqual(new Set(['two_x']));
});
