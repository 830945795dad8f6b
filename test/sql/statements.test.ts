/** TRUNCATE, LOCK, SET, IF EXISTS and transaction control: what they do, by text and by catalog. */
import { beforeAll, describe, expect, test } from 'vitest';
import { locksOf } from '../../src/sql/locks.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { planFromSql, planOf, wordsOf } from '../../src/sql/plan.ts';
import { applyEffects } from '../../src/sql/symbolic.ts';
import { settledPlan } from '../../src/sql/settled.ts';
import { NO_SECTIONS } from '../../src/runbook/no-sections.ts';
import type { Catalog, Effect, Plan, Position, Table } from '../../src/sql/types.ts';

beforeAll(loadParser);

const effects = (sql: string): Effect[] => parseStatements(sql).flatMap((one) => one.effects);

const table = (name: string, ...points: string[]): Table => ({
  schema: 'public',
  name,
  oid: 1,
  kind: 'r',
  owner: 'me',
  estimatedRows: 0,
  bytes: 0,
  columns: [],
  indexes: [],
  constraints: points.map((far) => ({
    name: `${name}_${far}_fkey`,
    type: 'f',
    definition: `FOREIGN KEY (x) REFERENCES ${far}(id)`,
    columns: ['x'],
  })),
});

const catalogOf = (...tables: Table[]): Catalog => ({
  schema: 'public',
  tables: Object.fromEntries(tables.map((one) => [one.name, one])),
});

const open = (plan: Plan): Position => ({
  steps: plan.steps.map(({ id, statements }) => ({
    id,
    state: 'pending',
    statements: statements.map(({ index }) => ({ index, state: 'pending', reason: '' })),
  })),
});

describe('understood by the text alone', () => {
  const truncate = { cascade: false, restart: false };
  test.each<[string, Effect[]]>([
    [
      'TRUNCATE a, ONLY s.b RESTART IDENTITY',
      [
        { kind: 'delete', table: 'a', reads: [], truncate: { cascade: false, restart: true } },
        { kind: 'delete', schema: 's', table: 'b', reads: [], truncate: { cascade: false, restart: true } },
      ],
    ],
    ['TRUNCATE TABLE a', [{ kind: 'delete', table: 'a', reads: [], truncate }]],
    ['LOCK t', [{ kind: 'lock', table: 't', level: 'ACCESS EXCLUSIVE' }]],
    [
      'LOCK TABLE s.t IN SHARE ROW EXCLUSIVE MODE',
      [{ kind: 'lock', schema: 's', table: 't', level: 'SHARE ROW EXCLUSIVE' }],
    ],
    ["SET LOCAL statement_timeout = '5min'", [{ kind: 'setting', name: 'statement_timeout', value: '5min' }]],
    [
      "SELECT pg_catalog.set_config('lock_timeout', '2s', true)",
      [{ kind: 'setting', name: 'lock_timeout', value: '2s' }],
    ],
    ["SET TIME ZONE 'UTC'", [{ kind: 'setting', name: 'timezone', value: 'UTC' }]],
    [
      'SET standard_conforming_strings = on',
      [{ kind: 'setting', name: 'standard_conforming_strings', value: 'on' }],
    ],
    [
      'ALTER TABLE IF EXISTS t DROP COLUMN a',
      [{ kind: 'drop-column', table: 't', column: 'a', ifExists: false, cascade: false, onlyIf: 't' }],
    ],
    ['ALTER TABLE IF EXISTS t RENAME TO u', [{ kind: 'rename-table', from: 't', to: 'u', onlyIf: 't' }]],
    ['ALTER INDEX IF EXISTS i RENAME TO j', [{ kind: 'rename-index', from: 'i', to: 'j', onlyIf: 'i' }]],
    ['ALTER TABLE t ADD CONSTRAINT n NOT NULL a', [{ kind: 'set-not-null', table: 't', column: 'a' }]],
  ])('%s', (sql, expected) => expect(effects(sql)).toEqual(expected));

  test('NOT NULL as a constraint of a new table', () => {
    const [made] = effects('CREATE TABLE t (a int, b int, CONSTRAINT n NOT NULL b)');
    expect(made?.kind === 'create-table' && made.columns.map(({ notNull }) => notNull)).toEqual([
      false,
      true,
    ]);
  });

  test.each([
    ['SET search_path = evil', /search_path changes what later statements mean/],
    ['SET standard_conforming_strings = off', /standard_conforming_strings/],
    ['SET ROLE postgres', /role/],
    ["SELECT pg_catalog.set_config('search_path', '', true)", /search_path changes/],
    ["SELECT set_config('lock_timeout', '2s', false)", /longer than the step/],
    ['RESET ALL', /only a setting and its value/],
    ['LOCK TABLE t NOWAIT', /NOWAIT/],
    ['ALTER VIEW IF EXISTS v RENAME TO w', /IF EXISTS/],
  ])('%s is not', (sql, why) => {
    const [effect] = effects(sql);
    expect(effect?.kind === 'not-understood' ? effect.what : '').toMatch(why);
  });
});

