/** Who may connect to a database: read, taken away, given back exactly as it was. */
import { EXIT, UserError } from '../exit.ts';
import { quoteIdentifier } from '../postgres/scope.ts';
import type { Session } from '../sql/session.ts';
import { asBoolean, asJson, asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { commentSql, marksIn } from './marks.ts';
import type { Access, Grant, StoppedMark } from './types.ts';

/** Without an entry the default counts: everybody may connect (manual, ddl-priv). The owner's own right is left out. */
const ACCESS = `
  SELECT d.oid::text AS oid, d.datname, o.rolname AS owner, d.datconnlimit, me.rolname AS role, me.rolsuper,
         me.rolsuper OR pg_catalog.pg_has_role(d.datdba, 'USAGE') AS manages,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                   'grantee', CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
                   'grantor', pg_catalog.pg_get_userbyid(a.grantor), 'grantable', a.is_grantable)
                   ORDER BY a.grantee, a.grantor)
            FROM pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
           WHERE a.privilege_type = 'CONNECT' AND a.grantee <> d.datdba) AS grants,
         (SELECT COALESCE(pg_catalog.bool_and(me.rolsuper OR a.grantor = d.datdba OR pg_catalog.pg_has_role(a.grantor, 'MEMBER')), true)
            FROM pg_catalog.aclexplode(d.datacl) a WHERE a.privilege_type = 'CONNECT') AS acts_as_grantors,
         pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
    FROM pg_catalog.pg_database d
    JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
    JOIN pg_catalog.pg_roles me ON me.rolname = CURRENT_USER
   WHERE d.datname = $1`;

/** @throws {UserError} 69 when there is no such database any more; {DatabaseError} */
export async function readAccess(session: Session, database: string): Promise<Access> {
  const [row] = (await session.query(ACCESS, [database])).rows;
  if (!row) {
    throw new UserError(
      `There is no database ${toLine(database, 100)} on this server.`,
      '"backout escalate" lists what stands beside it.',
      EXIT.cannotConnect,
    );
  }
  return {
    database,
    oid: asText(row['oid']),
    owner: asText(row['owner']),
    limit: asNumber(row['datconnlimit']),
    grants: (asJson(row['grants'] ?? null) ?? []) as Grant[],
    role: asText(row['role']),
    superuser: asBoolean(row['rolsuper']),
    manages: asBoolean(row['manages']),
    actsAsGrantors: asBoolean(row['acts_as_grantors']),
    marks: marksIn(asTextOrNull(row['comment'])),
  };
}

/** Why nobody's right to connect can be taken away by this role; null where it can. */
export function whyNotStop({ marks, manages, role, owner, actsAsGrantors }: Access): string | null {
  const { stopped } = marks;
  if (stopped)
    return `Writes are stopped already, since ${toLine(stopped.at, 40)}, by ${toLine(stopped.by, 100)}.`;
  if (!manages) {
    return `Role ${toLine(role, 100)} may not: only a superuser or the owner, ${toLine(owner, 100)}, may take away the right to connect.`;
  }
  return actsAsGrantors
    ? null
    : `Some rights to connect were granted by roles that ${toLine(role, 100)} cannot act as, so they could not be given back as they were. A superuser can.`;
}

const who = (grantee: string | null): string => (grantee === null ? 'PUBLIC' : quoteIdentifier(grantee));

/**
 * The statements that keep everybody out but superusers and, where the role is none itself, the owner. A superuser sets
 * the connection limit to 0 as well: that keeps out the owner too, which is often what the application connects as, and
 * superusers are not counted (manual, sql-createdatabase).
 */
export function stopSql(access: Access, at: string, by: string): string[] {
  const { database, grants, limit, superuser, marks } = access;
  const name = quoteIdentifier(database);
  const limited = superuser && limit !== 0;
  const stopped: StoppedMark = { at, by, grants, limit: limited ? limit : null };
  const grantees = [...new Set(grants.map(({ grantee }) => who(grantee)))];
  // What somebody passed on goes with what they were given.
  const cascade = grants.some(({ grantor }) => grantor !== access.owner) ? ' CASCADE' : '';
  return [
    ...(grantees.length > 0
      ? [`REVOKE CONNECT ON DATABASE ${name} FROM ${grantees.join(', ')}${cascade}`]
      : []),
    ...(limited ? [`ALTER DATABASE ${name} CONNECTION LIMIT 0`] : []),
    commentSql(database, { ...marks, stopped }),
  ];
}

/** What somebody passed on comes after what they were given: a grantor needs the right first. */
function inOrder(grants: readonly Grant[], owner: string): Grant[] {
  const ready = new Set([owner]);
  const ordered: Grant[] = [];
  let rest = [...grants];
  while (rest.length > 0) {
    const now = rest.filter(({ grantor }) => ready.has(grantor));
    if (now.length === 0) return [...ordered, ...rest];
    for (const { grantee, grantable } of now) if (grantee !== null && grantable) ready.add(grantee);
    ordered.push(...now);
    rest = rest.filter((grant) => !now.includes(grant));
  }
  return ordered;
}

/** One right, given by whoever gave it. A superuser's GRANT counts as the owner's (manual, sql-grant). */
export function grantSql(database: string, privilege: string, grant: Grant, owner: string): string[] {
  const sql = `GRANT ${privilege} ON DATABASE ${quoteIdentifier(database)} TO ${who(grant.grantee)}${grant.grantable ? ' WITH GRANT OPTION' : ''}`;
  if (grant.grantor === owner) return [sql];
  return [`SET LOCAL ROLE ${quoteIdentifier(grant.grantor)}`, sql, 'RESET ROLE'];
}

/** The statements that let in everybody who could connect before. */
export function allowSql(access: Access, mark: StoppedMark): string[] {
  const { database, owner, limit, marks } = access;
  const wasLimited = mark.limit !== null && limit === 0;
  return [
    ...inOrder(mark.grants, owner).flatMap((grant) => grantSql(database, 'CONNECT', grant, owner)),
    ...(wasLimited ? [`ALTER DATABASE ${quoteIdentifier(database)} CONNECTION LIMIT ${mark.limit}`] : []),
    commentSql(database, { ...marks, stopped: null }),
  ];
}

const key = ({ grantee, grantor, grantable }: Grant): string => JSON.stringify([grantee, grantor, grantable]);

/** What differs from how it was: empty where the same may connect in the same way. */
export function differences(access: Access, mark: StoppedMark): string[] {
  const name = ({ grantee }: Grant): string => (grantee === null ? 'everybody' : toLine(grantee, 100));
  const now = new Set(access.grants.map(key));
  const before = new Set(mark.grants.map(key));
  return [
    ...mark.grants
      .filter((grant) => !now.has(key(grant)))
      .map((grant) => `${name(grant)} could connect before and cannot now.`),
    ...access.grants
      .filter((grant) => !before.has(key(grant)))
      .map((grant) => `${name(grant)} can connect now and could not before.`),
    ...(mark.limit !== null && access.limit !== mark.limit
      ? [`The connection limit was ${mark.limit} and is ${access.limit} now: somebody else changed it.`]
      : []),
  ];
}
