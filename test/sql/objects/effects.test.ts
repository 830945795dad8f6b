import { beforeAll, describe, expect, test } from 'vitest';
import { locksOf } from '../../../src/sql/locks.ts';
import { objectName } from '../../../src/sql/objects/keys.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { planFromSql, wordsOf } from '../../../src/sql/plan.ts';
import type { Plan } from '../../../src/sql/types.ts';

beforeAll(loadParser);

const plan = (sql: string): Plan => planFromSql(sql);
const statement = (sql: string) => plan(sql).steps[0]!.statements[0]!;

/** What is written, the object as it is known, the words for the operator. */
const WORDS: [string, string, string][] = [
  [
    'DROP FUNCTION f(int, varchar)',
    'function f(integer, character varying)',
    'Drops function f(integer, character varying)',
  ],
  ['DROP FUNCTION IF EXISTS s.f', 'function s.f', 'Drops function s.f'],
  ['DROP TRIGGER t ON s.u CASCADE', 'trigger t on s.u', 'Drops trigger t on s.u and what depends on it'],
  [
    'CREATE FUNCTION f(a int, OUT b text, VARIADIC c text[]) RETURNS text LANGUAGE sql AS $$ $$',
    'function f(integer, text[])',
    'Creates function f(integer, text[])',
  ],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', 'view v', 'Creates view v, or replaces it'],
  [`ALTER TYPE e ADD VALUE 'x'`, 'type e', 'Adds the value x to type e, for good'],
  [`ALTER TYPE e RENAME VALUE 'x' TO 'y'`, 'type e', 'Renames the value x of type e to y'],
  ['ALTER VIEW v RENAME TO w', 'view v', 'Renames view v to w'],
  ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', 'table t', 'Switches row security of table t on'],
  ['ALTER TABLE t DISABLE TRIGGER g', 'trigger g on t', 'Switches off trigger g on t'],
  [
    'GRANT SELECT, UPDATE (a) ON t TO bob, PUBLIC',
    'table t',
    'Gives bob, PUBLIC the right to SELECT, UPDATE (a) on table t',
  ],
  [
    'REVOKE EXECUTE ON FUNCTION f(int) FROM bob',
    'function f(integer)',
    'Takes the right to EXECUTE on function f(integer) from bob',
  ],
  [`COMMENT ON POLICY p ON t IS 'x'`, 'policy p on t', 'Sets the comment on policy p on t'],
  ['ALTER SEQUENCE s RESTART', 'sequence s', 'Sets where sequence s goes on'],
  ['REFRESH MATERIALIZED VIEW m', 'materialized view m', 'Computes materialized view m anew'],
  ['ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)', 'domain d', 'Adds the check c to domain d'],
  ['ALTER DOMAIN d RENAME CONSTRAINT c TO e', 'domain d', 'Gives the check c of domain d the name e'],
  ['ALTER DOMAIN d DROP NOT NULL', 'domain d', 'Lets domain d be NULL'],
  ['ALTER TYPE c ADD ATTRIBUTE x int', 'type c', 'Adds the attribute x to type c'],
  ['ALTER TYPE c RENAME ATTRIBUTE x TO y', 'type c', 'Gives the attribute x of type c the name y'],
  [
    'ALTER DEFAULT PRIVILEGES FOR ROLE amy IN SCHEMA s GRANT SELECT ON TABLES TO bob',
    'default privileges of amy on tables in schema s',
    'Adds to the default privileges of amy on tables in schema s: SELECT to bob',
  ],
  [
    'GRANT SELECT ON ALL TABLES IN SCHEMA s TO bob',
    'schema s',
    'Gives bob the right to SELECT on every table in schema s',
  ],
  [
    'REVOKE GRANT OPTION FOR SELECT ON t FROM bob',
    'table t',
    'Takes the option to give rights on table t to others from bob',
  ],
  [
    'ALTER TABLE t DISABLE TRIGGER ALL',
    'table t',
    'Switches off every trigger of t, those of its foreign keys too',
  ],
  ['ALTER TABLE t OWNER TO CURRENT_USER', 'table t', 'Makes CURRENT_USER the owner of table t'],
  ['ALTER FUNCTION f(int) SET SCHEMA s', 'function f(integer)', 'Moves function f(integer) into schema s'],
  ['ALTER VIEW v RENAME COLUMN a TO b', 'view v', 'Gives the column a of view v the name b'],
  ['ALTER INDEX i SET (fillfactor = 70)', 'index i', 'Sets fillfactor of index i to 70'],
  [
    'ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word, asciiword WITH simple',
    'text search configuration c',
    'Text search configuration c takes word, asciiword through simple',
  ],
  ['DROP AGGREGATE m(int)', 'aggregate m(integer)', 'Drops aggregate m(integer)'],
  ['DROP CAST (int AS text)', 'cast (integer, text)', 'Drops cast (integer, text)'],
  ['DROP OPERATOR s.=== (NONE, int)', 'operator s.===(NONE, integer)', 'Drops operator s.===(NONE, integer)'],
  ['ALTER EVENT TRIGGER e DISABLE', 'event trigger e', 'Switches off event trigger e'],
  ['ALTER SCHEMA a OWNER TO bob', 'schema a', 'Makes bob the owner of schema a'],
];

test.each(WORDS)('%s', (sql, name, words) => {
  const one = statement(sql);
  const [effect, ...others] = one.effects;
  expect(others).toEqual([]);
  expect(effect?.kind === 'object' ? objectName(effect) : effect).toBe(name);
  expect(wordsOf(one)).toBe(words);
});

/** What is not understood, and why. */
test.each([
  ['GRANT a TO b', 'roles belong to the whole server, not to this database'],
  ['DROP ROLE a', 'roles belong to the whole server, not to this database'],
  ['ALTER TABLE t SET SCHEMA s', 'a table that goes into another schema is not followed there'],
  ['REVOKE SELECT ON t FROM bob CASCADE', 'CASCADE takes rights that others gave on'],
])('%s is not understood', (sql, why) => {
  const [first] = statement(sql).effects;
  expect(first?.kind === 'not-understood' ? first.what : first).toContain(why);
});

describe('locks on tables', () => {
  test.each([
    ['CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()', 'SHARE ROW EXCLUSIVE'],
    ['DROP TRIGGER g ON t', 'ACCESS EXCLUSIVE'],
    ['CREATE POLICY p ON t USING (true)', 'ACCESS EXCLUSIVE'],
    ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', 'ACCESS EXCLUSIVE'],
    ['CREATE STATISTICS s ON a, b FROM t', 'SHARE UPDATE EXCLUSIVE'],
    ['CREATE VIEW v AS SELECT a FROM t', 'ACCESS SHARE'],
    ['GRANT SELECT ON t TO bob', undefined],
  ])('%s', (sql, level) => {
    const one = plan(sql);
    const statements = [{ index: 1, state: 'pending' as const, reason: '' }];
    const locks = locksOf(one, { steps: [{ id: 'step-1', state: 'pending', statements }] });
    expect(locks.find(({ table }) => table === 't')?.level).toBe(level);
  });
});
