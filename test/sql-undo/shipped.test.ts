/** The shipped runbook: rolled back and undone, in every form, with rows written before, between and after. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forwardOf } from '../../src/runbook/forward.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import type { ForwardMapping } from '../../src/sql/procedure/types.ts';
import type { Plan } from '../../src/sql/types.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { shipped } from '../runbook/shipped.ts';
import * as states from '../support/states.ts';
import { changes, factsOf, rollBack, rollBackAtOnce, stateOf, undo } from './support.ts';
import { undoProcedure } from '../../src/sql/undo/index.ts';

let plan: Plan;
let runbook: Runbook;
let forward: ForwardMapping[];
let bench: Bench;

beforeAll(async () => {
  ({ plan, runbook } = await shipped());
  forward = forwardOf(runbook);
});
afterEach(() => bench.close());

const FORMS = ['as-written', 'rewrite', 'copy-and-swap'] as const;
/** A step broken off comes back by what the whole run comes back by: more of them with `npm run test:all`. */
const ALL = process.env['BACKOUT_TEST'] === 'all';

describe.each(FORMS)('in the form %s', (form) => {
  it('comes back as it was, and can be rolled back again to the same', async () => {
    bench = await openBench({ state: states.writtenSince });
    const { session } = bench;
    const before = await stateOf(session);
    const forms = await rollBack(session, { run: '20260101-0000-aaaa', plan, form, forward });
    expect(forms.slice(0, 2)).toEqual([form, form]);
    const rolled = await stateOf(session);
    await undo(session, '20260101-0000-aaaa', '20260101-0001-bbbb');
    expect(changes(before, await stateOf(session))).toEqual([]);
    await rollBack(session, { run: '20260101-0002-cccc', plan, form, forward });
    const again = await stateOf(session);
    // Step 3 gives its rows new ids each time.
    delete rolled.rows['technology_knowledge'];
    delete again.rows['technology_knowledge'];
    expect(changes(rolled, again)).toEqual([]);
    await undo(session, '20260101-0002-cccc', '20260101-0003-dddd');
    expect(changes(before, await stateOf(session))).toEqual([]);
  });

  it('keeps what was written since, as the migration would have taken it', async () => {
    bench = await openBench({ state: states.writtenSince });
    const { session } = bench;
    const before = await stateOf(session);
    await rollBack(session, { run: '20260101-0000-aaaa', plan, form, forward });
    const one = async (sql: string): Promise<Record<string, unknown>> =>
      (await session.query(sql)).rows[0] ?? {};
    const seen = await one(`SELECT id FROM detection_events WHERE metadata ? 'source' ORDER BY id LIMIT 1`);
    const changed = String(
      seen['id'] ?? (await one('SELECT id FROM detection_events ORDER BY id LIMIT 1'))['id'],
    );
    const gone = String(
      (await one(`SELECT id FROM detection_events WHERE id <> '${changed}' ORDER BY id LIMIT 1`))['id'],
    );
    await session.query(`UPDATE detection_events SET detector = 'edited' WHERE id = '${changed}'`);
    await session.query(`DELETE FROM detection_events WHERE id = '${gone}'`);
    await session.query(
      `INSERT INTO detection_events (id, event_type, detector, confidence, data, metadata, inserted_at, updated_at)
       VALUES ('00000000-0000-4000-8000-00000000abcd', 'crash', 'new', 0.25, '{"d": 1}', '{"k": "ü''"}', now(), now())`,
    );
    await session.query(
      `INSERT INTO git_sessions (id, session_type, branch_name, status, inserted_at, updated_at)
       VALUES ('00000000-0000-4000-8000-00000000abcd', 'review', 'b/1', 'open', now(), now())`,
    );
    await session.query(
      `INSERT INTO technology_knowledge (id, technology, category, name, template, inserted_at, updated_at)
       VALUES (gen_random_uuid(), 'zig', 'language', 'Zig', 'const x', now(), now())`,
    );
    await session.query(
      `UPDATE technology_knowledge SET description = 'edited' WHERE id = (SELECT id FROM technology_knowledge WHERE template IS NULL ORDER BY technology, category LIMIT 1)`,
    );
    await undo(session, '20260101-0000-aaaa', '20260101-0001-bbbb');
    const row = await one(
      `SELECT metadata->>'detector' AS detector, codebase_id FROM codebase_snapshots WHERE id = '${changed}'`,
    );
    expect(row['detector']).toBe('edited');
    const made = await one(
      `SELECT metadata::text AS metadata, summary::text AS summary FROM codebase_snapshots WHERE id = '00000000-0000-4000-8000-00000000abcd'`,
    );
    expect(made).toEqual({
      metadata: `{"k": "ü'", "detector": "new", "confidence": 0.25, "event_type": "crash"}`,
      summary: '{}',
    });
    const session1 = await one(
      `SELECT branch, status, agent_id, meta::text AS meta FROM git_agent_sessions WHERE id = '00000000-0000-4000-8000-00000000abcd'`,
    );
    expect(session1).toEqual({
      branch: 'b/1',
      status: 'open',
      agent_id: 'migrated_00000000-0000-4000-8000-00000000abcd',
      meta: '{"status": "open", "base_branch": null, "session_type": "review"}',
    });
    expect(await one(`SELECT count(*) AS n FROM technology_templates WHERE identifier = 'zig/Zig'`)).toEqual({
      n: '1',
    });
    expect(await one(`SELECT count(*) AS n FROM technology_patterns WHERE technology_name = 'zig'`)).toEqual({
      n: '1',
    });
    expect(
      await one(
        `SELECT count(*) AS n FROM technology_patterns WHERE extended_metadata->>'description' = 'edited'`,
      ),
    ).toEqual({ n: '1' });
    const after = await stateOf(session);
    const size = (table: string): number =>
      (after.rows[table]?.length ?? 0) - (before.rows[table]?.length ?? 0);
    expect(size('codebase_snapshots')).toBe(0);
    expect(size('git_agent_sessions')).toBe(1);
    // Every other row is exactly what it was.
    const untouched = (before.rows['codebase_snapshots'] ?? []).filter(
      (text) => !text.includes(changed) && !text.includes(gone),
    );
    expect(after.rows['codebase_snapshots']).toEqual(expect.arrayContaining(untouched));
    expect(changes({ ...before, rows: {} }, { ...after, rows: {} })).toEqual([]);
  });
});

