/**
 * A role that may create objects in schema public, and plants there what would run as us: functions and operators that
 * fit better than the server's own, triggers, rules, defaults. Each writes down who called it, and asks for more.
 */
import type { Fault } from '../support/point.ts';

const ROLE = `
  DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mallory') THEN CREATE ROLE mallory; END IF; END $$;
  GRANT CREATE ON SCHEMA public TO mallory;
  CREATE SCHEMA mallory AUTHORIZATION mallory;
  SET ROLE mallory;
  CREATE TABLE mallory.caught (who text, how text);
  GRANT INSERT ON mallory.caught TO PUBLIC; GRANT USAGE ON SCHEMA mallory TO PUBLIC`;

/** `SET ROLE` is no sandbox: RESET ROLE and ALTER ROLE are tried by each of them. */
const spy = (how: string): string =>
  `INSERT INTO mallory.caught VALUES (session_user || '/' || current_user, '${how}');
   BEGIN ALTER ROLE mallory SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;`;

const taking = (name: string, args: string, returns: string, value: string): string =>
  `CREATE FUNCTION public.${name}(${args}) RETURNS ${returns} LANGUAGE plpgsql AS $f$ BEGIN ${spy(name)} RETURN ${value}; END $f$`;

const FUNCTIONS = [
  taking('hashtextextended', 'text, integer', 'bigint', '0'),
  taking('to_jsonb', 'text', 'jsonb', "'{}'"),
  taking('jsonb_typeof', 'json', 'text', "'object'"),
  taking('format', 'text, text', 'text', '$1'),
  taking('set_config', 'text, text, integer', 'text', '$2'),
  taking('quote_ident', 'varchar', 'text', '$1'),
  taking('lower', 'varchar', 'text', '$1'),
  taking('length', 'varchar', 'integer', '1'),
  taking('pg_current_xact_id', 'integer DEFAULT 0', 'xid8', "'3'"),
  taking('clock_timestamp', 'integer DEFAULT 0', 'timestamptz', "'2000-01-01'"),
  taking('now', 'integer DEFAULT 0', 'timestamptz', "'2000-01-01'"),
];

const operator = (
  name: string,
  symbol: string,
  left: string,
  right: string,
  returns: string,
  value: string,
): string =>
  `${taking(`op_${name}`, `${left}, ${right}`, returns, value)};
   CREATE OPERATOR public.${symbol} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = public.op_${name})`;

const OPERATORS = [
  operator('eq', '=', 'varchar', 'varchar', 'boolean', 'true'),
  operator('eq8', '=', 'bigint', 'numeric', 'boolean', 'true'),
  operator('arrow', '->>', 'jsonb', 'varchar', 'text', "'1'"),
  operator('cat', '||', 'varchar', 'varchar', 'text', '$1'),
  operator('minus', '-', 'jsonb', 'varchar[]', 'jsonb', '$1'),
  operator('like', '~~', 'varchar', 'varchar', 'boolean', 'true'),
];

/** As the owner of the tables would be tricked into making them; the trigger's function stays mallory's. */
const trigger = (table: string): string => `
  CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS
    $f$ BEGIN ${spy('trigger')} RETURN COALESCE(NEW, OLD); END $f$;
  GRANT EXECUTE ON FUNCTION public.planted() TO PUBLIC; RESET ROLE;
  CREATE TRIGGER planted BEFORE INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.planted()`;

const schemas = `
  RESET ROLE; GRANT CREATE ON DATABASE %I TO mallory; SET ROLE mallory;
  CREATE SCHEMA backout; CREATE SCHEMA backout_archive;
  CREATE TABLE backout.step (run text, step text, detail jsonb DEFAULT '{}');
  GRANT ALL ON SCHEMA backout, backout_archive TO PUBLIC; GRANT ALL ON backout.step TO PUBLIC`;

const TAKE_AWAY = `
  SET ROLE NONE; DROP TRIGGER IF EXISTS planted ON %TABLE%;
  DROP OWNED BY mallory CASCADE; DROP ROLE IF EXISTS mallory`;

/** The role is the whole server's, so these are tried one after the other. */
export function hostileSchemas(table: string, renamed: string): Fault[] {
  const plants: [string, string[], number[]?][] = [
    ['functions', FUNCTIONS],
    ['operators', OPERATORS],
    ['a trigger on a table of the step', [trigger(table)]],
    ['schemas of our names', [schemas]],
  ];
  return plants.map(
    ([name, statements]) =>
      ({
        kind: 'hostile-schema',
        name,
        at: null,
        // Whoever accepts it has been told whose code it is.
        refuses: 'hostile-code',
        side: 'before',
        arrange: async ({ lab, database }) => {
          await lab.use(database, async (client) => {
            await client.query(ROLE);
            for (const sql of statements) await client.query(sql.replace('%I', database));
          });
        },
        settle: async ({ lab, database }) => {
          await lab.use(database, async (client) => {
            const caught = await client.query<{ who: string; how: string }>(
              'SELECT DISTINCT who, how FROM mallory.caught',
            );
            const power = await client.query<{ rolsuper: boolean }>(
              "SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'",
            );
            await client.query('ALTER ROLE mallory NOSUPERUSER');
            const now = await client.query<{ name: string | null }>(
              `SELECT to_regclass('public.${table}')::text AS name`,
            );
            await client.query(TAKE_AWAY.replace('%TABLE%', now.rows[0]?.name ?? renamed));
            if (power.rows[0]?.rolsuper) throw new Error('mallory has become a superuser');
            if (caught.rows.length > 0) throw new Error(`planted code ran: ${JSON.stringify(caught.rows)}`);
          });
        },
        check: ({ ended, whole }) =>
          ended.status === 0 || (whole === 0 && [10, 64, 77].includes(ended.status ?? -1))
            ? []
            : [
                `neither refused nor harmless: it ended with ${ended.status} and ${whole} steps done: ${ended.err.slice(-400)}`,
              ],
      }) satisfies Fault,
  );
}
