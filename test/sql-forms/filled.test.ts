/** The copy's table made with its rows in one statement: when, and that values are stored as INSERT stores them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import type { Action } from '../../src/sql/procedure/types.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { shippedEdition } from '../sql/documents.ts';
import { migrated } from '../support/states.ts';
import { FORMS, inForm, inFormOn, offered } from './support.ts';
import { ADDING, BASE } from './zoo.ts';

let bench: Bench;

beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});

afterAll(() => bench.close());

async function copyOf(plant: readonly string[], sql: string): Promise<Action[]> {
  const { offers } = await inFormOn(bench, [...BASE, ...plant], planFromSql(sql), 'as-written');
  return offered(offers, 'copy-and-swap').procedure?.actions ?? [];
}

const making = (actions: readonly Action[]): string | undefined =>
  actions.find(({ sql }) => sql.includes('FROM "public"."t"') && !sql.includes('count(*)'))?.command;

describe('one statement makes the table with its rows', () => {
  it('where every column comes out as it has to be', async () => {
    const actions = await copyOf([], ADDING);
    expect(making(actions)).toBe('CREATE TABLE');
    const at = actions.findIndex(({ sql }) => sql.includes('FROM "public"."t"'));
    expect(actions.slice(at - 1, at + 3).map(({ sql }) => sql.split('\n')[0])).toEqual([
      'SET LOCAL parallel_tuple_cost = 0',
      'CREATE TABLE "backout_archive"."u" ("id", "kept", "num", "made") AS',
      'SET LOCAL parallel_tuple_cost TO DEFAULT',
      'ALTER TABLE "backout_archive"."u"',
    ]);
  });

  it.each([
    ['storage', ['ALTER TABLE t ALTER kept SET STORAGE EXTERNAL'], ADDING],
    ['compression', ['ALTER TABLE t ALTER kept SET COMPRESSION pglz'], ADDING],
    ['a fill factor', ['ALTER TABLE t SET (fillfactor = 70)'], ADDING],
    ['a generated column', ['ALTER TABLE t ADD COLUMN w int GENERATED ALWAYS AS (id) STORED'], ADDING],
    ['a list that is set', ['ALTER TABLE t ADD COLUMN l varchar(3)[]'], `UPDATE t SET l = ARRAY['abc'];`],
    ['a type of fixed length', ['ALTER TABLE t ADD COLUMN c char(3)'], `UPDATE t SET c = kept;`],
    ['bits', ['ALTER TABLE t ADD COLUMN b varbit(3)'], `UPDATE t SET b = B'101'::varbit;`],
    ['an expression of unknown type', [], 'UPDATE t SET num = abs(num);'],
  ])('and not with %s', async (_name, plant, sql) => {
    expect(making(await copyOf(plant, sql))).toBe('INSERT');
  });

  it('which the server works out with several processes', async () => {
    const { procedure } = await inForm(
      migrated,
      { ...shippedEdition(), steps: shippedEdition().steps.slice(0, 1) },
      'copy-and-swap',
    );
    const sql = procedure?.actions.find(({ sql }) => sql.startsWith('CREATE TABLE'))?.sql ?? '';
    const other = await openBench({ state: migrated });
    try {
      const { session } = other;
      await session.query('CREATE SCHEMA backout_archive');
      await session.query('BEGIN');
      await session.query('SET LOCAL search_path = public, pg_temp');
      await session.query('SET LOCAL min_parallel_table_scan_size = 0');
      await session.query('SET LOCAL parallel_setup_cost = 0');
      await session.query('SET LOCAL parallel_tuple_cost = 0');
      const { rows } = await session.query(`EXPLAIN ${sql}`);
      expect(rows.map((row) => String(row['QUERY PLAN'])).join('\n')).toMatch(/Gather/);
      await session.query('ROLLBACK');
    } finally {
      await other.close();
    }
  });
});

const VALUES = [
  ['spaces beyond the length', "'abc' || '    '", 'varchar(4)'],
  ['characters of several bytes', "'äöüß'", 'varchar(4)'],
  ['a literal', "'abcd'", 'varchar(4)'],
  ['numbers of each kind', 'COALESCE((num::text)::float, 1.25)', 'double precision'],
  ['rounding', "COALESCE((num::text || '.125')::numeric, 0.005)", 'numeric(6,2)'],
  ['whole numbers', "COALESCE((num::text || '.5')::numeric, 1)", 'integer'],
  ['times', "COALESCE('2024-05-05 05:05:05.6'::timestamp, NULL)", 'timestamp(0)'],
  ['nothing, in some', "CASE WHEN num > 3 THEN NULL ELSE 'abcd' END", 'varchar(4)'],
] as const;

describe('values are stored as INSERT stores them', () => {
  it.each(VALUES)('%s', async (_name, value, type) => {
    const sql = `ALTER TABLE t ADD COLUMN made ${type}; UPDATE t SET made = (${value})${type.startsWith('varchar') ? '::text' : ''};`;
    const outcomes = [];
    for (const form of FORMS) {
      const { outcome, procedure } = await inFormOn(bench, BASE, planFromSql(sql), form);
      if (form === 'copy-and-swap') expect(making(procedure?.actions ?? [])).toBe('CREATE TABLE');
      outcomes.push({ rows: outcome?.rows['t'], columns: outcome?.definitions[0]?.columns });
    }
    expect(outcomes[0]?.rows).toHaveLength(60);
    expect(outcomes.slice(1)).toEqual([outcomes[0], outcomes[0]]);
  });

  it.each([
    ['a text', `'abcde'::text`, 'varchar(4)', '22001'],
    ['a literal', `'abcde'`, 'varchar(4)', '22001'],
    ['a number', '70000 + num - num', 'smallint', '22003'],
    ['more digits than there is room for', '12345.6::numeric', 'numeric(6,2)', '22003'],
  ])('and refused as INSERT refuses them: %s', async (_name, value, type, sqlstate) => {
    const sql = `ALTER TABLE t ADD COLUMN made ${type}; UPDATE t SET made = ${value};`;
    for (const form of FORMS)
      await expect(inFormOn(bench, BASE, planFromSql(sql), form), form).rejects.toMatchObject({ sqlstate });
  });
});
