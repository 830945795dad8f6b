/** What may be run in a scratch database, and what of a dump is made there. */
import { beforeAll, describe, expect, it } from 'vitest';
import { entriesToMake } from '../../src/rehearse/dump.ts';
import { bodyReaches, mayBeAsked, reachesOut, reachingFunctions } from '../../src/rehearse/reaches.ts';
import { loadParser, parseOne } from '../../src/sql/parse.ts';

beforeAll(loadParser);

const why = (sql: string): string | null => reachesOut(parseOne(sql), new Set(['told', 'wrapper']));

describe('a statement', () => {
  it.each([
    'ALTER TABLE public.orders DROP COLUMN note',
    'CREATE OR REPLACE VIEW app.v AS SELECT 1 AS one',
    'ALTER TYPE mood RENAME VALUE $$a$$ TO $$b$$'.replaceAll('$$', "'"),
    'TRUNCATE a, b CASCADE',
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END'",
    'CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()',
    "DO 'BEGIN UPDATE a SET b = 1; END'",
    'GRANT SELECT ON a TO app',
    'CREATE EXTENSION pg_trgm',
    'DROP SCHEMA old CASCADE',
    'SELECT own(1)',
  ])('stays within: %s', (sql) => {
    expect(why(sql)).toBeNull();
  });

  it.each([
    ['DROP ROLE app', 'no statement about one database'],
    ['ALTER DATABASE orders SET work_mem = 1', 'no statement about one database'],
    ["ALTER SYSTEM SET work_mem = '1MB'", 'no statement about one database'],
    ['CREATE TABLESPACE t LOCATION $$/x$$'.replaceAll('$$', "'"), 'no statement about one database'],
    ["COMMENT ON DATABASE orders IS 'x'", 'share'],
    ['GRANT CONNECT ON DATABASE orders TO app', 'share'],
    ['ALTER ROLE a RENAME TO b', 'share'],
    ["COPY a TO PROGRAM 'sh'", 'copies'],
    ['CREATE EXTENSION dblink', 'extension dblink'],
    ["SELECT dblink_exec('host=x', 'DROP TABLE a')", 'dblink_exec'],
    ['SELECT pg_terminate_backend(1)', 'pg_terminate_backend'],
    ['UPDATE a SET b = told(b)', 'told'],
    ['SELECT public.wrapper()', 'public.wrapper'],
    ["DO 'BEGIN EXECUTE x; END'", 'code'],
    ["DO LANGUAGE plpython3u 'import os'", 'plpython3u'],
    ["CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib'", 'holds code in c'],
  ])('reaches out: %s', (sql, words) => {
    expect(why(sql)).toContain(words);
  });

  it('is asked by the verification only when it stays within', () => {
    expect(mayBeAsked('SELECT count(*) FROM audit.log', new Set())).toBe(true);
    expect(mayBeAsked("SELECT pg_read_file('/etc/passwd')", new Set())).toBe(false);
    expect(mayBeAsked('SELECT FROM FROM', new Set())).toBe(false);
  });
});

describe('functions of the database', () => {
  it('reach out by what they say, by what they call, or in a language that is not read', () => {
    const of = (name: string, source: string, language = 'plpgsql') => ({ name, source, language });
    expect([
      ...reachingFunctions([
        of('plain', 'BEGIN RETURN NEW; END'),
        of('far', "BEGIN PERFORM dblink('x', 'y'); END"),
        of('caller', 'BEGIN PERFORM far(); RETURN NEW; END'),
        of('callers_caller', 'SELECT caller()', 'sql'),
        of('native', 'symbol', 'c'),
      ]),
    ]).toEqual(['far', 'native', 'caller', 'callers_caller']);
  });

  it('a text that is made up and executed is not judged', () => {
    expect(bodyReaches("EXECUTE format('UPDATE %I', t)")).toBe(true);
    expect(bodyReaches('EXECUTE FUNCTION stamp()')).toBe(false);
  });
});

describe('of a dump', () => {
  it('nothing is made that leads elsewhere or runs code at every change', () => {
    const lines = [
      ';',
      '; Archive created at 2026-11-22 10:00:00',
      '2; 3079 16384 EXTENSION - vector ',
      '3; 0 0 COMMENT - EXTENSION vector ',
      '4; 3079 16385 EXTENSION - postgres_fdw ',
      '5; 0 0 COMMENT - EXTENSION postgres_fdw ',
      '6; 1417 16390 SERVER - far postgres',
      '7; 1418 16391 USER MAPPING - USER MAPPING app SERVER far postgres',
      '8; 1259 16392 FOREIGN TABLE public remote app',
      '9; 1259 16386 TABLE public orders app',
      '10; 3466 16400 EVENT TRIGGER - told postgres',
      '11; 2620 16401 TRIGGER public orders stamp app',
      '12; 6104 16402 PUBLICATION - everything postgres',
    ];
    expect(entriesToMake(lines)).toEqual({
      kept: [lines[2], lines[9], lines[11]],
      left: ['postgres_fdw'],
    });
  });
});
