/** The locks on tables that are told beforehand, against those that the server takes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCK_LEVELS } from '../../../src/sql/lock-levels.ts';
import { positionNow } from '../../../src/runtime/look.ts';
import { locksOf } from '../../../src/sql/locks.ts';
import { loadParser } from '../../../src/sql/parse.ts';
import { planFromSql } from '../../../src/sql/plan.ts';
import type { LockLevel } from '../../../src/sql/types.ts';
import { openBench, type Bench } from '../../postgres/support.ts';

let bench: Bench;
beforeAll(async () => {
  await loadParser();
  bench = await openBench();
  for (const sql of [
    'SET search_path = public',
    'CREATE SCHEMA other',
    'CREATE TABLE t (a integer PRIMARY KEY, b text)',
    'CREATE TABLE u (a integer REFERENCES t (a), c integer)',
    'CREATE VIEW v AS SELECT a, b FROM t',
    'CREATE MATERIALIZED VIEW m AS SELECT a FROM t',
    'CREATE INDEX i ON t (b)',
    'CREATE SEQUENCE s',
    'CREATE STATISTICS st ON a, b FROM t',
    'CREATE DOMAIN d AS integer',
    'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    'CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()',
    'CREATE POLICY p ON t USING (true)',
    'CREATE RULE r AS ON DELETE TO u DO INSTEAD NOTHING',
    'CREATE PUBLICATION pub FOR TABLE t',
  ])
    await bench.session.query(sql);
});
afterAll(() => bench.close());

const HELD = `
  SELECT l.relation::bigint AS oid, l.mode FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation'`;

const level = (mode: string): LockLevel =>
  LOCK_LEVELS.find((one) => `${one.replaceAll(' ', '')}LOCK` === mode.toUpperCase()) ?? 'ACCESS SHARE';

function strongest(locks: readonly { table: string; level: LockLevel }[]): Record<string, LockLevel> {
  const found: Record<string, LockLevel> = {};
  for (const one of locks) {
    // Nobody waits for it but who changes the definition; a view's tables are not all told.
    if (one.level === 'ACCESS SHARE') continue;
    const known = found[one.table];
    if (!known || LOCK_LEVELS.indexOf(known) < LOCK_LEVELS.indexOf(one.level)) found[one.table] = one.level;
  }
  return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
}

test.each([
  'GRANT SELECT ON t TO PUBLIC',
  'GRANT SELECT ON v TO PUBLIC',
  'GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC',
  `COMMENT ON TABLE t IS 'x'`,
  `COMMENT ON COLUMN t.a IS 'x'`,
  `COMMENT ON INDEX i IS 'x'`,
  `COMMENT ON CONSTRAINT t_pkey ON t IS 'x'`,
  `COMMENT ON VIEW v IS 'x'`,
  `COMMENT ON COLUMN v.a IS 'x'`,
  `COMMENT ON TRIGGER g ON t IS 'x'`,
  `COMMENT ON POLICY p ON t IS 'x'`,
  'DROP VIEW v',
  'DROP MATERIALIZED VIEW m',
  'ALTER VIEW v RENAME TO w',
  'ALTER VIEW v RENAME COLUMN a TO x',
  'ALTER VIEW v SET (security_barrier = true)',
  `ALTER VIEW v ALTER COLUMN b SET DEFAULT 'x'`,
  'ALTER VIEW v SET SCHEMA other',
  'ALTER VIEW v OWNER TO CURRENT_USER',
  'CREATE OR REPLACE VIEW v AS SELECT a, b, 1 AS c FROM t',
  'CREATE VIEW w AS SELECT c FROM u',
  'REFRESH MATERIALIZED VIEW m',
  'ALTER INDEX i SET (fillfactor = 70)',
  'CREATE TRIGGER h AFTER INSERT ON u FOR EACH ROW EXECUTE FUNCTION f()',
  'CREATE CONSTRAINT TRIGGER h AFTER INSERT ON u FROM t FOR EACH ROW EXECUTE FUNCTION f()',
  'DROP TRIGGER g ON t',
  'ALTER TRIGGER g ON t RENAME TO h',
  'ALTER TABLE t DISABLE TRIGGER g',
  'ALTER TABLE u DISABLE TRIGGER ALL',
  'ALTER TABLE t ENABLE ROW LEVEL SECURITY',
  'CREATE POLICY q ON t USING (true)',
  'DROP POLICY p ON t',
  'ALTER POLICY p ON t USING (false)',
  'DROP RULE r ON u',
  'ALTER TABLE u DISABLE RULE r',
  'CREATE STATISTICS su ON a, c FROM u',
  'ALTER STATISTICS st SET STATISTICS 10',
  'DROP STATISTICS st',
  'ALTER TABLE t ALTER COLUMN b SET STATISTICS 10',
  'ALTER TABLE t OWNER TO CURRENT_USER',
  'ALTER TABLE t REPLICA IDENTITY FULL',
  'ALTER SEQUENCE s INCREMENT BY 2',
  'ALTER DOMAIN d SET NOT NULL',
  'DROP FUNCTION f() CASCADE',
  'CREATE PUBLICATION more FOR TABLE u',
  'DROP PUBLICATION pub',
  'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
])('%s', async (sql) => {
  const { session } = bench;
  await session.query("SELECT set_config('search_path', 'pg_catalog, pg_temp', false)");
  const { plan, catalog } = await positionNow(session, 'public', planFromSql(sql));
  const statements = [{ index: 1, state: 'pending' as const, reason: '' }];
  const told = locksOf(plan, { steps: [{ id: 'step-1', state: 'pending', statements }] }, catalog);
  await session.query('BEGIN');
  await session.query('SET LOCAL search_path = public');
  await session.query(sql);
  const { rows } = await session.query(HELD);
  await session.query('ROLLBACK');
  const held = rows.flatMap(({ oid, mode }) =>
    Object.values(catalog.tables)
      .filter((table) => table.oid === Number(oid))
      .map((table) => ({ table: table.name, level: level(String(mode)) })),
  );
  const known = told.filter(({ table }) => catalog.tables[table] !== undefined);
  expect(strongest(known)).toEqual(strongest(held));
});
