import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/sql/types.ts';
import { freshPglite } from '../support/pglite.ts';
import { firstEditionStatements } from '../support/migration.ts';
import { brokenOff, writtenSince } from '../support/states.ts';
import { contents, definition, emptySchema } from './database.ts';
import { finishPlan, runPlan, shipped } from './shipped.ts';

const TABLES = ['detection_events', 'git_sessions', 'technology_knowledge'] as const;
/** From here on the first edition had dropped the tables that hold what Step 3 needs. */
const WITHOUT_TEMPLATES = firstEditionStatements().indexOf('DROP TABLE technology_templates') + 1;
const CUTS = Array.from({ length: firstEditionStatements().length + 1 }, (_, k) => k);

let db: PGlite;
let plan: Plan;

async function definitions(): Promise<unknown> {
  return Promise.all(TABLES.map((table) => definition(db, table)));
}

async function allRows(): Promise<unknown> {
  return {
    events: await contents(db, 'detection_events'),
    sessions: await contents(db, 'git_sessions'),
    knowledge: await contents(db, 'technology_knowledge', ['id']),
  };
}

describe('a database in which the first edition was broken off', () => {
  let wanted: { definitions: unknown; rows: unknown };

  beforeAll(async () => {
    [db, { plan }] = await Promise.all([freshPglite(), shipped()]);
    await emptySchema(db);
    await writtenSince(db);
    await runPlan(db, plan);
    wanted = { definitions: await definitions(), rows: await allRows() };
  });
  afterAll(() => db.close());

  it('knows all 40 statements of the first edition', () => {
    expect(CUTS).toHaveLength(41);
    expect(WITHOUT_TEMPLATES).toBe(38);
  });

  it.each(CUTS.filter((k) => k < WITHOUT_TEMPLATES))(
    'after %i statements is finished to the same definitions and rows',
    async (k) => {
      await emptySchema(db);
      await brokenOff(db, k, writtenSince);
      await finishPlan(db, plan);
      expect(await definitions()).toEqual(wanted.definitions);
      expect(await allRows()).toEqual(wanted.rows);
    },
  );

  it.each(CUTS.filter((k) => k >= WITHOUT_TEMPLATES))(
    'after %i statements, the templates gone, is finished to the same definitions, and what the patterns held comes back',
    async (k) => {
      await emptySchema(db);
      await brokenOff(db, k, writtenSince);
      await finishPlan(db, plan);
      expect(await definitions()).toEqual(wanted.definitions);
      const packed = `(SELECT count(*)::int AS n FROM technology_knowledge WHERE metadata ? 'embedding')`;
      const restored = `(SELECT count(*)::int AS n FROM technology_knowledge WHERE name <> technology)`;
      const { rows } = await db.query<{ packed: number; restored: number }>(
        `SELECT ${packed} AS packed, ${restored} AS restored`,
      );
      expect(rows[0]).toEqual({ packed: 0, restored: expect.any(Number) });
      expect(rows[0]?.restored).toBeGreaterThan(20);
    },
  );
});
