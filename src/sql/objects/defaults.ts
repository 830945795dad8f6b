/** ALTER DEFAULT PRIVILEGES: what a role's new objects of a kind are given, everywhere or in one schema (pg_default_acl). */
import type { AlterDefaultPrivilegesStmt, Node } from '@pgsql/types';
import { quoteName, type Worded } from '../definition-sql.ts';
import { roleName } from './effects.ts';
import { rightsSet } from './grants.ts';
import { effect } from './names.ts';
import { right, role } from './rights.ts';
import type { ObjectEffect, ObjectGrant, ObjectRef, ObjectState } from './types.ts';

type Outcome = ObjectEffect[] | string;

/** The kinds as they are written, and as pg_default_acl.defaclobjtype has them. */
const KINDS: Readonly<Record<string, { word: string; letter: string }>> = {
  OBJECT_TABLE: { word: 'TABLES', letter: 'r' },
  OBJECT_SEQUENCE: { word: 'SEQUENCES', letter: 'S' },
  OBJECT_FUNCTION: { word: 'FUNCTIONS', letter: 'f' },
  OBJECT_TYPE: { word: 'TYPES', letter: 'T' },
  OBJECT_SCHEMA: { word: 'SCHEMAS', letter: 'n' },
};

export function letterOf(word: string): string {
  return Object.values(KINDS).find((one) => one.word === word.toUpperCase())?.letter ?? '';
}

export function wordOf(letter: string): string {
  return Object.values(KINDS).find((one) => one.letter === letter)?.word ?? '';
}

function itemsOf(options: readonly Node[] | undefined, name: string): Node[] {
  return (options ?? []).flatMap((node) =>
    'DefElem' in node && node.DefElem.defname === name && node.DefElem.arg && 'List' in node.DefElem.arg
      ? (node.DefElem.arg.List.items ?? [])
      : [],
  );
}

export function alterDefaults({ options, action }: AlterDefaultPrivilegesStmt): Outcome {
  const kind = KINDS[action?.objtype ?? ''];
  if (!action || !kind) return 'this kind of object is not covered';
  const sets = rightsSet(action);
  if (typeof sets === 'string') return sets;
  const written = itemsOf(options, 'roles').map((node) =>
    'RoleSpec' in node ? roleName(node.RoleSpec) : null,
  );
  const schemas = itemsOf(options, 'schemas').flatMap((node) =>
    'String' in node ? [node.String.sval ?? ''] : [],
  );
  if (written.includes(null)) return 'whose they are is not readable';
  const roles = written.length === 0 ? ['CURRENT_USER'] : written;
  const verb = action.is_grant ? 'grant' : 'revoke';
  const name = kind.word.toLowerCase();
  const refs = roles.flatMap((role): ObjectRef[] =>
    (schemas.length === 0 ? [undefined] : schemas).map((schema) => ({
      type: 'default privileges',
      name,
      signature: [role ?? '', ...(schema === undefined ? [] : [schema])],
    })),
  );
  return refs.map((ref) => effect(ref, verb, { sets, again: true }));
}

/** ALTER DEFAULT PRIVILEGES as far as GRANT or REVOKE. */
function beginning({ signature: [whose = '', schema] = [] }: Pick<ObjectRef, 'signature'>): string {
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteName(whose)}${schema === undefined ? '' : ` IN SCHEMA ${quoteName(schema)}`}`;
}

/** GRANT statements that give these rights by default. */
export function defaultGrants(
  ref: Pick<ObjectRef, 'signature' | 'name'>,
  grants: readonly ObjectGrant[],
): string[] {
  return grants.map(
    (grant) =>
      `${beginning(ref)} GRANT ${right(grant)} ON ${ref.name.toUpperCase()} TO ${role(grant.grantee)}${grant.grantable ? ' WITH GRANT OPTION' : ''}`,
  );
}

/** What makes one state of default privileges the other: all of them taken, those of before given. */
export function defaultsSql(ref: ObjectRef, before: ObjectState, now: ObjectState, named: string): Worded[] {
  const from = [...new Set([...(now.grants ?? []), ...(before.grants ?? [])].map(({ grantee }) => grantee))];
  const what = ref.name.toUpperCase();
  return [
    ...(from.length === 0
      ? []
      : [
          {
            sql: `${beginning(ref)} REVOKE ALL ON ${what} FROM ${from.map(role).join(', ')}`,
            words: `Takes the ${named}, to give those that were.`,
          },
        ]),
    ...defaultGrants(ref, before.grants ?? []).map((sql) => ({
      sql,
      words: `Gives the ${named} that were.`,
    })),
  ];
}
