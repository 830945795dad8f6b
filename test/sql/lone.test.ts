/** Statements that run in no transaction: which they are, the parts of a step, what an attempt left, how they are tried on a copy. */
import { beforeAll, describe, expect, it } from 'vitest';
import { leftOvers, withoutLeftOvers } from '../../src/sql/lone/left-over.ts';
import { joined } from '../../src/sql/lone/parts.ts';
import { refusedIn } from '../../src/sql/lone/statement.ts';
import { inTransaction } from '../../src/sql/lone/within.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import type { Procedure } from '../../src/sql/procedure/types.ts';
import type { Catalog, Index } from '../../src/sql/types.ts';

beforeAll(loadParser);

const parts = (sql: string) =>
  planFromSql(sql).steps.map(({ id, lone = null, statements }) => [
    id,
    lone,
    statements.map((one) => one.command),
  ]);

describe('the parts of a step', () => {
  it.each([
    ['ALTER TABLE a DROP COLUMN b; DROP INDEX i', 1],
    ['CREATE INDEX CONCURRENTLY i ON a (b)', 1],
    ['CREATE INDEX CONCURRENTLY i ON a (b); DROP INDEX CONCURRENTLY j', 2],
    ['ALTER TABLE a DROP COLUMN b; VACUUM a; DROP TABLE c; DROP TABLE d', 3],
    ["ALTER TYPE m ADD VALUE 'x'; ALTER TABLE a DROP COLUMN b", 1],
    ["ALTER TYPE m ADD VALUE 'x'; UPDATE a SET m = 'x'; UPDATE a SET m = 'x'", 2],
    ["ALTER TYPE m RENAME VALUE 'y' TO 'x'; UPDATE a SET m = 'x'", 1],
    ['REINDEX (CONCURRENTLY false) INDEX i; DROP TABLE c', 1],
  ])('%s: %i', (sql, count) => expect(parts(sql)).toHaveLength(count));

  it('a statement has what is SET right before it, and nothing else', () => {
    expect(
      parts(
        "SET work_mem = 1; DROP TABLE c; SET lock_timeout = '1s'; DROP INDEX CONCURRENTLY j; DROP TABLE d",
      ),
    ).toEqual([
      ['step-1-part-1-of-3', null, ['SET', 'DROP TABLE']],
      ['step-1-part-2-of-3', 'DROP INDEX CONCURRENTLY', ['SET', 'DROP INDEX']],
      ['step-1-part-3-of-3', null, ['DROP TABLE']],
    ]);
  });

  it('are the step again where it is judged as a whole', () => {
    const [whole, ...others] = joined(planFromSql('DROP TABLE c; VACUUM a; DROP TABLE d')).steps;
    expect(others).toEqual([]);
    expect(whole).toMatchObject({ id: 'step-1', statements: [{ index: 1 }, { index: 2 }, { index: 3 }] });
    expect(whole).not.toHaveProperty('lone');
  });
});

describe('what no step may hold', () => {
  it.each([
    'CREATE DATABASE d',
    'DROP TABLESPACE t',
    'ALTER SYSTEM SET work_mem = 1',
    'REINDEX SCHEMA s',
    'CLUSTER',
  ])('%s is refused with its line', (sql) =>
    expect(refusedIn(planFromSql(`DROP TABLE a;\n${sql}`))).toMatchObject({ line: 2 }),
  );
});

describe('an invalid index', () => {
  const catalogWith = (index: Partial<Index>): Catalog => {
    const found = {
      name: 'i',
      definition: 'CREATE …',
      columns: ['b'],
      unique: false,
      primary: false,
      valid: false,
    };
    const rest = {
      schema: 's',
      oid: 1,
      kind: 'r',
      owner: 'o',
      estimatedRows: 0,
      bytes: 0,
      columns: [],
      constraints: [],
    };
    return { schema: 's', tables: { a: { ...rest, name: 'a', indexes: [{ ...found, ...index }] } } };
  };
  const plan = (sql: string) => planFromSql(sql);
  const BUILD = 'CREATE INDEX CONCURRENTLY i ON a (b)';

  it.each([
    [BUILD, {}, ['build']],
    ['CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON s.a (b)', {}, ['build']],
    [BUILD, { valid: true }, []],
    [BUILD, { columns: ['c'] }, []],
    [BUILD, { unique: true }, []],
    ['CREATE INDEX CONCURRENTLY i ON z (b)', {}, []],
    ['CREATE INDEX i ON a (b)', {}, []],
    ['DROP INDEX CONCURRENTLY i', {}, ['drop']],
    [`DROP INDEX CONCURRENTLY i; ${BUILD}`, {}, ['build']],
  ])('of %s with %o', (sql, index, kinds) => {
    expect(leftOvers(plan(sql), catalogWith(index)).map((one) => one.for)).toEqual(kinds);
  });

  it('counts as not there where it is to be built, and as there where it is to be dropped', () => {
    const seen = (sql: string) => {
      const catalog = catalogWith({});
      return withoutLeftOvers(catalog, leftOvers(plan(sql), catalog)).tables['a']?.indexes.map(
        ({ valid }) => valid,
      );
    };
    expect(seen(BUILD)).toEqual([]);
    expect(seen('DROP INDEX CONCURRENTLY i')).toEqual([true]);
  });
});

describe('on a copy, in one transaction', () => {
  const tried = (sql: string) => {
    const action = { index: 1, role: 'statement', carries: [1], sql, command: '', words: '', outside: true };
    return inTransaction({ actions: [action], lone: { name: 'It' } } as unknown as Procedure).procedure
      ?.actions[0];
  };
  it.each([
    ['CREATE INDEX CONCURRENTLY "ü concurrently" ON a (b)', 'CREATE INDEX  "ü concurrently" ON a (b)'],
    ['DROP INDEX concurrently IF EXISTS i', 'DROP INDEX  IF EXISTS i'],
    ['REINDEX (CONCURRENTLY) INDEX i', 'REINDEX  INDEX i'],
    ['REINDEX INDEX CONCURRENTLY i', 'REINDEX INDEX  i'],
  ])('%s', (sql, plain) => {
    expect(tried(sql)?.sql).toBe(plain);
    expect(tried(sql)).not.toHaveProperty('outside');
  });
  it.each(['VACUUM a', 'REINDEX (VERBOSE, CONCURRENTLY) INDEX i'])('%s is not', (sql) =>
    expect(tried(sql)).toBeUndefined(),
  );
});
