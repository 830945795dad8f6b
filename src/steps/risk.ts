/** What is at stake, in blocks: shared by the plan, the step and the fix-forward screens. */
import { stepName } from '../wizard/judge.ts';
import type { DataAtRisk, Failing, Invented, Lock, LockLevel, Unchecked } from '../sql/types.ts';
import type { Block } from '../wizard/types.ts';
import { count, grouped, heading, item, table, text } from './blocks.ts';

const place = ({ step, index }: { step: string; index: number }): string => `${stepName(step)}, ${index}`;

const whole = (column: string | undefined): string => column ?? '(whole rows)';

/** Rows and values that would exist nowhere any more. */
export function dataAtRiskBlocks(entries: DataAtRisk[]): Block[] {
  if (entries.length === 0) return [item('pass', 'No data at risk was found.')];
  return [
    table(
      ['statement', 'table', 'column', 'rows', 'what'],
      entries.map((entry) => [
        place(entry),
        entry.table,
        whole(entry.column),
        grouped(entry.rows),
        entry.detail,
      ]),
    ),
  ];
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

/** From weakest to strongest, and who has to wait for it (manual, explicit-locking, table 13.2). */
const LEVELS: [level: LockLevel, waits: string][] = [
  ['ACCESS SHARE', 'nobody but who locks out readers'],
  ['ROW SHARE', 'nobody but who locks out writers'],
  ['ROW EXCLUSIVE', 'who builds an index or changes the definition'],
  ['SHARE UPDATE EXCLUSIVE', 'who changes the definition, and VACUUM'],
  ['SHARE', 'writers'],
  ['SHARE ROW EXCLUSIVE', 'writers'],
  ['EXCLUSIVE', 'writers'],
  ['ACCESS EXCLUSIVE', 'everybody, readers too'],
];

const strength = (level: LockLevel): number => LEVELS.findIndex(([name]) => name === level);

const WORK_SCANS = 'reads it whole';
const WORK_REWRITES = 'writes it anew';

/**
 * The strongest lock a step takes on each table: taken as it begins and held until it ends, so that is what others
 * meet.
 */
export function lockBlocks(locks: Lock[]): Block[] {
  if (locks.length === 0) return [text('No table is locked.')];
  const byTable = new Map<string, Lock[]>();
  for (const lock of locks) {
    const key = `${lock.step} ${lock.table}`;
    byTable.set(key, [...(byTable.get(key) ?? []), lock]);
  }
  return [
    table(['step', 'table', 'lock', 'who waits', 'meanwhile'], [...byTable.values()].flatMap(lockRow)),
    text('Tables that exist are locked as the step begins; every lock is held until it ends.', 'quiet'),
  ];
}

function lockRow(locks: Lock[]): string[][] {
  const [strongest] = [...locks].sort((one, two) => strength(two.level) - strength(one.level));
  if (!strongest) return [];
  const work = [
    ...(locks.some(({ scans }) => scans) ? [WORK_SCANS] : []),
    ...(locks.some(({ rewrites }) => rewrites) ? [WORK_REWRITES] : []),
  ];
  const waits = LEVELS[strength(strongest.level)]?.[1] ?? '';
  return [[stepName(strongest.step), strongest.table, strongest.level, waits, work.join(', ')]];
}
