import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DatabaseError } from '../../src/sql/session.ts';
import { emptyPglite, freshPglite, sessionOn } from '../support/pglite.ts';

let db: PGlite;
beforeAll(async () => {
  db = await freshPglite();
});
afterAll(() => db.close());
beforeEach(() => emptyPglite(db));

it('gives values as text, with field names, counts and tags', async () => {
  const session = sessionOn(db);
  const result = await session.query("SELECT 1::bigint AS n, true AS t, NULL AS x, ARRAY['a','b c'] AS a");
  expect(result).toEqual({
    rows: [{ n: '1', t: 't', x: null, a: '{a,"b c"}' }],
    fields: ['n', 't', 'x', 'a'],
    rowCount: 1,
    command: 'SELECT',
  });
  expect(await session.query('CREATE TABLE t (i int)')).toMatchObject({
    rowCount: null,
    command: 'CREATE TABLE',
  });
  expect(await session.query('INSERT INTO t VALUES (1), (2)')).toMatchObject({
    rowCount: 2,
    command: 'INSERT',
  });
});

it('passes parameters, arrays too', async () => {
  const odd = ['a"b', 'c\\d', null, 'e,f'];
  const { rows } = await sessionOn(db).query('SELECT unnest($1::text[]) AS v', [odd]);
  expect(rows.map((row) => row.v)).toEqual(odd);
});

it('refuses several statements, and goes on', async () => {
  const session = sessionOn(db);
  await expect(session.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ sqlstate: '42601' });
  expect((await session.query('SELECT 3 AS n')).rows).toEqual([{ n: '3' }]);
});

it('throws what the server said, with a position in UTF-16 units', async () => {
  const failed = sessionOn(db).query("SELECT '😀', nothing");
  await expect(failed).rejects.toBeInstanceOf(DatabaseError);
  await expect(failed).rejects.toMatchObject({ sqlstate: '42703', more: { position: 14 } });
});

it('passes notices on until asked to stop', async () => {
  const session = sessionOn(db);
  const heard: string[] = [];
  const stop = session.onNotice((notice) =>
    heard.push(`${notice.severity} ${notice.sqlstate} ${notice.message}`),
  );
  await session.query("DO $$ BEGIN RAISE WARNING 'one'; END $$");
  stop();
  await session.query("DO $$ BEGIN RAISE WARNING 'two'; END $$");
  expect(heard).toEqual(['WARNING 01000 one']);
});

it('is lost once closed', async () => {
  const session = sessionOn(db);
  await session.close();
  expect(session.lost).toBe(true);
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ sqlstate: '08006' });
});
