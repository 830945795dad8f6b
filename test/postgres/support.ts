/** A database of its own for each test file, on a real server, and sessions on it. */
import { readCatalog } from '../../src/postgres/catalog.ts';
import { openSession, withSchema, type PostgresSession } from '../../src/postgres/connect.ts';
import { resolveSettings, type Connection } from '../../src/postgres/settings.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { DatabaseError } from '../../src/sql/session.ts';
import type { Catalog, Plan, Position } from '../../src/sql/types.ts';
import type { DatabaseOptions } from '../support/databases.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';

/** Settings from a URL alone: nothing of the machine's own environment. */
export function connectionTo(url: string, env: NodeJS.ProcessEnv = {}): Promise<Connection> {
  return resolveSettings({ url, urlOrigin: 'test', env, home: '/nonexistent', osUser: 'nobody' });
}

export interface Bench {
  session: PostgresSession;
  connection: Connection;
  database: TestDatabase;
  /** Another session on the same database, as the same user or another; closed with the bench. */
  open(applicationName?: string, user?: string): Promise<PostgresSession>;
  close(): Promise<void>;
}

/** A fresh database, by default an empty one, and a session on it. */
export async function openBench(options: DatabaseOptions = { state: 'empty' }): Promise<Bench> {
  const database = await freshDatabase(options);
  const opened: PostgresSession[] = [];
  const connection = await connectionTo(database.url);
  const open: Bench['open'] = async (applicationName = 'somebody', user) => {
    const url = new URL(database.url);
    if (user) url.username = user;
    const session = await openSession(await connectionTo(url.href), { applicationName });
    opened.push(session);
    return session;
  };
  const session = await open('backout/test');
  return {
    session,
    connection,
    database,
    open,
    async close() {
      await Promise.all(opened.map((one) => one.close()));
      await database.drop();
    },
  };
}

/** Each statement by itself, names looked up in this schema. */
export async function execute(
  session: PostgresSession,
  schema: string,
  statements: readonly string[],
): Promise<void> {
  await withSchema(session, schema);
  for (const statement of statements) await session.query(statement);
}

/** The plan of some SQL and the catalog it meets, nothing of it applied yet. */
export async function pendingPlan(
  session: PostgresSession,
  schema: string,
  sql: string,
): Promise<{ plan: Plan; catalog: Catalog; position: Position }> {
  await loadParser();
  const plan = planFromSql(sql);
  return { plan, catalog: await readCatalog(session, schema), position: allPending(plan) };
}

export function allPending(plan: Plan): Position {
  return {
    steps: plan.steps.map(({ id, statements }) => ({
      id,
      state: 'pending',
      statements: statements.map(({ index }) => ({ index, state: 'pending', reason: '' })),
    })),
  };
}

/** What a promise is rejected with. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** As {@link rejection}, of a statement or a connection. */
export async function databaseError(work: Promise<unknown>): Promise<DatabaseError> {
  const error = await rejection(work);
  if (error instanceof DatabaseError) return error;
  throw error;
}
