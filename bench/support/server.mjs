// A server of our own with a large migrated database, of which every run gets a fresh copy.
import pg from 'pg';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, root } from './load.mjs';
import { LOGGED } from './log.mjs';
import { migratedDatabase } from './rows.mjs';

const TEMPLATE = 'template_large';
const COPY = 'rollback_bench';

/** As in production, but for what would come at another moment in each run: autovacuum, and checkpoints amid a step. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  autovacuum: 'off',
  wal_level: 'replica',
  jit: 'on',
  shared_buffers: '512MB',
  max_wal_size: '16GB',
  checkpoint_timeout: '1h',
};

/**
 * Starts the server and makes the database with that many snapshots, a tenth as many sessions, and technologies.
 * @param {{ rows: number, technologies: number, logged?: boolean }} sizes `logged`: every statement, with its time
 */
export async function startServer({ rows, technologies, logged = false }) {
  const parts = ['test/support/cluster.ts', 'test/support/vector-stand-in.ts', 'test/support/binaries.ts'];
  const { startCluster, createVector, pgBin } = await load(parts);
  const cluster = await startCluster({ ...SETTINGS, ...(logged ? LOGGED : {}) });
  const connected = async (database) => {
    const client = new pg.Client({
      connectionString: cluster.url(database),
      application_name: 'bench set-up',
    });
    await client.connect();
    return client;
  };

  /** @param {string} database @param {string[]} statements */
  async function execute(database, statements) {
    const client = await connected(database);
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  async function makeTemplate() {
    const text = (name) => readFileSync(join(root, 'src', 'practice', 'migration', `${name}.sql`), 'utf8');
    await execute('postgres', [`CREATE DATABASE ${TEMPLATE} TEMPLATE template0`]);
    const client = await connected(TEMPLATE);
    await createVector((sql) => client.query(sql)).finally(() => client.end());
    const migrated = migratedDatabase({ rows, technologies, before: text('before'), up: text('up') });
    await execute(TEMPLATE, migrated);
  }

  /** Copies files instead of writing every page to the log, where the server can choose (15 and later). */
  async function onCopy(work) {
    const client = await connected('postgres');
    const shown = await client.query('SHOW server_version_num').finally(() => client.end());
    const strategy = Number(shown.rows[0].server_version_num) >= 150000 ? 'STRATEGY file_copy' : '';
    await execute('postgres', [`CREATE DATABASE ${COPY} TEMPLATE ${TEMPLATE} ${strategy}`, 'CHECKPOINT']);
    try {
      return await work(COPY);
    } finally {
      await execute('postgres', [`DROP DATABASE ${COPY} WITH (FORCE)`]);
    }
  }

  try {
    await makeTemplate();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    cluster,
    psql: pgBin('psql'),
    log: join(cluster.folder, 'log'),
    connected,
    onCopy,
    stop: () => cluster.stop(),
  };
}
