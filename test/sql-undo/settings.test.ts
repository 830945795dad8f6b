/** What ALTER TABLE sets beside columns and rows, on a real server: judged by the catalog, run, brought back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCatalog } from '../../src/postgres/catalog.ts';
import { withObjects } from '../../src/postgres/objects.ts';
import { locksOf } from '../../src/sql/locks.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { positionOf } from '../../src/sql/position.ts';
import { offersFor } from '../../src/sql/procedure/index.ts';
import { settledPlan } from '../../src/sql/settled.ts';
import type { Catalog, Plan, Position } from '../../src/sql/types.ts';
import type { Bench } from '../postgres/support.ts';
import { requestFor } from '../sql-forms/support.ts';
import { benchWith, carryOut, changes, planOfTexts, register, stateOf, undo } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await benchWith(
    'CREATE TABLE far (id int PRIMARY KEY)',
    `CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, far int CONSTRAINT k REFERENCES far DEFERRABLE INITIALLY DEFERRED,
       v text, w text COMPRESSION pglz, CONSTRAINT t_pkey PRIMARY KEY (id)) WITH (fillfactor = 70, autovacuum_enabled = off)`,
    'CREATE UNIQUE INDEX i ON t (id)',
    'ALTER TABLE t CLUSTER ON i, REPLICA IDENTITY USING INDEX i, ALTER v SET STATISTICS 200',
    "INSERT INTO t (v) SELECT 'x' FROM generate_series(1, 5)",
  );
});
afterAll(() => bench.close());

const SQL = `
  ALTER TABLE t SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
  ALTER TABLE t RESET (autovacuum_enabled);
  ALTER TABLE t ALTER v SET STATISTICS -1, ALTER w SET COMPRESSION default;
  ALTER TABLE t REPLICA IDENTITY FULL, SET WITHOUT CLUSTER;
  ALTER TABLE t ALTER CONSTRAINT k NOT DEFERRABLE;
  ALTER TABLE t ALTER id DROP IDENTITY;
  ALTER TABLE t SET UNLOGGED`;

async function looked(sql: string): Promise<{ plan: Plan; catalog: Catalog; position: Position }> {
  const { session } = bench;
  await session.query('SET search_path = public, pg_temp');
  const tables = await readCatalog(session, 'public');
  const plan = settledPlan(planOfTexts(sql), tables);
  const catalog = await withObjects(session, tables, plan);
  return { plan, catalog, position: await positionOf(plan, catalog, session) };
}

const states = ({ steps }: Position): string[] =>
  steps.flatMap((one) => one.statements.map(({ state }) => state));

it('is judged by what is set, locks as the manual says, and comes back', async () => {
  const { session } = bench;
  const before = await stateOf(session);
  const { plan, catalog, position } = await looked(SQL);
  expect(states(position)).toEqual(Array(7).fill('pending'));
  expect(
    locksOf(plan, position, catalog).map(({ index, level, rewrites }) => [index, level, rewrites]),
  ).toEqual([
    [1, 'SHARE UPDATE EXCLUSIVE', false],
    [2, 'SHARE UPDATE EXCLUSIVE', false],
    ...[3, 4, 5, 6].map((index) => [index, 'ACCESS EXCLUSIVE', false]),
    [7, 'ACCESS EXCLUSIVE', true],
  ]);
  await register(session, 'run-1');
  const request = await requestFor(session, plan, position, { run: 'run-1', catalog });
  const offer = offersFor(request)[0]?.offers.find(({ form }) => form === 'as-written');
  if (!offer?.procedure) throw new Error(offer?.refused.join(' '));
  await carryOut(session, offer.procedure);
  expect(states((await looked(SQL)).position)).toEqual(Array(7).fill('applied'));
  const [undone] = await undo(session, 'run-1', 'undo-1');
  expect(undone?.words.join(' ')).toMatch(/highest value/);
  expect(changes(before, await stateOf(session))).toEqual([]);
  await session.query("INSERT INTO t (v) VALUES ('new')");
  expect((await session.query('SELECT max(id) AS id FROM t')).rows).toEqual([{ id: '6' }]);
});

it('a table that is set to something and then dropped comes back as it was', async () => {
  const { session } = bench;
  await session.query('CREATE TABLE gone (id int PRIMARY KEY) WITH (fillfactor = 60)');
  await session.query('INSERT INTO gone VALUES (1), (2)');
  const before = await stateOf(session);
  const { plan, catalog, position } = await looked('ALTER TABLE gone SET (fillfactor = 90); DROP TABLE gone');
  await register(session, 'run-2');
  const request = await requestFor(session, plan, position, { run: 'run-2', catalog });
  const offer = offersFor(request)[0]?.offers.find(({ form }) => form === 'as-written');
  if (!offer?.procedure) throw new Error(offer?.refused.join(' '));
  await carryOut(session, offer.procedure);
  await undo(session, 'run-2', 'undo-2');
  expect(changes(before, await stateOf(session))).toEqual([]);
});

it('one of several that is not so yet is what is left', async () => {
  await bench.session.query('ALTER TABLE t SET (fillfactor = 90)');
  const { position } = await looked(
    'ALTER TABLE t SET (fillfactor = 90); ALTER TABLE t SET (toast_tuple_target = 256)',
  );
  expect(states(position)).toEqual(['applied', 'pending']);
  expect(states((await looked('ALTER TABLE t RESET (parallel_workers)')).position)).toEqual(['applied']);
});

it('a second identity cannot be given', async () => {
  const { position } = await looked('ALTER TABLE t ALTER id ADD GENERATED BY DEFAULT AS IDENTITY');
  expect(states(position)).toEqual(['conflict']);
  expect(states((await looked('ALTER TABLE t ALTER id SET GENERATED BY DEFAULT')).position)).toEqual([
    'pending',
  ]);
});
