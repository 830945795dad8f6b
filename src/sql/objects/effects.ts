/** What statements about objects beside tables do: DROP, RENAME, OWNER, COMMENT, and those of files of their own. */
import type {
  AlterOwnerStmt,
  AlterTableStmt,
  CommentStmt,
  DropStmt,
  Node,
  RenameStmt,
  RoleSpec,
} from '@pgsql/types';
import { commandOf } from '../parse-commands.ts';
import { renderStatement } from '../parse-render.ts';
import type { Effect } from '../types.ts';
import { alterEnum, alterFunction, alterPolicy, alterSequence, refreshView } from './alter.ts';
import { alterAttributes, renameAttribute } from './composite.ts';
import { makingEffects } from './create.ts';
import { alterDefaults } from './defaults.ts';
import { alterEventTrigger, alterStatistics } from './defined.ts';
import { alterDomain, renameCheck } from './domain.ts';
import { everyTrigger } from './every.ts';
import { grantEffects } from './grants.ts';
import { effect, refOf, relationRef, TYPES } from './names.ts';
import { relationSetting } from './relation-settings.ts';
import { setSchema } from './schemas.ts';
import { sessionRole } from './session-roles.ts';
import { alterConfiguration, alterDictionary } from './text-search.ts';
import type { ObjectEffect, ObjectRef, ObjectType } from './types.ts';

/** Effects, or why there are none that could be named. */
export type Outcome = ObjectEffect[] | string;

/** CURRENT_USER and its kin stand for themselves until the session is known: `session-roles.ts`. */
export function roleName(role: RoleSpec | undefined): string | null {
  if (role?.roletype === 'ROLESPEC_PUBLIC') return '';
  if (role?.roletype === 'ROLESPEC_CSTRING') return role.rolename ?? null;
  return sessionRole(role);
}

/** Null for what DROP TABLE, DROP INDEX and uncovered kinds are. */
export function dropObjects(drop: DropStmt): Effect[] | null {
  const type = TYPES[drop.removeType ?? ''];
  if (type === undefined) return null;
  const refs = (drop.objects ?? []).map((node) => refOf(type, node));
  if (refs.some((ref) => ref === null)) return null;
  return refs.flatMap((ref) =>
    ref === null
      ? []
      : [
          effect(ref, 'drop', {
            ifExists: drop.missing_ok === true,
            cascade: drop.behavior === 'DROP_CASCADE',
          }),
        ],
  );
}

/** What is renamed by a name of its own; null for tables, columns, constraints, indexes and uncovered kinds. */
export function renameObject(rename: RenameStmt): Effect[] | null {
  if (rename.missing_ok) return null;
  if (rename.renameType === 'OBJECT_DOMCONSTRAINT') return renameCheck(rename);
  if (rename.renameType === 'OBJECT_ATTRIBUTE')
    return rename.behavior === 'DROP_CASCADE' ? null : renameAttribute(rename);
  const type = TYPES[rename.renameType ?? ''];
  if (type === undefined || rename.missing_ok) return null;
  const ref = renamedRef(type, rename);
  return ref === null ? null : [effect(ref, 'rename', { to: rename.newname ?? '' })];
}

/** Of a view or materialised view; null for every other column. */
export function renameColumn({
  relationType,
  relation,
  subname = '',
  newname = '',
}: RenameStmt): Effect[] | null {
  const type = TYPES[relationType ?? ''];
  if (type !== 'view' && type !== 'materialized view') return null;
  const needs = { [`column:${subname}`]: 'yes', [`column:${newname}`]: 'no' };
  const sets = { [`column:${subname}`]: 'no', [`column:${newname}`]: 'yes' };
  return [effect(relationRef(type, relation), 'alter', { sets, needs })];
}

function renamedRef(type: ObjectType, { object, relation, subname }: RenameStmt): ObjectRef | null {
  if (object) return refOf(type, object);
  if (type === 'trigger' || type === 'policy' || type === 'rule') {
    const { name: on, schema } = relationRef('table', relation);
    return { type, name: subname ?? '', on, ...(schema === undefined ? {} : { schema }) };
  }
  if (type === 'schema') return { type, name: subname ?? '' };
  return relation ? relationRef(type, relation) : null;
}

function ownerOf(alter: AlterOwnerStmt): Outcome {
  const type = TYPES[alter.objectType ?? ''];
  const ref = type === undefined ? null : refOf(type, alter.object);
  if (ref === null) return 'the owner of this kind of object is not covered';
  return ownerEffect(ref, alter.newowner);
}

function ownerEffect(ref: ObjectRef, role: RoleSpec | undefined): Outcome {
  const owner = roleName(role);
  if (owner === null) return 'the new owner is not readable';
  return [effect(ref, 'owner', { sets: { owner }, again: true })];
}

/** COMMENT on what is no table, column, constraint or index: those are `comment` effects. */
export function commentOnObject(comment: CommentStmt): Effect[] | null {
  const type = TYPES[comment.objtype ?? ''];
  const ref = type === undefined ? null : refOf(type, comment.object);
  if (ref === null) return null;
  return [effect(ref, 'comment', { sets: { comment: comment.comment ?? '' }, again: true })];
}

const SWITCHES: Readonly<Record<string, Record<string, string>>> = {
  AT_EnableRowSecurity: { 'row security': 'on' },
  AT_DisableRowSecurity: { 'row security': 'off' },
  AT_ForceRowSecurity: { 'forced row security': 'on' },
  AT_NoForceRowSecurity: { 'forced row security': 'off' },
};

