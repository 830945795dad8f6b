import { beforeAll, describe, expect, test } from 'vitest';
import type { CodeBlock, Runbook } from '../../src/runbook/types.ts';
import { loadParser, SqlSyntaxError } from '../../src/sql/parse.ts';
import { planFromSql, planOf, wordsOf } from '../../src/sql/plan.ts';
import { firstEdition } from './documents.ts';

beforeAll(() => loadParser());

function block(text: string, more: Partial<CodeBlock> = {}): CodeBlock {
  return { language: 'sql', info: {}, text, line: 1, lead: '', ...more };
}

function runbook(...blocks: CodeBlock[]): Runbook {
  return {
    path: 'r.md',
    sha256: '',
    title: '',
    migration: null,
    quick: null,
    overview: [],
    prerequisites: null,
    stateChecks: [],
    steps: [{ id: 'step-1', number: 1, title: 'T', words: 'W', line: 1, blocks }],
    expectations: [],
    criteria: [],
    fixes: { migrated: [], defects: [], stray: [] },
    troubleshooting: [],
    escalation: null,
    checklist: [],
    related: null,
    differences: null,
    unrecognised: [],
  };
}

function sqlOf(...blocks: CodeBlock[]): (string | number)[][] {
  const [step] = planOf(runbook(...blocks)).steps;
  return (step?.statements ?? []).map((one) => [one.index, one.line, one.sql]);
}

describe('a plan', () => {
  test('numbers the statements of all blocks of a step', () => {
    expect(
      sqlOf(block('SELECT 1;\nSELECT 2;', { line: 10 }), block('\\dt x\nSELECT 3;', { line: 20 })),
    ).toEqual([
      [1, 10, 'SELECT 1'],
      [2, 11, 'SELECT 2'],
      [3, 21, 'SELECT 3'],
    ]);
  });

  test('leaves out what a step does not run', () => {
    const checks = ['check', 'evidence', 'example', 'expect', 'optional'].map((key) =>
      block('SELECT 1', { info: { [key]: 'x' } }),
    );
    expect(
      sqlOf(...checks, block('ls', { language: 'bash' }), block('SELECT 2', { info: { title: 'x' } })),
    ).toEqual([[1, 1, 'SELECT 2']]);
  });

  test('refuses a psql command that does something', () => {
    expect(() => sqlOf(block("SELECT 1;\n\\copy t from 'f'", { line: 7 }))).toThrow(SqlSyntaxError);
    expect(() => sqlOf(block("SELECT 1;\n\\copy t from 'f'", { line: 7 }))).toThrow(
      /\\copy is a command of psql/,
    );
  });

  test('has a hash that changes with every text and place', () => {
    const hashes = ['SELECT 1; SELECT 2', 'SELECT 2; SELECT 1', 'SELECT 1;  SELECT  2', 'SELECT 1'].map(
      (sql) => planFromSql(sql).hash,
    );
    expect(new Set(hashes).size).toBe(4);
    expect(planFromSql('SELECT 1 ; SELECT 2 -- x').hash).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('words', () => {
  test.each([
    [
      'ALTER TABLE codebase_snapshots RENAME TO detection_events',
      'Renames table codebase_snapshots to detection_events',
    ],
    ['ALTER TABLE t ADD a int, ADD b int, ADD c int', 'Adds columns a, b and c to t'],
    ['ALTER TABLE t DROP a, DROP b', 'Drops columns a and b of t and every value in them'],
    [
      'ALTER TABLE t ALTER a SET NOT NULL, ALTER b TYPE text',
      'Requires a value in t.a and changes the type of t.b to text',
    ],
    ['UPDATE t SET a = 1', 'Sets a in every row of t'],
    ['UPDATE t SET a = u.a FROM u WHERE u.b = t.b', 'Sets a in rows of t, with values from u'],
    ['INSERT INTO t SELECT * FROM u', 'Adds rows to t from u'],
    ['DELETE FROM t WHERE a = 1', 'Deletes rows of t'],
    ['DELETE FROM t', 'Deletes every row of t'],
    ['DROP TABLE t', 'Drops table t and every row in it'],
    ['SELECT 1', 'Changes nothing'],
    ['CREATE UNIQUE INDEX i ON t (a)', 'Creates the unique index i on t'],
  ])('%s', (sql, words) => {
    const [statement] = planFromSql(sql).steps[0]?.statements ?? [];
    expect(statement && wordsOf(statement)).toBe(words);
  });

  test('what is not understood says so', () => {
    const [statement] = planFromSql('DO $$ BEGIN PERFORM f(); END $$').steps[0]?.statements ?? [];
    expect(statement && wordsOf(statement)).toMatch(/^Not understood: /);
  });

  test("every statement of the user's document has words of its own", () => {
    const all = firstEdition().steps.flatMap((step) => step.statements.map((one) => wordsOf(one)));
    expect(all.filter((words) => words === '' || /understood/.test(words))).toEqual([]);
  });
});
