/** ALTER of sequences, enums, functions and policies, and REFRESH. */
import type {
  AlterEnumStmt,
  AlterFunctionStmt,
  AlterPolicyStmt,
  AlterSeqStmt,
  DefElem,
  Node,
  RefreshMatViewStmt,
} from '@pgsql/types';
import { textsOf } from '../parse-tree.ts';
import { typeNameOf } from '../types-of.ts';
import type { Outcome } from './effects.ts';
import { effect, onTable, placed, relationRef, routineRef } from './names.ts';

export function definedOptions(nodes: readonly Node[] | undefined): DefElem[] {
  return (nodes ?? []).flatMap((node) => ('DefElem' in node ? [node.DefElem] : []));
}

function valueOf({ defname, arg }: DefElem): string | null {
  if (!arg) return null;
  if ('Integer' in arg) return String(arg.Integer.ival ?? 0);
  if ('Float' in arg) return arg.Float.fval ?? '';
  if ('Boolean' in arg) return arg.Boolean.boolval === true ? 'yes' : 'no';
  if ('TypeName' in arg) return typeNameOf(arg.TypeName);
  if (defname === 'owned_by' && 'List' in arg) return textsOf(arg.List.items).join('.');
  return null;
}

/**
 * What of a sequence's options the catalog shows (pg_sequence). NO MINVALUE and NO MAXVALUE depend on type and direction;
 * where it stands is no part of its definition.
 */
export function sequenceSettings(nodes: readonly Node[] | undefined): Record<string, string> {
  const settings = definedOptions(nodes)
    .filter(({ defname }) => defname !== 'restart' && defname !== 'owned_by')
    .map((option): [string, string | null] => [option.defname ?? '', valueOf(option)]);
  return Object.fromEntries(settings.filter((one): one is [string, string] => one[1] !== null));
}

/** RESTART is in no catalog; whoever runs it twice loses the numbers given out in between. */
export function alterSequence({ sequence, options, missing_ok: ifExists }: AlterSeqStmt): Outcome {
  if (ifExists) return 'IF EXISTS would do nothing, and say nothing, when it is missing';
  const restarts = definedOptions(options).some(({ defname }) => defname === 'restart');
  const sets = restarts ? {} : sequenceSettings(options);
  return [effect(relationRef('sequence', sequence), 'alter', { sets, again: !restarts })];
}

export function alterEnum(alter: AlterEnumStmt): Outcome {
  const ref = placed('type', textsOf(alter.typeName));
  const label = alter.newVal ?? '';
  if (alter.oldVal !== undefined) {
    const needs = { [`label:${alter.oldVal}`]: 'yes', [`label:${label}`]: 'no' };
    const sets = { [`label:${alter.oldVal}`]: 'no', [`label:${label}`]: 'yes' };
    return [effect(ref, 'alter', { sets, needs })];
  }
  const sets = { [`label:${label}`]: 'yes' };
  const again = alter.skipIfNewValExists === true;
  return [
    effect(ref, 'alter', {
      sets,
      again,
      forGood: true,
      ...(again ? {} : { needs: { [`label:${label}`]: 'no' } }),
    }),
  ];
}

/** What it changes is compared by nothing: run again, it does the same. */
export function alterFunction({ objtype, func }: AlterFunctionStmt): Outcome {
  if (!func || (objtype !== 'OBJECT_FUNCTION' && objtype !== 'OBJECT_PROCEDURE')) return 'is not covered';
  const type = objtype === 'OBJECT_FUNCTION' ? 'function' : 'procedure';
  return [effect(routineRef(type, func), 'alter', { again: true })];
}

export function alterPolicy({ policy_name: name, table }: AlterPolicyStmt): Outcome {
  return [effect(onTable('policy', name ?? '', table), 'alter', { again: true })];
}

/** In a transaction CONCURRENTLY is allowed (manual, sql-refreshmaterializedview). */
export function refreshView({ relation }: RefreshMatViewStmt): Outcome {
  return [effect(relationRef('materialized view', relation), 'refresh', { again: true })];
}
