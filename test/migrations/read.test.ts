/** Whose file it is, and what is wrong with one. Pure: no database. */
import { describe, expect, it } from 'vitest';
import { readerOf, runbookOf } from '../../src/migrations/read.ts';
import { NoDown, type Format, type Source } from '../../src/migrations/types.ts';

const source = (name: string, text: string, beside: string[] = []): Source => ({
  path: `/p/${name}`,
  name,
  text,
  beside,
});
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
  ])('%s, %j: %s', (name, text, format) => {
    expect(formatOf(name, text)).toBe(format);
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
  ])('%s, %j', (name, text, format, words) => {
    expect(refused(name, text, format)).toContain(words);
  });
});