describe('a run broken off', () => {
  it.each(ALL ? FORMS : FORMS.slice(2))('after its first step comes back (%s)', async (form) => {
    bench = await openBench({ state: states.writtenSince });
    const { session } = bench;
    const before = await stateOf(session);
    await rollBack(session, { run: '20260101-0000-aaaa', plan, form, forward, steps: ['step-1'] });
    await undo(session, '20260101-0000-aaaa', '20260101-0001-bbbb');
    expect(changes(before, await stateOf(session))).toEqual([]);
  });

  it.each(ALL ? [3, 4, 9, 12] : [4, 12])(
    'that began at statement %i of a pasted step comes back to there',
    async (cut) => {
      bench = await openBench({ state: (db) => states.brokenOff(db, cut) });
      const { session } = bench;
      const before = await stateOf(session);
      await rollBack(session, { run: '20260101-0000-aaaa', plan, forward });
      await undo(session, '20260101-0000-aaaa', '20260101-0001-bbbb');
      expect(changes(before, await stateOf(session))).toEqual([]);
    },
  );
});

describe('words', () => {
  it('say what comes back, what was written since, and what has no place', async () => {
    bench = await openBench({ state: states.migrated });
    const { session } = bench;
    await rollBack(session, { run: '20260101-0000-aaaa', plan, form: 'copy-and-swap', forward });
    await session.query(
      `INSERT INTO detection_events (id, event_type, detector, confidence, data, metadata, inserted_at, updated_at)
       VALUES (gen_random_uuid(), 'crash', 'new', 0.25, '{}', NULL, now(), now())`,
    );
    const { words } = undoProcedure(
      await factsOf(session, '20260101-0000-aaaa', 'step-1', '20260101-0001-bbbb'),
    );
    expect(words).toEqual([
      'codebase_snapshots comes back from the archive with 40 rows; detection_events goes there in its place.',
      '1 row of detection_events was written after the rollback (1 new) and is kept in codebase_snapshots.',
      'data of 1 row among them has no place there and stays in the archive only.',
    ]);
  });
});

describe('the whole plan in one transaction', () => {
  it('comes back step by step', async () => {
    bench = await openBench({ state: states.writtenSince });
    const { session } = bench;
    const before = await stateOf(session);
    await rollBackAtOnce(session, { run: '20260101-0000-aaaa', plan, forward });
    const xids = await session.query(
      'SELECT count(DISTINCT xid::text) AS n, count(*) AS steps FROM backout.step',
    );
    expect(xids.rows).toEqual([{ n: '1', steps: '4' }]);
    await undo(session, '20260101-0000-aaaa', '20260101-0001-bbbb');
    expect(changes(before, await stateOf(session))).toEqual([]);
  });
});
