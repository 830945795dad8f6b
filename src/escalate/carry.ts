/** What belongs to a database itself and is in no backup of its content: owner, rights, settings, comment, limit. */
import { quoteIdentifier } from '../postgres/scope.ts';
import type { Session } from '../sql/session.ts';
import { asBoolean, asJson, asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { grantSql } from './access.ts';
import { literal } from './marks.ts';
import type { Grant } from './types.ts';

const BELONGS = `
  SELECT o.rolname AS owner, d.datconnlimit, d.datacl IS NULL AS is_default, d.datistemplate,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('privilege', a.privilege_type,
                   'grantee', CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
                   'grantor', pg_catalog.pg_get_userbyid(a.grantor), 'grantable', a.is_grantable)
                   ORDER BY a.grantor <> d.datdba, a.grantee)
            FROM pg_catalog.aclexplode(d.datacl) a) AS acl,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname, 'settings', pg_catalog.to_json(s.setconfig)))
            FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
           WHERE s.setdatabase = d.oid AND (s.setrole = 0 OR r.oid IS NOT NULL)) AS settings
    FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
   WHERE d.datname = $1`;

/**
 * The statements that make `to` what `from` is, in these respects; its comment is written with the marks. @throws {DatabaseError}
 */
export async function carryOver(session: Session, from: string, to: string): Promise<string[]> {
  const [row] = (await session.query(BELONGS, [from])).rows;
  if (!row) return [];
  const owner = asText(row['owner']);
  const name = quoteIdentifier(to);
  const acl = (asJson(row['acl'] ?? null) ?? []) as (Grant & { privilege: string })[];
  const rights = asBoolean(row['is_default'])
    ? []
    : [
        `REVOKE ALL ON DATABASE ${name} FROM PUBLIC, ${quoteIdentifier(owner)}`,
        ...acl.flatMap((grant) => grantSql(to, grant.privilege, grant, owner)),
      ];
  const settings = (asJson(row['settings'] ?? null) ?? []) as { role: string | null; settings: string[] }[];
  return [
    `ALTER DATABASE ${name} OWNER TO ${quoteIdentifier(owner)}`,
    ...rights,
    ...settings.flatMap(({ role, settings: list }) => list.map((setting) => settingSql(to, role, setting))),
    `ALTER DATABASE ${name} CONNECTION LIMIT ${asNumber(row['datconnlimit'])}`,
    ...(asBoolean(row['datistemplate']) ? [`ALTER DATABASE ${name} IS_TEMPLATE true`] : []),
  ];
}

/** Settings that are lists of names, stored with their quotes (PostgreSQL's dumputils.c, variable_is_guc_list_quote). */
const LISTS: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** @param setting `name=value`, as the server stores it */
export function settingSql(database: string, role: string | null, setting: string): string {
  const at = setting.indexOf('=');
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  const whose =
    role === null
      ? `ALTER DATABASE ${quoteIdentifier(database)}`
      : `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${quoteIdentifier(database)}`;
  const values = LISTS.has(name.toLowerCase()) ? namesIn(value).map(literal).join(', ') : literal(value);
  // A name of two parts is written as two identifiers (manual, runtime-config-custom).
  const written = name.split('.').map(quoteIdentifier).join('.');
  return `${whose} SET ${written} TO ${values === '' ? "''" : values}`;
}

/** `"$user", public` → `$user`, `public`. */
function namesIn(list: string): string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  );
}

/** Texts of other tools stand there too: an own comment of the restored one gives way to that of the damaged one. */
export async function commentOf(session: Session, database: string): Promise<string | null> {
  const { rows } = await session.query(
    "SELECT pg_catalog.shobj_description(d.oid, 'pg_database') AS comment FROM pg_catalog.pg_database d WHERE d.datname = $1",
    [database],
  );
  return asTextOrNull(rows[0]?.['comment']);
}
