/** As a role that owns a part of what the plan changes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missingOnObjects } from '../../../src/postgres/prerequisites/object-owners.ts';
import { positionNow } from '../../../src/runtime/look.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { planFromSql } from '../../../src/sql/plan.ts';
import { openBench, type Bench } from '../support.ts';
import type { PostgresSession } from '../../../src/postgres/connect.ts';

let bench: Bench;
let other: PostgresSession;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  for (const sql of [
    'DROP ROLE IF EXISTS object_owners_one',
    'CREATE ROLE object_owners_one',
    'CREATE SCHEMA mine AUTHORIZATION object_owners_one',
    'CREATE TABLE mine.t (a integer)',
    'CREATE VIEW mine.v AS SELECT 1 AS a',
    'CREATE VIEW mine.own AS SELECT 1 AS a',
    'ALTER VIEW mine.own OWNER TO object_owners_one',
    `CREATE FUNCTION mine.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'`,
    'CREATE TRIGGER g BEFORE UPDATE ON mine.t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'GRANT SELECT ON mine.v TO object_owners_one WITH GRANT OPTION',
  ])
    await bench.session.query(sql);
  other = await bench.open();
  await other.query('SET ROLE object_owners_one');
});
afterAll(async () => {
  await bench.session.query('DROP OWNED BY object_owners_one CASCADE');
  await other.close();
  await bench.session.query('DROP ROLE object_owners_one');
  await bench.close();
});

async function missing(session: PostgresSession, sql: string): Promise<string[]> {
  const { plan, catalog, position } = await positionNow(session, 'mine', planFromSql(sql));
  return missingOnObjects({ session, plan, catalog, position });
}

test.each([
  ['DROP VIEW v', ['view v belongs to postgres: only its owner may do this']],
  ['DROP VIEW own', []],
  ['DROP FUNCTION f()', ['function f() belongs to postgres: only its owner may do this']],
  ['DROP TRIGGER g ON t', ['trigger g on t belongs to postgres: only its owner may do this']],
  ['ALTER TABLE t SET (fillfactor = 70)', ['table t belongs to postgres: only its owner may do this']],
  ['GRANT SELECT ON v TO PUBLIC', []],
  ['GRANT SELECT ON t TO PUBLIC', ['table t belongs to postgres: only its owner may do this']],
  ['GRANT SELECT ON own TO nobody_here', ['role nobody_here, which a statement names, is not there']],
  [
    'ALTER VIEW own OWNER TO postgres',
    ['view own can be given only to a role of which one is a member: not to postgres'],
  ],
  [
    'ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA mine GRANT SELECT ON TABLES TO PUBLIC',
    ['default privileges of postgres on tables in schema mine: only a member of postgres may change them'],
  ],
  ['CREATE VIEW more AS SELECT 1', []],
])('%s', async (sql, lines) => {
  expect(await missing(other, sql)).toEqual(lines);
  expect((await missing(bench.session, sql)).filter((line) => !line.includes('nobody_here'))).toEqual([]);
});
