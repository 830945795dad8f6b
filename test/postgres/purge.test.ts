import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  endRun,
  prepareStore,
  purge,
  purgePlan,
  registerRun,
  releaseRunLock,
  takeRunLock,
  archivedRows,
} from '../../src/postgres/store.ts';
import { archivedSql, RUN, stepSql } from './journal-rows.ts';
import { databaseError, openBench, rejection, type Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => bench.close());

/** Two moved tables, one of which refers to the other, and a definition. */
beforeEach(async () => {
  await prepareStore(bench.session);
  await registerRun(bench.session, RUN);
  await run(
    'CREATE TABLE backout_archive.r1_s1_1_t (id int PRIMARY KEY)',
    'CREATE TABLE backout_archive."r1 ""s2" (id int REFERENCES backout_archive.r1_s1_1_t)',
    'INSERT INTO backout_archive.r1_s1_1_t SELECT generate_series(1, 5)',
    stepSql('step-1'),
    stepSql('step-2'),
    archivedSql('step-1', 1, 'r1_s1_1_t'),
    archivedSql('step-1', 2),
    archivedSql('step-2', 1, 'r1 "s2'),
  );
  await endRun(bench.session, RUN.run, 'verified');
});
afterEach(async () => {
  await releaseRunLock(bench.session);
  await run('DROP SCHEMA backout CASCADE', 'DROP SCHEMA backout_archive CASCADE');
});

async function run(...statements: string[]): Promise<void> {
  for (const statement of statements) await bench.session.query(statement);
}

async function tables(): Promise<string[]> {
  const { rows } = await bench.session.query(
    "SELECT relname FROM pg_class WHERE relnamespace = 'backout_archive'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  return rows.map((row) => String(row['relname']));
}

describe('purging', () => {
  test('shows what would go, counted now, and then drops exactly that', async () => {
    const plan = await purgePlan(bench.session, RUN.run);
    expect(plan.objects.map(({ step, kind, archived, rows }) => [step, kind, archived, rows])).toEqual([
      ['step-1', 'table', 'r1_s1_1_t', 5],
      ['step-1', 'definition', null, null],
      ['step-2', 'table', 'r1 "s2', 0],
    ]);
    expect(plan.refused).toEqual([]);
    expect(plan.bytes).toBeGreaterThan(8192);
    expect(plan.statements).toEqual([
      'DROP TABLE "backout_archive"."r1_s1_1_t", "backout_archive"."r1 ""s2"',
      `UPDATE backout.archived SET purged_at = pg_catalog.clock_timestamp() WHERE run = '${RUN.run}' AND purged_at IS NULL`,
    ]);
    expect(await tables()).toHaveLength(2);
    await purge(bench.session, plan);
    expect(await tables()).toEqual([]);
    expect((await archivedRows(bench.session, RUN.run)).every(({ purgedAt }) => purgedAt !== null)).toBe(
      true,
    );
    expect(await purgePlan(bench.session, RUN.run)).toMatchObject({ objects: [], statements: [], bytes: 0 });
  });

  test('drops nothing that came or went since it was shown', async () => {
    const plan = await purgePlan(bench.session, RUN.run);
    await run('ALTER TABLE backout_archive."r1 ""s2" SET SCHEMA public');
    expect(await rejection(purge(bench.session, plan))).toMatchObject({ name: 'UserError', exitStatus: 10 });
    expect(await tables()).toEqual(['r1_s1_1_t']);
    await run('DROP TABLE public."r1 ""s2"');
  });

  test('takes nothing along that depends on it', async () => {
    await run('CREATE VIEW public.depends AS SELECT id FROM backout_archive.r1_s1_1_t');
    const plan = await purgePlan(bench.session, RUN.run);
    expect((await databaseError(purge(bench.session, plan))).sqlstate).toBe('2BP01');
    expect(await tables()).toHaveLength(2);
    await run('DROP VIEW public.depends');
  });

  test('is refused while another run is at work', async () => {
    const plan = await purgePlan(bench.session, RUN.run);
    const other = await bench.open();
    await takeRunLock(other);
    expect(await rejection(purge(bench.session, plan))).toMatchObject({ name: 'UserError', exitStatus: 75 });
    expect(await tables()).toHaveLength(2);
    await other.close();
  });

  test.each<[string, string[], RegExp]>([
    ['that has not ended', ['UPDATE backout.run SET ended_at = NULL'], /has not ended/],
    [
      'whose undo has not ended',
      [
        `INSERT INTO backout.run (run, kind, undoes, runbook, plan, schema, operator, host, version)
         VALUES ('u', 'undo', '${RUN.run}', '{}', 'p', 's', 'o', 'h', 'v')`,
      ],
      /Its undo u has not ended/,
    ],
    [
      'that is half undone',
      [
        `INSERT INTO backout.run (run, kind, undoes, runbook, plan, schema, operator, host, version, ended_at)
         VALUES ('u', 'undo', '${RUN.run}', '{}', 'p', 's', 'o', 'h', 'v', now())`,
        "UPDATE backout.step SET undone_by = 'u' WHERE step = 'step-2'",
      ],
      /1 of its 2 steps are undone/,
    ],
  ])('is refused for a run %s', async (_name, sql, words) => {
    const before = await purgePlan(bench.session, RUN.run);
    await run(...sql);
    expect((await purgePlan(bench.session, RUN.run)).refused.join(' ')).toMatch(words);
    expect(await rejection(purge(bench.session, before))).toMatchObject({ name: 'UserError' });
    expect(await tables()).toHaveLength(2);
  });

  test('counts nothing where row security may hide rows, and says nothing false', async () => {
    await run(
      'ALTER TABLE backout_archive.r1_s1_1_t ENABLE ROW LEVEL SECURITY',
      'CREATE ROLE purger_of_some',
      'ALTER TABLE backout_archive.r1_s1_1_t OWNER TO purger_of_some',
      'ALTER TABLE backout_archive.r1_s1_1_t FORCE ROW LEVEL SECURITY',
      'GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA backout TO purger_of_some',
      'GRANT ALL ON SCHEMA backout, backout_archive TO purger_of_some',
      'ALTER SCHEMA backout OWNER TO purger_of_some',
      'ALTER SCHEMA backout_archive OWNER TO purger_of_some',
    );
    for (const name of ['run', 'step', 'archived'])
      await run(`ALTER TABLE backout.${name} OWNER TO purger_of_some`);
    await run('GRANT SELECT ON ALL TABLES IN SCHEMA backout_archive TO purger_of_some');
    const other = await bench.open();
    await other.query('SET ROLE purger_of_some');
    const plan = await purgePlan(other, RUN.run);
    expect(plan.objects.map(({ rows }) => rows)).toEqual([null, null, 0]);
    await other.close();
    await run('DROP OWNED BY purger_of_some CASCADE', 'DROP ROLE purger_of_some');
    await run('CREATE SCHEMA IF NOT EXISTS backout', 'CREATE SCHEMA IF NOT EXISTS backout_archive');
  });

  test('a run that the database does not know is a mistake in the command', async () => {
    expect(await rejection(purgePlan(bench.session, 'nothing'))).toMatchObject({ exitStatus: 64 });
  });
});
