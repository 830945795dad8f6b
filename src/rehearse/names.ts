/** What is in the schema of the tables beside tables: types and functions that the SQL of the plan may use by name. */
import type { Session } from '../sql/session.ts';
import { asBoolean, asText } from '../sql/values.ts';

export interface OwnNames {
  schema: string;
  /** All schemas of the database but the server's own. */
  schemas: ReadonlySet<string>;
  /** Types that the server itself has none of the same name of. */
  types: ReadonlySet<string>;
  /** Functions of extensions: what they do is known not to be ours. */
  extensionFunctions: ReadonlySet<string>;
  /** Functions that somebody made here: they may do anything. */
  ownFunctions: ReadonlySet<string>;
  /** Event triggers that are on: code that runs at each CREATE and ALTER, also in a rehearsal. */
  eventTriggers: readonly string[];
}

const SCHEMAS = `SELECT n.nspname AS name FROM pg_catalog.pg_namespace n
  WHERE n.nspname OPERATOR(pg_catalog.<>) ALL (ARRAY['pg_catalog', 'information_schema', 'pg_toast', 'pg_temp']::pg_catalog.name[])`;

const TYPES = `
  SELECT t.typname AS name FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
   WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.reltype OPERATOR(pg_catalog.=) t.oid
                        AND c.relkind OPERATOR(pg_catalog.<>) 'c'::pg_catalog."char")
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_type o WHERE o.typname OPERATOR(pg_catalog.=) t.typname
                        AND o.typnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace)`;

const FUNCTIONS = `
  SELECT p.proname AS name, pg_catalog.bool_and(EXISTS (
           SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
              AND d.objid OPERATOR(pg_catalog.=) p.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char")) AS extension
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
   WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name
   GROUP BY p.proname`;

const EVENT_TRIGGERS = `SELECT e.evtname AS name FROM pg_catalog.pg_event_trigger e
  WHERE e.evtenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog."char" ORDER BY 1`;

/** @throws {DatabaseError} */
export async function ownNames(session: Session, schema: string): Promise<OwnNames> {
  const names = async (sql: string, params: string[] = []): Promise<string[]> =>
    (await session.query(sql, params)).rows.map((row) => asText(row['name']));
  const functions = (await session.query(FUNCTIONS, [schema])).rows;
  const of = (extension: boolean): Set<string> =>
    new Set(
      functions.filter((row) => asBoolean(row['extension']) === extension).map((row) => asText(row['name'])),
    );
  return {
    schema,
    schemas: new Set(await names(SCHEMAS)),
    types: new Set(await names(TYPES, [schema])),
    extensionFunctions: of(true),
    ownFunctions: of(false),
    eventTriggers: await names(EVENT_TRIGGERS),
  };
}
