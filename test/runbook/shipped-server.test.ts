import { expect, it } from 'vitest';
import { freshDatabase } from '../support/server.ts';
import { writtenSince } from '../support/states.ts';
import { rowsOf } from './database.ts';
import { runPlan, shipped } from './shipped.ts';

it('runs on a real server: checks, evidence, steps and verification', async () => {
  const { runbook, plan } = await shipped();
  const database = await freshDatabase({ state: writtenSince });
  try {
    await database.use(async (db) => {
      for (const { sql, expect: wanted, id } of runbook.stateChecks) {
        const [row] = await rowsOf(db, sql);
        expect([id, Object.values(row ?? {})]).toEqual([id, [wanted]]);
      }
      const holds = await database.use(async () => {
        const found: unknown[] = [];
        for (const { query } of runbook.criteria) {
          if (query) found.push((await rowsOf(db, query.text))[0]);
        }
        return found;
      });
      expect(holds).toMatchObject([
        { holds: false },
        { holds: false, detail: expect.stringContaining('codebase_snapshots 43') },
        { holds: true },
        { holds: true },
        { holds: true, detail: expect.stringMatching(/^Other sessions connected to this database: 1, of /) },
      ]);
      await runPlan(db, plan);
      for (const wanted of runbook.expectations) {
        if (wanted.kind !== 'query' || wanted.expect === undefined) continue;
        const rows = await rowsOf(db, wanted.sql);
        expect(rows.map((row) => String(Object.values(row).at(-1)))).toEqual(rows.map(() => wanted.expect));
        expect(rows.length).toBeGreaterThan(0);
      }
    });
  } finally {
    await database.drop();
  }
});
