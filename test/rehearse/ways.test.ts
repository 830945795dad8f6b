/** Which way a rehearsal takes, and the embedded one: the database is only read. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDesk, type Desk } from '../cli/support/io.ts';
import { orderless } from '../e2e/support/snapshot.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';
import { unconvertible } from '../support/states.ts';
import { databaseWay } from '../../src/rehearse/database-way.ts';
import { schemaRefusals } from '../../src/rehearse/scratch-schema.ts';
import type { Subject } from '../../src/rehearse/stage.ts';
import type { Session } from '../../src/sql/session.ts';
import type { Catalog } from '../../src/sql/types.ts';
import { SERVER } from '../wizard/support.ts';
import type { Rehearsal } from '../../src/rehearse/types.ts';

let desk: Desk;
let database: TestDatabase;

async function rehearse(url: string, ...words: string[]) {
  const ended = await desk.run(['rehearse', '--json', '--database', url, ...words]);
  return { status: ended.status, err: ended.err, found: JSON.parse(ended.out) as Rehearsal };
}

/** As a role that may read all tables and nothing else. */
async function asReader(work: (url: string) => Promise<void>): Promise<void> {
  const role = `reader_${database.name}`;
  await database.use((db) =>
    db.exec(`CREATE ROLE ${role} LOGIN PASSWORD 'secret';
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`),
  );
  const url = new URL(database.url);
  url.username = role;
  url.password = 'secret';
  await work(url.href);
  await database.use((db) => db.exec(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
}

describe('on a replica', () => {
  const asked: string[] = [];
  const session = {
    query: (sql: string) => {
      asked.push(sql);
      return Promise.resolve({
        rows: [{ path: 'pg_catalog, pg_temp' }],
        fields: [],
        rowCount: 1,
        command: 'SELECT',
      });
    },
  } as unknown as Session;
  const subject = { server: { ...SERVER, standby: true } } as Subject;
  const NO = ['This server is a replica: nothing can be written on it.'];

  it('neither a scratch schema nor a scratch database is tried', async () => {
    const catalog: Catalog = { schema: 'public', tables: {} };
    expect(await schemaRefusals(subject, session, catalog)).toEqual(NO);
    const way = { subject, session, catalog, procedures: [], free: null, env: {}, options: { sizeLimit: 1 } };
    expect(await databaseWay(way)).toEqual(NO);
    expect(asked.filter((sql) => !sql.includes('search_path'))).toEqual([]);
  });
});

describe('the way of a rehearsal', () => {
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(async () => {
    await database.drop();
    await desk.clear();
  });

  it('embedded: every step and the verification, and the database is only read', async () => {
    database = await freshDatabase();
    const before = await database.use(orderless);
    const { status, found } = await rehearse(database.url, '--way', 'embedded');
    expect(found).toMatchObject({ outcome: 'ok', way: 'embedded', refused: [], undo: { outcome: 'same' } });
    expect(status).toBe(0);
    expect(found.steps.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(found.steps.every(({ estimate }) => estimate === null)).toBe(true);
    expect(found.notRehearsed[0]).toContain('embedded PostgreSQL');
    expect(await database.use(orderless)).toEqual(before);
  });

  it('embedded: says which rows make a step fail', async () => {
    database = await freshDatabase({ state: unconvertible });
    const { status, found } = await rehearse(database.url, '--way', 'embedded');
    expect(status).toBe(12);
    expect(found.steps[0]?.failing.length).toBeGreaterThan(0);
  });

  it('goes into the embedded one when the role may make neither schemas nor databases, and says why', async () => {
    database = await freshDatabase();
    await asReader(async (url) => {
      const { status, found } = await rehearse(url);
      expect(found.refused[0]?.way).toBe('schema');
      expect(found.refused[0]?.reasons[0]).toMatch(/may not make schemas in this database/);
      expect(found.refused[1]?.way).toBe('database');
      expect(found.refused[1]?.reasons[0]).toMatch(/may not make databases/);
      expect(found.way).toBe('embedded');
      // Nor could it write the journal: the steps would not be offered to it.
      expect(status).toBe(10);
      expect(found.steps[0]).toMatchObject({
        outcome: 'refused',
        words: expect.arrayContaining([expect.stringContaining('journal')]) as string[],
      });
      expect(await rehearse(url, '--without-archive')).toMatchObject({ status: 0, found: { outcome: 'ok' } });
    });
  });

  it('does not run in a scratch schema what names the real one, or code that would run there', async () => {
    database = await freshDatabase();
    await database.use((db) =>
      db.exec(`CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER told ON ddl_command_end EXECUTE FUNCTION told()`),
    );
    const runbook = join(desk.folder, 'qualified.md');
    await writeFile(
      runbook,
      '# Rename\n\n## Rollback Steps\n\n### Step 1: Rename\n\n```sql\nALTER TABLE public.git_agent_sessions RENAME COLUMN branch TO branch_name;\nDELETE FROM git_merge_history;\n```\n',
    );
    const { status, found } = await rehearse(database.url, '--runbook', runbook, '--way', 'schema');
    expect(status).toBe(10);
    expect(found).toMatchObject({ outcome: 'refused', way: null, tables: [] });
    expect(found.refused[0]?.reasons).toEqual([
      'The event trigger told runs code at every change of a table, also of a copy.',
      'Statement 1 of step-1 names the schema public.',
    ]);
  });
});
