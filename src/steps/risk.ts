/** What is at stake, in blocks: shared by the plan, the step and the fix-forward screens. */
import { stepName } from '../wizard/judge.ts';
import { LOCK_TIMEOUT_MS, strongestLocks, versionTables } from '../sql/lock-levels.ts';
import type { DataAtRisk, Failing, Invented, Lock, LockLevel, Plan, Unchecked } from '../sql/types.ts';
import type { Block } from '../wizard/types.ts';
import { count, gap, grouped, heading, item, table, text } from './blocks.ts';

const place = ({ step, index }: { step: string; index: number }): string => `${stepName(step)}, ${index}`;

const whole = (column: string | undefined): string => column ?? '(whole rows)';

/** Rows and values that would exist nowhere any more: a table for each reason, which stands above it once. */
export function dataAtRiskBlocks(entries: DataAtRisk[]): Block[] {
  if (entries.length === 0) return [item('pass', 'No data at risk was found.')];
  const reasons = [...new Set(entries.map(({ detail }) => detail))];
  return reasons.flatMap((reason, index) => [
    ...(index > 0 ? [gap] : []),
    text(reason, 'warn'),
    table(
      ['statement', 'table', 'column', 'rows'],
      entries
        .filter(({ detail }) => detail === reason)
        .map((entry) => [place(entry), entry.table, whole(entry.column), grouped(entry.rows)]),
    ),
  ]);
}

/** Rows that would get a value nobody ever wrote. */
export function inventedBlocks(entries: Invented[]): Block[] {
  if (entries.length === 0) return [item('pass', 'No value is invented.')];
  return [
    table(
      ['statement', 'table', 'column', 'value', 'rows'],
      entries.map((entry) => [place(entry), entry.table, entry.column, entry.value, grouped(entry.rows)]),
    ),
  ];
}

/** Rows on which a statement would fail, by their keys. */
export const failingBlocks = (entries: Failing[]): Block[] =>
  entries.map((entry) =>
    item('fail', `${place(entry)}: ${entry.table}.${entry.column}, ${count(entry.rows, 'row')}`, {
      detail: entry.detail,
      lines: [
        `${entry.keyColumns}: ${entry.keys.join(', ')}${entry.rows > entry.keys.length ? `, and ${grouped(entry.rows - entry.keys.length)} more` : ''}`,
      ],
    }),
  );

/** What was not looked at, and why: never a silent gap. */
export const uncheckedBlocks = (entries: Unchecked[]): Block[] =>
  entries.length === 0
    ? []
    : [
        heading('Not checked'),
        ...entries.map((entry) => item('unknown', `${place(entry)}: ${entry.what}`, { detail: entry.why })),
      ];

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

const VERSIONS_LEVEL: LockLevel = 'SHARE ROW EXCLUSIVE';

/**
 * The strongest lock a step takes on each table: taken as it begins and held until it ends, so that is what others
 * meet. Then who waits for it, and how backout itself goes about locking.
 */
export function lockBlocks(plan: Plan, locks: Lock[]): Block[] {
  if (locks.length === 0) return [text('No table is locked.')];
  const strongest = strongestLocks(locks);
  const levels = [...new Set(strongest.map(({ level }) => level))];
  return [
    table(
      ['step', 'table', 'strongest lock', 'statements', 'whole table'],
      strongest.map((lock) => [
        stepName(lock.step),
        lock.table,
        lock.level,
        ranges(locks.filter(({ step, table }) => step === lock.step && table === lock.table)),
        [...(lock.scans ? ['read'] : []), ...(lock.rewrites ? ['rewritten'] : [])].join(', '),
      ]),
    ),
    ...levels.map((level) => text(`While ${level} is held, these wait: ${WAITS[level]}.`, 'quiet')),
    text(howLocked(versionTables(plan)), 'quiet'),
  ];
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

function howLocked(versions: string[]): string {
  const fence =
    versions.length === 0
      ? ''
      : `${versions.join(', ')} in ${VERSIONS_LEVEL} mode, so that no migration runs meanwhile, then `;
  return (
    `As a step begins, backout locks ${fence}its tables that exist, in the order of their names. ` +
    `It waits ${LOCK_TIMEOUT_MS / 1000} s at most for a lock; after that the step is rolled back. ` +
    'Locks are held until the step ends.'
  );
}
