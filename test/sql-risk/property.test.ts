/** Random rows: what is said of them is what the real statements do. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import fc from 'fast-check';
import type { AssessedRisk } from '../../src/sql/types.ts';
import { clear, openFixture, riskOf, type Fixture } from './support.ts';

const PLAN = `
  ALTER TABLE events ADD COLUMN event_type varchar(20), ADD COLUMN confidence float, ADD COLUMN data jsonb;
  UPDATE events SET event_type = COALESCE(metadata->>'event_type', hint, 'unknown'),
    confidence = COALESCE((metadata->>'confidence')::float, 1.0), data = COALESCE(metadata, '{}'::jsonb)
    WHERE event_type IS NULL;
  UPDATE events SET metadata = metadata - 'event_type' WHERE jsonb_typeof(metadata) <> 'array';
  ALTER TABLE events ALTER COLUMN hint SET NOT NULL`;
const MAIN = `UPDATE events SET event_type = COALESCE(metadata->>'event_type', hint, 'unknown'),
  confidence = COALESCE((metadata->>'confidence')::float, 1.0), data = COALESCE(metadata, '{}'::jsonb)`;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.db.close());

const word = fc.constantFrom('scan', 'x'.repeat(20), 'x'.repeat(21), `${'y'.repeat(20)}  `, '', 'unknown');
const confidence = fc.oneof(
  fc.double(),
  fc.constantFrom('high', '', '1e400', 'NaN', ' 1.5 ', '1e-400', '0.1', '-Infinity', '1,5', '0x1f', '1e5'),
  fc.constant(null),
  fc.boolean(),
);
const metadata = fc.oneof(
  { weight: 5, arbitrary: fc.record({ event_type: word, confidence }, { requiredKeys: [] }) },
  fc.constantFrom(null, [], ['event_type'], 5, 'text', {}),
);
const row = fc.record({
  metadata: fc.option(metadata, { nil: undefined }),
  hint: fc.option(word, { nil: undefined }),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

async function fill(rows: readonly Row[]): Promise<void> {
  await clear(fixture, 'CREATE TABLE events (id int PRIMARY KEY, metadata jsonb, hint varchar(40))');
  for (const [at, one] of rows.entries()) {
    const text = one.metadata === undefined ? null : JSON.stringify(one.metadata);
    await fixture.db.query('INSERT INTO events VALUES ($1, $2::text::jsonb, $3)', [
      at + 1,
      text,
      one.hint ?? null,
    ]);
  }
}

function keys(risk: AssessedRisk, index: number, column: string, kind: string): number[] {
  const found = risk.failing.find((one) => one.index === index && one.column === column && one.kind === kind);
  return (found?.keys ?? []).map(Number);
}

function rowsMade(risk: AssessedRisk, column: string): number {
  return risk.invented.find((one) => one.index === 2 && one.column === column)?.rows ?? 0;
}

/** Each row's own fate: null when the statement takes it. */
async function fate(sql: string, id: number): Promise<string | null> {
  return fixture.db.query(sql.replace('$id', String(id))).then(
    () => null,
    (error: unknown) => (error as { code: string }).code,
  );
}

/** So many sets of rows for each way of asking the server. */
const RUNS = process.env['BACKOUT_TEST'] === 'all' ? 50 : 12;

it.each([150000, 180000])('predicts failing and invented rows exactly (version %i)', async (version) => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 10 }), async (rows) => {
      await fill(rows);
      const risk = await riskOf(fixture, PLAN, version);
      expect(risk.unchecked).toEqual([]);
      const [first = ''] = PLAN.split(';');
      await fixture.db.exec(first);
      const bad = new Set([...keys(risk, 2, 'event_type', 'length'), ...keys(risk, 2, 'confidence', 'cast')]);
      for (const id of rows.keys()) {
        const code = await fate(`${MAIN} WHERE id = $id`, id + 1);
        expect([id + 1, code !== null]).toEqual([id + 1, bad.has(id + 1)]);
      }
      const counted = async (condition: string): Promise<number> => {
        const { rows: found } = await fixture.db.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM events WHERE event_type IS NOT NULL AND ${condition}`,
        );
        return found[0]?.n ?? -1;
      };
      // Rows on which one column fails and another is made up are counted with the column that is made up.
      const alsoBad = async (condition: string, ids: readonly number[]): Promise<number> => {
        const { rows: found } = await fixture.db.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM events WHERE id = ANY($1::int[]) AND ${condition}`,
          [ids],
        );
        return found[0]?.n ?? -1;
      };
      const noType = `metadata->>'event_type' IS NULL AND hint IS NULL`;
      const noConfidence = `metadata->>'confidence' IS NULL`;
      expect(rowsMade(risk, 'event_type')).toBe(
        (await counted(`event_type = 'unknown' AND ${noType}`)) + (await alsoBad(noType, [...bad])),
      );
      expect(rowsMade(risk, 'confidence')).toBe(
        (await counted(`confidence = 1.0 AND ${noConfidence}`)) + (await alsoBad(noConfidence, [...bad])),
      );
      expect(rowsMade(risk, 'data')).toBe(
        (await counted(`data = '{}' AND metadata IS NULL`)) + (await alsoBad('metadata IS NULL', [...bad])),
      );
      const scalar = keys(risk, 3, 'metadata', 'cast');
      for (const id of rows.keys()) {
        const sql = `UPDATE events SET metadata = metadata - 'event_type' WHERE jsonb_typeof(metadata) <> 'array' AND id = $id`;
        expect([id + 1, (await fate(sql, id + 1)) !== null]).toEqual([id + 1, scalar.includes(id + 1)]);
      }
      const empty = rows.flatMap((one, at) => (one.hint === undefined ? [at + 1] : []));
      expect(keys(risk, 4, 'hint', 'not-null')).toEqual(empty);
    }),
    { numRuns: RUNS },
  );
});
