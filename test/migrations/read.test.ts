/** Whose file it is, and what is wrong with one. Pure: no database. */
import { describe, expect, it } from 'vitest';
import { readerOf, runbookOf } from '../../src/migrations/read.ts';
import { NoDown, type Format, type Source } from '../../src/migrations/types.ts';

const source = (
  name: string,
  text: string,
  beside: string[] = [],
  folder = 'p',
  around: Partial<Pick<Source, 'near' | 'above'>> = {},
): Source => ({ path: `/${folder}/${name}`, folder, name, text, beside, near: {}, above: [], ...around });
const formatOf = (name: string, text: string): Format => readerOf(source(name, text)).format;

function refused(name: string, text: string, format?: Format): string {
  const given = source(name, text);
  try {
    runbookOf(given, readerOf(given, format), text);
  } catch (error) {
    if (error instanceof NoDown) return `${error.message} ${error.advice}`;
    throw error;
  }
  throw new Error('it was read');
}

/** The texts of the blocks with their lines. */
const blocks = (name: string, text: string, beside: string[] = [], format?: Format): [string, number][] => {
  const given = source(name, text, beside);
  return runbookOf(given, readerOf(given, format), text).steps.flatMap((step) =>
    step.blocks.map((block): [string, number] => [block.text, block.line]),
  );
};

describe('whose file it is', () => {
  it.each<[string, string, Format]>([
    ['1_a.sql', '-- migrate:up\n\n--migrate:down\n', 'dbmate'],
    ['1_a.sql', '-- +goose Up\n', 'goose'],
    ['1_a.sql', '-- +GOOSE down\n', 'goose'],
    ['000001_a.down.sql', 'DROP TABLE a', 'golang-migrate'],
    ['a.down.sql', 'DROP TABLE a', 'sql'],
    ['a.sql', "SELECT '-- +goose'", 'sql'],
    ['1_a.sql', '--down migration\nDROP TABLE a;', 'node-pg-migrate'],
    ['U1__a.sql', 'DROP TABLE a', 'flyway'],
    ['1_a.exs', '', 'ecto'],
  ])('%s, %j: %s', (name, text, format) => {
    expect(formatOf(name, text)).toBe(format);
  });

  it.each<[string, string[], string, Format]>([
    ['20240101000000_a.down.sql', ['20240101000000_a.rb'], 'migrate', 'rails'],
    ['20240101000000_a.sql', ['20240101000000_b.rb'], 'migrate', 'rails'],
    ['20240101000000_a.down.sql', ['20240101000001_a.rb'], 'migrate', 'golang-migrate'],
    ['down.sql', ['migration.sql'], '20240101000000_a', 'prisma'],
    ['down.sql', ['up.sql'], '2024-01-01-000000_a', 'diesel'],
    ['down.sql', ['up.sql'], '1579530000000_a', 'sql'],
    ['down.sql', ['migration.sql', 'snapshot.json'], '20240101000000_a', 'drizzle'],
  ])('%s beside %j in %s: %s', (name, beside, folder, format) => {
    expect(readerOf(source(name, 'DROP TABLE a', beside, folder)).format).toBe(format);
  });

  it.each<[string, string, string[], string, string]>([
    ['V1_2__a.sql', 'CREATE TABLE a ()', [], 'p', 'is the way up by its name'],
    ['1_a.up.sql', 'CREATE TABLE a ()', ['1_a.down.sql'], 'p', 'is the way up by its name'],
    ['migration.sql', 'CREATE TABLE a ()', [], '20240101000000_a', 'is the way up by its name'],
    ['000001.sql', '--! Previous: -\n--! Hash: sha1:x\n', [], 'committed', 'graphile-migrate'],
  ])('%s of %j is refused unless it is said to be plain SQL', (name, text, beside, folder, words) => {
    const given = source(name, text, beside, folder);
    expect(() => readerOf(given)).toThrow(words);
    expect(readerOf(given, 'sql').format).toBe('sql');
  });

  it.each<[string, string, Partial<Source>, Format]>([
    ['1_a.down.sql', 'migrations', { above: ['Cargo.toml'] }, 'sqlx'],
    ['0001_a.down.sql', 'drizzle', { near: { 'meta/_journal.json': '{}' } }, 'drizzle'],
    [
      '0001_a.down.sql',
      'drizzle',
      { near: { 'meta/_journal.json': '{}' }, above: ['Cargo.toml'] },
      'drizzle',
    ],
    ['a.sql', 'revert', { near: { 'sqitch.plan': '' } }, 'sqitch'],
    ['a.sql', 'deploy', { near: { 'sqitch.plan': '' } }, 'sql'],
  ])('%s in %s with %j around it: %s', (name, folder, around, format) => {
    expect(readerOf(source(name, 'DROP TABLE a', [], folder, around)).format).toBe(format);
  });

  it('is asked for where it could be of two', () => {
    const both = source('1_a.sql', '-- +goose Down\n-- migrate:down\nDROP TABLE a;');
    expect(() => readerOf(both)).toThrow('/p/1_a.sql could be a file of dbmate or goose.');
    expect(readerOf(both, 'goose').format).toBe('goose');
  });
});