/** pg_trigger.tgenabled and pg_rewrite.ev_enabled. */
const ENABLED: Readonly<Record<string, ['trigger' | 'rule', string]>> = {
  AT_EnableTrig: ['trigger', 'O'],
  AT_DisableTrig: ['trigger', 'D'],
  AT_EnableAlwaysTrig: ['trigger', 'A'],
  AT_EnableReplicaTrig: ['trigger', 'R'],
  AT_EnableRule: ['rule', 'O'],
  AT_DisableRule: ['rule', 'D'],
  AT_EnableAlwaysRule: ['rule', 'A'],
  AT_EnableReplicaRule: ['rule', 'R'],
};

/** ALTER TABLE's own: row security, triggers and rules switched, the owner. Null for every other subcommand. */
export function tableSwitch(
  alter: Pick<AlterTableStmt, 'relation'>,
  command: { subtype?: string; name?: string; newowner?: RoleSpec },
): Outcome | null {
  const table = relationRef('table', alter.relation);
  const switched = SWITCHES[command.subtype ?? ''];
  if (switched) return [effect(table, 'alter', { sets: switched, again: true })];
  const every = everyTrigger(table, command.subtype ?? '');
  if (every !== null) return every;
  const hanging = ENABLED[command.subtype ?? ''];
  if (hanging) {
    const [type, enabled] = hanging;
    const { name: on, schema } = table;
    const ref: ObjectRef = {
      type,
      name: command.name ?? '',
      on,
      ...(schema === undefined ? {} : { schema }),
    };
    return [effect(ref, 'alter', { sets: { enabled }, again: true })];
  }
  return command.subtype === 'AT_ChangeOwner' ? ownerEffect(table, command.newowner) : null;
}

const RELATIONS: Readonly<Record<string, ObjectType>> = {
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_INDEX: 'index',
};

/**
 * ALTER VIEW, MATERIALIZED VIEW, SEQUENCE, INDEX and TYPE, which the parser writes as ALTER TABLE: the owner, settings, a
 * view's defaults, a type's attributes.
 */
export function alterRelation(alter: AlterTableStmt): Effect[] | null {
  if (alter.objtype === 'OBJECT_TYPE') return settled(alterAttributes(alter), 'ALTER TYPE');
  const type = RELATIONS[alter.objtype ?? ''];
  const commands = (alter.cmds ?? []).map((node) =>
    'AlterTableCmd' in node ? node.AlterTableCmd : undefined,
  );
  if (type === undefined || alter.missing_ok) return null;
  const outcomes = commands.map((command) =>
    command?.subtype === 'AT_ChangeOwner'
      ? ownerEffect(relationRef(type, alter.relation), command.newowner)
      : command
        ? relationSetting(relationRef(type, alter.relation), command)
        : 'not covered',
  );
  return outcomes.some((one) => typeof one === 'string')
    ? null
    : outcomes.flatMap((one) => (typeof one === 'string' ? [] : one));
}

function settled(outcome: Outcome, command: string): Effect[] {
  return typeof outcome === 'string' ? [{ kind: 'not-understood', what: `${command}: ${outcome}` }] : outcome;
}

/** Roles are of the whole server: other databases have them too, and no archive of this one holds them. */
const OF_SERVER: readonly string[] = [
  'GrantRoleStmt',
  'CreateRoleStmt',
  'AlterRoleStmt',
  'AlterRoleSetStmt',
  'DropRoleStmt',
];

function outcomeOf(tree: Node): Outcome | null {
  if (OF_SERVER.includes(Object.keys(tree)[0] ?? ''))
    return 'roles belong to the whole server, not to this database';
  if ('AlterObjectSchemaStmt' in tree) return setSchema(tree.AlterObjectSchemaStmt);
  if ('AlterDomainStmt' in tree) return alterDomain(tree.AlterDomainStmt);
  if ('AlterDefaultPrivilegesStmt' in tree) return alterDefaults(tree.AlterDefaultPrivilegesStmt);
  if ('AlterTSConfigurationStmt' in tree) return alterConfiguration(tree.AlterTSConfigurationStmt);
  if ('AlterTSDictionaryStmt' in tree) return alterDictionary(tree.AlterTSDictionaryStmt);
  if ('AlterStatsStmt' in tree) return alterStatistics(tree.AlterStatsStmt);
  if ('AlterEventTrigStmt' in tree) return alterEventTrigger(tree.AlterEventTrigStmt);
  if ('AlterOwnerStmt' in tree) return ownerOf(tree.AlterOwnerStmt);
  if ('GrantStmt' in tree) return grantEffects(tree.GrantStmt);
  if ('AlterSeqStmt' in tree) return alterSequence(tree.AlterSeqStmt);
  if ('AlterEnumStmt' in tree) return alterEnum(tree.AlterEnumStmt);
  if ('AlterFunctionStmt' in tree) return alterFunction(tree.AlterFunctionStmt);
  if ('AlterPolicyStmt' in tree) return alterPolicy(tree.AlterPolicyStmt);
  if ('RefreshMatViewStmt' in tree) return refreshView(tree.RefreshMatViewStmt);
  return makingEffects(tree);
}

/** What makes the object is known by its statement until the server can be asked. */
function withText(one: ObjectEffect, tree: Node): ObjectEffect {
  if (one.verb !== 'create' && one.verb !== 'replace') return one;
  try {
    return { ...one, text: renderStatement(tree) };
  } catch {
    return one;
  }
}

/** The effects of a statement that is about objects alone; null for all other statements. */
export function objectEffects(tree: Node): Effect[] | null {
  const outcome = outcomeOf(tree);
  if (outcome === null) return null;
  return typeof outcome === 'string'
    ? settled(outcome, commandOf(tree))
    : outcome.map((one) => withText(one, tree));
}
