/** The quick rollback, unattended, with a real child process on a real server: what it does, what is left, and its undo. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBench, type Bench } from '../cli/support/rolled-back.ts';
import type { Ended } from '../cli/support/io.ts';
import { fakeProject, type FakeProject, VERSION } from './support.ts';

let bench: Bench;
let project: FakeProject | null;

beforeEach(async () => {
  bench = await openBench();
  project = null;
});
afterEach(async () => {
  delete process.env['FAKE_MIX'];
  await project?.clear();
  await bench.clear();
});

const WARNINGS = ['privileges', 'backup'].flatMap((id) => ['--accept', id]);

async function quick(more: Parameters<typeof fakeProject>[1] = {}, words: string[] = []): Promise<Ended> {
  project ??= await fakeProject(bench.database.url, more);
  return bench.desk.run(
    [
      ...['run', '--choose', 'quick', '--project', project.folder, '--database', bench.database.url],
      ...['--confirm', bench.database.name, ...WARNINGS, ...words],
    ],
    { env: { XDG_STATE_HOME: bench.desk.folder, PATH: project.path } },
  );
}

const versions = async (): Promise<string[]> =>
  (
    await bench.rows<{ version: string }>('SELECT version::text AS version FROM schema_migrations ORDER BY 1')
  ).map(({ version }) => version);

describe('backout run --choose quick', () => {
  it('runs mix, finishes what down leaves out, verifies, and undo brings all back', async () => {
    const before = await bench.state();
    const ended = await quick();
    expect(ended.err).toBe('');
    expect(ended.out).toContain(`mix ecto.rollback --to ${VERSION}`);
    expect(ended.out).toContain('It changed this database.');
    expect(ended.status).toBe(0);
    expect(await versions()).not.toContain(VERSION);
    const undone = await bench.confirmed(['undo'], ['undo']);
    expect(undone.err).toBe('');
    expect(undone.status).toBe(0);
    expect(await bench.state()).toEqual(before);
  });

  it('is undone with what was written since: it goes forward again', async () => {
    expect((await quick()).status).toBe(0);
    await bench.exec(`INSERT INTO detection_events (id, event_type, detector, confidence, data, metadata, inserted_at, updated_at)
      VALUES ('11111111-1111-1111-1111-111111111111', 'seen', 'by hand', 0.5, '{}', '{"k": 1}', now(), now())`);
    await bench.exec(`INSERT INTO technology_knowledge (id, technology, category, name, inserted_at, updated_at)
      VALUES ('22222222-2222-2222-2222-222222222222', 'zig', 'language', 'Zig', now(), now())`);
    const undone = await bench.confirmed(['undo'], ['undo']);
    expect(undone.status).toBe(0);
    const [event] = await bench.rows<{ metadata: Record<string, unknown> }>(
      "SELECT metadata FROM codebase_snapshots WHERE id = '11111111-1111-1111-1111-111111111111'",
    );
    expect(event?.metadata).toMatchObject({ k: 1, event_type: 'seen', detector: 'by hand' });
    const patterns = await bench.rows("SELECT 1 FROM technology_patterns WHERE technology_name = 'zig'");
    expect(patterns).toHaveLength(1);
  });

  it('that is not sound is refused with its reason, and nothing is run', async () => {
    const before = await bench.state();
    project = await fakeProject(bench.database.url, { own: null });
    const gone = await quick();
    expect(gone.status).toBe(10);
    expect(gone.err).toContain(`No file of ${VERSION}`);
    project = { ...project, path: project.bare };
    const without = await quick();
    expect(without.status).toBe(10);
    expect(without.err).toContain('The shell does not find mix on the PATH.');
    expect(await bench.state()).toEqual(before);
  });

  it('that would take another migration back is not begun without an operator', async () => {
    await bench.exec('INSERT INTO schema_migrations (version, inserted_at) VALUES (20250101000015, now())');
    const before = await bench.state();
    const ended = await quick({ more: { '20250101000015_later.exs': 'SELECT 1' } }, [
      '--accept',
      'latest-version',
    ]);
    expect(ended.out + ended.err).toContain('20250101000015_later');
    expect(ended.status).toBe(11);
    expect(await bench.state()).toEqual(before);
    expect(await versions()).toContain(VERSION);
  });
});