describe('what is read', () => {
  it('the way down alone, line for line', () => {
    expect(
      blocks('7_a.sql', '-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\n\nDROP TABLE a;\n')[0],
    ).toEqual(['\nDROP TABLE a;\n', 4]);
    const up = '-- +goose Down\nDROP TABLE a;\n-- +goose Up\nCREATE TABLE a ();\n';
    expect(blocks('7_a.sql', up)[0]).toEqual(['DROP TABLE a;', 2]);
  });

  it('the record below the last line of the file', () => {
    const [, record] = blocks('00007_a.sql', '-- +goose Down\nDROP TABLE a;');
    expect(record?.[0]).toContain("DELETE FROM goose_db_version WHERE version_id = '7';");
    expect(record?.[1]).toBe(3);
  });

  it.each([
    [
      ['000001_x.up.sql', '000003_y.up.sql', '000003_y.down.sql', '000009_z.up.sql'],
      "SET version = '3', dirty = false",
    ],
    [['000009_z.up.sql', '000005_a.up.sql'], 'DELETE FROM schema_migrations'],
  ])('the version before it, by its folder: %j', (beside, statement) => {
    expect(blocks('000005_a.down.sql', 'DROP TABLE a;', beside)[1]?.[0]).toContain(statement);
  });

  it('the time of a folder of Drizzle, in milliseconds', () => {
    const given = source('down.sql', 'DROP TABLE a;', ['migration.sql', 'snapshot.json'], '20240102030405_a');
    const { bookkeeping } = runbookOf(given, readerOf(given), given.text);
    expect(bookkeeping).toMatchObject({ schema: 'drizzle', version: '1704164645000' });
  });

  it('the record in the table that was told', () => {
    const given = source('7_a.sql', '-- migrate:down\nDROP TABLE a;');
    const told = (text: string) => runbookOf(given, readerOf(given), given.text, text).bookkeeping;
    expect(told('ops."My ""T"""')).toMatchObject({ schema: 'ops', table: 'My "T"' });
    expect(told('Applied')).toMatchObject({ table: 'applied' });
    for (const wrong of ['', 'a.b.c', 'a b', 'a.', '"a', 'a"b"'])
      expect(() => told(wrong)).toThrow('is no name of a table');
  });

  it('nothing of a tool with --format sql', () => {
    expect(blocks('000005_a.down.sql', 'DROP TABLE a;', [], 'sql')).toEqual([['DROP TABLE a;', 1]]);
  });
});

describe('what cannot be read', () => {
  it.each<[string, string, Format | undefined, string]>([
    ['1_a.sql', '-- migrate:up\nCREATE TABLE a ();', undefined, 'has no "-- migrate:down"'],
    ['1_a.sql', '-- migrate:down\n-- nothing\n/* nor\nhere */;\n', undefined, 'holds no statement'],
    ['a.sql', '-- migrate:down\nDROP TABLE a', undefined, 'begins with no version, so dbmate'],
    ['1_a.sql', '-- +goose Up\nCREATE TABLE a ();', undefined, 'has no "-- +goose Down"'],
    ['1_a.sql', '-- +goose Down\n', undefined, 'holds no statement'],
    ['a.sql', '-- +goose Down\nDROP TABLE a', undefined, 'begins with no version, so goose'],
    ['1_a.sql', '-- +goose ENVSUB ON\n-- +goose Down\nDROP TABLE a', undefined, 'ENVSUB ON'],
    ['1_a.down.sql', '-- later\n', undefined, 'holds no statement'],
    ['a.sql', 'DROP TABLE a', 'golang-migrate', 'is no down migration of golang-migrate'],
    ['a.sql', ' ; ', undefined, 'holds no statement'],
    ['1_a.sql', '-- Up Migration\nSELECT 1', undefined, 'has no "-- Down Migration"'],
    ['1_a.sql', '-- Down Migration\n', undefined, 'holds no statement'],
    ['V1__a.sql', 'DROP TABLE a', 'flyway', 'is no undo migration of Flyway'],
    ['migration.sql', 'CREATE TABLE a ()', 'prisma', 'is no folder of a migration of Prisma'],
    ['a.sql', 'DROP TABLE a', 'rails', 'begins with no version'],
  ])('%s, %j', (name, text, format, words) => {
    expect(refused(name, text, format)).toContain(words);
  });
});
