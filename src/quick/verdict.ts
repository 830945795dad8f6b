/** What the command did, in sentences: by what the database says, whatever the command said. Pure. */
import type { CommandResult } from '../journal/types.ts';
import type { PositionState } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';

export interface TableFate {
  before: string;
  /** Its name now; null: it is gone. */
  now: string | null;
  /** Its definition or its rows are not what they were. */
  changed: boolean;
}

/** Rows of a table that cannot be the command's doing, as far as they can be told. */
export interface Meanwhile {
  table: string;
  /** There now, not in the copy. */
  added: number;
  /** In the copy, not there now. */
  gone: number;
  /** Different in columns that the plan does not write. */
  changed: number;
}

export interface Aftermath {
  result: CommandResult;
  tables: TableFate[];
  /** Tables of the plan that were not there before. */
  created: string[];
  /** Something else is different: known where nothing was copied to compare with. */
  otherwise: boolean;
  /** Other versions that are not recorded any more. */
  others: string[];
  version: string;
  /** null: there is no table of versions. */
  recordedBefore: boolean | null;
  recorded: boolean | null;
  steps: { id: string; state: PositionState; applied: number; statements: number }[];
  meanwhile: Meanwhile[];
  /** When the copies were made, ISO; null: none were. */
  keptAt: string | null;
}

const name = (id: string): string => id.replace(/^step-/, 'Step ');

export const isChanged = (after: Aftermath): boolean =>
  after.created.length > 0 ||
  after.otherwise ||
  after.others.length > 0 ||
  after.recorded !== after.recordedBefore ||
  after.tables.some(({ before, now, changed }) => changed || now !== before);

function exitWords({ exitStatus, signal }: CommandResult): string {
  if (signal === null && exitStatus === null) return 'How the command ended is not known.';
  if (signal !== null) return `It was ended by ${signal}.`;
  return exitStatus === 0 ? 'It ended with exit status 0.' : `It failed, with exit status ${exitStatus}.`;
}

const said = ({ result }: Aftermath): boolean => result.exitStatus === 0 && result.signal === null;

function headline(after: Aftermath): string {
  if (!isChanged(after)) {
    return said(after)
      ? 'Nothing changed in this database: it ran somewhere else, or it did nothing.'
      : 'Nothing changed in this database: its tables and its version are as they were.';
  }
  const left = after.steps.filter(({ state }) => state !== 'applied');
  if (left.length === 0) return 'It changed this database, and every step is found done.';
  return `It changed this database. Left to do: ${left.map(({ id }) => name(id)).join(', ')}.`;
}

function fateWords({ before, now }: TableFate): string[] {
  if (now === null) return [`${before} is gone.`];
  return now === before ? [] : [`${before} is ${now} now.`];
}

const PLURAL = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

function meanwhileWords({ table, added, gone, changed }: Meanwhile): string[] {
  const parts = [
    ...(added > 0 ? [`${PLURAL(added, 'row')} there that the copy does not have`] : []),
    ...(gone > 0 ? [`${PLURAL(gone, 'row')} gone that the copy has`] : []),
    ...(changed > 0
      ? [`${PLURAL(changed, 'row')} different in columns that the rollback does not write`]
      : []),
  ];
  return parts.length === 0
    ? []
    : [`${table}: ${parts.join(', ')}. Somebody may have written between the copy and the rollback.`];
}

function stepWords(after: Aftermath): string[] {
  return after.steps.flatMap(({ id, state, applied, statements }) => {
    if (state === 'applied') return [];
    const skipped = state === 'pending' && said(after) && isChanged(after);
    if (skipped) return [`${name(id)}: it was skipped without a word; all of it is left to do.`];
    if (state === 'pending') return [];
    if (state === 'conflict') return [`${name(id)} does not fit what is there now.`];
    return [
      `${name(id)}: ${applied} of ${PLURAL(statements, 'statement')} found done, the rest is left to do.`,
    ];
  });
}

function versionWords({ recordedBefore, recorded, version, steps }: Aftermath): string[] {
  if (recordedBefore !== true || recorded === null) return [];
  if (recorded) return [`${version} is still recorded as applied.`];
  const whole = steps.filter(({ state }) => state === 'pending');
  return whole.length === 0
    ? []
    : [
        `${version} is no longer recorded, although ${whole.map(({ id }) => name(id)).join(', ')} is not done.`,
      ];
}

function unseen({ tables, keptAt }: Aftermath): string[] {
  const gone = tables.filter(({ now }) => now === null).map(({ before }) => before);
  if (keptAt === null || gone.length === 0) return [];
  return [
    `What was written to ${gone.join(', ')} after the copy was made (${keptAt}) went with ${gone.length === 1 ? 'it' : 'them'}: that cannot be seen any more.`,
  ];
}

/** The most important first; sanitised. */
export function verdictOf(after: Aftermath): string[] {
  const changed = isChanged(after);
  return [
    headline(after),
    exitWords(after.result),
    ...(changed ? after.tables.flatMap(fateWords) : []),
    ...(changed ? after.created.map((table) => `${table} is there now.`) : []),
    ...stepWords(after),
    ...versionWords(after),
    ...(after.others.length > 0 ? [`No longer recorded either: ${after.others.join(', ')}.`] : []),
    ...(changed ? after.meanwhile.flatMap(meanwhileWords) : []),
    ...(changed ? unseen(after) : []),
  ].map((line) => toLine(line));
}
