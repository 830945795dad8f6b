/** Databases on a test cluster: templates made once, copies made in a moment. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Cluster } from './cluster.ts';
import { migrated, type Database } from './states.ts';
import { createVector } from './vector-stand-in.ts';

/** How to reach a cluster, in a form that passes between processes. */
export type Address = Pick<Cluster, 'host' | 'port' | 'user' | 'password' | 'folder' | 'data' | 'bin'>;

export interface TestDatabase {
  url: string;
  name: string;
  /** Runs something on a connection of its own. */
  use<T>(work: (db: Database & { client: pg.Client }) => Promise<T>): Promise<T>;
  /** Ends its sessions and removes it. */
  drop(): Promise<void>;
}

export interface DatabaseOptions {
  /** Default: a new one. */
  name?: string;
  /** `migrated` and `empty` are copied from templates; a builder of states.ts starts from `empty`. */
  state?: 'migrated' | 'empty' | ((db: Database) => Promise<void>);
}

const TEMPLATES = { empty: 'template_empty', migrated: 'template_migrated' } as const;

/** The two databases that all others are copied from. */
export async function makeTemplates(address: Address): Promise<void> {
  await connected(address, 'postgres', (db) =>
    db.exec(`CREATE DATABASE ${TEMPLATES.empty} TEMPLATE template0`),
  );
  await connected(address, TEMPLATES.empty, (db) => createVector((sql) => db.query(sql)));
  const copy = `CREATE DATABASE ${TEMPLATES.migrated} TEMPLATE ${TEMPLATES.empty}`;
  await connected(address, 'postgres', (db) => db.exec(copy));
  await connected(address, TEMPLATES.migrated, (db) => migrated(db));
}

export async function makeDatabase(address: Address, options: DatabaseOptions = {}): Promise<TestDatabase> {
  const { state = 'migrated', name = `db_${randomBytes(5).toString('hex')}` } = options;
  const template = TEMPLATES[state === 'migrated' ? 'migrated' : 'empty'];
  const quoted = pg.escapeIdentifier(name);
  await connected(address, 'postgres', (db) => db.exec(`CREATE DATABASE ${quoted} TEMPLATE ${template}`));
  const use: TestDatabase['use'] = (work) => connected(address, name, work);
  if (typeof state === 'function') await use(state);
  return {
    url: urlOf(address, name),
    name,
    use,
    drop: async () => {
      await connected(address, 'postgres', (db) => db.exec(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`));
    },
  };
}

export function urlOf(address: Address, database: string): string {
  const { user, password, host, port } = address;
  return `postgresql://${user}:${password}@${host}:${port}/${encodeURIComponent(database)}`;
}

async function connected<T>(
  address: Address,
  database: string,
  work: (db: Database & { client: pg.Client }) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: urlOf(address, database),
    application_name: 'test set-up',
  });
  await client.connect();
  try {
    return await work({ client, exec: (sql) => client.query(sql), query: (sql) => client.query(sql) });
  } finally {
    await client.end();
  }
}
