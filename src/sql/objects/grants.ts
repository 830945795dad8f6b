/** GRANT and REVOKE: who may do what, as single facts. */
import type { AccessPriv, GrantStmt } from '@pgsql/types';
import { textsOf } from '../parse-tree.ts';
import { roleName, type Outcome } from './effects.ts';
import { effect, refOf, relationRef } from './names.ts';
import type { ObjectGrant, ObjectRef, ObjectType } from './types.ts';

/** Kinds of GRANT, and what ALL means there (manual, ddl-priv). MAINTAIN, new in 17, is left out of what is compared. */
const KINDS: Readonly<Record<string, [ObjectType, readonly string[]]>> = {
  OBJECT_TABLE: ['table', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']],
  OBJECT_SEQUENCE: ['sequence', ['USAGE', 'SELECT', 'UPDATE']],
  OBJECT_FUNCTION: ['function', ['EXECUTE']],
  OBJECT_PROCEDURE: ['procedure', ['EXECUTE']],
  OBJECT_SCHEMA: ['schema', ['USAGE', 'CREATE']],
  OBJECT_TYPE: ['type', ['USAGE']],
  OBJECT_DOMAIN: ['domain', ['USAGE']],
};

const OF_COLUMNS = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'];

/** The attribute that says whether somebody has a right. */
export function grantKey({ grantee, privilege, column }: Omit<ObjectGrant, 'grantable'>): string {
  return `grant:${column === undefined ? privilege : `${privilege} (${column})`} to ${grantee || 'PUBLIC'}`;
}

/** That they may grant it to others. */
export function grantableKey(grant: Omit<ObjectGrant, 'grantable'>): string {
  return `grant option:${grantKey(grant).slice('grant:'.length)}`;
}

function rights(
  all: readonly string[],
  privileges: readonly AccessPriv[],
): { privilege: string; column?: string }[] {
  if (privileges.length === 0) return all.map((privilege) => ({ privilege }));
  return privileges.flatMap(({ priv_name: written, cols }) => {
    const names = written === undefined ? OF_COLUMNS : [written.toUpperCase()];
    const columns = textsOf(cols);
    return names.flatMap((privilege) =>
      columns.length === 0 ? [{ privilege }] : columns.map((column) => ({ privilege, column })),
    );
  });
}

function refs(type: ObjectType, { objects = [] }: GrantStmt): ObjectRef[] | null {
  const found = objects.map((node) =>
    'RangeVar' in node ? relationRef(type, node.RangeVar) : refOf(type, node),
  );
  return found.some((ref) => ref === null) ? null : found.flatMap((ref) => ref ?? []);
}

/** Rights on many objects at once, and of default privileges, are those that a name does not tell. */
export function grantEffects(grant: GrantStmt): Outcome {
  if (grant.targtype !== 'ACL_TARGET_OBJECT')
    return 'rights on everything in a schema, and default ones, are not covered';
  const [type, all] = KINDS[grant.objtype ?? ''] ?? [];
  if (type === undefined || all === undefined) return 'rights on this kind of object are not covered';
  const on = refs(type, grant);
  if (on === null) return 'what the rights are on cannot be read';
  const given = grant.is_grant === true;
  if (!given && grant.grant_option) return 'GRANT OPTION FOR is not covered';
  const roles = (grant.grantees ?? []).map((node) => ('RoleSpec' in node ? roleName(node.RoleSpec) : null));
  if (roles.some((role) => role === null))
    return 'who CURRENT_USER or SESSION_USER is depends on the session';
  const privileges = (grant.privileges ?? []).flatMap((node) =>
    'AccessPriv' in node ? [node.AccessPriv] : [],
  );
  const sets: Record<string, string> = {};
  for (const role of roles) {
    for (const right of rights(all, privileges)) {
      const one = { grantee: role ?? '', ...right };
      sets[grantKey(one)] = given ? 'yes' : 'no';
      if (given && grant.grant_option) sets[grantableKey(one)] = 'yes';
    }
  }
  return on.map((ref) => effect(ref, given ? 'grant' : 'revoke', { sets, again: true }));
}
