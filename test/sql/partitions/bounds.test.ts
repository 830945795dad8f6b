import { beforeAll, expect, test } from 'vitest';
import { boundText, sameBound } from '../../../src/sql/family/bounds.ts';
import { effectsOf } from '../../../src/sql/effects.ts';
import { familyWords } from '../../../src/sql/family/words.ts';
import { loadParser, parseOne } from '../../../src/sql/parse.ts';

beforeAll(loadParser);

const SAME: [string, string, boolean][] = [
  ['FOR VALUES FROM (1) TO (10)', "FOR VALUES FROM ('1') TO ('10')", true],
  [
    "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00')",
    true,
  ],
  [
    "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "FOR VALUES FROM ('2024-01-01 01:00:00') TO ('2025-01-01 00:00:00')",
    false,
  ],
  ['FOR VALUES FROM (MINVALUE) TO (5)', 'FOR VALUES FROM (minvalue) TO (5)', true],
  ['FOR VALUES FROM (MINVALUE) TO (5)', 'FOR VALUES FROM (1) TO (5)', false],
  ["FOR VALUES IN ('b', 'a', NULL)", "FOR VALUES IN ('a', NULL, 'b')", true],
  ["FOR VALUES IN ('a')", "FOR VALUES IN ('a', 'b')", false],
  ["FOR VALUES IN (lower('A'))", "FOR VALUES IN ('a')", false],
  ['FOR VALUES WITH (modulus 4, remainder 0)', 'FOR VALUES WITH (modulus 4, remainder 0)', true],
  ['FOR VALUES WITH (modulus 4, remainder 1)', 'FOR VALUES WITH (modulus 4, remainder 0)', false],
  ['DEFAULT', 'DEFAULT', true],
  ['DEFAULT', "FOR VALUES IN ('a')", false],
];

test.each(SAME)('%s and %s: %s', (one, other, same) => {
  expect(sameBound(one, other)).toBe(same);
});

test.each(SAME.map(([one]) => one))('%s is read and written', (bound) => {
  const tree = parseOne(`CREATE TABLE c PARTITION OF p ${bound}`);
  const { partbound } = 'CreateStmt' in tree ? tree.CreateStmt : {};
  expect(sameBound(boundText(partbound ?? {}), bound) || bound.includes('lower')).toBe(true);
});

const WORDS: [string, (string | null)[]][] = [
  ["ALTER TABLE p ATTACH PARTITION c FOR VALUES IN ('x')", ["makes c a partition of p, FOR VALUES IN ('x')"]],
  ['ALTER TABLE p DETACH PARTITION c', ['takes partition c out of p, with its rows']],
  ['ALTER TABLE c INHERIT p', ['lets c inherit from p']],
  [
    'CREATE TABLE p (a int) PARTITION BY RANGE (a, lower(b))',
    [null, 'partitions it by ranges of a, an expression'],
  ],
];

test.each(WORDS)('%s in words', (sql, words) => {
  expect(effectsOf(parseOne(sql)).map(familyWords)).toEqual(words);
});
