/** The built program: a rollback whose report lists its archive, killed and resumed, undone, and its archive purged. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../support/server.ts';
import { aPlace, type Place } from './support/child.ts';
import { snapshot } from './support/snapshot.ts';
import { accepting, lend, minimal, result, WARNINGS } from './support/unattended.ts';

beforeAll(() => built());

let place: Place;
afterEach(() => place.clear());

describe('backout undo', () => {
  it('takes back a run that was killed without a word and resumed; then its archive is purged', async () => {
    place = await aPlace();
    await lend({}, async (database) => {
      const before = await database.use(async (db) => (await snapshot(db)).definitions);
      const killed = place.start([...minimal(database), '--json']);
      await killed.saying('"type":"archived"');
      killed.kill('SIGKILL');
      expect((await killed.ended).status).toBeNull();

      const where = ['--database', database.url];
      const all = [...where, '--confirm', database.name, '--json'];
      const resumed = await place.run(['resume', ...all, ...accepting([...WARNINGS, 'state'])]);
      expect(resumed.err).not.toMatch(/error of its own/);
      expect(result(resumed)).toMatchObject({ outcome: 'verified', exitStatus: 0 });
      const { run } = result(resumed);

      const report = JSON.parse((await place.run(['report', run, '--json'])).out) as {
        archived: { step: string; kind: string; rows: number | null }[];
      };
      expect([...new Set(report.archived.map(({ step }) => step))]).toEqual([
        'step-1',
        'step-2',
        'step-3',
        'step-4',
      ]);
      expect(report.archived.filter(({ kind, rows }) => kind === 'table' && rows === null)).toEqual([]);

      const undone = await place.run(['undo', run, ...all, ...accepting(WARNINGS)]);
      expect(result(undone)).toMatchObject({ outcome: 'verified', exitStatus: 0 });
      expect(await database.use(async (db) => (await snapshot(db)).definitions)).toEqual(before);

      const purged = await place.run([
        'purge',
        result(undone).run,
        ...where,
        '--confirm',
        result(undone).run,
      ]);
      expect(purged.status).toBe(0);
      expect(purged.out).toContain('Dropped: ');
    });
  });
});
