/** Texts that are too long and confidences that are no number: which rows, what mends them, and what an undo brings back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWard, repairOfId, type Ward } from './support.ts';

let ward: Ward;

beforeEach(async () => {
  ward = await openWard();
});
afterEach(() => ward.clear());

const BAD = {
  number: `UPDATE codebase_snapshots SET metadata = metadata || '{"confidence": "high"}'
    WHERE id = (SELECT id FROM codebase_snapshots ORDER BY id LIMIT 1)`,
  length: `UPDATE git_agent_sessions SET meta = meta || jsonb_build_object('base_branch', repeat('b', 300))
    WHERE id = (SELECT id FROM git_agent_sessions ORDER BY id LIMIT 1)`,
  pattern: `UPDATE technology_patterns SET extended_metadata = extended_metadata || jsonb_build_object('name', repeat('n', 256))
    WHERE id = (SELECT min(id) FROM technology_patterns)`,
};

describe('a confidence that is no number', () => {
  it('is shown with its key, becomes NULL with the old value kept, and the rollback goes through', async () => {
    await ward.exec(BAD.number);
    const before = await ward.state();
    const refused = await ward.back();
    expect(refused.status).toBe(10);
    expect(refused.out).toContain('Set metadata.confidence of codebase_snapshots to NULL');
    const looked = await ward.look();
    expect(looked.prerequisites.find(({ id }) => id === 'values')?.troubleshooting).toMatch(
      /^Invalid input syntax/,
    );
    const [{ id }] = (await ward.rows<{ id: string }>(
      'SELECT id FROM codebase_snapshots ORDER BY id LIMIT 1',
    )) as [{ id: string }];
    expect(looked.notes[0]?.table?.rows).toEqual([[id, '4', 'high']]);

    expect(
      await ward.mend([repairOfId(looked, 'empty:codebase_snapshots.metadata.confidence')]),
    ).toMatchObject({
      status: 0,
      err: '',
    });
    const rolled = await ward.back();
    expect(rolled.status, rolled.out + rolled.err).toBe(0);
    expect(await ward.rows(`SELECT confidence::text FROM detection_events WHERE id = '${id}'`)).toEqual([
      { confidence: '1' },
    ]);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect(await ward.state()).toEqual(before);
  });

  it('becomes a number where that is chosen', async () => {
    await ward.exec(BAD.number);
    const repair = repairOfId(await ward.look(), 'zero:codebase_snapshots.metadata.confidence');
    expect((await ward.mend([repair])).status).toBe(0);
    expect(
      await ward.rows(`SELECT count(*)::int AS n FROM codebase_snapshots WHERE metadata->'confidence' = '0'`),
    ).toEqual([{ n: 1 }]);
  });
});

describe('a text that is too long', () => {
  it.each([
    [
      'of an UPDATE',
      BAD.length,
      'shorten:git_agent_sessions.meta.base_branch',
      'git_sessions',
      'base_branch',
    ],
    [
      'of an UPDATE from a sub-query',
      BAD.pattern,
      'shorten:technology_patterns.extended_metadata.name',
      'technology_knowledge',
      'name',
    ],
  ])(
    '%s is cut with the whole text kept, and the rollback goes through',
    async (_, bad, id, table, column) => {
      await ward.exec(bad);
      const before = await ward.state();
      expect((await ward.back()).status).toBe(10);
      const repair = repairOfId(await ward.look(), id);
      expect(repair.careful.join(' ')).toContain('as text in place of varchar(255)');
      expect(await ward.mend([repair])).toMatchObject({ status: 0, err: '' });
      const rolled = await ward.back();
      expect(rolled.status, rolled.out + rolled.err).toBe(0);
      expect(await ward.rows(`SELECT max(length(${column}))::int AS longest FROM ${table}`)).toEqual([
        { longest: 255 },
      ]);
      expect((await ward.confirmed(['undo'])).status).toBe(0);
      expect((await ward.confirmed(['undo'])).status).toBe(0);
      expect(await ward.state()).toEqual(before);
    },
  );
});
