/** Repairs carried out on a real server: found, confirmed, run, verified, looked for again, undone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { upSections } from '../support/migration.ts';
import { before } from '../support/states.ts';
import { createVector } from '../support/vector-stand-in.ts';
import { openBench, runs, type Bench } from '../cli/support/rolled-back.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.clear());

const forward = (...ids: string[]) =>
  bench.confirmed(
    ['run', '--choose', 'fix-forward', ...ids.flatMap((id) => ['--repair', id])],
    ['state', 'latest-version', 'migration-recorded'],
  );

/** What is made wrong, and the repairs that mend it. */
const DEFECTS: { made: string[]; ids: string[] }[] = [
  {
    made: ["UPDATE git_agent_sessions SET agent_id = NULL WHERE status = 'active'"],
    ids: ['fill-agent-id', 'require-agent-id'],
  },
  {
    made: ['UPDATE technology_patterns SET extended_metadata = NULL'],
    ids: ['restore-pattern-metadata'],
  },
  {
    made: ['DROP INDEX git_agent_sessions_agent_id_index'],
    ids: ['index:git_agent_sessions_agent_id_index'],
  },
  { made: ['DROP TABLE git_pending_merges'], ids: ['section-git-pending-merges'] },
  {
    made: ["ALTER TABLE git_agent_sessions ADD CONSTRAINT named CHECK (branch <> '') NOT VALID"],
    ids: ['not-valid:git_agent_sessions.named'],
  },
];
const TOGETHER = {
  made: DEFECTS.flatMap(({ made }) => made),
  ids: DEFECTS.flatMap(({ ids }) => ids),
};

describe('each defect, mended and taken back', () => {
  // All in one run; each alone as well with `npm run test:all`.
  it.each(process.env['BACKOUT_TEST'] === 'all' ? [TOGETHER, ...DEFECTS] : [TOGETHER])(
    '$ids',
    async ({ made, ids }) => {
      for (const sql of made) await bench.exec(sql);
      const before = await bench.state();
      const mended = await forward(...ids);
      expect(mended.status).toBe(0);
      expect(await bench.state()).not.toEqual(before);
      const after = await forward();
      expect(after.status).toBe(11);
      expect(after.out).toContain('Nothing was found wrong with the migrated tables that SQL would mend.');
      const undone = await bench.confirmed(['undo']);
      expect(undone.status).toBe(0);
      expect(await bench.state()).toEqual(before);
    },
  );
});

/** A report of a run of this desk, as JSON. */
const report = async (run: string): Promise<Record<string, unknown>> =>
  JSON.parse((await bench.desk.run(['report', run, '--json'])).out) as Record<string, unknown>;

const twoDefects = (): Promise<void> =>
  bench.exec(`DROP INDEX git_agent_sessions_status_index;
    UPDATE git_agent_sessions SET agent_id = NULL WHERE status = 'active'`);

const BOTH = ['fill-agent-id', 'index:git_agent_sessions_status_index'];

it('is named in the report of the run that left for it, and tells in its own what each step was for', async () => {
  await twoDefects();
  expect((await forward(...BOTH)).status).toBe(0);
  const [first = '', second = ''] = await runs(bench);
  const [told, left] = [await report(first), await report(second)];
  const [mended, decided] = told['kind'] === 'repair' ? [told, left] : [left, told];
  expect(decided).toMatchObject({
    kind: 'rollback',
    outcome: 'fix-forward',
    forward: {
      run: mended['run'],
      found: [{ id: 'fill-agent-id', chosen: true }, { chosen: false }, { chosen: true }],
    },
  });
  expect(mended).toMatchObject({
    kind: 'repair',
    outcome: 'verified',
    repairs: [
      { step: 'step-1', found: expect.stringContaining('Sessions without an agent_id: 4 rows.') as string },
      { step: 'step-2', title: 'Create index git_agent_sessions_status_index on git_agent_sessions' },
    ],
    verification: { ok: true },
  });
  const text = (await bench.desk.run(['report', String(mended['run'])])).out;
  expect(text).toContain('## Found wrong');
  expect(text).toMatch(/\| ok \| No more: Sessions without an agent/);
});

it('broken off after its first step, it is resumed from its own document, and undone whole', async () => {
  await twoDefects();
  const before = await bench.state();
  let out = '';
  let asked = false;
  const words = ['run', '--choose', 'fix-forward', '--json', ...BOTH.flatMap((id) => ['--repair', id])];
  const about = ['--database', bench.database.url, '--confirm', bench.database.name];
  const consent = ['privileges', 'backup', 'state'].flatMap((id) => ['--accept', id]);
  const broken = await bench.desk.run([...words, ...about, ...consent], {
    out: async (text) => {
      out += text;
      if (asked || !out.includes('"type":"step-finished"')) return;
      asked = true;
      bench.desk.signal('SIGTERM');
    },
  });
  expect(broken.status).toBe(143);
  const resumed = await bench.confirmed(['resume'], ['state']);
  expect(resumed.err).toMatch(/repair by tester on desk, .*: done: step-1\. Going on/);
  expect(resumed.status).toBe(0);
  expect(resumed.out).toContain('Repaired and verified');
  expect((await forward()).out).toContain('Nothing was found wrong with the migrated tables');
  expect((await bench.confirmed(['undo'])).status).toBe(0);
  expect(await bench.state()).toEqual(before);
});

