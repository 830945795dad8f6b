import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { EXIT, UserError } from '../../src/exit.ts';
import { resolveSettings, type Connection } from '../../src/postgres/settings.ts';
import { rejection } from './support.ts';

const folders: string[] = [];
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'backout-home-'));
  folders.push(home);
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function resolve(url?: string, env: NodeJS.ProcessEnv = {}): Promise<Connection> {
  return resolveSettings({
    ...(url === undefined ? {} : { url }),
    urlOrigin: '--database',
    env,
    home,
    osUser: 'me',
  });
}

/** name → [value, origin] */
function shown({ settings }: Connection): Record<string, [string, string]> {
  return Object.fromEntries(settings.map(({ name, value, origin }) => [name, [value, origin]]));
}

function put(name: string, text: string, mode = 0o600): void {
  mkdirSync(join(home, name, '..'), { recursive: true });
  writeFileSync(join(home, name), text, { mode });
  chmodSync(join(home, name), mode);
}

describe('URIs', () => {
  test.each([
    ['postgresql://h/d', { host: 'h', dbname: 'd' }],
    ['postgres://u:p@h:1/d', { host: 'h', port: 1, user: 'u', password: 'p', dbname: 'd' }],
    ['postgresql://u%40x:p%2F%3A%40@h/d%20b', { user: 'u@x', password: 'p/:@', dbname: 'd b' }],
    ['postgresql://[::1]:7/d', { host: '::1', port: 7 }],
    ['postgresql://%2Fvar%2Frun/d', { host: '/var/run', dbname: 'd' }],
    ['postgresql:///d?host=/run&port=9', { host: '/run', port: 9, dbname: 'd' }],
    [
      'postgresql://h/d?user=v&password=q&options=-c%20x%3D1',
      { user: 'v', password: 'q', options: '-c x=1' },
    ],
    ['postgresql://h?sslmode=verify-full&connect_timeout=3', { sslmode: 'verify-full', connectTimeout: 3 }],
    ['postgresql://h/d?ssl=true', { sslmode: 'require' }],
    ['postgresql://u:p@ss@h/d', { user: 'u', password: 'p@ss', host: 'h' }],
  ])('%s', async (url, expected) => {
    const { parameters } = await resolve(url);
    for (const [name, value] of Object.entries(expected)) {
      expect(parameters[name as keyof typeof parameters], name).toBe(value);
    }
  });

  test.each([
    ['mysql://h/d', /does not start with postgresql/],
    ['postgresql://a,b/d', /several hosts/],
    ['postgresql://h:1,2/d', /several hosts/],
    ['postgresql:///d?host=a,b', /several hosts/],
    ['postgresql://[::1/d', /\[ that is not closed/],
    ['postgresql://u:%zz@h/d', /two hex digits/],
    ['postgresql://h/%00', /%00/],
    ['postgresql://h/d?nonsense=1', /parameter that libpq does not know/],
    ['postgresql://h/d?sslmode', /no "=" and no value/],
    ['postgresql://h:port/d', /port .* is not a whole number/],
    ['postgresql://h:70000/d', /port .* is not a whole number/],
    ['postgresql://h/d?sslmode=maybe', /sslmode .* a value that libpq does not know/],
    ['postgresql://h/d?connect_timeout=soon', /connect_timeout .* is not a whole number/],
    ['postgresql://h/d?channel_binding=require', /cannot do/],
    ['postgresql://h/d?require_auth=scram-sha-256', /cannot do/],
    ['host=h nonsense=1', /keyword that libpq does not know/],
    ["host='h", /quote is not closed/],
    ['host=h port', /no "=" after a keyword/],
  ])('%s is refused', async (url, expected) => {
    const error = await rejection(resolve(url));
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ exitStatus: EXIT.usage });
    expect((error as UserError).message).toMatch(expected);
  });

  test('whatever is wrong with a URI, its password is not repeated', async () => {
    const broken = fc.constantFrom(
      (p: string) => `postgresql://u:${p}@h:port/d`,
      (p: string) => `postgresql://u:${p}@h/d?nonsense=${p}`,
      (p: string) => `postgresql://u:${p}%zz@h/d`,
      (p: string) => `postgresql://u:x@h/d?${p}`,
      (p: string) => `postgresql://u:${p}@a,b/d`,
      (p: string) => `postgres:/u:${p}://h`,
      (p: string) => `host=h password='${p}`,
      (p: string) => `host=h password=${p} ${p}=1`,
      (p: string) => `postgresql://u:x@h/d?password=${p}&connect_timeout=${p}`,
    );
    await fc.assert(
      fc.asyncProperty(broken, fc.stringMatching(/^[a-z]{2}c4n4ry[a-z0-9]{1,8}$/), async (make, canary) => {
        const error = await rejection(resolve(make(canary)));
        expect(error).toBeInstanceOf(UserError);
        const { message, advice, cause, stack } = error as UserError;
        expect(`${message}${advice}${String(cause)}${stack}`).not.toContain(canary);
      }),
      { numRuns: 60 },
    );
  });
});

