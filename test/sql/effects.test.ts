import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import type { Effect } from '../../src/sql/types.ts';
import { sameType } from '../../src/sql/types-of.ts';
import { openDatabase, type TestDatabase } from './database.ts';
import { firstEdition, shippedEdition } from './documents.ts';

let db: TestDatabase;

beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
});

afterAll(() => db.close());

function effects(sql: string): Effect[] {
  const [statement, ...others] = parseStatements(sql);
  expect(others).toEqual([]);
  return statement?.effects ?? [];
}

test.each([
  ['first', firstEdition],
  ['shipped', shippedEdition],
] as const)('every statement of the %s edition is understood', (_name, plan) => {
  const all = plan().steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  expect(all.length).toBeGreaterThan(40);
  expect(all.filter((effect) => effect.kind === 'not-understood')).toEqual([]);
});

describe('what is understood', () => {
  test.each<[string, Effect[]]>([
    [
      'DROP TABLE a, s.b CASCADE',
      [
        { kind: 'drop-table', table: 'a', ifExists: false, cascade: true },
        { kind: 'drop-table', table: 'b', schema: 's', ifExists: false, cascade: true },
      ],
    ],
    [
      'DROP INDEX CONCURRENTLY IF EXISTS i',
      [{ kind: 'drop-index', name: 'i', ifExists: true, concurrently: true, cascade: false }],
    ],
    ['ALTER TABLE "A b" RENAME TO "c"', [{ kind: 'rename-table', from: 'A b', to: 'c' }]],
    ['ALTER TABLE t RENAME a TO b', [{ kind: 'rename-column', table: 't', from: 'a', to: 'b' }]],
    [
      'ALTER TABLE t RENAME CONSTRAINT a TO b',
      [{ kind: 'rename-constraint', table: 't', from: 'a', to: 'b' }],
    ],
    ['ALTER INDEX s.a RENAME TO b', [{ kind: 'rename-index', schema: 's', from: 'a', to: 'b' }]],
    [
      'ALTER TABLE t ALTER a DROP NOT NULL, ALTER b DROP DEFAULT',
      [
        { kind: 'drop-not-null', table: 't', column: 'a' },
        { kind: 'drop-default', table: 't', column: 'b' },
      ],
    ],
    [
      'ALTER TABLE t ADD a text DEFAULT NULL, ADD b varchar(9) DEFAULT NULL',
      [
        {
          kind: 'add-column',
          table: 't',
          column: { name: 'a', type: 'text', notNull: false, default: null },
          ifNotExists: false,
        },
        {
          kind: 'add-column',
          table: 't',
          column: { name: 'b', type: 'character varying(9)', notNull: false, default: 'NULL' },
          ifNotExists: false,
        },
      ],
    ],
    [
      "ALTER TABLE t ALTER a SET DEFAULT '{}'::jsonb",
      [{ kind: 'set-default', table: 't', column: 'a', expression: "'{}'::jsonb" }],
    ],
    [
      'ALTER TABLE t ALTER a TYPE int USING a::int',
      [{ kind: 'alter-type', table: 't', column: 'a', type: 'integer', using: true }],
    ],
    [
      'ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u(id) ON DELETE CASCADE NOT VALID',
      [
        {
          kind: 'add-constraint',
          table: 't',
          name: 'f',
          type: 'f',
          definition: 'FOREIGN KEY (a) REFERENCES u(id) ON DELETE CASCADE NOT VALID',
          notValid: true,
        },
      ],
    ],
    [
      'ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE',
      [{ kind: 'drop-constraint', table: 't', name: 'c', ifExists: true, cascade: true }],
    ],
    [
      "ALTER TABLE t ADD a text NOT NULL DEFAULT 'x' UNIQUE",
      [
        {
          kind: 'add-column',
          table: 't',
          column: { name: 'a', type: 'text', notNull: true, default: "'x'::text" },
          ifNotExists: false,
        },
        {
          kind: 'add-constraint',
          table: 't',
          name: null,
          type: 'u',
          definition: 'UNIQUE (a)',
          notValid: false,
        },
      ],
    ],
    [
      'CREATE UNIQUE INDEX ON t (a, lower(b))',
      [
        {
          kind: 'create-index',
          name: 't_a_lower_idx',
          table: 't',
          columns: ['a', ''],
          unique: true,
          concurrently: false,
          ifNotExists: false,
        },
      ],
    ],
    [
      'CREATE TABLE IF NOT EXISTS t (a bigserial, b int, PRIMARY KEY (b, a), CHECK (b > 0))',
      [
        {
          kind: 'create-table',
          table: 't',
          columns: [
            { name: 'a', type: 'bigint', notNull: true, default: "nextval('t_a_seq'::regclass)" },
            { name: 'b', type: 'integer', notNull: true, default: null },
          ],
          primaryKey: ['b', 'a'],
          constraints: [{ name: null, type: 'c', definition: 'CHECK (b > 0)' }],
          ifNotExists: true,
        },
      ],
    ],
    [
      'UPDATE s.t SET a = u.a, b = 1 FROM u WHERE u.id = t.id AND EXISTS (SELECT 1 FROM s.v)',
      [{ kind: 'update', table: 't', schema: 's', columns: ['a', 'b'], reads: ['u', 's.v'] }],
    ],
    [
      'WITH w AS (SELECT * FROM u) INSERT INTO t (a) SELECT a FROM w WHERE NOT EXISTS (SELECT FROM t)',
      [{ kind: 'insert', table: 't', columns: ['a'], reads: ['t', 'u'] }],
    ],
    [
      'INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = 3',
      [
        { kind: 'insert', table: 't', columns: ['a', 'b'], reads: [] },
        { kind: 'update', table: 't', columns: ['b'], reads: [] },
      ],
    ],
    ['DELETE FROM t USING u WHERE t.id = u.id', [{ kind: 'delete', table: 't', reads: ['u'] }]],
    ['SELECT count(*) FROM t', [{ kind: 'select', reads: ['t'] }]],
    [
      'WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO s.u SELECT * FROM gone',
      [
        { kind: 'delete', table: 't', reads: [] },
        { kind: 'insert', schema: 's', table: 'u', columns: [], reads: [] },
      ],
    ],
    [
      'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND u.x THEN DELETE WHEN MATCHED THEN UPDATE SET b = u.b WHEN NOT MATCHED THEN INSERT (a) VALUES (u.a)',
      [
        { kind: 'delete', table: 't', reads: ['u'] },
        { kind: 'update', table: 't', columns: ['b'], reads: ['u'] },
        { kind: 'insert', table: 't', columns: ['a'], reads: ['u'] },
      ],
    ],
    ["COMMENT ON COLUMN t.a IS 'x'", [{ kind: 'comment', on: 'column t.a' }]],
  ])('%s', (sql, expected) => {
    expect(
      [...effects(sql)].map((one) => ('reads' in one ? { ...one, reads: [...one.reads].sort() } : one)),
    ).toEqual(expected.map((one) => ('reads' in one ? { ...one, reads: [...one.reads].sort() } : one)));
  });
});

