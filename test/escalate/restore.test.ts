import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lookAround } from '../../src/escalate/look.ts';
import type { EscalationPlace } from '../../src/escalate/place.ts';
import { restoreBeside, seeBackup } from '../../src/escalate/restore.ts';
import { swap, swapPlan } from '../../src/escalate/swap.ts';
import { allowWrites, stopWrites } from '../../src/escalate/writes.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { clients, withDumps } from '../backup/support.ts';
import { asRole, dropAll, onName, resolvePlace, roleNames } from './support.ts';

const TABLES = ['codebase_snapshots', 'git_agent_sessions', 'detection_events'];
let folder: string;
let database: TestDatabase;
let place: EscalationPlace;
let backup: string;
const roles = roleNames();

withDumps('a backup restored beside the damaged database', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'escalate-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    database = await freshDatabase();
    await database.use((db) => db.exec(`CREATE ROLE ${roles.app} LOGIN PASSWORD 'x'`));
    backup = join(folder, `${database.name}.dump`);
    await promisify(execFile)(join(clients ?? '', 'pg_dump'), ['-Fc', '-f', backup, database.url]);
    place = await resolvePlace(database.url, {
      env: { ...process.env, PATH: `${clients ?? ''}:${process.env.PATH}` },
      tables: TABLES,
    });
  });

  afterEach(() => dropAll(database.name, roles.app));

  const restored = async (): Promise<string> => {
    const seen = await seeBackup(place, backup);
    await restoreBeside(place, seen, () => undefined).result;
    return seen.into;
  };

  /** Everything in every table, and what belongs to the database itself. */
  async function contentOf(name: string): Promise<unknown> {
    const client = new pg.Client({ connectionString: onName(database.url, name) });
    await client.connect();
    try {
      const { rows } = await client.query<{ t: string }>(
        `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS t FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
      );
      const tables = [];
      for (const { t } of rows) {
        const { rows: all } = await client.query(`SELECT x::text FROM ${t} x ORDER BY 1`);
        tables.push([t, all]);
      }
      return tables;
    } finally {
      await client.end();
    }
  }

  async function belongings(name: string): Promise<unknown> {
    const client = new pg.Client({ connectionString: onName(database.url, name) });
    await client.connect();
    try {
      const { rows } = await client.query(
        `SELECT pg_get_userbyid(datdba) AS owner, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a)::text AS datacl, datconnlimit, shobj_description(oid, 'pg_database') AS comment,
              datcollate, (SELECT array_agg(COALESCE(setrole::regrole::text, '') || ':' || setconfig::text ORDER BY setrole)
                             FROM pg_db_role_setting s WHERE s.setdatabase = d.oid) AS settings
         FROM pg_database d WHERE datname = $1`,
        [name],
      );
      return rows[0];
    } finally {
      await client.end();
    }
  }

  describe('restoring', () => {
    test('goes into a new database beside the damaged one, is counted, and touches nothing else', async () => {
      await database.use((db) => db.exec('DELETE FROM codebase_snapshots'));
      const before = await contentOf(database.name);
      const seen = await seeBackup(place, backup);
      expect(seen.tables).toEqual(['codebase_snapshots', 'git_agent_sessions']);
      const lines: string[] = [];
      const check = await restoreBeside(place, seen, (line) => lines.push(line)).result;
      expect(check).toMatchObject({ ok: true, database: seen.into, findings: [] });
      expect(check.found).toBe(check.listed);
      expect(check.tables.find(({ table }) => table === 'codebase_snapshots')).toMatchObject({ damaged: 0 });
      expect(check.tables.find(({ table }) => table === 'codebase_snapshots')?.restored).toBeGreaterThan(0);
      expect(lines.join('\n')).toMatch(/processing data for table "public\.codebase_snapshots"/);
      expect(await contentOf(database.name)).toEqual(before);
      const { beside } = await lookAround(place);
      expect(beside).toMatchObject([{ name: seen.into, kind: 'restored', state: 'checked', backup }]);
    });

    test('a backup of something else, a torn one and plain SQL are refused before anything is made', async () => {
      const stranger = await resolvePlace(database.url, { env: place.env, tables: ['orders'] });
      await expect(seeBackup(stranger, backup)).rejects.toThrow(/backup of something else/);
      await expect(seeBackup(place, join(folder, 'none.dump'))).rejects.toThrow(/no backup at/);
      const plain = join(folder, 'plain.sql');
      await writeFile(plain, '--\n-- PostgreSQL database dump\n--\nSELECT 1;\n');
      await expect(seeBackup(place, plain)).rejects.toThrow(/is plain, which pg_restore does not read/);
      await truncate(backup, 9000);
      await expect(seeBackup(place, backup)).rejects.toThrow(/damaged|cannot read/);
      expect((await lookAround(place)).beside).toEqual([]);
    });

    test('what was not restored whole is marked, and never takes the place', async () => {
      await database.use((db) => db.exec('CREATE EXTENSION IF NOT EXISTS plpgsql'));
      const seen = await seeBackup(place, backup);
      const restoring = restoreBeside(place, seen, () => undefined);
      restoring.cancel();
      await expect(restoring.result).rejects.toThrow(/pg_restore failed/);
      expect((await lookAround(place)).beside).toMatchObject([{ name: seen.into, state: 'failed' }]);
      await expect(swapPlan(place, 'swap')).rejects.toThrow(/not restored whole and checked/);
    });

    test('a crash while it restored leaves one that is known for what it is', async () => {
      const name = `${database.name}_restored_x`;
      const mark = { kind: 'restored', of: database.name, at: '2026', backup, state: 'restoring', rows: {} };
      await database.use(async (db) => {
        await db.exec(`CREATE DATABASE "${name}"`);
        await db.exec(`COMMENT ON DATABASE "${name}" IS '[backout: beside] ${JSON.stringify(mark)}'`);
      });
      expect((await lookAround(place)).beside).toMatchObject([{ name, state: 'restoring' }]);
      await expect(swapPlan(place, 'swap')).rejects.toThrow(/not restored whole/);
    });
  });

  describe('exchanging the names', () => {
    test('the restored one takes the place with everything that belongs to it; the way back is the same', async () => {
      const name = `"${database.name}"`;
      await database.use(async (db) => {
        await db.exec(`GRANT CREATE ON DATABASE ${name} TO ${roles.app}`);
        await db.exec(`ALTER DATABASE ${name} SET search_path TO "$user", public, "a b"`);
        await db.exec(`ALTER DATABASE ${name} SET work_mem TO '5MB'`);
        await db.exec(`ALTER ROLE ${roles.app} IN DATABASE ${name} SET statement_timeout TO '7s'`);
        await db.exec(`ALTER DATABASE ${name} CONNECTION LIMIT 33`);
        await db.exec(`COMMENT ON DATABASE ${name} IS 'it''s the shop'`);
      });
      const good = await contentOf(database.name);
      const into = await restored();
      await database.use((db) => db.exec('DELETE FROM codebase_snapshots'));
      const damaged = await contentOf(database.name);
      const own = (await belongings(database.name)) as { comment: string };

      const plan = await swapPlan(place, 'swap');
      expect(plan.incoming).toBe(into);
      expect((await swap(place, plan)).ok).toBe(true);
      expect(await contentOf(database.name)).toEqual(good);
      expect(await contentOf(plan.outgoing)).toEqual(damaged);
      const now = (await belongings(database.name)) as { comment: string };
      expect({ ...now, comment: now.comment.split('\n')[0] }).toEqual(own);

      const back = await swapPlan(place, 'back');
      expect(back.incoming).toBe(plan.outgoing);
      await swap(place, back);
      expect(await contentOf(database.name)).toEqual(damaged);
      expect(await contentOf(back.outgoing)).toEqual(good);
      expect(await belongings(database.name)).toEqual(own);

      const again = await swapPlan(place, 'swap');
      expect(again.incoming).toBe(back.outgoing);
      await swap(place, again);
      expect(await contentOf(database.name)).toEqual(good);
    });

    test('sessions that were shown are ended; one that was not keeps everything as it is', async () => {
      await restored();
      const shown = new pg.Client({
        connectionString: asRole(database.url, roles.app),
        application_name: 'app',
      });
      shown.on('error', () => undefined);
      await shown.connect();
      const plan = await swapPlan(place, 'swap');
      expect(plan.ending).toMatchObject([{ application: 'app', database: database.name }]);
      const late = new pg.Client({
        connectionString: asRole(database.url, roles.app),
        application_name: 'late',
      });
      late.on('error', () => undefined);
      await late.connect();
      await expect(swap(place, plan)).rejects.toThrow(/somebody is connected to it.*late/);
      await late.query('SELECT 1');
      expect((await lookAround(place)).beside).toMatchObject([{ kind: 'restored', state: 'checked' }]);
      await late.end();
      await expect(shown.query('SELECT 1')).rejects.toThrow();
      await swap(place, await swapPlan(place, 'swap'));
      await shown.end().catch(() => undefined);
    });

    test('a failure in the middle of the exchange leaves both names as they were', async () => {
      const into = await restored();
      const plan = await swapPlan(place, 'swap');
      // The name that the damaged one would get is taken in the meantime.
      await database.use((db) => db.exec(`CREATE DATABASE "${plan.outgoing}" TEMPLATE template0`));
      await expect(swap(place, plan)).rejects.toMatchObject({ sqlstate: '42P04' });
      const { beside, access } = await lookAround(place);
      expect(beside).toMatchObject([{ name: into, kind: 'restored', state: 'checked' }]);
      expect(access.marks.beside).toBeNull();
    });

    test('what was changed after it was shown is not done', async () => {
      await restored();
      const plan = await swapPlan(place, 'swap');
      await database.use((db) => db.exec(`GRANT CREATE ON DATABASE "${database.name}" TO ${roles.app}`));
      await expect(swap(place, plan)).rejects.toThrow(/not any more as they were shown/);
      expect((await lookAround(place)).beside).toMatchObject([{ kind: 'restored' }]);
    });

    test('stopped writes stay stopped across the exchange, and are let in again as they were before it', async () => {
      await database.use((db) => db.exec(`GRANT CONNECT ON DATABASE "${database.name}" TO ${roles.app}`));
      const before = ((await belongings(database.name)) as { datacl: string }).datacl;
      await restored();
      await stopWrites(place, await lookAround(place));
      await swap(place, await swapPlan(place, 'swap'));
      const client = new pg.Client({ connectionString: asRole(database.url, roles.app) });
      await expect(client.connect()).rejects.toMatchObject({ code: '42501' });
      expect((await allowWrites(place)).ok).toBe(true);
      const sorted = (acl: string): string[] => acl.slice(1, -1).split(',').toSorted();
      expect(sorted(((await belongings(database.name)) as { datacl: string }).datacl)).toEqual(
        sorted(before),
      );
    });
  });
});