describe('settled by the catalog', () => {
  const settled = (sql: string, catalog: Catalog): Effect[][] =>
    settledPlan(planFromSql(sql), catalog).steps.flatMap(({ statements }) =>
      statements.map((one) => one.effects),
    );

  test('CASCADE takes the tables along whose keys point there, and theirs', () => {
    const catalog = catalogOf(table('a'), table('b', 'a'), table('c', 'b', 'c'), table('d'));
    const [found = []] = settled('TRUNCATE a CASCADE', catalog);
    expect(found.map((one) => ('table' in one ? one.table : ''))).toEqual(['a', 'b', 'c']);
    expect(settled('TRUNCATE a', catalog)[0]).toHaveLength(1);
  });

  test('a key that the step drops first takes nothing along', () => {
    const sql = 'ALTER TABLE b DROP CONSTRAINT b_a_fkey; TRUNCATE a CASCADE';
    expect(settled(sql, catalogOf(table('a'), table('b', 'a')))[1]).toHaveLength(1);
  });

  test('IF EXISTS does nothing where there is nothing, and is as if it were not written where there is', () => {
    const sql = 'ALTER TABLE IF EXISTS t RENAME TO u; ALTER TABLE IF EXISTS t DROP COLUMN a';
    expect(settled(sql, catalogOf(table('t'))).map(([one]) => one?.kind)).toEqual([
      'rename-table',
      'nothing',
    ]);
    expect(settled(sql, catalogOf()).map(([one]) => one?.kind)).toEqual(['nothing', 'nothing']);
  });

  test('a column IF NOT EXISTS brings its constraint only where it is not there', () => {
    const sql = 'ALTER TABLE t ADD COLUMN IF NOT EXISTS a int REFERENCES u';
    const column = { name: 'a', type: 'integer', notNull: false, default: null, generated: '', identity: '' };
    const kinds = (one: Table): (string | undefined)[] =>
      settled(sql, catalogOf(one))[0]?.map(({ kind }) => kind) ?? [];
    expect(kinds(table('t'))).toEqual(['add-column', 'add-constraint']);
    expect(kinds({ ...table('t'), columns: [column] })).toEqual(['add-column']);
  });

  test('SET DEFAULT NULL leaves no default but where the type has a length', () => {
    const catalog = applyEffects(
      catalogOf(),
      planFromSql('CREATE TABLE n (a text, b varchar(9))').steps[0]?.statements[0]?.effects ?? [],
    );
    const kinds = settled('ALTER TABLE n ALTER a SET DEFAULT NULL, ALTER b SET DEFAULT NULL', catalog);
    expect(kinds[0]?.map(({ kind }) => kind)).toEqual(['drop-default', 'set-default']);
  });

  test('all that is emptied is locked against everybody, LOCK as it says', () => {
    const catalog = catalogOf(table('a'), table('b', 'a'));
    const plan = settledPlan(planFromSql('LOCK a IN SHARE MODE; TRUNCATE a CASCADE'), catalog);
    expect(locksOf(plan, open(plan), catalog).map((one) => [one.index, one.table, one.level])).toEqual([
      [1, 'a', 'SHARE'],
      [2, 'a', 'ACCESS EXCLUSIVE'],
      [2, 'b', 'ACCESS EXCLUSIVE'],
    ]);
  });
});

test.each([
  ['TRUNCATE a RESTART IDENTITY', 'Empties table a, and lets its numbers begin anew'],
  ['TRUNCATE a CASCADE', 'Empties table a, with every table whose foreign keys point at it'],
  ['LOCK a', 'Locks table a in mode ACCESS EXCLUSIVE until the step ends'],
  ["SET lock_timeout = '2s'", 'Sets lock_timeout to 2s until the step ends'],
  [
    'ALTER TABLE t SET (fillfactor = 80), SET UNLOGGED',
    'Sets for t: fillfactor to 80 and sets for t: persistence to unlogged',
  ],
  ['ALTER TABLE t REPLICA IDENTITY USING INDEX i', 'Sets for t: replica identity to index i'],
  ['ALTER TABLE t ALTER CONSTRAINT c DEFERRABLE', 'Sets for t: the check of c to deferrable, immediate'],
])('%s in words', (sql, words) => {
  const [statement] = parseStatements(sql);
  expect(statement && wordsOf(statement)).toBe(words);
});

describe('BEGIN and COMMIT', () => {
  const step = (text: string) =>
    planOf({
      ...NO_SECTIONS,
      path: '',
      sha256: '',
      title: '',
      migration: null,
      steps: [
        {
          id: 'step-1',
          number: 1,
          title: '',
          words: 'Prose.',
          line: 1,
          blocks: [{ language: 'sql', info: {}, text, line: 1, lead: '' }],
        },
      ],
    }).steps[0];
  test.each([
    ['BEGIN; DELETE FROM a; COMMIT', 1],
    ['BEGIN; DELETE FROM a; COMMIT; BEGIN; DELETE FROM b; COMMIT; DELETE FROM c', 3],
  ])('%s: the step is one transaction', (sql, statements) => {
    expect(step(sql)?.statements).toHaveLength(statements);
    expect(step(sql)?.words).toMatch(/^Prose\. Its BEGIN and COMMIT are left out/);
  });
  test.each([
    'BEGIN; DELETE FROM a; ROLLBACK',
    'DELETE FROM a; COMMIT',
    "BEGIN; ALTER TYPE t ADD VALUE 'x'; COMMIT; DELETE FROM a",
  ])('%s: stays, to be told of', (sql) => {
    expect(step(sql)?.statements.some(({ tree }) => 'TransactionStmt' in tree)).toBe(true);
    expect(step(sql)?.words).toBe('Prose.');
  });
});
