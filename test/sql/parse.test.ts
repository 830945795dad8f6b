import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatements, splitMetaCommands, SqlSyntaxError } from '../../src/sql/parse.ts';
import { firstEdition } from './documents.ts';

beforeAll(() => loadParser());

test("the user's document: forty statements, each with its exact text and line", () => {
  const steps = firstEdition().steps;
  expect(steps.map((step) => step.statements.length)).toEqual([15, 18, 6, 1]);
  const [drop, , , rename, add] = steps[0]?.statements ?? [];
  expect(drop).toMatchObject({
    sql: 'DROP INDEX IF EXISTS codebase_snapshots_codebase_id_index',
    line: 91,
    comment: 'Drop new indexes',
    command: 'DROP INDEX',
  });
  expect(rename).toMatchObject({ line: 96, comment: 'Rename table', command: 'ALTER TABLE' });
  expect(add?.sql).toBe(
    'ALTER TABLE detection_events\n  ADD COLUMN event_type VARCHAR(255),\n  ADD COLUMN detector VARCHAR(255),\n  ADD COLUMN confidence FLOAT,\n  ADD COLUMN data JSONB',
  );
});

describe('texts', () => {
  test('bytes and characters are not confused', () => {
    const [one, two] = parseStatements("-- é😀\nSELECT 'é😀'; SELECT 'ü' -- bye\n", 10);
    expect(one).toMatchObject({ sql: "SELECT 'é😀'", line: 11, comment: 'é😀' });
    expect(two).toMatchObject({ sql: "SELECT 'ü'", line: 11, comment: '' });
  });

  test('comments stay with what they stand above', () => {
    const text =
      '-- first\n-- still first\nSELECT 1; -- after one\n\n-- second\nSELECT 2;\n-- far\n\nSELECT 3;';
    expect(parseStatements(text).map((one) => [one.index, one.line, one.comment])).toEqual([
      [1, 3, 'first\nstill first'],
      [2, 6, 'second'],
      [3, 9, ''],
    ]);
  });

  test('a comment within a string is none', () => {
    expect(parseStatements("SELECT '\n-- x'").map((one) => one.sql)).toEqual(["SELECT '\n-- x'"]);
  });

  test.each(['', '  \n', '-- only\n', ';;'])('%j holds no statement', (text) => {
    expect(parseStatements(text)).toEqual([]);
  });

  test('locations in a tree are offsets into its own statement', () => {
    const [, two] = parseStatements('SELECT 1;\n\nUPDATE t SET a = 1');
    expect(two?.tree).toMatchObject({ UpdateStmt: { relation: { relname: 't', location: 7 } } });
  });

  test('an error has its line and character', () => {
    const error = (() => {
      try {
        return parseStatements("SELECT 'é';\nSELEC 1;", 5);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(SqlSyntaxError);
    expect(error).toMatchObject({ message: 'syntax error at or near "SELEC"', line: 6, position: 13 });
  });

  test('statements joined in any way come back as they were', () => {
    const pieces = [
      'SELECT 1',
      "UPDATE t SET a = 'é;--' WHERE b",
      'DROP TABLE "x;y"',
      'SELECT $$;\n--$$',
      'SELECT /* ; */ 2',
    ];
    const between = fc.constantFrom(';', ';\n', ' ; -- ;\n', ';\n/* a;b */\n', ';;\n\n-- note ; é\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...pieces), between), { maxLength: 6 }), (parts) => {
        const text = parts.map(([sql, gap]) => sql + gap).join('');
        expect(parseStatements(text).map((one) => one.sql)).toEqual(parts.map(([sql]) => sql));
        for (const one of parseStatements(text)) {
          expect(text.split('\n')[one.line - 1]).toContain(one.sql.split('\n')[0]);
        }
      }),
    );
  });
});

describe('psql commands', () => {
  test('are taken out, and the lines stay', () => {
    const text = '\\dt a*\nSELECT 1;\n  \\d+ t\nSELECT 2;';
    expect(splitMetaCommands(text)).toEqual({
      sql: '\nSELECT 1;\n\nSELECT 2;',
      meta: [
        { line: 1, text: '\\dt a*' },
        { line: 3, text: '\\d+ t' },
      ],
    });
  });

  test.each([
    ['a string', "SELECT '\n\\dt\n';"],
    ['an escape string', "SELECT E'\\'\n\\dt\n';"],
    ['a quoted name', 'SELECT "\n\\dt\n";'],
    ['a dollar quote', 'SELECT $a$ $b$\n\\dt\n$a$;'],
    ['a nested comment', '/* /* */\n\\dt\n*/ SELECT 1;'],
  ])('are not looked for in %s', (_name, text) => {
    expect(splitMetaCommands(text)).toEqual({ sql: text, meta: [] });
  });

  test('are found after a comment with an open quote', () => {
    expect(splitMetaCommands("-- don't\n\\dt").meta).toEqual([{ line: 2, text: '\\dt' }]);
  });
});
