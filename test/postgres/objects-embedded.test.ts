/** What is asked of objects beside tables, on the newest server: PGlite. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withAround } from '../../src/postgres/objects/around.ts';
import { withObjects } from '../../src/postgres/objects.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { openDatabase, type TestDatabase } from '../sql/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
  await db.empty();
  await db.pglite.exec(`
    CREATE DOMAIN d AS integer NOT NULL CONSTRAINT positive CHECK (VALUE > 0);
    CREATE TYPE c AS (x integer);
    CREATE COLLATION l FROM "C";
    CREATE TEXT SEARCH DICTIONARY k (TEMPLATE = simple);
    CREATE TEXT SEARCH CONFIGURATION f (COPY = simple);
    CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + $2';
    CREATE AGGREGATE total(integer) (SFUNC = plus, STYPE = integer);
    CREATE OPERATOR ### (FUNCTION = plus, LEFTARG = integer, RIGHTARG = integer);
    CREATE CAST (c AS text) WITH INOUT;
    CREATE TABLE t (a integer PRIMARY KEY);
    CREATE INDEX i ON t (a) WITH (fillfactor = 70);
    CREATE PUBLICATION p FOR TABLE t;
    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
    CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION watch();`);
});
afterAll(() => db.close());

test('every kind is found, and said how it is made again', async () => {
  const plan = planFromSql(`
    ALTER DOMAIN d DROP CONSTRAINT positive; ALTER TYPE c DROP ATTRIBUTE x; DROP COLLATION l; DROP TEXT SEARCH CONFIGURATION f;
    DROP TEXT SEARCH DICTIONARY k; DROP AGGREGATE total(integer); DROP OPERATOR ### (integer, integer); DROP CAST (c AS text);
    ALTER INDEX i SET (fillfactor = 50); DROP PUBLICATION p; DROP EVENT TRIGGER e; DROP SCHEMA town;
    ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO PUBLIC;
    GRANT SELECT ON ALL TABLES IN SCHEMA town TO PUBLIC; ALTER TABLE t DISABLE TRIGGER ALL;`);
  const catalog = await withAround(db.session, await db.catalog(), plan);
  const { objects = {} } = await withObjects(db.session, catalog, plan);
  expect(Object.entries(objects).filter(([, state]) => state === null)).toEqual([]);
  const made = (key: string): unknown => objects[key]?.make?.[0];
  expect(made('operator ###(integer, integer)')).toBe(
    'CREATE OPERATOR town.### (FUNCTION = town.plus, LEFTARG = integer, RIGHTARG = integer)',
  );
  expect(made('cast (c, text)')).toBe('CREATE CAST (c AS text) WITH INOUT');
  expect(made('publication p')).toBe(
    `CREATE PUBLICATION "p" FOR TABLE town.t WITH (publish = 'insert, update, delete, truncate')`,
  );
  expect(made('event trigger e')).toBe(
    'CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION town.watch()',
  );
  expect(objects['domain d']?.attributes).toMatchObject({ 'check:positive': 'yes', 'not null': 'yes' });
  expect(objects['index i']?.attributes['option:fillfactor']).toBe('70');
  expect(catalog.around?.members['town']?.map(({ ref }) => ref.name)).toContain('t');
});
