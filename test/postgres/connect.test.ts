import { inspect } from 'node:util';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession, serverInfo, withSchema } from '../../src/postgres/connect.ts';
import { explainError } from '../../src/postgres/explain.ts';
import type { Notice } from '../../src/sql/session.ts';
import { connectionTo, databaseError, openBench, type Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => bench.close());

const CANARY = 'c4n4ry-p%40ss';

async function refusal(change: (url: URL) => void): Promise<ReturnType<typeof explainError>> {
  const url = new URL(bench.database.url);
  change(url);
  const error = await databaseError(
    connectionTo(url.href).then((connection) => openSession(connection, { applicationName: 'backout/test' })),
  );
  return explainError(error);
}

/** A listener on a free port that treats each connection as told. */
async function listening(onConnection: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server };
}

describe('connecting that fails is explained', () => {
  test('nothing listens', async () => {
    const { port, server } = await listening(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const error = await refusal((url) => (url.port = String(port)));
    expect(error).toMatchObject({ sqlstate: '08001' });
    expect(error.explanation).toMatch(/Nothing listens/);
  });

  test('unknown host', async () => {
    const error = await refusal((url) => (url.hostname = 'no-such-host.invalid'));
    expect(error.explanation).toMatch(/host name (is not known|could not be looked up)/);
  });

  test('wrong password', async () => {
    const error = await refusal((url) => (url.password = 'wrong'));
    expect(error).toMatchObject({ sqlstate: '28P01' });
    expect(error.advice).toMatch(/password/);
  });

  test('no password where one is asked for', async () => {
    const error = await refusal((url) => (url.password = ''));
    expect(error.explanation).toMatch(/asks for a password, and none was given/);
  });

  test('unknown database', async () => {
    const error = await refusal((url) => (url.pathname = '/no_such_database'));
    expect(error).toMatchObject({ sqlstate: '3D000' });
  });

  test('TLS asked of a server that has none', async () => {
    const error = await refusal((url) => (url.search = '?sslmode=require'));
    expect(error.explanation).toMatch(/does not offer TLS/);
  });

  test('a server that never answers', async () => {
    const sockets: Socket[] = [];
    const { port, server } = await listening((socket) => sockets.push(socket));
    const error = await refusal((url) => {
      url.port = String(port);
      url.search = '?connect_timeout=1&sslmode=disable';
    });
    expect(error.explanation).toMatch(/did not answer in time/);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('something that is no PostgreSQL server', async () => {
    const { port, server } = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await refusal((url) => {
      url.port = String(port);
      url.search = '?sslmode=disable';
    });
    expect(error.explanation).toMatch(/not as a PostgreSQL server does|cut by the other side/);
    server.close();
  });

  test('no socket in the directory', async () => {
    const connection = await connectionTo('postgresql:///x?host=/nonexistent');
    const error = explainError(await databaseError(openSession(connection, { applicationName: 'x' })));
    expect(error.explanation).toMatch(/no server socket/);
  });

  test('the password is in no error, setting or dump of the settings', async () => {
    for (const search of ['', '?sslmode=require', '?sslmode=disable']) {
      const url = new URL(bench.database.url);
      url.password = CANARY;
      url.search = search;
      const connection = await connectionTo(url.href);
      expect(connection.parameters.password).toBe('c4n4ry-p@ss');
      const error = await databaseError(openSession(connection, { applicationName: 'backout/test' }));
      const everything =
        JSON.stringify([explainError(error), connection]) + inspect([error, connection], { depth: 9 });
      expect(everything).not.toMatch(/c4n4ry/);
      expect(connection.settings).toContainEqual({ name: 'password', value: '(set)', origin: 'test' });
    }
  });
});

describe('a session', () => {
  test('takes one statement a message', async () => {
    const error = await databaseError(bench.session.query('SELECT 1; SELECT 2'));
    expect(error.sqlstate).toBe('42601');
  });

  test('returns text, names and the whole command tag', async () => {
    const { session } = bench;
    const read = await session.query(
      'SELECT 1 AS one, true AS yes, NULL AS none, \'{"a": 1}\'::jsonb AS doc',
    );
    expect(read).toEqual({
      rows: [{ one: '1', yes: 't', none: null, doc: '{"a": 1}' }],
      fields: ['one', 'yes', 'none', 'doc'],
      rowCount: 1,
      command: 'SELECT',
    });
    expect(await session.query('CREATE TEMP TABLE tagged (x int)')).toMatchObject({
      command: 'CREATE TABLE',
      rowCount: null,
    });
    expect(await session.query('INSERT INTO pg_temp.tagged VALUES (1), (2)')).toMatchObject({
      command: 'INSERT',
      rowCount: 2,
    });
    expect(await session.query('UPDATE pg_temp.tagged SET x = 3 WHERE x = $1', [1])).toMatchObject({
      rowCount: 1,
    });
  });

  test('has settings that no default of a role decides', async () => {
    const names = [
      'search_path',
      'statement_timeout',
      'row_security',
      'TimeZone',
      'client_connection_check_interval',
    ];
    const { rows } = await bench.session.query(
      `SELECT ${names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')}`,
    );
    expect(rows[0]).toEqual({
      search_path: 'pg_catalog, pg_temp',
      statement_timeout: '0',
      row_security: 'off',
      TimeZone: 'UTC',
      client_connection_check_interval: '1s',
    });
  });

  test('keeps what was committed, also where the role would not wait for the disk', async () => {
    const { rows } = await bench.session.query("SELECT current_setting('synchronous_commit') AS value");
    expect(rows[0]?.['value']).toBe('on');
  });

  test("places the caret in JavaScript's units, past characters outside the basic plane", async () => {
    const sql = "SELECT '🐘🐘', nonsense";
    const error = await databaseError(bench.session.query(sql));
    expect(sql.slice((error.more.position ?? 0) - 1)).toBe('nonsense');
  });

  test('hears notices, and errors with all their parts', async () => {
    const heard: Notice[] = [];
    const stop = bench.session.onNotice((notice) => heard.push(notice));
    await bench.session.query("DO $$BEGIN RAISE WARNING 'careful' USING HINT = 'slowly'; END$$");
    stop();
    await bench.session.query("DO $$BEGIN RAISE WARNING 'unheard'; END$$");
    expect(heard).toEqual([{ severity: 'WARNING', message: 'careful', sqlstate: '01000', hint: 'slowly' }]);
    const raise =
      "DO $$BEGIN RAISE 'no' USING ERRCODE = '23503', DETAIL = 'd', CONSTRAINT = 'c', TABLE = 't'; END$$";
    const error = await databaseError(bench.session.query(raise));
    expect(error).toMatchObject({ sqlstate: '23503', more: { detail: 'd', constraint: 'c', table: 't' } });
    expect(error.more.connectionLost).toBeUndefined();
  });

  test('runs statements given at once one after the other', async () => {
    const results = await Promise.all([1, 2, 3].map((n) => bench.session.query('SELECT $1::int AS n', [n])));
    expect(results.map(({ rows }) => rows[0]?.['n'])).toEqual(['1', '2', '3']);
  });

  test('cancels the running statement on the server, and lives on', async () => {
    const session = await bench.open('backout/cancel');
    const running = databaseError(session.query('SELECT pg_sleep(600)'));
    await until(bench, session.processId, 'active');
    await session.cancel();
    expect((await running).sqlstate).toBe('57014');
    expect(session.lost).toBe(false);
    expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
  });

  test('knows when it is lost: in a statement, and between two', async () => {
    const busy = await bench.open('backout/busy');
    const running = databaseError(busy.query('SELECT pg_sleep(600)'));
    await until(bench, busy.processId, 'active');
    await bench.session.query('SELECT pg_terminate_backend($1)', [busy.processId]);
    const error = await running;
    expect(error).toMatchObject({ sqlstate: '57P01', more: { connectionLost: true } });
    expect(busy.lost).toBe(true);
    const after = await databaseError(busy.query('SELECT 1'));
    expect(after).toMatchObject({ sqlstate: '08006', more: { connectionLost: true } });

    const idle = await bench.open('backout/idle');
    await bench.session.query('SELECT pg_terminate_backend($1)', [idle.processId]);
    await expect.poll(() => idle.lost).toBe(true);
  });

  test('can be closed in the middle of a statement', async () => {
    const session = await bench.open('backout/closing');
    const running = databaseError(session.query('SELECT pg_sleep(600)'));
    await until(bench, session.processId, 'active');
    await session.close();
    expect((await running).more.connectionLost).toBe(true);
  });

  test('looks names up in a schema when asked to', async () => {
    const session = await bench.open('backout/schema');
    await session.query('CREATE SCHEMA "odd ""name"');
    await session.query('CREATE TABLE "odd ""name".here (x int)');
    await withSchema(session, 'odd "name');
    expect((await session.query('SELECT count(*) AS n FROM here')).rows).toEqual([{ n: '0' }]);
  });

  test('tells about its server', async () => {
    const { session, connection, database } = bench;
    const info = await serverInfo(session, connection);
    const { rows } = await session.query("SELECT current_setting('server_version_num') AS number");
    expect(info).toMatchObject({
      versionNumber: Number(rows[0]?.['number']),
      database: database.name,
      user: 'postgres',
      host: '127.0.0.1',
      superuser: true,
      standby: false,
      readOnly: false,
      encryption: 'PLAINTEXT',
      embedded: false,
    });
    expect(info.version).toMatch(/^\d+(\.\d+)?/);
    expect(info.systemIdentifier).toMatch(/^\d+$/);
  });
});

async function until({ session }: Bench, pid: number | null, state: string): Promise<void> {
  const look = async (): Promise<unknown> => {
    const { rows } = await session.query(
      'SELECT state FROM pg_stat_activity WHERE pid = $1 AND query LIKE $2',
      [pid, '%pg_sleep%'],
    );
    return rows[0]?.['state'];
  };
  await expect.poll(look).toBe(state);
}
