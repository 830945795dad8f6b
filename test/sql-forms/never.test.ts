/** An UPDATE that cannot find a row after the one before it is left out of the forms, and no other is. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mappingOf } from '../../src/sql/forms/mapping.ts';
import { selectSql } from '../../src/sql/forms/render.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { readDefinitions } from '../../src/postgres/definition.ts';
import { execute, openBench, type Bench } from '../postgres/support.ts';
import { FORMS, inFormOn } from './support.ts';

const TABLE = 'CREATE TABLE t (id int PRIMARY KEY, j jsonb, s text)';
/** Objects with all, some and none of the keys, lists, scalars, nothing. */
const ROWS = `INSERT INTO t (id, j, s) VALUES
  (1, '{"a": 1, "b": 2, "c": 3}', 'x'), (2, '{"a": 1}', 'x'), (3, '{}', NULL), (4, '["a", "b", "a"]', '{}'),
  (5, '["c"]', NULL), (6, '"a"', 'x'), (7, 'null', 'x'), (8, NULL, 'x'), (9, '{"a": {"a": 1}, "b": null}', 'y')`;

const WITHOUT = `UPDATE t SET j = CASE
    WHEN jsonb_typeof(j) = 'object' AND j ?& ARRAY['a', 'b'] THEN j - ARRAY['a', 'b'] ELSE j END;`;
const again = (condition: string, value = `j - ARRAY['a', 'b']`): string =>
  `${WITHOUT} UPDATE t SET j = ${value} WHERE ${condition};`;

let bench: Bench;

beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  await execute(bench.session, 'public', [TABLE, ROWS]);
});

afterAll(() => bench.close());

async function selectOf(sql: string): Promise<string> {
  const [table] = await readDefinitions(bench.session, 'public', ['t']);
  if (!table) throw new Error('no table');
  const mapping = mappingOf(table, planFromSql(sql).steps[0]?.statements ?? [], 'public');
  if (typeof mapping === 'string') throw new Error(mapping);
  return selectSql(mapping, 't');
}

const OBJECT = `jsonb_typeof(j) = 'object'`;

describe('is left out', () => {
  it.each([
    ['the same keys once more', again(`${OBJECT} AND j ?& ARRAY['a', 'b']`)],
    ['the other way round', again(`j ?& ARRAY['a', 'b'] AND ${OBJECT}`)],
    ['more is asked for', again(`${OBJECT} AND s = j->>'a' AND j = j AND j ?& ARRAY['a', 'b']`)],
    ['one key was enough', again(`${OBJECT} AND j ?& ARRAY['a', 'b'] AND j ? 'b'`)],
  ])('%s', async (_name, sql) => {
    expect(await selectOf(sql)).toBe(await selectOf(WITHOUT));
  });
});

const KEPT: [string, string][] = [
  ['the other way may have it', again(`j ?& ARRAY['a', 'b']`)],
  ['another key is asked for', again(`${OBJECT} AND j ?& ARRAY['c']`, `'{}'`)],
  ['one of several will do', again(`${OBJECT} AND (j ?& ARRAY['a', 'b'] OR j ? 'c')`)],
  ['one of them may be left', again(`${OBJECT} AND j ?| ARRAY['a', 'c']`)],
  ['what went out is not asked for', again(`${OBJECT} AND j IS NOT NULL`, `'[]'`)],
  [
    'it was put back',
    `${WITHOUT} UPDATE t SET j = j || '{"a": 1, "b": 2}' WHERE ${OBJECT}; ${again('j ? s')}`,
  ],
  ['another column is asked', again(`${OBJECT} AND s::jsonb ?& ARRAY['a', 'b']`)],
];

describe('stays', () => {
  it.each(KEPT.slice(0, 5))('%s', async (_name, sql) => {
    expect(await selectOf(sql)).not.toBe(await selectOf(WITHOUT));
  });

  it.each([
    ['a cast', `(j->>'c')::int > 1`],
    ['a constant that is read as JSON and may be none', `j <> 'none'`],
  ])('when working its condition out could have failed: %s', async (_name, more) => {
    const sql = again(`${OBJECT} AND j ?& ARRAY['a', 'b'] AND ${more}`);
    expect(await selectOf(sql)).not.toBe(await selectOf(WITHOUT));
  });
});

describe('the rows are the same either way', () => {
  it.each([...KEPT.slice(1, 5), ['left out', again(`${OBJECT} AND j ?& ARRAY['a', 'b']`)]])(
    '%s',
    async (_name, sql) => {
      const outcomes = [];
      for (const form of FORMS) {
        const { outcome } = await inFormOn(bench, [TABLE, ROWS], planFromSql(sql), form);
        outcomes.push(outcome?.rows['t']);
      }
      expect(outcomes[0]).toHaveLength(9);
      expect(outcomes.slice(1)).toEqual([outcomes[0], outcomes[0]]);
    },
  );
});
