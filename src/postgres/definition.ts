/** Reading everything that PostgreSQL keeps about some tables. */
import type { TableDefinition } from '../sql/definition.ts';
import type { Session } from '../sql/session.ts';
import type { Elsewhere } from '../sql/types.ts';
import { asJson, asNumber, asText } from '../sql/values.ts';
import { arrayLiteral } from './catalog.ts';
import { code, EQ, NE } from './definition/parts.ts';
import { definitionsQuery } from './definition/query.ts';
import { definitionOf, type RawTable } from './definition/reading.ts';
import { quoteIdentifier } from './scope.ts';

export { definitionHash } from './definition/hash.ts';

const BEFORE = `
  SELECT pg_catalog.current_setting('search_path') AS path,
         pg_catalog.current_setting('server_version_num') AS version`;

/**
 * The definitions of those of the tables that exist in the schema, ordered by name; views and foreign tables are left
 * out. May be called inside a transaction, a step's too; the search_path is afterwards what it was.
 * @param names of the schema's tables; or of others as `elsewhere` has them
 * @param spelledFor the schema whose objects are written without it, as they read with `<schema>, pg_temp` in the
 *   search_path; by default `schema`. For a table moved to the archive: the schema it came from
 * @throws {DatabaseError}
 */
export async function readDefinitions(
  session: Session,
  schema: string,
  names: readonly string[],
  spelledFor: string = schema,
  elsewhere: Elsewhere = {},
): Promise<TableDefinition[]> {
  const before = (await session.query(BEFORE)).rows[0] ?? {};
  const path = `${quoteIdentifier(spelledFor)}, pg_temp`;
  const former = asText(before['path']);
  const query = definitionsQuery(asNumber(before['version']));
  const tables: TableDefinition[] = [];
  for (const group of bySchema(schema, names, elsewhere)) {
    const { rows } = await session.query(query, [group.schema, arrayLiteral(group.names), path]);
    const raw = (asJson(rows[0]?.['tables'] ?? null) ?? []) as RawTable[];
    const own = group.schema === schema;
    tables.push(
      ...raw
        .map(definitionOf)
        .map((one) => (own ? one : { ...one, name: `${one.schema}.${one.name}`, bare: one.name })),
    );
  }
  // Without a transaction around us the setting went with the statement, and this one goes likewise.
  if (former !== path) await session.query("SELECT pg_catalog.set_config('search_path', $1, true)", [former]);
  return tables.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function bySchema(
  home: string,
  names: readonly string[],
  elsewhere: Elsewhere,
): { schema: string; names: string[] }[] {
  const groups = new Map<string, string[]>([[home, []]]);
  for (const name of names) {
    const place = elsewhere[name] ?? { schema: home, name };
    groups.set(place.schema, [...(groups.get(place.schema) ?? []), place.name]);
  }
  return [...groups].map(([schema, list]) => ({ schema, names: list }));
}

const DEFAULT_GRANTEES = `
  SELECT DISTINCT CASE WHEN x.grantee ${EQ} 0::pg_catalog.oid THEN ''
                       ELSE pg_catalog.pg_get_userbyid(x.grantee)::pg_catalog.text END AS grantee
    FROM pg_catalog.pg_default_acl da CROSS JOIN LATERAL pg_catalog.aclexplode(da.defaclacl) x
   WHERE da.defaclobjtype ${EQ} ${code('r')} AND x.grantee ${NE} da.defaclrole`;

/**
 * The roles ('' is PUBLIC) that default privileges, of any role and schema, give rights on new tables.
 * @throws {DatabaseError}
 */
export async function defaultGrantees(session: Session): Promise<string[]> {
  const { rows } = await session.query(DEFAULT_GRANTEES);
  return rows.map((row) => asText(row['grantee'])).sort();
}
