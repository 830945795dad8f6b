/** A left-over table under the name that a step needs: side by side, kept aside, or archived, and the rollback goes through. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWard, repairOfId, type Ward } from './support.ts';

let ward: Ward;

beforeEach(async () => {
  ward = await openWard();
  // As an application of before the migration makes it again, with three rows of the new table and one of its own.
  await ward.exec(`
    CREATE TABLE detection_events (
      id uuid CONSTRAINT detection_events_old PRIMARY KEY, event_type varchar(255), detector varchar(255),
      confidence double precision, data jsonb, metadata jsonb, inserted_at timestamp(0), updated_at timestamp(0));
    CREATE INDEX detection_events_event_type_index ON detection_events (event_type);
    INSERT INTO detection_events (id, metadata, inserted_at, updated_at)
      SELECT id, metadata, inserted_at, updated_at FROM codebase_snapshots ORDER BY id LIMIT 3;
    UPDATE detection_events SET metadata = '{"of": "its own"}' WHERE id = (SELECT max(id::text)::uuid FROM detection_events);
    INSERT INTO detection_events (id) VALUES ('11111111-1111-1111-1111-111111111111')`);
});
afterEach(() => ward.clear());

const ROWS = 'SELECT count(*)::int AS n FROM';

describe('a table left over under the old name', () => {
  it('is shown beside the other, row for row', async () => {
    const refused = await ward.back();
    expect(refused.status).toBe(10);
    expect(refused.out).toContain('Keep both: rename the left-over detection_events');
    const { notes, prerequisites } = await ward.look();
    expect(notes[0]).toMatchObject({
      title: 'detection_events and codebase_snapshots, side by side',
      lines: [
        'detection_events holds 4 rows, codebase_snapshots 40 rows.',
        '3 keys are in both; 2 of these rows are equal in the columns that both have (metadata, inserted_at, updated_at).',
        '1 keys are in detection_events alone, 37 in codebase_snapshots alone.',
      ],
    });
    expect(notes[0]?.table?.rows).toContainEqual(['event_type', 'character varying(255)', '–']);
    // The shipped entry on a taken name is about another table: it is not shown for this one.
    expect(
      prerequisites.filter(({ status }) => status === 'fail').map((one) => one.troubleshooting),
    ).not.toContain('technology_knowledge already exists');
  });

  it('is kept under another name; the rollback then goes through, and undoing both brings all back', async () => {
    const before = await ward.state();
    const repair = repairOfId(await ward.look(), 'keep-both:detection_events');
    expect(await ward.mend([repair])).toMatchObject({ status: 0, err: '' });
    const rolled = await ward.back();
    expect(rolled.status, rolled.out + rolled.err).toBe(0);
    expect(await ward.rows(`${ROWS} detection_events`)).toEqual([{ n: 40 }]);
    expect(await ward.rows(`${ROWS} detection_events_left_over`)).toEqual([{ n: 4 }]);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect(await ward.state()).toEqual(before);
  });

  it('is archived whole when the new one is kept, and comes back with every row', async () => {
    const before = await ward.state();
    const repair = repairOfId(await ward.look(), 'archive:detection_events');
    expect(await ward.mend([repair])).toMatchObject({ status: 0, err: '' });
    expect((await ward.back()).status).toBe(0);
    expect(await ward.rows(`${ROWS} detection_events`)).toEqual([{ n: 40 }]);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect(await ward.state()).toEqual(before);
  });

  it('can be the one that is kept: the new one is archived whole', async () => {
    const repair = repairOfId(await ward.look(), 'archive:codebase_snapshots');
    expect(repair.recommended).toBe(false);
    expect(await ward.mend([repair])).toMatchObject({ status: 0, err: '' });
    expect(await ward.rows(`${ROWS} detection_events`)).toEqual([{ n: 4 }]);
    expect((await ward.confirmed(['undo'])).status).toBe(0);
    expect(await ward.rows(`${ROWS} codebase_snapshots`)).toEqual([{ n: 40 }]);
  });
});
