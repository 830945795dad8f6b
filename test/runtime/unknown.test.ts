/** A COMMIT whose answer never came: the row that the step wrote about itself decides, and nothing else does. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Event, Survey } from '../../src/wizard/types.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { makeDatabase, makeTemplates } from '../support/databases.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { allOf, harness, lastOf, type Harness } from './harness.ts';
import { startProxy, type Proxy } from './proxy.ts';

let database: TestDatabase;
let proxy: Proxy;
let run: Harness;
let survey: Survey;

const records = (survey: Survey) => survey.offers[0]?.offers[0]?.procedure?.actions.at(-1)?.index;
/** Heard when the last action has run: what comes next is COMMIT. */
const atCommit = (survey: Survey, cut: () => void) => (event: Event) => {
  if (event.type === 'statement-done' && event.index === records(survey)) cut();
};

afterEach(async () => {
  await run.end();
  await proxy.close();
  await database.drop();
});

describe('a connection cut at COMMIT', () => {
  beforeEach(async () => {
    database = await freshDatabase();
    proxy = await startProxy(database.url);
    run = await harness(proxy.url);
    survey = await run.survey();
  });

  it.each([
    ['that reached the server', 'before-the-answer', 'done', 'applied'],
    ['that never reached the server', 'before-the-server', 'not-done', 'pending'],
  ] as const)('%s is unknown, until the row was asked for', async (_, cut, found, state) => {
    const lost = lastOf(
      await run.step(
        'step-1',
        survey,
        atCommit(survey, () => proxy.arm(cut)),
      ),
    );
    expect(lost.type).toBe('step-unknown');
    const events = await run.perform({ type: 'check' });
    expect(allOf(events, 'step-found')).toEqual([{ type: 'step-found', step: 'step-1', found }]);
    const [looked] = allOf(events, 'prerequisites-done');
    expect(looked?.survey?.position.steps[0]?.state).toBe(state);
    expect(events.findIndex(({ type }) => type === 'step-found')).toBeLessThan(
      events.findIndex(({ type }) => type === 'prerequisites-done'),
    );
  });

  it('is asked once: the next look has nothing to find', async () => {
    await run.step(
      'step-1',
      survey,
      atCommit(survey, () => proxy.arm('before-the-answer')),
    );
    await run.perform({ type: 'check' });
    expect(allOf(await run.perform({ type: 'check' }), 'step-found')).toEqual([]);
  });

  it('of the whole plan tells of every step', async () => {
    const last = survey.offers.at(-1)?.step;
    await run.whole(survey, (event) => {
      if (event.type !== 'statement-started' || event.step !== last) return;
      proxy.arm('before-the-answer');
    });
    const events = await run.perform({ type: 'check' });
    expect(allOf(events, 'step-found')).toEqual(
      survey.offers.map(({ step }) => ({ type: 'step-found', step, found: 'done' })),
    );
  });

  it('does not keep the run from going on: the lock is taken back, from our own dead session too', async () => {
    await run.step(
      'step-1',
      survey,
      atCommit(survey, () => proxy.arm('before-the-answer')),
    );
    const events = await run.perform({ type: 'check' });
    const next = allOf(events, 'prerequisites-done')[0]?.survey;
    expect(lastOf(await run.step('step-2', next!)).type).toBe('step-done');
    await database.use(async (db) => {
      const { rows } = await db.query('SELECT step FROM backout.step ORDER BY step');
      expect(rows).toEqual([{ step: 'step-1' }, { step: 'step-2' }]);
    });
  });

  it('with a journal that may not be read any more stays unknown', async () => {
    await run.step(
      'step-1',
      survey,
      atCommit(survey, () => proxy.arm('before-the-answer')),
    );
    await database.use(async (db) => {
      await db.exec('CREATE ROLE somebody_else_entirely');
      await db.exec('ALTER TABLE backout.step OWNER TO somebody_else_entirely');
    });
    try {
      const events = await run.perform({ type: 'check' });
      expect(allOf(events, 'step-found')).toEqual([]);
      expect(lastOf(events)).toMatchObject({ type: 'prerequisites-failed', error: { sqlstate: '42501' } });
    } finally {
      await database.use(async (db) => {
        await db.exec('ALTER TABLE backout.step OWNER TO postgres');
        await db.exec('DROP ROLE somebody_else_entirely');
      });
    }
    expect(allOf(await run.perform({ type: 'check' }), 'step-found')).toMatchObject([{ found: 'done' }]);
  });
});