it('an id that names nothing is refused, and nothing is run', async () => {
  const before = await bench.state();
  const refused = await forward('index:nothing');
  expect(refused.status).toBe(64);
  expect(refused.err).toContain('--repair index:nothing names nothing that was found here.');
  expect(await bench.state()).toEqual(before);
});

it('in a schema of another name, the repair is carried out there', async () => {
  await twoDefects();
  await bench.exec(
    'ALTER SCHEMA public RENAME TO app; CREATE SCHEMA public; ALTER DATABASE ' +
      `"${bench.database.name}"` +
      ' SET search_path = app',
  );
  const mended = await forward(...BOTH);
  expect(mended.status).toBe(0);
  const [row] = await bench.rows<{ n: string }>(
    'SELECT count(*) AS n FROM app.git_agent_sessions WHERE agent_id IS NULL',
  );
  expect(row?.n).toBe('0');
});

it('an invalid index is built anew; an undo of that makes no index invalid again', async () => {
  await bench.exec(
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'git_agent_sessions_status_index'::regclass",
  );
  expect((await forward('invalid-index:git_agent_sessions_status_index')).status).toBe(0);
  const valid = (): Promise<{ indisvalid: boolean }[]> =>
    bench.rows(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = 'git_agent_sessions_status_index'::regclass",
    );
  expect(await valid()).toEqual([{ indisvalid: true }]);
  expect((await bench.confirmed(['undo'])).status).toBe(0);
  expect(await valid()).toEqual([{ indisvalid: true }]);
});

it('a skeleton is written beside, over nothing', async () => {
  await twoDefects();
  const file = join(bench.desk.folder, '20261122000000_fix');
  const words = ['run', '--choose', 'fix-forward', '--write-migration', file];
  expect((await bench.confirmed(words)).status).toBe(11);
  const [ecto, sql] = [await readFile(`${file}.exs`, 'utf8'), await readFile(`${file}.sql`, 'utf8')];
  expect(ecto).toContain('CREATE INDEX git_agent_sessions_status_index ON git_agent_sessions (status)');
  expect(ecto).toContain('# - Require an agent_id.');
  await bench.exec(sql);
  expect((await forward()).out).toContain('Nothing was found wrong with the migrated tables');
  const again = await bench.confirmed(words);
  expect(again.status).toBe(64);
  expect(again.err).toContain('is there already, and is not written over');
  expect(await readFile(`${file}.exs`, 'utf8')).toBe(ecto);
});

describe('sections of the migration that were skipped', () => {
  const TABLES = ['codebase_snapshots', 'git_agent_sessions', 'technology_templates', 'technology_patterns'];
  const contents = async (): Promise<unknown[][]> => {
    const found: unknown[][] = [];
    // Numbers from a sequence come in another order.
    for (const table of TABLES)
      found.push(
        await bench.rows(
          `SELECT to_jsonb(t) ${table.startsWith('tech') ? "- 'id'" : ''} AS row FROM ${table} AS t ORDER BY 1`,
        ),
      );
    return found;
  };

  it('are carried out as the migration would have, and taken back', async () => {
    const migrated = await contents();
    await bench.database.use(async (db) => {
      await db.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      await createVector((sql) => db.query(sql));
      await before(db);
      await db.exec(upSections().get('record') ?? '');
    });
    const skipped = await bench.state();
    const ids = [
      'section-detection-events',
      'section-git-sessions',
      'section-technology-templates',
      'section-technology-patterns',
    ];
    const mended = await forward(...ids);
    expect(mended.status).toBe(0);
    expect(await contents()).toEqual(migrated);
    const rest = await forward('section-git-pending-merges', 'section-git-merge-history');
    expect(rest.status).toBe(0);
    expect((await bench.confirmed(['undo'])).status).toBe(0);
    expect((await bench.confirmed(['undo'])).status).toBe(0);
    expect(await bench.state()).toEqual(skipped);
  });

  it('rows that only the old table has are copied as the migration would take them', async () => {
    await bench.exec(`CREATE TABLE git_sessions (id uuid PRIMARY KEY, session_type varchar(255) NOT NULL,
      branch_name varchar(255) NOT NULL, base_branch varchar(255), status varchar(255) NOT NULL,
      metadata jsonb DEFAULT '{}', inserted_at timestamp(0) NOT NULL, updated_at timestamp(0) NOT NULL);
      INSERT INTO git_sessions
      VALUES ('11111111-1111-1111-1111-111111111111', 'late', 'b', NULL, 'active', '{"k": 1}', now(), now())`);
    const beside = await bench.state();
    const mended = await bench.confirmed(
      ['run', '--choose', 'fix-forward', '--repair', 'rows:git_agent_sessions'],
      [],
    );
    expect(mended.status).toBe(0);
    expect(
      await bench.rows(
        "SELECT agent_id, branch, meta FROM git_agent_sessions WHERE id::text LIKE '11111111-%'",
      ),
    ).toEqual([
      {
        agent_id: 'migrated_11111111-1111-1111-1111-111111111111',
        branch: 'b',
        meta: { k: 1, session_type: 'late', base_branch: null, status: 'active' },
      },
    ]);
    expect((await bench.confirmed(['undo'])).status).toBe(0);
    expect(await bench.state()).toEqual(beside);
  });
});
