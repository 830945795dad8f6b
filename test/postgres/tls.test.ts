import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../src/postgres/connect.ts';
import { explainError } from '../../src/postgres/explain.ts';
import { UserError } from '../../src/exit.ts';
import { startCluster, type Cluster } from '../support/cluster.ts';
import { connectionTo, rejection } from './support.ts';

const file = (name: string): string => fileURLToPath(new URL(`tls/${name}`, import.meta.url));

/** A server whose certificate is for `localhost`, signed by an authority of our own. */
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  for (const name of ['server.crt', 'server.key']) put(name, readFileSync(file(name), 'utf8'));
  await configure(['ALTER SYSTEM SET ssl = on']);
});
afterAll(async () => cluster.stop());

function put(name: string, text: string): void {
  const path = join(cluster.data, name);
  writeFileSync(path, text, { mode: 0o600 });
  if (cluster.owner) chownSync(path, cluster.owner.uid, cluster.owner.gid);
}

async function configure(statements: string[]): Promise<void> {
  const socket = `postgresql://postgres:${cluster.password}@/postgres?host=${cluster.folder}&port=${cluster.port}`;
  const session = await openSession(await connectionTo(socket), { applicationName: 'test' });
  for (const statement of statements) await session.query(statement);
  await session.query('SELECT pg_reload_conf()');
  await session.close();
}

/** What protects the connection, or why there is none. */
async function attempt(host: string, search: string): Promise<string> {
  const url = `postgresql://postgres:${cluster.password}@${host}:${cluster.port}/postgres?${search}`;
  try {
    const session = await openSession(await connectionTo(url), { applicationName: 'test' });
    await session.close();
    return session.encryption;
  } catch (error) {
    const { message, explanation } = explainError(error);
    return explanation || message;
  }
}

const CA = `sslrootcert=${file('ca.crt')}`;
const OTHER = `sslrootcert=${file('other-ca.crt')}`;

describe('sslmode means what it means to libpq', () => {
  test.each([
    ['localhost', 'sslmode=disable', /^PLAINTEXT$/],
    ['localhost', 'sslmode=allow', /^PLAINTEXT$/],
    ['localhost', '', /^TLSv1\.3, verified: no$/],
    ['localhost', 'sslmode=prefer', /^TLSv1\.3, verified: no$/],
    ['localhost', 'sslmode=require', /^TLSv1\.3, verified: no$/],
    ['127.0.0.1', 'sslmode=require', /^TLSv1\.3, verified: no$/],
    // With a root certificate, require is verify-ca.
    ['127.0.0.1', `sslmode=require&${CA}`, /^TLSv1\.3, verified: ca$/],
    ['127.0.0.1', `sslmode=require&${OTHER}`, /not signed by the authority/],
    ['127.0.0.1', `sslmode=verify-ca&${CA}`, /^TLSv1\.3, verified: ca$/],
    ['127.0.0.1', `sslmode=verify-ca&${OTHER}`, /not signed by the authority/],
    ['localhost', `sslmode=verify-full&${CA}`, /^TLSv1\.3, verified: full$/],
    ['127.0.0.1', `sslmode=verify-full&${CA}`, /certificate for another name/],
    ['localhost', `sslmode=verify-full&${OTHER}`, /not signed by the authority/],
    ['localhost', 'sslmode=verify-full&sslrootcert=system', /not signed by the authority/],
    // The name is checked against host, the connection made to hostaddr.
    ['localhost', `hostaddr=127.0.0.1&sslmode=verify-full&${CA}`, /^TLSv1\.3, verified: full$/],
    ['wrong.example', `hostaddr=127.0.0.1&sslmode=verify-full&${CA}`, /certificate for another name/],
  ])('%s %s', async (host, search, expected) => {
    expect(await attempt(host, search)).toMatch(expected);
  });

  test.each([
    ['sslmode=verify-full', /needs the certificate of the authority/],
    ['sslmode=require&sslrootcert=system', /needs sslmode=verify-full/],
    ['sslmode=verify-ca&sslrootcert=/nonexistent', /cannot be read/],
  ])('%s is refused before anything is sent', async (search, expected) => {
    const connection = await connectionTo(
      `postgresql://postgres@localhost:${cluster.port}/postgres?${search}`,
    );
    const error = await rejection(openSession(connection, { applicationName: 'test' }));
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toMatch(expected);
  });

  test('the environment counts where the URL is silent, and the URL where it is not', async () => {
    const url = `postgresql://postgres:${cluster.password}@localhost:${cluster.port}/postgres`;
    const env = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: file('ca.crt') };
    const strict = await openSession(await connectionTo(url, env), { applicationName: 'test' });
    expect(strict.encryption).toBe('TLSv1.3, verified: full');
    await strict.close();
    const lax = await openSession(await connectionTo(`${url}?sslmode=disable`, env), {
      applicationName: 'test',
    });
    expect(lax.encryption).toBe('PLAINTEXT');
    await lax.close();
  });

  test('a statement is cancelled over TLS too', async () => {
    const url = `postgresql://postgres:${cluster.password}@localhost:${cluster.port}/postgres?sslmode=verify-full&${CA}`;
    const session = await openSession(await connectionTo(url), { applicationName: 'test' });
    // Asked again until the statement runs: a request that comes before it does nothing.
    const asking = setInterval(() => void session.cancel(), 100);
    const error = await rejection(session.query('SELECT pg_sleep(600)'));
    clearInterval(asking);
    expect(error).toMatchObject({ sqlstate: '57014' });
    await session.close();
  });
});

describe('a server that takes one way only', () => {
  const line = (type: string): string =>
    `local all all scram-sha-256\n${type} all all 127.0.0.1/32 scram-sha-256\n${type} all all ::1/128 scram-sha-256\n`;

  test('allow turns to TLS where the server wants it', async () => {
    put('pg_hba.conf', line('hostssl'));
    await configure([]);
    await expect.poll(() => attempt('localhost', 'sslmode=disable')).toMatch(/does not let this user in/);
    expect(await attempt('localhost', 'sslmode=allow')).toBe('TLSv1.3, verified: no');
  });

  test('prefer turns to plaintext where the server wants it, require does not', async () => {
    put('pg_hba.conf', line('hostnossl'));
    await configure([]);
    await expect.poll(() => attempt('localhost', 'sslmode=require')).toMatch(/does not let this user in/);
    expect(await attempt('localhost', 'sslmode=prefer')).toBe('PLAINTEXT');
  });
});
