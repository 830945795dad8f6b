/** Values that do not fit, replaced by what somebody gave: by flags, before the rollback, on a real server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, type Bench } from '../../cli/support/rolled-back.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  // Two rows with one text, one with another, and one text that is too long and would break SQL that is put together.
  await bench.exec(`WITH r AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM codebase_snapshots)
    UPDATE codebase_snapshots c SET metadata = c.metadata || CASE WHEN r.n <= 2 THEN '{"confidence": "high"}'::jsonb
      ELSE '{"confidence": "n/a"}' END FROM r WHERE r.id = c.id AND r.n <= 3;
    UPDATE git_agent_sessions SET meta = meta || jsonb_build_object('base_branch', repeat('b', 300))
      WHERE id = (SELECT id FROM git_agent_sessions ORDER BY id LIMIT 1)`);
});
afterEach(() => bench.clear());

const CONFIDENCE = 'replace:codebase_snapshots.metadata.confidence';
const BRANCH = 'replace:git_agent_sessions.meta.base_branch';

interface Planned {
  repairs: {
    found: { id: string; choice: string; value: { accepts: string; longest: number | null } | null }[];
  };
}

describe('values that nobody but the operator knows', () => {
  it('are listed by plan with their ids and what is asked for', async () => {
    const planned = await bench.backout('plan', '--json');
    const { repairs } = JSON.parse(planned.out) as Planned;
    const before = repairs.found.filter(({ choice }) => choice === 'rollback');
    expect(before.map(({ id, value }) => [id, value?.accepts ?? null, value?.longest ?? null])).toEqual(
      expect.arrayContaining([
        [`${CONFIDENCE}:high`, 'number', null],
        [`${CONFIDENCE}:n_a`, 'number', null],
        [CONFIDENCE, 'number', null],
        [BRANCH, 'text', 255],
        ['shorten:git_agent_sessions.meta.base_branch', null, null],
        ['zero:codebase_snapshots.metadata.confidence', null, null],
      ]),
    );
    const text = (await bench.backout('plan')).out.replace(/\s+/g, ' ');
    expect(text).toContain(`--repair ${CONFIDENCE}:high=VALUE`);
    expect(text).toContain('--choose rollback --repair ID');
  });

  it('are refused where they do not fit, and nothing is run', async () => {
    const untouched = await bench.state();
    const wrong = await bench.rollBack('--repair', `${CONFIDENCE}=high`);
    expect(wrong.status).toBe(64);
    expect(wrong.err).toContain('no number');
    expect(await bench.state()).toEqual(untouched);
  });

  it('are put in by the repair, and the rollback goes on with them', async () => {
    const branch = `it's "quoted" \\ $1`;
    const rolled = await bench.rollBack(
      ...['--repair', `${CONFIDENCE}:high=0.75`, '--repair', `${CONFIDENCE}=1e-2`],
      ...['--repair', `${BRANCH}=${branch}`],
    );
    expect(rolled.status, rolled.out + rolled.err).toBe(0);
    expect(
      await bench.rows(
        'SELECT confidence::text AS c, count(*)::int AS n FROM detection_events WHERE confidence IN (0.75, 0.01) GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { c: '0.01', n: 1 },
      { c: '0.75', n: 2 },
    ]);
    expect(await bench.rows(`SELECT base_branch FROM git_sessions WHERE base_branch LIKE 'it%'`)).toEqual([
      { base_branch: branch },
    ]);
  });
});
