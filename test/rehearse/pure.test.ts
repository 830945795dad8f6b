/** What is decided about a rehearsal before it begins, and what its times say: without a database. */
import { beforeAll, describe, expect, it } from 'vitest';
import { estimateFrom, neededFor, tooMuch } from '../../src/rehearse/limits.ts';
import type { OwnNames } from '../../src/rehearse/names.ts';
import { renamedSchemas } from '../../src/rehearse/own-names.ts';
import { qualifiedSql } from '../../src/rehearse/qualify.ts';
import { leavesCopy, schemaNamed, staysWithin } from '../../src/rehearse/stays.ts';
import type { TableDefinition } from '../../src/sql/definition.ts';
import { loadParser, parseOne, parseStatements } from '../../src/sql/parse.ts';
import { inSavepoints } from '../../src/rehearse/within.ts';
import type { Session } from '../../src/sql/session.ts';
import type { CopiedTable } from '../../src/rehearse/types.ts';
import { rehearsalFrom } from '../../src/commands/rehearse-flags.ts';

beforeAll(loadParser);

const names: OwnNames = {
  schema: 'app',
  schemas: new Set(['app', 'audit']),
  types: new Set(['vector', 'mood']),
  extensionFunctions: new Set(['uuid_generate_v4']),
  ownFunctions: new Set(['stamp']),
  eventTriggers: [],
};

const why = (sql: string): string[] =>
  leavesCopy(
    { hash: '', steps: [{ id: 'step-1', title: '', words: '', statements: parseStatements(sql) }] },
    names,
  );

describe('the one transaction of a rehearsal', () => {
  const sent: string[] = [];
  const session: Session = {
    query: (sql) => {
      sent.push(sql);
      return Promise.resolve({ rows: [], fields: [], rowCount: null, command: '' });
    },
    onNotice: () => () => undefined,
    cancel: () => Promise.resolve(),
    close: () => Promise.resolve(),
    processId: 1,
    lost: false,
  };
  const stand = inSavepoints({ session, schema: 'copy', renamed: { backout: 'j', backout_archive: 'a' } });

  it.each(['COMMIT AND CHAIN', ' commit work', 'END', 'ROLLBACK WORK', 'abort', "PREPARE TRANSACTION 'x'"])(
    'is never ended by %s',
    async (sql) => {
      sent.length = 0;
      await expect(stand.query(sql)).rejects.toThrow('must not send');
      expect(sent).toEqual([]);
    },
  );

  it.each([
    'COMMIT',
    'ROLLBACK',
    'BEGIN',
    'ROLLBACK TO SAVEPOINT s',
    'ROLLBACK WORK TO s',
    'SELECT 1 AS "commit"',
  ])('goes on through %s', async (sql) => {
    sent.length = 0;
    await stand.query(sql);
    expect(sent.filter((one) => /^(COMMIT|ROLLBACK$|BEGIN)/.test(one))).toEqual([]);
    expect(sent).not.toEqual([]);
  });
});

describe('SQL that stays on a copy', () => {
  it.each([
    'ALTER TABLE a RENAME TO b',
    "UPDATE a SET x = lower(b.x) || 'app' FROM b WHERE a.app = b.app",
    'INSERT INTO a (x) SELECT uuid_generate_v4() FROM b',
  ])('%s', (sql) => {
    expect(why(sql)).toEqual([]);
  });

  it.each([
    ['ALTER TABLE app.a RENAME TO b', 'names the schema app'],
    ['ALTER TABLE "audit".a RENAME TO b', 'names the schema audit'],
    // An alias that is called as a schema is: refused rather than risked.
    ['UPDATE a SET x = app.y FROM b AS app', 'names the schema app'],
    ["UPDATE a SET x = 'see app.a_id_seq'", 'names the schema app'],
    ['UPDATE a SET x = stamp()', 'is not understood'],
    ["SELECT setval('a_id_seq', 1)", 'is about more than tables'],
    ['SELECT pg_advisory_lock(1)', 'is not understood'],
    ['DO $$ BEGIN END $$', 'is about more than tables'],
    ['CREATE EXTENSION vector', 'is about more than tables'],
  ])('not: %s', (sql, words) => {
    expect(why(sql).join()).toContain(words);
  });

  it('takes a column of a table for no schema', () => {
    expect(schemaNamed('SELECT a.x FROM a WHERE a.app = 1', names)).toBeNull();
  });

  it('asks no query about the copy that compares with the name of a schema', () => {
    const sql = "SELECT count(*) FROM pg_tables WHERE schemaname = 'app'";
    expect(staysWithin(sql, parseOne(sql), names)).toBe(false);
    for (const other of ['SELECT stamp()', "SELECT dblink_exec('x', 'y')", 'SELECT pg_advisory_lock(1)'])
      expect(staysWithin(other, parseOne(other), names)).toBe(false);
    expect(staysWithin('SELECT count(*) FROM a', parseOne('SELECT count(*) FROM a'), names)).toBe(true);
  });
});

