import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookAround } from '../../src/escalate/look.ts';
import { allowWrites, endShown, stopPlan, stopWrites } from '../../src/escalate/writes.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { asRole, resolvePlace, roleNames } from './support.ts';

let database: TestDatabase;
const roles = roleNames();
const clients: pg.Client[] = [];

beforeEach(async () => {
  database = await freshDatabase({ state: 'empty' });
  for (const role of roles.all) {
    await database.use((db) => db.exec(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`));
  }
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => undefined)));
  await database.drop();
  const other = await freshDatabase({ state: 'empty' });
  for (const role of roles.all) await other.use((db) => db.exec(`DROP ROLE ${role}`));
  await other.drop();
});

afterAll(() => expect(clients).toEqual([]));

async function connectAs(role: string, application: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: asRole(database.url, role),
    application_name: application,
  });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

const aclOf = () =>
  database.use(async (db) => {
    const { rows } = await db.client.query(
      `SELECT COALESCE(datacl, acldefault('d', datdba))::text[] AS acl, datconnlimit AS "limit" FROM pg_database WHERE datname = current_database()`,
    );
    const { acl, limit } = rows[0] as { acl: string[]; limit: number };
    return { acl: acl.toSorted(), limit };
  });

const alive = async (client: pg.Client): Promise<boolean> =>
  client.query('SELECT 1').then(
    () => true,
    () => false,
  );

describe('stopping writes', () => {
  test('takes the right to connect from everybody and gives it back exactly, default rights', async () => {
    await database.use((db) =>
      db.exec(`COMMENT ON DATABASE "${database.name}" IS 'of the shop''s
two lines'`),
    );
    const before = await aclOf();
    const place = await resolvePlace(database.url);
    const acted = await stopWrites(place, await lookAround(place));
    expect(acted.ok).toBe(true);
    await expect(connectAs(roles.app, 'app')).rejects.toMatchObject({ code: '42501' });
    const during = await lookAround(place);
    expect(during.access.grants).toEqual([]);
    expect(during.access.marks.stopped?.grants).toEqual([
      { grantee: null, grantor: during.access.owner, grantable: false },
    ]);

    const back = await allowWrites(place);
    expect(back).toMatchObject({ ok: true });
    expect(await aclOf()).toEqual(before);
    expect((await lookAround(place)).access.marks).toEqual({
      text: "of the shop's\ntwo lines",
      stopped: null,
      beside: null,
    });
    expect(await alive(await connectAs(roles.app, 'app'))).toBe(true);
  });

  test('gives back what was passed on, with its grantor, and the connection limit', async () => {
    await database.use(async (db) => {
      const name = `"${database.name}"`;
      await db.exec(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
      await db.exec(`GRANT CONNECT ON DATABASE ${name} TO ${roles.app} WITH GRANT OPTION`);
      await db.exec(`SET ROLE ${roles.app}; GRANT CONNECT ON DATABASE ${name} TO ${roles.other}; RESET ROLE`);
      await db.exec(`GRANT CREATE ON DATABASE ${name} TO ${roles.other}`);
      await db.exec(`ALTER DATABASE ${name} CONNECTION LIMIT 40`);
    });
    const before = await aclOf();
    expect(before.acl.join(' ')).toContain(`/${roles.app}`);
    const place = await resolvePlace(database.url);
    await stopWrites(place, await lookAround(place));
    expect((await aclOf()).acl.join(' ')).not.toContain(`${roles.app}=c`);
    expect((await aclOf()).limit).toBe(0);
    expect((await allowWrites(place)).ok).toBe(true);
    expect(await aclOf()).toEqual(before);
  });

  test('keeps out the owner too, when a superuser stops them', async () => {
    await database.use((db) => db.exec(`ALTER DATABASE "${database.name}" OWNER TO ${roles.owner}`));
    const place = await resolvePlace(database.url);
    const app = await connectAs(roles.owner, 'phoenix');
    await stopWrites(place, await lookAround(place));
    expect(await alive(app)).toBe(false);
    await expect(connectAs(roles.owner, 'phoenix')).rejects.toMatchObject({ code: '53300' });
    await allowWrites(place);
    expect(await alive(await connectAs(roles.owner, 'phoenix'))).toBe(true);
  });

  test('done by the owner, it says that the owner comes back', async () => {
    await database.use((db) => db.exec(`ALTER DATABASE "${database.name}" OWNER TO ${roles.owner}`));
    const before = await aclOf();
    await connectAs(roles.owner, 'phoenix');
    const other = await connectAs(roles.app, 'worker');
    const place = await resolvePlace(asRole(database.url, roles.owner));
    const look = await lookAround(place);
    expect(look.remains.join(' ')).toMatch(new RegExp(`owner, ${roles.owner}, are not kept out`));
    expect(look.remains.join(' ')).toMatch(new RegExp(`come back at once: ${roles.owner}`));
    const acted = await stopWrites(place, look);
    expect(acted.ok).toBe(false);
    expect(acted.lines.join(' ')).toMatch(/1 session of the application is there/);
    expect(await alive(other)).toBe(true);
    await expect(connectAs(roles.app, 'worker')).rejects.toMatchObject({ code: '42501' });
    expect((await allowWrites(place)).ok).toBe(true);
    expect(await aclOf()).toEqual(before);
  });
});

describe('sessions', () => {
  test('only those that were shown are ended: none that came since, none of backout, none that takes a backup', async () => {
    const place = await resolvePlace(database.url);
    const app = await connectAs(roles.app, 'phoenix');
    const run = await connectAs(roles.app, 'backout/20261122-1549-k3f9');
    const dump = await connectAs(roles.app, 'pg_dump');
    const look = await lookAround(place);
    const { ending, leaving } = stopPlan(look, place);
    expect(ending).toMatchObject([{ user: roles.app, application: 'phoenix' }]);
    expect(leaving.map(({ application, left }) => [application, left])).toEqual([
      ['backout/20261122-1549-k3f9', 'backout itself'],
      ['pg_dump', 'takes a backup, and only reads'],
    ]);
    const late = await connectAs(roles.app, 'late');
    const acted = await stopWrites(place, look);
    expect(await Promise.all([app, late, run, dump].map(alive))).toEqual([false, true, true, true]);
    expect(acted.ok).toBe(false);
    expect(acted.lines.join(' ')).toMatch(/1 session ended/);

    const again = await endShown(place, await lookAround(place));
    expect(again.ok).toBe(true);
    expect(await Promise.all([late, run, dump].map(alive))).toEqual([false, true, true]);
    await allowWrites(place);
  });

  test('a pid that is another session’s by now is left alone', async () => {
    const place = await resolvePlace(database.url);
    const app = await connectAs(roles.app, 'phoenix');
    const look = await lookAround(place);
    const earlier = look.sessions.map((one) => ({ ...one, backendStart: '2020-01-01T00:00:00.000000Z' }));
    await stopWrites(place, { ...look, sessions: earlier });
    expect(await alive(app)).toBe(true);
    await allowWrites(place);
  });
});

describe('refusals', () => {
  test('what changed after it was shown is not done', async () => {
    const place = await resolvePlace(database.url);
    const look = await lookAround(place);
    await database.use((db) => db.exec(`GRANT CONNECT ON DATABASE "${database.name}" TO ${roles.app}`));
    await expect(stopWrites(place, look)).rejects.toThrow(/changed who may connect/);
    expect((await lookAround(place)).access.marks.stopped).toBeNull();
  });

  test('a role that does not own the database changes nothing', async () => {
    const place = await resolvePlace(asRole(database.url, roles.app));
    const before = await aclOf();
    await expect(stopWrites(place, await lookAround(place))).rejects.toThrow(/only a superuser or the owner/);
    expect(await aclOf()).toEqual(before);
  });

  test('twice is once: the second time says since when', async () => {
    const place = await resolvePlace(database.url);
    await stopWrites(place, await lookAround(place));
    await expect(stopWrites(place, await lookAround(place))).rejects.toThrow(
      /stopped already, since .*ada@desk/,
    );
    await allowWrites(place);
    await expect(allowWrites(place)).rejects.toThrow(/not stopped by backout/);
  });
});
