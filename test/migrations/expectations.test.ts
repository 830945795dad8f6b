import { beforeAll, expect, test } from 'vitest';
import { expectationsFrom } from '../../src/migrations/expectations.ts';
import { objectName } from '../../src/sql/objects/keys.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';

beforeAll(loadParser);

const expected = (sql: string): string[] =>
  expectationsFrom(planFromSql(sql)).map((one) => {
    if (one.kind === 'object') return `${objectName(one.ref)}: ${one.exists ? 'there' : 'gone'}`;
    if (one.kind === 'table') return `table ${one.name}: ${one.exists ? 'there' : 'gone'}`;
    return one.kind === 'index' ? `index ${one.name}` : one.kind;
  });

test.each([
  ['DROP VIEW v; DROP FUNCTION f(int);', ['view v: gone', 'function f(integer): gone']],
  ['DROP VIEW v; CREATE VIEW v AS SELECT 1;', ['view v: there']],
  ['ALTER TYPE a RENAME TO b', ['type a: gone', 'type b: there']],
  ['ALTER SEQUENCE s SET SCHEMA o', ['sequence s: gone', 'sequence o.s: there']],
  ['DROP TRIGGER g ON t; DROP TABLE t;', ['table t: gone']],
  ['CREATE VIEW v AS SELECT 1; DROP TYPE e CASCADE;', ['type e: gone']],
  [
    'DROP FUNCTION f; CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
    ['function f(integer): there'],
  ],
  ['CREATE SEQUENCE o.s; DROP SCHEMA o;', ['schema o: gone']],
  ['GRANT SELECT ON t TO bob; ALTER TABLE t DISABLE TRIGGER ALL; ALTER INDEX i SET (fillfactor = 70);', []],
])('%s', (sql, wanted) => expect(expected(sql)).toEqual(wanted));