describe('a server of its own', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    // The log's writer stays asleep: what is not committed is then not on the disk when the server is killed.
    cluster = await startCluster({
      synchronous_commit: 'on',
      wal_writer_delay: '10s',
      wal_writer_flush_after: '1GB',
    });
    await makeTemplates(cluster);
  });
  afterAll(() => cluster.stop());

  const begin = async (): Promise<void> => {
    database = await makeDatabase(cluster);
    proxy = await startProxy(database.url);
    run = await harness(proxy.url);
    survey = await run.survey();
  };
  beforeEach(begin);

  const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: cluster.url('postgres') });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  function restart(): void {
    const log = join(cluster.folder, 'log');
    const options = ['-D', cluster.data, '-l', log, '-m', 'immediate', '-w', '-s', 'restart'];
    const done = spawnSync(join(cluster.bin, 'pg_ctl'), options, { ...cluster.owner, cwd: '/' });
    if (done.status !== 0) throw new Error(`pg_ctl restart: ${String(done.stderr)}`);
  }

  /** A crash with COMMIT still on its way: what was found of the step, and what the server says of its number after. */
  async function crashed(): Promise<{ found: unknown[]; status: string | undefined }> {
    const running = run.step(
      'step-1',
      survey,
      atCommit(survey, () => proxy.arm('kept-back')),
    );
    await proxy.kept;
    restart();
    expect(lastOf(await running).type).toBe('step-unknown');
    const intent = (await run.journal()).find(({ type }) => type === 'step-committing');
    const xid = intent?.type === 'step-committing' ? (intent.xid ?? '') : '';
    const status = await database.use(async ({ client }) => {
      const next = 'SELECT pg_current_xact_id()::text::numeric > $1::numeric AS past';
      while (!(await client.query<{ past: boolean }>(next, [xid])).rows[0]?.past);
      const asked = 'SELECT pg_xact_status($1::xid8) AS status';
      return (await client.query<{ status: string }>(asked, [xid])).rows[0]?.status;
    });
    return { found: allOf(await run.perform({ type: 'check' }), 'step-found'), status };
  }

  async function fresh(): Promise<void> {
    await run.end();
    await proxy.close();
    await database.drop();
    await begin();
  }

  it('that crashes and hands the transaction’s id out again does not make a lost step a done one', async () => {
    // Whether the id is given again depends on what of the log the server had written: tried until it was.
    for (let tries = 1, status: unknown = ''; status !== 'committed' && tries <= 8; tries += 1) {
      if (tries > 1) await fresh();
      const seen = await crashed();
      status = seen.status;
      expect(seen.found).toEqual([{ type: 'step-found', step: 'step-1', found: 'not-done' }]);
      if (tries === 8) expect(status).toBe('committed');
    }
  });

  it('that waits for a standby has committed when the wait is broken off: with its warning, and never unknown', async () => {
    await asAdmin(async (admin) => {
      const waiting = `SELECT pid FROM pg_stat_activity
                        WHERE wait_event = 'SyncRep' AND datname = $1 AND application_name LIKE 'backout/%'`;
      await admin.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      await admin.query('SELECT pg_reload_conf()');
      try {
        let over = false;
        const running = run.step('step-1', survey).finally(() => (over = true));
        // Whatever commits waits: the store and the run's row as well as the step.
        while (!over) {
          const { rows } = await admin.query<{ pid: number }>(waiting, [database.name]);
          for (const { pid } of rows) await admin.query('SELECT pg_cancel_backend($1)', [pid]);
        }
        const events = await running;
        expect(lastOf(events).type).toBe('step-done');
        const warned = allOf(events, 'statement-notice').map(({ text }) => text);
        expect(warned.join('\n')).toContain('might not have been replicated');
      } finally {
        await admin.query('ALTER SYSTEM RESET synchronous_standby_names');
        await admin.query('SELECT pg_reload_conf()');
      }
    });
  });
});
