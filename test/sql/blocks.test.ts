/** DO: what a block of PL/pgSQL does, as far as its text alone says so. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { wordsOf } from '../../src/sql/plan.ts';
import type { Effect } from '../../src/sql/types.ts';

beforeAll(loadParser);

const block = (body: string): string => `DO $body$ BEGIN ${body} END $body$`;
const effects = (sql: string): Effect[] => parseStatements(sql).flatMap((one) => one.effects);

describe('understood', () => {
  test.each<[string, Effect[]]>([
    ["RAISE NOTICE 'nothing to do';", [{ kind: 'guard', reads: [], refuses: false }]],
    [
      "IF EXISTS (SELECT 1 FROM orders WHERE total > 9) THEN RAISE EXCEPTION 'too large'; END IF;",
      [{ kind: 'guard', reads: ['orders'], refuses: true }],
    ],
    [
      "IF (SELECT count(*) FROM a) > 1 THEN RAISE NOTICE '%', (SELECT max(x) FROM b); ELSIF true THEN PERFORM 1 FROM c; END IF;",
      [{ kind: 'guard', reads: ['a', 'b', 'c'], refuses: false }],
    ],
    [
      "DROP INDEX i; EXECUTE 'ALTER TABLE t RENAME TO \"it''s\"';",
      [
        { kind: 'drop-index', name: 'i', ifExists: false, concurrently: false, cascade: false },
        { kind: 'rename-table', from: 't', to: "it's" },
      ],
    ],
    [
      'EXECUTE $q$DROP INDEX i$q$;',
      [{ kind: 'drop-index', name: 'i', ifExists: false, concurrently: false, cascade: false }],
    ],
  ])('%s', (body, expected) => expect(effects(block(body))).toEqual(expected));

  test('with a body in any quotes', () => {
    expect(effects("DO LANGUAGE plpgsql 'BEGIN RAISE NOTICE ''$backout$''; END'")).toEqual([
      { kind: 'guard', reads: [], refuses: false },
    ]);
  });
});

test.each([
  ['PERFORM do_something();', /calls do_something\(\)/],
  ["IF check_it() THEN RAISE NOTICE 'x'; END IF;", /calls check_it\(\)/],
  ["EXECUTE format('DROP TABLE %I', 't');", /puts together itself/],
  ["EXECUTE 'DROP TABLE ' || 't';", /puts together itself/],
  ['IF true THEN DROP INDEX i; END IF;', /depends on what it finds/],
  ['DROP TABLE t;', /drops a table/],
  ['DELETE FROM t;', /deletes rows/],
  ['TRUNCATE t;', /deletes rows/],
  ['FOR i IN 1..3 LOOP DROP INDEX i; END LOOP;', /a loop/],
  ['DROP INDEX i; EXCEPTION WHEN others THEN NULL;', /goes on after errors/],
  ["DROP INDEX i; RAISE EXCEPTION 'no';", /only when it does not refuse/],
  ["EXECUTE 'SELECT 1; DELETE FROM t';", /several statements/],
  ['IF EXISTS (SELECT FROM t) THEN RETURN; END IF; DROP INDEX i;', /depends on what it finds/],
  ["RAISE NOTICE 'x' USING HINT = do_something();", /calls do_something\(\)/],
  ['DROP TYPE mood; ALTER TABLE t ADD COLUMN c integer;', /drops an object and does something else/],
  ["DROP TYPE mood; COMMENT ON VIEW v IS 'x';", /drops an object and does something else/],
  ['COMMIT;', /COMMIT/],
  ['DROP INDEX CONCURRENTLY;', /does not parse/],
  ['IF', /does not parse/],
])('%s is not understood', (body, why) => {
  const [effect, ...others] = effects(block(body));
  expect(others).toEqual([]);
  expect(effect?.kind === 'not-understood' ? effect.what : JSON.stringify(effect)).toMatch(why);
});

test('variables and other languages are not understood', () => {
  const what = (sql: string): string =>
    effects(sql)
      .map((one) => (one.kind === 'not-understood' ? one.what : one.kind))
      .join();
  expect(what('DO $$ DECLARE a int := 1; BEGIN PERFORM 1 FROM t WHERE x = a; END $$')).toMatch(
    /uses variables/,
  );
  expect(what('DO $$ DECLARE a int; BEGIN a := 1; END $$')).toMatch(/variables/);
  expect(what('DO LANGUAGE plperl $$ $$')).toMatch(/written in plperl/);
});

test('in words', () => {
  const words = (body: string): string => parseStatements(block(body)).map(wordsOf).join();
  expect(words("IF EXISTS (SELECT 1 FROM t) THEN RAISE EXCEPTION 'x'; END IF;")).toBe(
    'Looks at t and may refuse to go on',
  );
  expect(words("RAISE NOTICE 'x';")).toBe('Changes nothing');
});

test('what a variable begins with may do anything', () => {
  expect(effects('DO $$ DECLARE n integer := do_something(); BEGIN PERFORM 1; END $$')).toEqual([
    { kind: 'not-understood', what: expect.stringMatching(/calls do_something\(\)/) },
  ]);
});
