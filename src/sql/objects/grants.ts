/** GRANT and REVOKE: who may do what, as single facts. */
import type { AccessPriv, GrantStmt } from '@pgsql/types';
import { textsOf } from '../parse-tree.ts';
import { roleName, type Outcome } from './effects.ts';
import { effect, refOf, relationRef } from './names.ts';
import type { Every, ObjectGrant, ObjectRef, ObjectType } from './types.ts';

/** Kinds of GRANT, and what ALL means there (manual, ddl-priv). MAINTAIN, new in 17, is left out of what is compared. */
const KINDS: Readonly<Record<string, [ObjectType, readonly string[]]>> = {
  OBJECT_TABLE: ['table', ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']],
  OBJECT_SEQUENCE: ['sequence', ['USAGE', 'SELECT', 'UPDATE']],
  OBJECT_FUNCTION: ['function', ['EXECUTE']],
  OBJECT_PROCEDURE: ['procedure', ['EXECUTE']],
  OBJECT_ROUTINE: ['function', ['EXECUTE']],
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

/** What a GRANT or REVOKE says of rights; the reason where that cannot be told. */
export function rightsSet(grant: GrantStmt): Record<string, string> | string {
  const [, all] = KINDS[grant.objtype ?? ''] ?? [];
  if (all === undefined) return 'rights on this kind of object are not covered';
  const given = grant.is_grant === true;
  const roles = (grant.grantees ?? []).map((node) => ('RoleSpec' in node ? roleName(node.RoleSpec) : null));
  if (roles.some((role) => role === null)) return 'whom it is about is not readable';
  const privileges = (grant.privileges ?? []).flatMap((node) =>
    'AccessPriv' in node ? [node.AccessPriv] : [],
  );
  const sets: Record<string, string> = {};
  for (const role of roles) {
    for (const right of rights(all, privileges)) {
      const one = { grantee: role ?? '', ...right };
      // GRANT OPTION FOR takes that alone (manual, sql-revoke).
      if (given || !grant.grant_option) sets[grantKey(one)] = given ? 'yes' : 'no';
      if (grant.grant_option) sets[grantableKey(one)] = given ? 'yes' : 'no';
    }
  }
  return sets;
}

const EVERY: Readonly<Record<string, Every['what']>> = {
  OBJECT_TABLE: 'tables',
  OBJECT_SEQUENCE: 'sequences',
  OBJECT_FUNCTION: 'functions',
  OBJECT_PROCEDURE: 'procedures',
  OBJECT_ROUTINE: 'routines',
};

/** With CASCADE rights go that others gave on. */
export function grantEffects(grant: GrantStmt): Outcome {
  const verb = grant.is_grant ? 'grant' : 'revoke';
  if (grant.behavior === 'DROP_CASCADE' && !grant.is_grant)
    return 'CASCADE takes rights that others gave on, which the statement does not name';
  const sets = rightsSet(grant);
  if (typeof sets === 'string') return sets;
  if (grant.targtype === 'ACL_TARGET_ALL_IN_SCHEMA') {
    const what = EVERY[grant.objtype ?? ''];
    if (what === undefined) return 'this kind of object is not covered';
    return textsOf(grant.objects).map((name) =>
      effect({ type: 'schema', name }, verb, { sets, again: true, every: { what, schema: name } }),
    );
  }
  const [type] = KINDS[grant.objtype ?? ''] ?? [];
  const on = type === undefined ? null : refs(type, grant);
  if (on === null) return 'what the rights are on cannot be read';
  return on.map((ref) => effect(ref, verb, { sets, again: true }));
}
