/** A rollback taken back, and its archive purged: from words to exit status, on a real server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, runs, type Bench } from './support/rolled-back.ts';

/** A second rollback is the same whatever forms the first had; again after each with `npm run test:all`. */
const EVERY = process.env['BACKOUT_TEST'] === 'all';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.clear());

interface Known {
  inDatabase: {
    runs: {
      run: string;
      kind: string;
      undoes: string | null;
      outcome: string | null;
      archive: { objects: number; rows: number; bytes: number };
      steps: { id: string; undoneBy: string | null }[];
    }[];
  };
}

const known = async (): Promise<Known['inDatabase']['runs']> =>
  (JSON.parse((await bench.backout('runs', '--json')).out) as Known).inDatabase.runs;

describe('backout undo', () => {
  it.each([
    { words: [], again: true },
    { words: ['--form', 'step-1=copy-and-swap', '--form', 'step-2=rewrite', '--whole-plan'], again: EVERY },
  ])(
    'brings every table back as it was; rolls back again and undoes that ($again): $words',
    async ({ words, again }) => {
      const before = await bench.state();
      expect(await bench.rollBack(...words)).toMatchObject({ status: 0, err: '' });
      const after = await bench.state();
      expect(after.definitions).not.toEqual(before.definitions);
      const [first] = await runs(bench);

      const undone = await bench.confirmed(['undo']);
      expect(undone.err).toBe('');
      expect(undone.status).toBe(0);
      expect(undone.out).toContain('Undone and verified');
      expect(await bench.state()).toEqual(before);

      const [undo, rollback] = await known();
      expect(undo).toMatchObject({ kind: 'undo', undoes: first, outcome: 'verified' });
      expect(rollback?.steps.map(({ undoneBy }) => undoneBy)).toEqual(Array(4).fill(undo?.run));
      const report = JSON.parse((await bench.desk.run(['report', '--json'])).out) as Record<string, unknown>;
      expect(report).toMatchObject({ kind: 'undo', undoes: first, outcome: 'verified' });

      if (!again) return;
      expect((await bench.rollBack()).status).toBe(0);
      expect((await bench.state()).definitions).toEqual(after.definitions);
      expect((await bench.confirmed(['undo'])).status).toBe(0);
      expect(await bench.state()).toEqual(before);
    },
  );

  it('keeps what was written after the rollback', async () => {
    expect((await bench.rollBack()).status).toBe(0);
    await bench.exec(`INSERT INTO detection_events (id, event_type, detector, confidence, data, metadata, inserted_at, updated_at)
      VALUES ('11111111-1111-1111-1111-111111111111', 'seen', 'by hand', 0.5, '{}', '{"k": 1}', now(), now())`);
    const undone = await bench.confirmed(['undo'], ['undo']);
    expect(undone.status).toBe(0);
    expect(undone.out).toMatch(/1 row of detection_events .* written after the rollback/);
    const [row] = await bench.rows<{ metadata: Record<string, unknown> }>(
      "SELECT metadata FROM codebase_snapshots WHERE id = '11111111-1111-1111-1111-111111111111'",
    );
    expect(row?.metadata).toMatchObject({ k: 1, event_type: 'seen', detector: 'by hand', confidence: 0.5 });
  });

  it('says why there is nothing to undo, with 64', async () => {
    const none = await bench.confirmed(['undo']);
    expect(none).toMatchObject({ status: 64, out: '' });
    expect(none.err).toContain('There is no run to undo in this database.');
    expect((await bench.rollBack()).status).toBe(0);
    const [run = ''] = await runs(bench);
    expect((await bench.confirmed(['undo', run])).status).toBe(0);
    const again = await bench.confirmed(['undo', run]);
    expect(again.status).toBe(64);
    expect(again.err).toMatch(`Run ${run} is undone already, by run`);
    const [undo = ''] = await runs(bench);
    expect((await bench.confirmed(['undo', undo])).err).toContain('is itself an undo');
    expect((await bench.confirmed(['undo', '1999'])).err).toContain('knows of no run 1999');
  });
});

describe('backout purge', () => {
  it('shows what would go, drops nothing unless the run is named exactly, and then drops it', async () => {
    expect((await bench.rollBack()).status).toBe(0);
    const [run = ''] = await runs(bench);
    const kept = async (): Promise<number> =>
      (await bench.rows("SELECT FROM pg_tables WHERE schemaname = 'backout_archive'")).length;
    const before = await kept();
    expect(before).toBeGreaterThan(4);

    expect(await bench.backout('purge', run)).toMatchObject({ status: 64, out: '' });
    const wrong = await bench.backout('purge', run, '--confirm', run.slice(0, 8));
    expect(wrong.status).toBe(64);
    expect(wrong.out).toContain('DROP TABLE "backout_archive"."r');
    expect(await kept()).toBe(before);

    const purged = await bench.backout('purge', run, '--confirm', run, '--json');
    expect(purged.status).toBe(0);
    expect(JSON.parse(purged.out)).toMatchObject({ schema: 'backout.purge/1', run, dropped: true });
    expect(await kept()).toBe(0);
    expect((await known())[0]?.archive).toEqual({ objects: 0, rows: 0, bytes: 0 });
    expect((await bench.backout('purge', run, '--confirm', run)).out).toContain('Nothing is kept of run');

    const undo = await bench.confirmed(['undo']);
    expect(undo.status).toBe(10);
    expect(undo.out).toContain('purged');
  });
});
