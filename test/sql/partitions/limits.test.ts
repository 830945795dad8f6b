import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../../src/sql/parse.ts';
import { locksOf } from '../../../src/sql/locks.ts';
import { assessRisk } from '../../../src/sql/risk.ts';
import { catalogAfter } from '../../../src/sql/symbolic.ts';
import { verify } from '../../../src/sql/verify.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { planOfTexts } from '../../sql-undo/support.ts';
import { caseWith, look, offerOf, rollBack, runName, states, undo } from '../objects/support.ts';
import { INHERITED, PARTITIONED } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

/** Name, what is there before, the way down, why it is refused. */
const REFUSED: [string, string[], string, RegExp][] = [
  ['a parent alone', INHERITED, 'DROP TABLE a', /child table .*b depends on a/],
  ['values of a parent', INHERITED, `UPDATE a SET v = 'z'`, /Tables inherit from a/],
  ['rows of a parent', INHERITED, 'TRUNCATE a', /Tables inherit from a/],
  ['a column of a parent', INHERITED, 'ALTER TABLE a DROP COLUMN v', /Tables inherit from a/],
  [
    'a partitioned table with CASCADE that would take a view',
    [...PARTITIONED, 'CREATE VIEW w AS SELECT * FROM p'],
    'DROP TABLE p CASCADE',
    /the view .*w depends on p/,
  ],
  [
    'one that was altered before',
    PARTITIONED,
    'ALTER TABLE p ADD COLUMN n integer; DROP TABLE p',
    /altered p before/,
  ],
  [
    'a partition in another schema',
    [
      ...PARTITIONED,
      'CREATE SCHEMA @_in',
      `CREATE TABLE @_in.p_3 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
    ],
    'DROP TABLE p',
    /p_3/,
  ],
];

test.each(REFUSED)('%s is refused', async (name, setup, down, why) => {
  const one = await caseWith(bench, `n${REFUSED.findIndex((other) => other[0] === name)}`, setup, down);
  const { procedure, refused } = offerOf(one, await look(one), runName(one, 'r'));
  expect(procedure).toBeNull();
  expect(refused.join(' ')).toMatch(why);
});

test('a child that stops to inherit inherits again, with columns of its own, and that is said before', async () => {
  const one = await caseWith(bench, 'own', INHERITED, 'ALTER TABLE b NO INHERIT a');
  const run = await rollBack(one);
  const words = await undo(one, run);
  expect(words.join(' ')).toMatch(/b inherits again, the columns it inherits are its own as well/);
  const { rows } = await bench.session.query('SELECT v FROM own.a ORDER BY 1');
  expect(rows.map(({ v }) => v)).toEqual(['a', 'b']);
});

test('parts in other schemas are not understood', async () => {
  const setup = [...PARTITIONED, 'CREATE SCHEMA @_far', 'CREATE TABLE @_far.c (LIKE p)'];
  const down = `ALTER TABLE across.p ATTACH PARTITION across_far.c DEFAULT; CREATE TABLE across.d PARTITION OF across.p DEFAULT`;
  const { plan } = await look(await caseWith(bench, 'across', setup, down));
  expect(plan.steps[0]?.statements.map(({ effects }) => effects[0]?.kind)).toEqual([
    'not-understood',
    'create-table',
  ]);
});

const BY_HAND: [string, string, string, string[]][] = [
  [
    'the first of two detached',
    'ALTER TABLE p DETACH PARTITION p_1; ALTER TABLE p DETACH PARTITION p_2',
    'ALTER TABLE p DETACH PARTITION p_1',
    ['applied', 'pending'],
  ],
  [
    'detached and not yet dropped',
    'ALTER TABLE p DETACH PARTITION p_1; DROP TABLE p_1',
    'ALTER TABLE p DETACH PARTITION p_1',
    ['applied', 'pending'],
  ],
  [
    'attached by the bound as the server writes it',
    `ALTER TABLE p DETACH PARTITION p_1; ALTER TABLE p ATTACH PARTITION p_1 FOR VALUES FROM (DATE '2024-01-01') TO ('2024-06-06')`,
    `ALTER TABLE p DETACH PARTITION p_1; ALTER TABLE p ATTACH PARTITION p_1 FOR VALUES FROM ('2024-01-01') TO ('2024-06-06')`,
    ['applied', 'applied'],
  ],
  [
    'attached with another bound than the one that is written',
    `CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
    `CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2028-01-01')`,
    ['conflict'],
  ],
];

test.each(BY_HAND)('where it stands: %s', async (name, down, done, expected) => {
  const schema = `h${BY_HAND.findIndex((other) => other[0] === name)}`;
  const one = await caseWith(bench, schema, PARTITIONED, down);
  await bench.session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
  for (const sql of done.split('; ')) await bench.session.query(sql);
  expect(states(await look(one))).toEqual(expected);
});

test('a partition that is taken out and loses what it has to have could not be attached again', async () => {
  const down = 'ALTER TABLE p DETACH PARTITION p_1; ALTER TABLE p_1 DROP COLUMN v';
  const one = await caseWith(bench, 'fits', PARTITIONED, down);
  await expect(rollBack(one)).rejects.toThrow(/takes p_1 out of p, and the step changes what p_1 may hold/);
});

test('rows that were written into a detached partition come back with it', async () => {
  const one = await caseWith(bench, 'since', PARTITIONED, 'ALTER TABLE p DETACH PARTITION p_1');
  const run = await rollBack(one);
  await bench.session.query(`INSERT INTO since.p_1 VALUES (5, '2024-07-07', 'new')`);
  await undo(one, run);
  const { rows } = await bench.session.query('SELECT id FROM since.p ORDER BY 1');
  expect(rows.map(({ id }) => id)).toEqual(['1', '2', '5']);
});

test('a table that was made is not taken away from under partitions that were made since', async () => {
  const one = await caseWith(bench, 'made', [], 'CREATE TABLE q (a integer) PARTITION BY LIST (a)');
  const run = await rollBack(one);
  await bench.session.query('CREATE TABLE made.q_1 PARTITION OF made.q DEFAULT');
  await expect(undo(one, run)).rejects.toThrow(/q_1 is a part of q/);
});

const ENDS = [
  'ALTER TABLE p ADD COLUMN n integer; ALTER TABLE p DROP COLUMN v',
  'ALTER TABLE p DETACH PARTITION p_1; DROP TABLE p_2',
  `CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); INSERT INTO p VALUES (8, '2026-03-03', 'm'); ALTER TABLE p ALTER v SET NOT NULL`,
  'CREATE TABLE q (LIKE p INCLUDING ALL); CREATE TABLE c (z integer) INHERITS (q); ALTER TABLE q ADD COLUMN y integer',
];

test.each(ENDS)('the plan ends in what was worked out before: %s', async (down) => {
  const schema = `e${ENDS.indexOf(down)}`;
  const { session } = bench;
  const one = await caseWith(bench, schema, PARTITIONED, down);
  const { plan, catalog, position } = await look(one);
  await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
  const { rowsAfter } = await assessRisk(plan, catalog, position, session, { serverVersion: 150_000 });
  const run = await rollBack(one);
  const after = await look(one, run);
  await session.query("SELECT set_config('search_path', $1, false)", [`"${schema}", pg_temp`]);
  const { checks } = await verify({
    session,
    runbook: { expectations: [] } as never,
    plan: after.plan,
    catalog: after.catalog,
    position: after.position,
    intended: catalogAfter(plan, catalog, position),
    baseline: rowsAfter,
  });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
});

test('rows of a partition are counted after another was detached or written to; through the parent, that is said', async () => {
  const { session } = bench;
  const counted = async (schema: string, before: string): Promise<string> => {
    const one = await caseWith(bench, schema, PARTITIONED, `${before}; DROP TABLE p_1`);
    const { plan, catalog, position } = await look(one);
    await session.query("SELECT set_config('search_path', $1, false)", [`"${one.schema}", pg_temp`]);
    return JSON.stringify(await assessRisk(plan, catalog, position, session, { serverVersion: 150_000 }));
  };
  const detached = await counted('along1', 'ALTER TABLE p DETACH PARTITION p_2');
  expect(detached).toMatch(/"table":"p_1"/);
  expect(detached).not.toContain('not known');
  expect(await counted('along2', `UPDATE p_2 SET v = 'z'`)).not.toContain('What p_1 holds');
  expect(await counted('along3', `UPDATE p SET v = 'z'`)).toContain(
    'rows may have been changed through p, of which it is a part',
  );
});

const NAMES = `SELECT c.oid::text AS oid, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'held' AND c.relkind IN ('r', 'p')`;
const HELD = `SELECT relation::text AS oid, array_agg(mode)::text AS modes FROM pg_locks
 WHERE pid = pg_backend_pid() AND relation IS NOT NULL GROUP BY 1`;
const ORDER = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];
const LOCKING = [
  'ALTER TABLE p DETACH PARTITION p_1',
  `ALTER TABLE p ATTACH PARTITION lone FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
  `CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
  'DROP TABLE p_1',
  'DROP TABLE p',
  'ALTER TABLE p ADD COLUMN n integer',
  'ALTER TABLE p DROP COLUMN v',
  `UPDATE p SET v = 'z'`,
  'DELETE FROM p',
  'TRUNCATE p',
  'CREATE INDEX ON p (d)',
  'DROP INDEX p_v',
  'ALTER TABLE b NO INHERIT a',
  'ALTER TABLE c INHERIT a',
  'CREATE TABLE p_3 (z integer) INHERITS (a)',
];