describe('names in the copy', () => {
  it('writes the schema before types and functions of the tables’ own schema, and before nothing else', () => {
    expect(
      qualifiedSql("ALTER TABLE ä ADD e vector(7), ADD m mood[] DEFAULT '{}'::mood[], ADD t text", names),
    ).toBe(
      'ALTER TABLE ä ADD e "app".vector(7), ADD m "app".mood[] DEFAULT \'{}\'::"app".mood[], ADD t text',
    );
    expect(qualifiedSql('INSERT INTO a SELECT uuid_generate_v4(), count(vector) FROM vector', names)).toBe(
      'INSERT INTO a SELECT "app".uuid_generate_v4(), count(vector) FROM vector',
    );
  });

  it('replaces our schemas where they are schemas alone', () => {
    const renamed = { backout: 'own', backout_archive: 'kept' };
    expect(
      renamedSchemas(
        `INSERT INTO backout.step SELECT 'backout.step', s.backout FROM "backout_archive"."t" s`,
        renamed,
      ),
    ).toBe(`INSERT INTO "own".step SELECT 'backout.step', s.backout FROM "kept"."t" s`);
    expect(renamedSchemas('ALTER TABLE t SET SCHEMA "backout_archive"', renamed)).toBe(
      'ALTER TABLE t SET SCHEMA "kept"',
    );
  });
});

const MB = 1024 ** 2;
const table = (heapBytes: number, estimatedRows: number) =>
  ({ heapBytes, indexBytes: 0, estimatedRows }) as TableDefinition;
const copied = (rows: number, share: number): CopiedTable => ({
  table: 't',
  rows,
  share,
  bytes: 0,
  seconds: 0,
});

describe('limits', () => {
  it('takes as many rows of large tables as fit, and all of the small ones', () => {
    const definitions = [table(400 * MB, 1e6), table(MB, 10)];
    const facts = { definitions, procedures: [], free: null };
    expect(neededFor({ ...facts, options: { sizeLimit: 1000 * MB } }).share).toBe(1);
    const needed = neededFor({ ...facts, options: { sizeLimit: 101 * MB } });
    expect(needed).toMatchObject({ share: 0.25, bytes: 101 * MB, wal: 202 * MB });
    expect(neededFor({ ...facts, options: { sizeLimit: 1000 * MB, sample: 5 } }).share).toBe(0.05);
  });

  it('refuses what does not fit, and a disk that would be left with too little', () => {
    const needed = { bytes: 100 * MB, wal: 200 * MB, free: 700 * MB, share: 1 };
    expect(tooMuch(needed, 100 * MB)).toBeNull();
    expect(tooMuch(needed, 99 * MB)).toContain('--size-limit');
    expect(tooMuch({ ...needed, free: 500 * MB }, 100 * MB)).toContain('500 MB free');
    expect(tooMuch({ ...needed, free: null, share: 0.0001 }, 100 * MB)).toContain('thousandth');
  });

  it('says of a sample what lies between rows, and rows times their logarithm', () => {
    const { low, high, basis } = estimateFrom(9, [copied(50_000, 0.05), copied(10, 1)]);
    expect([low, high]).toEqual([180, 240]);
    expect(basis).toContain('from a sample of 5 % of the rows (50000 rows)');
    expect(estimateFrom(9, [copied(10, 1)])).toMatchObject({ low: 9, high: 9 });
  });

  it('reads times, sizes and percentages, and refuses what is none', () => {
    const given = (name: string, value: string) => rehearsalFrom(new Map([[name, [value]]]));
    expect(given('time-limit', '10m').timeLimitSeconds).toBe(600);
    expect(given('size-limit', '2GB').sizeLimit).toBe(2 * 1024 ** 3);
    expect(given('sample', '5%').sample).toBe(5);
    for (const [name, value] of [
      ['time-limit', 'soon'],
      ['size-limit', '5'],
      ['sample', '101'],
      ['sample', '0'],
      ['way', 'wild'],
    ] as const)
      expect(() => given(name, value)).toThrow(/cannot be read/);
  });
});
