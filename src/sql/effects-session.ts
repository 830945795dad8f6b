/** Effects of LOCK TABLE and SET, and of IF EXISTS: what says how the statements around it run. */
import type { LockStmt, Node, SelectStmt, VariableSetStmt } from '@pgsql/types';
import { LOCK_LEVELS } from './lock-levels.ts';
import { textsOf } from './parse-tree.ts';
import type { Effect } from './types.ts';

/** The effects of a statement that does nothing when the table or index is not there. */
export function onlyIf(effects: readonly Effect[], name: string): Effect[] {
  return effects.map((effect): Effect =>
    effect.kind === 'not-understood' ? effect : { ...effect, onlyIf: name },
  );
}

/** @param mode numbered from 1 (ACCESS SHARE) in the order of the manual (lockdefs.h) */
export function lockEffects({ relations = [], mode = 0, nowait }: LockStmt): Effect[] {
  const level = LOCK_LEVELS[mode - 1];
  if (!level) return [{ kind: 'not-understood', what: 'LOCK TABLE: the mode is not known' }];
  if (nowait) return [{ kind: 'not-understood', what: 'LOCK TABLE: NOWAIT fails where backout would wait' }];
  return relations.flatMap((node): Effect[] => {
    if (!('RangeVar' in node)) return [];
    const { relname: table = '', schemaname: schema } = node.RangeVar;
    return [{ kind: 'lock', ...(schema ? { schema } : {}), table, level }];
  });
}

/**
 * Settings that change how long a statement may take, what it costs, what is said meanwhile, or how a date is read and
 * written: never what an object is or who may do what.
 */
const SETTINGS: ReadonlySet<string> = new Set([
  'check_function_bodies',
  'client_min_messages',
  'datestyle',
  'idle_in_transaction_session_timeout',
  'intervalstyle',
  'lock_timeout',
  'maintenance_work_mem',
  'max_parallel_maintenance_workers',
  'statement_timeout',
  'synchronous_commit',
  'timezone',
  'work_mem',
]);

/** What pg_dump writes at the top of a file, and what is so anyway. */
const AS_IT_IS: Readonly<Record<string, string>> = {
  default_table_access_method: 'heap',
  standard_conforming_strings: 'on',
  xmloption: 'content',
};

const isKnown = (name: string, value: string): boolean =>
  SETTINGS.has(name.toLowerCase()) || AS_IT_IS[name.toLowerCase()] === value.toLowerCase();

function valueOf(node: Node | undefined): string | null {
  if (!node || !('A_Const' in node)) return null;
  const { sval, ival, fval, boolval } = node.A_Const;
  if (sval) return sval.sval ?? '';
  if (ival) return String(ival.ival ?? 0);
  if (fval) return fval.fval ?? '';
  return boolval ? (boolval.boolval === true ? 'on' : 'off') : null;
}

/** SET and SET LOCAL, which mean the same for a step of its own: see src/sql/procedure. */
export function settingEffects(set: VariableSetStmt): Effect[] {
  const { kind, name = '', args = [] } = set;
  const no = (why: string): Effect[] => [{ kind: 'not-understood', what: `SET: ${why}` }];
  if (kind !== 'VAR_SET_VALUE') return no('only a setting and its value are covered');
  const values = args.map(valueOf);
  if (values.some((one) => one === null) || values.length === 0)
    return no(`the value of ${name} is not readable`);
  const value = values.join(', ');
  if (!isKnown(name, value)) return no(`${name} changes what later statements mean or may do`);
  return [{ kind: 'setting', name: name.toLowerCase(), value }];
}

/**
 * `SELECT set_config(name, value, true)`: SET LOCAL (manual, functions-admin). With false it would hold longer than the
 * step, and cannot be sent otherwise. Null for any other SELECT.
 */
export function setConfigEffects({ targetList = [], fromClause, whereClause }: SelectStmt): Effect[] | null {
  const [only, ...more] = targetList;
  const call = only && 'ResTarget' in only ? only.ResTarget.val : undefined;
  if (!call || !('FuncCall' in call) || more.length > 0 || fromClause || whereClause) return null;
  const parts = textsOf(call.FuncCall.funcname);
  if ((parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.') !== 'set_config') return null;
  const [name, value, local] = (call.FuncCall.args ?? []).map(valueOf);
  const no = (why: string): Effect[] => [{ kind: 'not-understood', what: `SELECT: ${why}` }];
  if (typeof name !== 'string' || typeof value !== 'string')
    return no('what set_config() sets is worked out');
  if (local !== 'on') return no('set_config() would hold longer than the step: write SET LOCAL');
  if (!isKnown(name, value)) return no(`${name} changes what later statements mean or may do`);
  return [{ kind: 'setting', name: name.toLowerCase(), value }];
}
