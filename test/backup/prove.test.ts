/** The proof of a backup: restored beside the database, compared row by row, and nothing of it left. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proveBackup, verdictOf, type ProveOptions } from '../../src/backup/prove.ts';
import { createScratch, dropScratch, leftOvers } from '../../src/backup/scratch.ts';
import { comparisonWords, proofWords } from '../../src/backup/words.ts';
import { openSession } from '../../src/postgres/connect.ts';
import { openBench, rejection, type Bench } from '../postgres/support.ts';
import { aBackup, env, scratchFolder, TABLES, takeOptions, withDumps } from './support.ts';

const folder = scratchFolder();
let bench: Bench;
let path: string;

const options = async (more: Partial<ProveOptions> = {}): Promise<ProveOptions> => {
  const { connection, serverVersion, expected } = await takeOptions(bench, path);
  return {
    connection,
    open: (to) => openSession(to, { applicationName: 'backout/test' }),
    serverVersion,
    path,
    expected,
    env: env(),
    freeRoom: null,
    now: () => Date.now(),
    onProgress: () => undefined,
    ...more,
  };
};

const scratches = async (): Promise<unknown[]> =>
  (await bench.session.query("SELECT datname FROM pg_database WHERE datname LIKE 'backout_proof_%'")).rows;

withDumps('the proof of a backup', () => {
  beforeAll(async () => {
    bench = await openBench({ state: 'migrated' });
    path = await aBackup(bench, join(folder, 'proved.dump'));
  });
  afterAll(() => bench.close());

  test('finds the same rows in every table, and leaves no database behind', async () => {
    const heard = new Set<string>();
    const proof = await proveBackup(await options({ onProgress: ({ what }) => heard.add(what) })).result;
    expect(proof).toMatchObject({ verdict: 'equal', errors: [], leftOver: null });
    const names = proof.tables.map(({ table }) => table);
    for (const table of TABLES) expect(names).toContain(`public.${table}`);
    expect(proof.tables.find(({ table }) => table === 'public.codebase_snapshots')).toMatchObject({
      rowsLive: 40,
      rowsBackup: 40,
      equal: true,
    });
    expect([...heard]).toEqual(['restoring', 'comparing', 'dropping']);
    expect(proofWords(proof)).toMatch(/the same rows in all \d+ tables/);
    expect(await scratches()).toEqual([]);
  });

  test('tells by key which rows were written since, and which are only in it', async () => {
    const app = await bench.open('web');
    await app.query(
      "UPDATE public.technology_patterns SET technology_type = 'other' WHERE id = (SELECT min(id) FROM public.technology_patterns)",
    );
    await app.query(
      'DELETE FROM public.technology_patterns WHERE id = (SELECT max(id) FROM public.technology_patterns)',
    );
    await app.query(
      "INSERT INTO public.technology_patterns (technology_name, technology_type) SELECT 'n' || i, 'new' FROM generate_series(1, 3) i",
    );
    const proof = await proveBackup(await options()).result;
    expect(proof.verdict).toBe('changed');
    const differing = proof.tables.filter(({ equal }) => !equal);
    expect(differing).toHaveLength(1);
    const [patterns] = differing;
    expect(patterns).toMatchObject({
      table: 'public.technology_patterns',
      difference: { onlyLive: 3, onlyBackup: 1, changed: 1 },
    });
    expect(patterns?.difference?.keys).toHaveLength(5);
    expect(comparisonWords(patterns!)).toMatch(
      /3 only here, 1 only in the backup, 1 changed\. For example \(\d+\)/,
    );
    expect(await scratches()).toEqual([]);
  });

  test('finds the same row twice, in a table without a key', async () => {
    const app = await bench.open('web');
    await app.query('CREATE TABLE public.keyless (a int, b text)');
    await app.query("INSERT INTO public.keyless VALUES (1, 'x'), (1, 'x'), (2, 'y')");
    const own = await aBackup(bench, join(folder, 'keyless.dump'));
    await app.query('DELETE FROM public.keyless WHERE ctid = (SELECT min(ctid) FROM public.keyless)');
    const proof = await proveBackup(await options({ path: own })).result;
    expect(proof.tables.find(({ table }) => table === 'public.keyless')?.difference).toMatchObject({
      onlyLive: 0,
      onlyBackup: 1,
    });
    await app.query('ALTER TABLE public.keyless ADD COLUMN c int');
    const wider = await proveBackup(await options({ path: own })).result;
    expect(wider.tables.find(({ table }) => table === 'public.keyless')).toMatchObject({
      equal: false,
      columns: ['c'],
    });
    await app.query('DROP TABLE public.keyless');
  });

  test('is refused to a role that may not make databases', async () => {
    const app = await bench.open('web');
    await app.query("CREATE ROLE proof_reader LOGIN PASSWORD 'secret'");
    const url = new URL(bench.database.url);
    url.username = 'proof_reader';
    url.password = 'secret';
    const { connectionTo } = await import('../postgres/support.ts');
    const error = await rejection(
      proveBackup(await options({ connection: await connectionTo(url.href) })).result,
    );
    expect(error).toMatchObject({
      exitStatus: 77,
      message: expect.stringContaining('may not make databases'),
    });
    await app.query('DROP ROLE proof_reader');
    expect(await scratches()).toEqual([]);
  });

  test('is refused where a copy may not fit', async () => {
    const error = await rejection(proveBackup(await options({ freeRoom: 1000 })).result);
    expect(error).toMatchObject({ exitStatus: 10, message: expect.stringContaining('may not fit') });
    expect(await scratches()).toEqual([]);
  });

  test('stops when it is cancelled, and drops what it had made', async () => {
    const working = proveBackup(
      await options({ onProgress: ({ what }) => (what === 'comparing' ? working.cancel() : undefined) }),
    );
    expect(await rejection(working.result)).toMatchObject({ exitStatus: 13 });
    expect(await scratches()).toEqual([]);
  });

  test('fails for one that does not restore without errors', async () => {
    const app = await bench.open('web');
    // A check that calls a function which looks at another table: a dump of it does not restore in one go.
    await app.query('CREATE TABLE public.first (id int)');
    await app.query(
      'CREATE FUNCTION public.any_first() RETURNS bool LANGUAGE sql AS $$ SELECT EXISTS (SELECT FROM public.zfirst) $$'.replace(
        'public.zfirst',
        'public.first',
      ),
    );
    await app.query('INSERT INTO public.first VALUES (1)');
    await app.query('CREATE TABLE public.a_checked (id int CHECK (public.any_first()))');
    await app.query('INSERT INTO public.a_checked VALUES (1)');
    const own = await aBackup(bench, join(folder, 'does-not-restore.dump'));
    const proof = await proveBackup(await options({ path: own })).result;
    expect(proof.verdict).toBe('failed');
    expect(proof.errors.join(' ')).toMatch(/a_checked/);
    expect(proofWords(proof)).toMatch(/did not restore without errors/);
    expect(await scratches()).toEqual([]);
    await app.query('DROP TABLE public.a_checked, public.first');
    await app.query('DROP FUNCTION public.any_first');
  });

  test('left over by a crash: known as ours once its maker is gone, and only then; nothing else is dropped', async () => {
    const maker = await bench.open('backout/crashed');
    const { serverVersion } = await options();
    const name = await createScratch(maker, serverVersion);
    const foreign = 'backout_proof_0123456789ab';
    await bench.session.query(`CREATE DATABASE ${foreign} TEMPLATE template0`);
    expect(await leftOvers(bench.session)).toEqual([]);
    await maker.close();
    while ((await leftOvers(bench.session)).length === 0);
    expect(await leftOvers(bench.session)).toEqual([name]);
    await dropScratch(bench.session, name);
    expect(await leftOvers(bench.session)).toEqual([]);
    await bench.session.query(`DROP DATABASE ${foreign}`);
    await expect(dropScratch(bench.session, bench.database.name)).rejects.toThrow(/no scratch database/);
  });
});

describe('the verdict of a proof', () => {
  const table = { table: 'public.a', rowsLive: 1, rowsBackup: 1, equal: true, difference: null, columns: [] };
  const wanted = { schema: 'public', tables: ['a'] };
  test.each([
    ['the same', [table], [], 'equal'],
    ['other rows', [{ ...table, equal: false }], [], 'changed'],
    ['an error', [table], ['no'], 'failed'],
    ['a table of the plan missing', [{ ...table, rowsBackup: null, equal: false }], [], 'failed'],
    [
      'another table missing',
      [table, { ...table, table: 'public.b', rowsBackup: null, equal: false }],
      [],
      'changed',
    ],
  ] as const)('%s', (_name, tables, errors, verdict) => {
    expect(verdictOf(tables as Parameters<typeof verdictOf>[0], errors, wanted)).toBe(verdict);
  });
});