describe('keyword=value strings', () => {
  test.each([
    ['host=h dbname=d', { host: 'h', dbname: 'd' }],
    [
      "  host = h  user='a b'  password='it\\'s \\\\ it' ",
      { host: 'h', user: 'a b', password: "it's \\ it" },
    ],
    ['dbname=a\\ b', { dbname: 'a b' }],
    ['orders', { dbname: 'orders' }],
  ])('%s', async (url, expected) => {
    const { parameters } = await resolve(url);
    for (const [name, value] of Object.entries(expected)) {
      expect(parameters[name as keyof typeof parameters], name).toBe(value);
    }
  });
});

describe('precedence', () => {
  test('what was given, then the service, then the environment, then the defaults', async () => {
    put(
      '.pg_service.conf',
      '# mine\n[other]\nhost=wrong\n[orders]\nhost=service-host\nport=6000\nuser=service-user\n[last]\nhost=x\n',
    );
    const env = {
      PGSERVICE: 'orders',
      PGHOST: 'env-host',
      PGUSER: 'env-user',
      PGDATABASE: 'env-db',
      PGPORT: '6001',
    };
    expect(shown(await resolve('postgresql://url-host', env))).toMatchObject({
      service: ['orders', 'PGSERVICE'],
      host: ['url-host', '--database'],
      port: ['6000', 'service file ~/.pg_service.conf [orders]'],
      user: ['service-user', 'service file ~/.pg_service.conf [orders]'],
      dbname: ['env-db', 'PGDATABASE'],
      sslmode: ['prefer', 'default'],
    });
  });

  test('a service named in the URI, in a file named by the environment, or in the system folder', async () => {
    put('elsewhere.conf', '[a]\nhost=from-a\n');
    put('etc/pg_service.conf', '[b]\nhost=from-b\n');
    const env = { PGSERVICEFILE: join(home, 'elsewhere.conf'), PGSYSCONFDIR: join(home, 'etc') };
    expect((await resolve('postgresql://?service=a', env)).parameters.host).toBe('from-a');
    expect((await resolve('service=b', env)).parameters.host).toBe('from-b');
    const error = await rejection(resolve('service=c', env));
    expect(String(error)).toMatch(/service "c" is not defined/);
  });

  test('defaults: the user of the machine, and a database of that name', async () => {
    const { parameters, settings } = await resolve();
    expect(parameters).toMatchObject({ user: 'me', dbname: 'me', port: 5432 });
    expect(parameters.host).toMatch(/^\//);
    expect(settings.every(({ origin }) => origin === 'default')).toBe(true);
    expect((await resolve('user=you')).parameters.dbname).toBe('you');
  });

  test('client certificates of the home folder are used when they are there', async () => {
    put('.postgresql/root.crt', 'x');
    const { parameters } = await resolve('postgresql://h');
    expect(parameters.sslrootcert).toBe(join(home, '.postgresql/root.crt'));
    expect(parameters.sslcert).toBeUndefined();
  });
});

describe('the password file', () => {
  const LINES = [
    '# comment:x:y:z:no',
    'h:5432:d:u:first',
    'h:*:*:u:an\\:y\\\\',
    '*:*:*:v:any-host',
    'localhost:5432:*:*:local',
  ];

  test.each([
    ['postgresql://u@h/d', 'first'],
    ['postgresql://u@h:6/other', 'an:y\\'],
    ['postgresql://v@elsewhere/x', 'any-host'],
    ['postgresql:///d?host=/tmp&user=w', 'local'],
    ['postgresql://w@h/d', undefined],
    ['postgresql://u:given@h/d', 'given'],
  ])('%s', async (url, password) => {
    put('.pgpass', LINES.join('\n'));
    expect((await resolve(url)).parameters.password).toBe(password);
  });

  test('says where the password came from, and never what it is', async () => {
    put('.pgpass', LINES.join('\n'));
    const connection = await resolve('postgresql://u@h/d');
    expect(shown(connection)['password']).toEqual(['(set)', 'passfile ~/.pgpass']);
    expect(JSON.stringify(connection)).not.toContain('first');
    expect((await resolve('postgresql://u@h/d', { PGPASSWORD: 'env' })).parameters.password).toBe('env');
  });

  test('is not used when others may read it, and that is said', async () => {
    put('mine', LINES.join('\n'), 0o640);
    const connection = await resolve('postgresql://u@h/d', { PGPASSFILE: join(home, 'mine') });
    expect(connection.parameters.password).toBeUndefined();
    expect(connection.warnings).toEqual([expect.stringMatching(/read or written by others.*chmod 0600/)]);
  });
});

test('settings without effect are named', async () => {
  const { warnings } = await resolve('postgresql://h/d?target_session_attrs=read-write');
  expect(warnings).toEqual(['The setting target_session_attrs (--database) has no effect here.']);
});

test('what is shown cannot drive the terminal', async () => {
  const { settings } = await resolve('postgresql://h%1b%5b31m/d%0a');
  expect(settings.map(({ value }) => value).join('')).not.toMatch(/[\u0000-\u001f]/);
});
