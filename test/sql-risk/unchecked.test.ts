/** What cannot be looked at is said, never left out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clear, openFixture, riskOf, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.db.close());

const ITEMS = `CREATE TABLE items (id bigint PRIMARY KEY, doc jsonb, label text, state varchar(5) NOT NULL DEFAULT 'new');
  INSERT INTO items VALUES
    (1, '{"n":"1","tags":["a","b"]}', 'one', 'new'),
    (2, '{"n":"x","tags":"a"}', NULL, 'old'),
    (10, '["n"]', 'ten', 'new'),
    (11, '5', 'eleven  ', 'gone'),
    (12, NULL, NULL, 'new')`;

describe('what is not looked at is named', () => {
  it('conflicts, statements that are not understood, queries that fail, and what depends on them', async () => {
    await clear(fixture, ITEMS);
    const plan =
      "UPDATE items SET label = 'x'; DO 'BEGIN PERFORM f(); END'; UPDATE items SET state = missing; ALTER TABLE items ALTER state SET NOT NULL";
    const { unchecked } = await riskOf(fixture, plan, 180000, { 'step-1/1': 'conflict' });
    expect(unchecked.map((one) => one.index)).toEqual([1, 2, 3, 4]);
    expect(unchecked[0]?.why).toContain('said so by the test');
    expect(unchecked[1]?.why).toContain('not understood');
    expect(unchecked[2]?.why).toContain('"missing"');
    expect(unchecked[3]?.why).toContain('statement 3 of step-1');
  });

  it('unique constraints, casts without a test, ON CONFLICT, set operations', async () => {
    await clear(fixture, ITEMS);
    const plan = `ALTER TABLE items ADD CONSTRAINT u UNIQUE (label);
      ALTER TABLE items ADD COLUMN k int[];
      UPDATE items SET k = label::int[];
      INSERT INTO items (id, label) VALUES (1, 'again') ON CONFLICT DO NOTHING;
      INSERT INTO items (id, label) SELECT id + 50, label FROM items UNION SELECT 900, 'n'`;
    const { unchecked } = await riskOf(fixture, plan, 150000);
    expect([...new Set(unchecked.map((one) => one.index))]).toEqual([1, 3, 4, 5]);
  });

  it('views are not followed', async () => {
    await clear(fixture, `${ITEMS}; CREATE VIEW seen AS SELECT * FROM items`);
    const { unchecked } = await riskOf(fixture, "UPDATE seen SET label = 'x' WHERE id = 1");
    expect(unchecked).toHaveLength(1);
  });

  it('what is applied is not looked at, and nothing is said of it', async () => {
    await clear(fixture, ITEMS);
    const risk = await riskOf(fixture, "UPDATE items SET label = 'x'; DROP TABLE gone", 180000, {
      'step-1/1': 'applied',
      'step-1/2': 'applied',
    });
    expect({ ...risk, rowsAfter: {} }).toEqual({
      dataAtRisk: [],
      invented: [],
      failing: [],
      unchecked: [],
      rowsAfter: {},
    });
  });
});