describe('what is not understood', () => {
  test.each([
    ['DO $$ BEGIN PERFORM f(); END $$', /DO: .*calls f\(\)/],
    ['COPY t FROM STDIN', /text format/],
    ['SET ROLE postgres', /SET/],
    ['BEGIN', /transaction/],
    ['COMMIT', /transaction/],
    ['ALTER TABLE t SET SCHEMA s', /a table that goes/],
    ['CREATE TABLE t AS SELECT f()', /calls f\(\)/],
    ['CREATE TABLE t AS EXECUTE p', /prepared/],
    ['CREATE TEMP TABLE t (a int)', /temporary/],
    ['CREATE TEMP VIEW v AS SELECT 1', /temporary/],
    ['CREATE MATERIALIZED VIEW m AS SELECT f()', /calls f\(\)/],
    ['SELECT * INTO TEMP t FROM u', /temporary/],
    ["SELECT pg_read_file('/etc/passwd')", /pg_read_file/],
    ["SELECT pg_catalog.lo_import('/etc/passwd')", /lo_import/],
    ["SELECT nextval('s'), 1", /nextval/],
    ['SELECT setval(x, 1) FROM t', /worked out/],
    ["SELECT setval('s', f())", /calls f\(\)/],
    ["SELECT setval(pg_get_serial_sequence('t', 'id'), 1)", /looked up in the database/],
    ['SELECT pg_terminate_backend(1)', /pg_terminate_backend/],
    ["SELECT set_config('role', 'x', false)", /set_config/],
    ["UPDATE t SET a = dblink_exec('x')", /dblink_exec/],
    ['INSERT INTO t SELECT my_function(a) FROM u', /my_function/],
    ['SELECT evil.count(a) FROM t', /evil\.count/],
    ["DELETE FROM t WHERE setval('s', 1) > 0", /setval/],
    ["SELECT query_to_xml('DROP TABLE t', true, true, '')", /query_to_xml/],
    ['WITH gone AS (DELETE FROM t RETURNING f()) SELECT * FROM gone', /calls f\(\)/],
    ['WITH a AS (UPDATE t SET a = 1), b AS (UPDATE t SET b = 1) SELECT 1', /two of its parts/],
    [
      'WITH a AS (INSERT INTO t DEFAULT VALUES RETURNING id) DELETE FROM u USING a WHERE u.id = a.id',
      /hangs on rows that it writes itself/,
    ],
    ['WITH RECURSIVE a AS (DELETE FROM t RETURNING *) SELECT * FROM a', /recursive/],
    ['MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED BY SOURCE THEN DELETE', /BY SOURCE/],
  ])('%s', (sql, why) => {
    const [effect, ...others] = effects(sql);
    expect(others).toEqual([]);
    expect(effect?.kind).toBe('not-understood');
    expect(effect?.kind === 'not-understood' ? effect.what : '').toMatch(why);
  });
});

