/** CURRENT_USER, CURRENT_ROLE and SESSION_USER: roles that only the session tells. */
import type { Node, RoleSpec } from '@pgsql/types';
import type { Effect, Plan } from '../types.ts';

export interface SessionRoles {
  current: string;
  session: string;
}

const WORDS: Readonly<Record<string, string>> = {
  ROLESPEC_CURRENT_ROLE: 'CURRENT_USER',
  ROLESPEC_CURRENT_USER: 'CURRENT_USER',
  ROLESPEC_SESSION_USER: 'SESSION_USER',
};

/** Its own word; null for what is no such role. */
export function sessionRole(role: RoleSpec | undefined): string | null {
  return WORDS[role?.roletype ?? ''] ?? null;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function named(value: unknown, roles: SessionRoles): unknown {
  if (Array.isArray(value)) return value.map((item) => named(item, roles));
  if (!isPlain(value)) return value;
  const word = sessionRole(value as RoleSpec);
  if (word !== null) {
    const rolename = word === 'SESSION_USER' ? roles.session : roles.current;
    return { ...value, roletype: 'ROLESPEC_CSTRING', rolename };
  }
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, named(below, roles)]));
}

/** Without FOR ROLE it is the current role's (manual, sql-alterdefaultprivileges). */
function withOwnDefaults(tree: Node): Node {
  if (!('AlterDefaultPrivilegesStmt' in tree)) return tree;
  const statement = tree.AlterDefaultPrivilegesStmt;
  const { options = [] } = statement;
  if (options.some((one) => 'DefElem' in one && one.DefElem.defname === 'roles')) return tree;
  const role: Node = { RoleSpec: { roletype: 'ROLESPEC_CURRENT_USER' } };
  const roles: Node = { DefElem: { defname: 'roles', arg: { List: { items: [role] } } } };
  return { AlterDefaultPrivilegesStmt: { ...statement, options: [...options, roles] } };
}

/** Whether who the session is decides what the statement does. */
export function asksForRoles(tree: Node): boolean {
  return /"ROLESPEC_(CURRENT|SESSION)_/.test(JSON.stringify(withOwnDefaults(tree)));
}

/** The plan with the roles' names in place of these words; its texts stay. */
export function withRoles(plan: Plan, roles: SessionRoles, effectsOf: (tree: Node) => Effect[]): Plan {
  const steps = plan.steps.map((step) => ({
    ...step,
    statements: step.statements.map((statement) => {
      if (!asksForRoles(statement.tree)) return statement;
      const tree = named(withOwnDefaults(statement.tree), roles) as Node;
      return { ...statement, tree, effects: effectsOf(tree) };
    }),
  }));
  return { ...plan, steps };
}
