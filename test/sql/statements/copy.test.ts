/** COPY with its rows in the text: the same rows as psql's, as INSERT. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openIn } from '../../../src/runbook/values/scan.ts';
import { withCopiesInserted } from '../../../src/sql/copy/inline.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { planFromSql, wordsOf } from '../../../src/sql/plan.ts';
import { openBench, type Bench } from '../../postgres/support.ts';
import { caseWith, dump, look, offerOf, rollBack, roundTrip, states } from '../objects/support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});
afterAll(() => bench.close());

const text = (...lines: string[]): string => lines.join('\n');

describe('the text', () => {
  test('rows become values, line by line; what follows stays where it is', () => {
    const sql = text(
      'SELECT 1;',
      'COPY public."T x" (a, "b c")',
      '  FROM stdin;',
      String.raw`1	it's \\ a\ttab\nand\x41\101`,
      String.raw`\N	\\N`,
      '\\.',
      '',
      'DELETE FROM u;',
    );
    expect(withCopiesInserted(sql).split('\n')).toEqual([
      'SELECT 1;',
      'INSERT /* COPY public."T x" (a, "b c") FROM stdin */ INTO public."T x" (a, "b c") OVERRIDING SYSTEM VALUE VALUES',
      '',
      String.raw`('1', E'it''s \\ a` + '\t' + String.raw`tab\nandAA'),`,
      String.raw`(NULL, E'\\N')`,
      ';',
      '',
      'DELETE FROM u;',
    ]);
    const { steps } = planFromSql(sql);
    expect(steps[0]?.statements.map(({ line }) => line)).toEqual([1, 2, 8]);
    expect(steps[0]?.statements[1] && wordsOf(steps[0].statements[1])).toBe(
      'Adds 2 rows to public.T x: a COPY, sent as INSERT',
    );
  });

  test('options of the text format, and a COPY without rows', () => {
    const sql = text(
      "COPY t FROM STDIN (FORMAT text, DELIMITER '|', NULL '-');",
      '1|-|',
      '\\.',
      'COPY t FROM stdin;',
      '\\.',
    );
    expect(withCopiesInserted(sql).split('\n')).toEqual([
      'INSERT /* COPY t FROM stdin */ INTO t OVERRIDING SYSTEM VALUE VALUES',
      "('1', NULL, '')",
      ';',
      '-- COPY t FROM stdin: no rows',
      '',
    ]);
  });

  test('what is in a function, a string or a comment is none', () => {
    const sql = text(
      'SELECT $$',
      'COPY t FROM stdin;',
      '1',
      '\\.',
      '$$;',
      '/*',
      'COPY t FROM stdin;',
      '\\.',
      '*/',
    );
    expect(withCopiesInserted(sql)).toBe(sql);
  });

  test('no value is asked for in rows', () => {
    const sql = text('COPY t FROM stdin;', ":name it's <x> \\N", '\\.', 'SELECT :other;');
    expect(openIn(sql).map((place) => (place.kind === 'open' ? place.name : place.text))).toEqual(['other']);
  });

  test.each([
    [text('COPY t FROM stdin WITH (FORMAT csv);', '1,2', '\\.'), /text format/],
    [text('COPY t FROM stdin;', String.raw`\xff`, '\\.'), /text format/],
    [text('COPY t FROM stdin;', ...Array.from({ length: 2001 }, () => '1'), '\\.'), /at most 2000/],
    [text('COPY t FROM stdin;', 'x'.repeat(600_000), '\\.'), /500000 characters/],
    ["COPY t FROM '/srv/t.csv'", /reads \/srv\/t\.csv on the server/],
    ["COPY t TO '/srv/t.csv'", /writes \/srv\/t\.csv on the server/],
    ["COPY t FROM PROGRAM 'curl x'", /runs a program/],
    ["COPY t TO PROGRAM 'curl x'", /runs a program/],
    ['COPY (DELETE FROM t RETURNING *) TO STDOUT', /writes/],
  ])('%s is not understood', (sql, why) => {
    const [effect] = planFromSql(sql).steps[0]?.statements[0]?.effects ?? [];
    expect(effect?.kind === 'not-understood' ? effect.what : '').toMatch(why);
  });

  test('COPY … TO STDOUT only reads', () => {
    const effects = planFromSql(
      'COPY s.t TO STDOUT; COPY (SELECT a FROM u) TO STDOUT',
    ).steps[0]?.statements.map((one) => one.effects);
    expect(effects).toEqual([[{ kind: 'select', reads: ['s.t'] }], [{ kind: 'select', reads: ['u'] }]]);
  });
});

const TABLE = `CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v varchar(5), n numeric(6,2), j jsonb,
  b bytea, ts timestamptz, arr text[], p point, d text DEFAULT 'given', up text GENERATED ALWAYS AS (upper(v)) STORED)`;
const COPY = text(
  'COPY t (a, v, n, j, b, ts, arr, p) FROM stdin;',
  String.raw`7	it's	1.5	{"k": "a\\"b"}	\\x00ff	2024-02-03 04:05:06+02	{a,"b,c",NULL}	(1,2)`,
  String.raw`8	\N	\N	\N	\N	\N	{}	\N`,
  String.raw`9	\t	-1	[]	\\x	infinity	\N	\N`,
  '\\.',
);

test('the rows are those of psql', async () => {
  const one = await caseWith(bench, 'ours', [TABLE], COPY);
  await bench.session.query('CREATE SCHEMA psqls');
  await bench.session.query('SET search_path = psqls');
  await bench.session.query(TABLE);
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', bench.database.url], {
    input: `SET search_path = psqls;\n${COPY}\n`,
  });
  await roundTrip(one);
  const rows = async (schema: string): Promise<string[]> =>
    (await dump(bench.session, schema)).filter((line) => line.startsWith('row of'));
  expect(await rows('ours')).toEqual(await rows('psqls'));
});

test('many rows are found together: all there, or some of them', async () => {
  const lines = Array.from({ length: 450 }, (_, at) => `${at}\tname ${at % 7}\t\\N`);
  const down = text('COPY m FROM stdin;', ...lines, '\\.');
  const one = await caseWith(bench, 'many', ['CREATE TABLE m (a bigint PRIMARY KEY, b text, c json)'], down);
  expect(states(await look(one))).toEqual(['pending']);
  await rollBack(one);
  expect(states(await look(one))).toEqual(['applied']);
  await bench.session.query('DELETE FROM many.m WHERE a IN (3, 444)');
  const found = await look(one);
  expect(found.position.steps[0]?.statements[0]).toMatchObject({
    state: 'pending',
    reason: /^2 that it adds/,
  });
});

test('rows with fewer values than the table has columns are refused, as COPY does', async () => {
  const one = await caseWith(
    bench,
    'few',
    ['CREATE TABLE m (a int, b int)'],
    text('COPY m FROM stdin;', '1', '\\.'),
  );
  const offer = offerOf(one, await look(one), 'r');
  expect(JSON.stringify(offer.procedure?.notUndoable)).toMatch(/its rows have 1 values, and m has 2 columns/);
});
