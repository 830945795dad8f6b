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
import { makingEffects } from './create.ts';
import { grantEffects } from './grants.ts';
import { effect, refOf, relationRef, TYPES } from './names.ts';
import type { ObjectEffect, ObjectRef, ObjectType } from './types.ts';

/** Effects, or why there are none that could be named. */
export type Outcome = ObjectEffect[] | string;

/** Null for CURRENT_USER and its kin: who that is depends on the session. */
export function roleName(role: RoleSpec | undefined): string | null {
  if (role?.roletype === 'ROLESPEC_PUBLIC') return '';
  return role?.roletype === 'ROLESPEC_CSTRING' ? (role.rolename ?? null) : null;
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
  const type = TYPES[rename.renameType ?? ''];
  if (type === undefined || rename.missing_ok) return null;
  const ref = renamedRef(type, rename);
  return ref === null ? null : [effect(ref, 'rename', { to: rename.newname ?? '' })];
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
  if (owner === null) return 'who CURRENT_USER or SESSION_USER is depends on the session';
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
};

/** ALTER VIEW, ALTER MATERIALIZED VIEW and ALTER SEQUENCE, which the parser writes as ALTER TABLE: the owner alone. */
export function alterRelation(alter: AlterTableStmt): Effect[] | null {
  const type = RELATIONS[alter.objtype ?? ''];
  const commands = (alter.cmds ?? []).map((node) =>
    'AlterTableCmd' in node ? node.AlterTableCmd : undefined,
  );
  if (type === undefined || alter.missing_ok) return null;
  const outcomes = commands.map((command) =>
    command?.subtype === 'AT_ChangeOwner'
      ? ownerEffect(relationRef(type, alter.relation), command.newowner)
      : 'not covered',
  );
  return outcomes.some((one) => typeof one === 'string')
    ? null
    : outcomes.flatMap((one) => (typeof one === 'string' ? [] : one));
}

function outcomeOf(tree: Node): Outcome | null {
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
  if (typeof outcome !== 'string') return outcome.map((one) => withText(one, tree));
  return [{ kind: 'not-understood', what: `${commandOf(tree)}: ${outcome}` }];
}
