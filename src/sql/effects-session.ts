/** Effects of LOCK TABLE and SET, and of IF EXISTS: what says how the statements around it run. */
import type { LockStmt, Node, VariableSetStmt } from '@pgsql/types';
import { LOCK_LEVELS } from './lock-levels.ts';
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
  const known = SETTINGS.has(name.toLowerCase()) || AS_IT_IS[name.toLowerCase()] === value.toLowerCase();
  if (!known) return no(`${name} changes what later statements mean or may do`);
  return [{ kind: 'setting', name: name.toLowerCase(), value }];
}
