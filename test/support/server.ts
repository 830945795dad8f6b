/** What the main process keeps for all test files: the real PostgreSQL server, started when first asked for; the build. */
import { request } from 'node:http';
import { inject } from 'vitest';
import { makeDatabase, type Address, type DatabaseOptions, type TestDatabase } from './databases.ts';

export { pgBin } from './binaries.ts';
export type { TestDatabase } from './databases.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Unix socket (or on Windows the pipe) on which the main process answers: server's address, build. */
    postgresAt: string;
  }
}

let address: Promise<Address> | undefined;

/** Where the server is; starts it if no test has asked yet. Its own files are in `folder`, e.g. `data/pg_hba.conf`. */
export function server(): Promise<Address> {
  address ??= ask('/').then((body) => JSON.parse(body) as Address);
  return address;
}

/** Resolves when bin/backout.js runs what the sources say; once a test run it is built if it has to be. */
export async function built(): Promise<void> {
  await ask('/built');
}

function ask(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: inject('postgresAt'), path }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(body))));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/**
 * A new database, by default a copy of a migrated one, with pgvector or a stand-in for its type. The URL is a
 * superuser's. Drop it when done; the whole server goes at the end of the run.
 */
export async function freshDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  return makeDatabase(await server(), options);
}
