/** Each form that is offered ends in the definitions and rows that the statements as written end in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allDifferences } from '../../src/sql/definition-differences.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { inFormOn, offered } from './support.ts';
import { REFUSED, SHAPES } from './refused.ts';
import { ANIMALS, BASE, type Animal } from './zoo.ts';

let bench: Bench;

beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});

afterAll(() => bench.close());

async function check({ plant, plan: sql, refused = {} }: Animal): Promise<void> {
  const plan = planFromSql(sql);
  const planted = [...BASE, ...plant];
  const written = await inFormOn(bench, planted, plan, 'as-written');
  expect(written.offers.map(({ form }) => form).sort()).toEqual(['as-written', 'copy-and-swap', 'rewrite']);
  for (const form of ['rewrite', 'copy-and-swap'] as const) {
    const why = refused[form];
    const offer = offered(written.offers, form);
    if (why) {
      expect(offer.procedure, form).toBeNull();
      expect(offer.refused.join('\n'), form).toMatch(why);
      continue;
    }
    expect(offer.refused, form).toEqual([]);
    const { outcome } = await inFormOn(bench, planted, plan, form);
    const [was, is] = [written.outcome?.definitions ?? [], outcome?.definitions ?? []];
    expect(was.length).toBeGreaterThan(0);
    expect(allDifferences(was, is, { columnOrder: true }), form).toEqual([]);
    expect(outcome?.rows, form).toEqual(written.outcome?.rows);
  }
}

describe('a table with', () => {
  it.each(ANIMALS)('$name', check);
});

describe('refused where something would be lost or break:', () => {
  it.each(REFUSED)('$name', check);
});

describe('refused where the shape does not fit:', () => {
  it.each(SHAPES)('$name', check);
});