test('locks are told as the server takes them, on parents and partitions too', async () => {
  const { session } = bench;
  const setup = [
    ...PARTITIONED,
    'CREATE TABLE p_d PARTITION OF p DEFAULT',
    'CREATE TABLE lone (LIKE p)',
    ...INHERITED,
    'CREATE TABLE c (id integer NOT NULL, v text, w text)',
  ];
  const one = await caseWith(bench, 'held', setup, 'SELECT 1');
  const all: { sql: string; told: string[] }[] = [];
  const real: typeof all = [];
  const oids = new Map((await session.query(NAMES)).rows.map(({ oid, name }) => [String(oid), String(name)]));
  for (const sql of LOCKING) {
    const found = await look({ ...one, plan: planOfTexts(sql) });
    const told = locksOf(found.plan, found.position, found.catalog)
      .filter(({ level }) => level !== 'ACCESS SHARE')
      .map(({ table, level }) => `${table} ${level}`)
      .sort();
    await session.query('BEGIN');
    await session.query('SET LOCAL search_path = held, pg_temp');
    await session.query(sql);
    const { rows } = await session.query(HELD);
    await session.query('ROLLBACK');
    const taken = rows
      .filter(({ oid }) => oids.has(String(oid)))
      .map(({ oid, modes }) => {
        const list = String(modes).replace(/[{}]/g, '').split(',');
        const strongest = list.sort((x, y) => ORDER.indexOf(x) - ORDER.indexOf(y)).at(-1) ?? '';
        const words = strongest
          .replace(/Lock$/, '')
          .replace(/([a-z])([A-Z])/g, '$1 $2')
          .toUpperCase();
        return `${oids.get(String(oid)) ?? ''} ${words}`;
      })
      .filter((line) => !line.endsWith(' ACCESS SHARE'))
      .sort();
    all.push({ sql, told });
    real.push({ sql, told: taken });
  }
  expect(all).toEqual(real);
});
