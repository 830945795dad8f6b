import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { nextStatements, positionOf } from '../../src/sql/position.ts';
import { applyEffects, catalogAfter } from '../../src/sql/symbolic.ts';
import type { Statement } from '../../src/sql/types.ts';
import { definitions, openDatabase, type TestDatabase } from './database.ts';
import { ddl, SEED } from './generated.ts';

/** So many more plans are tried with `npm run test:all`. */
const MORE = process.env['BACKOUT_TEST'] === 'all' ? 4 : 1;

let db: TestDatabase;

beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
});

afterAll(() => db.close());

function statementsOf(sqls: readonly string[]): Statement[] {
  return planFromSql(sqls.join(';\n')).steps[0]?.statements ?? [];
}

/** Runs what the server takes; what it refuses is left out. */
async function accepted(sqls: readonly string[]): Promise<string[]> {
  const ran: string[] = [];
  for (const sql of sqls) {
    const ok = await db.pglite.query(sql).then(
      () => true,
      () => false,
    );
    if (ok) ran.push(sql);
  }
  return ran;
}

test('the catalog worked out is the catalog the server has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ddl, { minLength: 1, maxLength: 12 }), async (sqls) => {
      await db.empty();
      await db.pglite.exec(SEED);
      const before = await db.catalog();
      const untouched = structuredClone(before);
      for (const sql of sqls) {
        const now = await db.catalog();
        const [ran] = await accepted([sql]);
        if (ran === undefined) continue;
        const after = applyEffects(
          now,
          statementsOf([ran]).flatMap((one) => one.effects),
        );
        expect(definitions(after), ran).toEqual(definitions(await db.catalog()));
      }
      expect(before).toEqual(untouched);
    }),
    { seed: 20261122, numRuns: 30 * MORE },
  );
});

test('a plan broken off anywhere is never called further than it is, and can be finished from there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ddl, { minLength: 1, maxLength: 8 }), fc.nat(), async (sqls, at) => {
      await db.empty();
      await db.pglite.exec(SEED);
      const ran = await accepted(sqls);
      const whole = await db.catalog();
      const plan = planFromSql(ran.join(';\n'));
      const k = at % (ran.length + 1);
      await db.empty();
      await db.pglite.exec(SEED);
      await accepted(ran.slice(0, k));
      const catalog = await db.catalog();
      const position = await positionOf(plan, catalog, db.session);
      const [step] = position.steps;
      if (step?.statements.some((one) => one.state === 'conflict')) {
        expect(k, 'a plan that has not begun is no conflict').toBeGreaterThan(0);
        return;
      }
      for (const statement of nextStatements(plan, position)) await db.pglite.query(statement.sql);
      expect(definitions(await db.catalog())).toEqual(definitions(whole));
      expect(definitions(catalogAfter(plan, catalog, position))).toEqual(definitions(whole));
    }),
    {
      seed: 20261122,
      numRuns: 40 * MORE,
      // Found at random: what is renamed and then goes with its table, or with a key that it refers to.
      examples: [
        [['ALTER INDEX a_x RENAME TO i1', 'DROP TABLE a CASCADE'], 0],
        [['ALTER TABLE b RENAME CONSTRAINT b_fk TO k', 'ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE'], 0],
      ],
    },
  );
});
