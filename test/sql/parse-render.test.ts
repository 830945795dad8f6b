/** What is rendered means what was read, and trees are told apart by what they say, not by where it stood. */
import { parseSync } from 'libpg-query';
import type { Node } from '@pgsql/types';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { renderStatement } from '../../src/sql/parse-render.ts';
import { sameTree, withoutLocations } from '../../src/sql/parse-tree.ts';

beforeAll(() => loadParser());

const treeOf = (sql: string): Node => parseSync(sql).stmts?.[0]?.stmt as Node;

describe('two trees', () => {
  const SELECT = `SELECT a::text, 'x' FROM t WHERE b = ARRAY[1, 2]`;
  it.each([
    ['SELECT  a::text,\n 2 FROM t', 'SELECT CAST(a AS text), 2 FROM t', true],
    [SELECT, SELECT.replace("'x'", "'y'"), false],
    [SELECT, SELECT.replace('[1, 2]', '[1]'), false],
    [SELECT, SELECT.replace('[1, 2]', '[2, 1]'), false],
    [SELECT, SELECT.replace(' WHERE b = ARRAY[1, 2]', ''), false],
    ['DELETE FROM t', 'SELECT FROM t', false],
  ])('%s | %s: %s', (one, other, same) => {
    const [first, second] = [treeOf(one), treeOf(other)];
    expect(sameTree(first, second)).toBe(same);
    expect(sameTree(second, first)).toBe(same);
    // The long way round says the same.
    const text = [first, second].map((tree) => JSON.stringify(withoutLocations(tree)));
    expect(text[0] === text[1]).toBe(same);
  });

  it('a field without a value is a field that is not there', () => {
    expect(sameTree({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameTree({ a: 1 }, { a: 1, b: undefined, location: 7 })).toBe(true);
    expect(sameTree({ a: 1 }, { a: 1, b: false })).toBe(false);
  });
});

describe('rendering', () => {
  it('gives the same text again, and another text once the tree was changed', () => {
    const tree = treeOf(`UPDATE t SET a = 'x' WHERE b = 1`);
    const text = renderStatement(tree);
    expect(renderStatement(tree)).toBe(text);
    const change = (tree as { UpdateStmt: { relation: { relname: string } } }).UpdateStmt.relation;
    change.relname = 'other';
    expect(renderStatement(tree)).toBe(text.replace(/UPDATE t\b/, 'UPDATE other'));
  });

  it('refuses what cannot be rendered faithfully, each time', () => {
    const tree = { SelectStmt: { targetList: [], op: 'SETOP_NONE', limitOption: 'LIMIT_OPTION_COUNT' } };
    for (let times = 0; times < 2; times += 1)
      expect(() => renderStatement(tree as Node)).toThrow('could not be rendered faithfully');
  });
});
