/** The locks that procedures take, and who waits for them meanwhile. */
import { ARCHIVE_SCHEMA } from '../sql/archive/draft.ts';
import { BEFORE_WORK } from '../sql/execute/lock-policy.ts';
import type { Procedure, StepLocks } from '../sql/procedure/types.ts';
import type { Lock, LockLevel } from '../sql/types.ts';
import { stepName } from '../wizard/judge.ts';
import type { Block, State } from '../wizard/types.ts';
import { item, table, text } from './blocks.ts';
import { stepLabel } from './purpose.ts';

/** Who has to wait for a lock (manual, explicit-locking, table 13.2). */
const WAITS: Record<LockLevel, string> = {
  'ACCESS SHARE': 'only who locks out readers',
  'ROW SHARE': 'only who locks out writers',
  'ROW EXCLUSIVE': 'who builds an index or changes the definition',
  'SHARE UPDATE EXCLUSIVE': 'who changes the definition, and VACUUM',
  SHARE: 'writers',
  'SHARE ROW EXCLUSIVE': 'writers',
  EXCLUSIVE: 'writers',
  'ACCESS EXCLUSIVE': 'everybody, readers too',
};

/** What each step locks as it begins, then what it locks further on; who waits for that; how backout goes about it. */
export function lockBlocks(state: State, procedures: Procedure[]): Block[] {
  const locked = procedures.flatMap((procedure) =>
    procedure.locks.filter(isOfOthers).map((lock) => row(state, procedure, lock)),
  );
  const later = procedures.flatMap(({ step, actions }) =>
    actions
      .filter(({ role }) => role === 'lock')
      .map(({ index, words }) => item('none', `${stepLabel(state, step)}, ${index}: ${words}`)),
  );
  if (locked.length + later.length === 0) return [text('No table is locked.')];
  const ofTables = procedures.flatMap(({ locks }) => locks.filter(isOfOthers).filter(isOfTable));
  const levels = [...new Set(ofTables.map(({ level }) => level))];
  return [
    withoutEmpty(['step', 'table', 'lock as it begins', 'statements', 'whole table'], locked),
    ...later,
    ...levels.map((level) => text(`While ${level} is held, these wait: ${WAITS[level]}.`, 'quiet')),
    text(HOW_LOCKED, 'quiet'),
    ...(procedures.some(({ lone }) => lone) ? [text(HOW_OUTSIDE, 'quiet')] : []),
  ];
}

/** Nobody but backout waits for a table of its own archive. */
const isOfOthers = ({ schema }: StepLocks): boolean => schema !== ARCHIVE_SCHEMA;

const isOfTable = ({ advisory }: StepLocks): boolean => advisory === undefined;

/** A column that says nothing in any row only takes room from the others. */
function withoutEmpty(columns: string[], rows: string[][]): Block {
  const said = columns.map((_, at) => rows.some((row) => row[at] !== ''));
  const kept = (cells: string[]): string[] => cells.filter((_, at) => said[at]);
  return table(kept(columns), rows.map(kept));
}

/** As written, the statements that need the lock are known, and what they do to the whole table under it. */
function row({ survey }: State, { step, form }: Procedure, lock: StepLocks): string[] {
  const found = form === 'as-written' ? (survey?.locks ?? []) : [];
  const of = found.filter((one) => one.step === step && one.table === lock.table);
  const whole = [
    ...(of.some(({ scans }) => scans) ? ['read'] : []),
    ...(of.some(({ rewrites }) => rewrites) ? ['rewritten'] : []),
  ];
  const name = lock.schema === undefined ? lock.table : `${lock.schema}.${lock.table}`;
  if (lock.advisory !== undefined) return [stepName(step), name, `key ${lock.advisory}`, '', ''];
  return [stepName(step), name, lock.level, ranges(of), whole.join(', ')];
}

/** `1-3, 7`. */
function ranges(locks: Lock[]): string {
  const indexes = [...new Set(locks.map(({ index }) => index))].sort((one, other) => one - other);
  const runs: [first: number, last: number][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

const HOW_OUTSIDE =
  'What runs outside of transactions is preceded by such a try, so that it is known that nobody is in its way; it then takes ' +
  'its lock itself, and waits for it up to ten minutes.';

const HOW_LOCKED =
  'As a step begins, backout takes its locks in this order and holds them until it ends. ' +
  `A try for them lasts ${BEFORE_WORK.tryMs / 1000} s at most; then it lets go of everything, so that nobody queues behind it, ` +
  `and tries again, at most ${BEFORE_WORK.tries} times. Meanwhile the screen shows who holds the lock.`;
