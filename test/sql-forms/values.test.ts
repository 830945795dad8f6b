/** Values that do not fit stop every form as they stop the statements: nothing is cut off without a word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { FORMS, inFormOn, offered } from './support.ts';
import { BASE, PLAN } from './zoo.ts';

let bench: Bench;

beforeAll(async () => {
  await loadParser();
  bench = await openBench();
});

afterAll(() => bench.close());

const LONG = `UPDATE t SET gone = repeat('g', 300) WHERE id = 7`;

describe('a value that does not fit', () => {
  it.each(FORMS)('is refused by %s: a text that is too long', async (form) => {
    const course = inFormOn(bench, [...BASE, LONG], planFromSql(PLAN), form);
    await expect(course).rejects.toMatchObject({ sqlstate: '22001' });
    const { rows } = await bench.session.query('SELECT count(*) AS n FROM public.t WHERE gone IS NOT NULL');
    expect(rows).toEqual([{ n: '40' }]);
  });

  it.each(FORMS)('is refused by %s: a NULL where none may be', async (form) => {
    const plan = planFromSql('UPDATE t SET kept = gone; ALTER TABLE t ALTER COLUMN kept SET NOT NULL;');
    await expect(inFormOn(bench, BASE, plan, form)).rejects.toMatchObject({ sqlstate: '23502' });
  });

  it.each(FORMS)('is refused by %s: a cast that fails', async (form) => {
    const plan = planFromSql('UPDATE t SET num = gone::int WHERE gone IS NOT NULL;');
    await expect(inFormOn(bench, BASE, plan, form)).rejects.toMatchObject({ sqlstate: '22P02' });
  });

  it('is not cut off where it only passes through a shorter column', async () => {
    const plan = planFromSql(
      `ALTER TABLE t ADD COLUMN short varchar(5);
       UPDATE t SET short = gone; UPDATE t SET kept = short, short = 'x';`,
    );
    await expect(inFormOn(bench, [...BASE, LONG], plan, 'as-written')).rejects.toMatchObject({
      sqlstate: '22001',
    });
    for (const form of ['rewrite', 'copy-and-swap'] as const) {
      await inFormOn(bench, [...BASE, LONG], plan, form);
      const { rows } = await bench.session.query(
        'SELECT length(kept) AS n, short FROM public.t WHERE id = 7',
      );
      expect(rows, form).toEqual([{ n: '300', short: 'x' }]);
    }
  });
});

describe('values in between', () => {
  it('are worked out once in the copy, and stand where they are used otherwise', async () => {
    const plan = planFromSql(
      `ALTER TABLE t ADD COLUMN made text;
       UPDATE t SET made = upper(gone) WHERE made IS NULL;
       UPDATE t SET kept = made || made, num = num + 1 WHERE made LIKE 'G%';`,
    );
    const { offers } = await inFormOn(bench, BASE, plan, 'as-written');
    const copy = offered(offers, 'copy-and-swap').procedure?.actions.find(({ sql }) =>
      sql.includes('SELECT'),
    );
    expect(copy?.sql.match(/upper\(/g)).toHaveLength(1);
    expect(copy?.sql).toMatch(/OFFSET 0/);
    expect(copy?.sql).not.toMatch(/made IS NULL/i);
    const rewrite = offered(offers, 'rewrite').procedure?.actions.find(({ sql }) => sql.includes('USING'));
    expect(rewrite?.sql.match(/upper\(/g)?.length).toBeGreaterThan(3);
    expect(rewrite?.sql).not.toMatch(/SELECT/);
  });
});
