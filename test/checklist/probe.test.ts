/** Probes on a real server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notAProbe, probe } from '../../src/checklist/probe.ts';
import { openSession } from '../../src/postgres/connect.ts';
import { resolveSettings } from '../../src/postgres/settings.ts';
import { loadParser } from '../../src/sql/parse.ts';
import type { Session } from '../../src/sql/session.ts';
import { freshDatabase, type TestDatabase } from '../support/server.ts';

let database: TestDatabase;
let session: Session;
beforeAll(async () => {
  await loadParser();
  database = await freshDatabase();
  const settings = await resolveSettings({ url: database.url, env: {}, home: '/', osUser: 'x' });
  session = await openSession(settings, { applicationName: 'backout/probe' });
});
afterAll(async () => {
  await session.close();
  await database.drop();
});

const asked = (sql: string, expected?: string) =>
  probe(
    session,
    'public',
    { id: 'p', title: 'A probe', sql, line: 1, ...(expected === undefined ? {} : { expect: expected }) },
    () => Date.now(),
  );

describe('a probe', () => {
  it('holds when every cell of its last column is as expected', async () => {
    expect(await asked('SELECT count(*) > 0 FROM codebase_snapshots', 'true')).toMatchObject({
      kind: 'probe',
      verdict: 'ok',
      words: 'As expected: true.',
    });
    expect(await asked("SELECT 'a' AS what, n FROM generate_series(1, 2) AS n", '1')).toMatchObject({
      verdict: 'failed',
      words: 'Expected 1, found 2.',
      lines: ['a | 1', 'a | 2'],
    });
    expect(await asked('SELECT 1 WHERE false', '1')).toMatchObject({ verdict: 'failed' });
  });

  it('without anything expected is only shown: nobody says that it is well', async () => {
    expect(await asked('SELECT 7 AS n')).toMatchObject({ verdict: 'unclear', lines: ['7'] });
  });

  it('may be a command of psql, which is answered', async () => {
    const found = await asked('\\dt codebase_*');
    expect(found).toMatchObject({ verdict: 'unclear' });
    expect(found.lines[0]).toContain('List of relations');
    expect(await asked('\\copy a FROM b')).toMatchObject({ verdict: 'unclear', lines: [] });
  });

  it('that fails has failed, with SQLSTATE, and the session goes on', async () => {
    const check = await asked('SELECT 1 FROM no_such_table', '1');
    expect(check).toMatchObject({ verdict: 'failed' });
    expect(check.words).toContain('42P01');
    expect(await asked('SELECT 1', '1')).toMatchObject({ verdict: 'ok' });
  });

  it('changes nothing, whatever it tries', async () => {
    for (const sql of [
      'DELETE FROM codebase_snapshots',
      'SELECT * INTO copied FROM codebase_snapshots',
      "COPY codebase_snapshots TO PROGRAM 'cat'",
      'DO $$ BEGIN NULL; END $$',
      'not sql',
    ]) {
      expect(notAProbe(sql)).not.toBeNull();
      expect(await asked(sql, '1')).toMatchObject({
        verdict: 'unclear',
        words: expect.stringMatching(/^Not asked\./) as string,
      });
    }
    const before = await asked('SELECT count(*) FROM codebase_snapshots');
    const cte = 'WITH gone AS (DELETE FROM codebase_snapshots RETURNING 1) SELECT count(*) FROM gone';
    expect(await asked(cte, '0')).toMatchObject({
      verdict: 'failed',
      words: expect.stringContaining('25006') as string,
    });
    expect((await asked('SELECT count(*) FROM codebase_snapshots')).lines).toEqual(before.lines);
  });

  it('what it finds is made visible', async () => {
    const check = await asked("SELECT E'\\x1b[31mred' AS a", 'x');
    expect(JSON.stringify(check)).not.toContain('\\u001b');
    expect(check.lines).toEqual(['\\x1B[31mred']);
  });
});
