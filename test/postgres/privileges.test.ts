import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { look } from './judge.ts';
import { openBench, type Bench } from './support.ts';

describe('a role that is no superuser', () => {
  let bench: Bench;
  const app = `app_${process.pid}`;
  const mallory = `mallory_${process.pid}`;
  beforeAll(async () => {
    bench = await openBench({ state: 'migrated' });
    const { password } = new URL(bench.database.url);
    await bench.database.use(async ({ exec }) => {
      await exec(
        `CREATE ROLE ${app} LOGIN PASSWORD '${password}'; CREATE ROLE ${mallory} LOGIN PASSWORD '${password}'`,
      );
      const { rows } = await bench.session.query(
        "SELECT format('ALTER TABLE public.%I OWNER TO %I', relname, $1::text) AS sql FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
        [app],
      );
      for (const { sql } of rows) await exec(String(sql));
      await exec(`GRANT ALL ON SCHEMA public TO ${app}, ${mallory}`);
    });
  });
  afterAll(async () => {
    await bench.session.query(`DROP OWNED BY ${app}, ${mallory} CASCADE`);
    await bench.session.query(`DROP ROLE ${app}, ${mallory}`);
    await bench.close();
  });

  test('the owner may do all of it, once it may keep what is destroyed', async () => {
    const session = await bench.open('backout/test', app);
    const { by } = await look(bench, session);
    expect(by['privileges']).toMatchObject({
      status: 'fail',
      items: [
        `${app} may not create schema backout in this database`,
        `${app} may not create schema backout_archive in this database`,
      ],
    });
    expect(by['archive']).toMatchObject({ status: 'fail', items: by['privileges']?.items });
    expect(by['archive']?.advice).toContain('type "without archive"');
    const without = (await look(bench, session, () => ({ withoutArchive: true }))).by;
    expect(without['privileges']).toMatchObject({ status: 'pass' });
    expect(without['archive']).toMatchObject({ status: 'warn' });
    await bench.session.query(`GRANT CREATE ON DATABASE ${bench.database.name} TO ${app}`);
    const granted = (await look(bench, session)).by;
    await bench.session.query(`REVOKE CREATE ON DATABASE ${bench.database.name} FROM ${app}`);
    await session.close();
    expect(granted['privileges']).toMatchObject({ status: 'pass' });
    expect(granted['archive']).toMatchObject({ status: 'pass' });
    expect(granted['hostile-code']).toMatchObject({ status: 'pass' });
    expect(granted['replication']?.status).not.toBe('fail');
  });

  test('another role may not, and is told what is missing', async () => {
    const session = await bench.open('backout/test', mallory);
    await bench.session.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${mallory}`);
    const { by } = await look(bench, session);
    await session.close();
    expect(by['privileges']?.status).toBe('fail');
    expect(by['privileges']?.items).toContainEqual(
      `codebase_snapshots belongs to ${app}: only its owner may change or drop it`,
    );
    expect(by['privileges']?.items).toContainEqual('DELETE on schema_migrations');
  });

  const HOSTILE: [what: string, sql: string[], found: RegExp][] = [
    [
      'a trigger on a table the plan updates',
      [
        'CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$',
        'CREATE TRIGGER evil BEFORE UPDATE ON public.codebase_snapshots FOR EACH ROW EXECUTE FUNCTION public.f()',
      ],
      /trigger evil on codebase_snapshots calls public\.f\(\)/,
    ],
    [
      'a function that stands before one of the server',
      [
        "CREATE FUNCTION public.hashtextextended(text, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
      ],
      /function public\.hashtextextended\(text,integer\) has the name/,
    ],
    [
      'an operator that stands before one of the server',
      [
        "CREATE FUNCTION public.f(jsonb, varchar) RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
        'CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = varchar, FUNCTION = public.f)',
      ],
      /operator public\.->>\(jsonb,character varying\) has the name/,
    ],
    [
      'an index expression',
      [
        "CREATE FUNCTION public.f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
        'CREATE INDEX evil ON public.git_agent_sessions (public.f(status))',
      ],
      /index public\.evil calls public\.f\(text\)/,
    ],
    [
      'a check constraint',
      [
        "CREATE FUNCTION public.f(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true'",
        'ALTER TABLE public.git_agent_sessions ADD CONSTRAINT evil CHECK (public.f(status))',
      ],
      /constraint evil .*calls public\.f\(text\)/,
    ],
  ];

  describe.each(HOSTILE)('%s', (_what, sql, found) => {
    beforeEach(async () => {
      // Made by the superuser, for want of the tables' ownership, then given away: what counts is whose the code is.
      for (const statement of sql) await bench.session.query(statement);
      await bench.session.query(
        `DO $$DECLARE o text; BEGIN
           FOR o IN SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc
                     WHERE pronamespace = 'public'::regnamespace AND proname IN ('f', 'hashtextextended')
                    UNION ALL SELECT 'OPERATOR ' || oid::regoperator FROM pg_operator
                     WHERE oprnamespace = 'public'::regnamespace AND oprname = '->>'
           LOOP EXECUTE format('ALTER %s OWNER TO ${mallory}', o); END LOOP; END$$`,
      );
    });
    afterEach(async () => {
      await bench.session.query('DROP FUNCTION IF EXISTS public.f() CASCADE');
      await bench.session.query('DROP FUNCTION IF EXISTS public.f(text) CASCADE');
      await bench.session.query('DROP FUNCTION IF EXISTS public.f(jsonb, varchar) CASCADE');
      await bench.session.query('DROP FUNCTION IF EXISTS public.hashtextextended(text, int) CASCADE');
    });

    test('stops a superuser, warns the owner', async () => {
      const asSuperuser = (await look(bench)).by['hostile-code'];
      expect(asSuperuser).toMatchObject({ status: 'fail', items: [expect.stringMatching(found)] });
      expect(asSuperuser?.items[0]).toContain(`owner ${mallory}`);
      const session = await bench.open('backout/test', app);
      const asOwner = (await look(bench, session)).by['hostile-code'];
      await session.close();
      expect(asOwner).toMatchObject({ status: 'warn', items: [expect.stringMatching(found)] });
    });
  });
});