test('types are spelled as the server spells them', async () => {
  const types = [
    'varchar',
    'varchar(255)',
    'char',
    'char(3)',
    '"char"',
    'bpchar',
    'text',
    'text[]',
    'varchar(255)[][]',
    'int',
    'int2',
    'int8[]',
    'bigint',
    'float',
    'float(24)',
    'float(53)',
    'real',
    'double precision',
    'numeric',
    'numeric(5)',
    'numeric(5,2)',
    'decimal(7,3)',
    'bool',
    'bit',
    'bit(3)',
    'varbit',
    'bit varying(8)',
    'time',
    'time(3)',
    'timetz',
    'time(2) with time zone',
    'timestamp',
    'timestamp(0)',
    'timestamp(6) without time zone',
    'timestamptz',
    'timestamptz(3)',
    'timestamp(0) with time zone',
    'interval',
    'interval(3)',
    'interval year',
    'interval day to second(3)',
    'interval hour to minute',
    'date',
    'uuid',
    'json',
    'jsonb',
    'bytea',
    'xml',
    'inet',
    'oid',
    'regclass',
    'name',
    'int4range',
    'vector',
    'vector(768)',
    'public.vector(3)',
    'int array',
  ];
  await db.empty();
  for (const type of types) {
    await db.pglite.exec(`DROP TABLE IF EXISTS t; CREATE TABLE t (a ${type})`);
    const [effect] = effects(`CREATE TABLE t (a ${type})`);
    const ours = effect?.kind === 'create-table' ? (effect.columns[0]?.type ?? '') : '';
    const theirs = (await db.catalog()).tables['t']?.columns[0]?.type ?? '';
    expect(sameType(ours, theirs), `${type}: ${ours} and ${theirs}`).toBe(true);
  }
  expect(sameType('text', 'text[]')).toBe(false);
  expect(sameType('town.mood', 'public.mood')).toBe(true);
  expect(sameType('numeric(5,2)', 'numeric(5,3)')).toBe(false);
});
