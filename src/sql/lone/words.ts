/** What the operator is told of a statement that runs outside of transactions. */
import type { PlanStep } from '../types.ts';

/** Where the step's number does not stand beside it, its part does. */
export const titleWithPart = ({ title, part }: PlanStep): string =>
  part ? `${title} (part ${part.number} of ${part.parts})` : title;

const AFTER_FAILURE: Readonly<Record<string, string>> = {
  'CREATE INDEX CONCURRENTLY':
    'If it breaks off, an invalid index is left, which no query uses and every write keeps up to date; trying again removes it first.',
  'DROP INDEX CONCURRENTLY':
    'If it breaks off, the index may be left invalid: no query uses it, and every write keeps it up to date. Trying again drops it.',
  'REINDEX CONCURRENTLY':
    'If it breaks off, the index stays as it was, and an invalid one may be left beside it, by the same name with _ccnew or _ccold.',
  'DETACH PARTITION CONCURRENTLY':
    'If it breaks off, the detaching may be left half done: ALTER TABLE … DETACH PARTITION … FINALIZE ends it.',
  VACUUM: 'If it breaks off, what it has cleaned up so far stays so; trying again does the rest.',
};

/** That it is not whole or nothing, and what may be left. */
export const outsideWords = (lone: string): string =>
  `${lone} runs outside of a transaction, so the server cannot take it back when it breaks off. ${AFTER_FAILURE[lone] ?? 'What it has done until then may stay.'}`;

/** What is confirmed with it, on the step's own screen. */
export const LONE_COURSE =
  'What is about to run is written into the journal and committed before it, and what came of it after it. If the connection is lost in between, the tables are asked.';

/** Whom it waits for: source: the manual, sql-createindex, "Building Indexes Concurrently". */
export const waitsForOld = (lone: string): string | null =>
  /CONCURRENTLY$/.test(lone)
    ? 'Readers and writers go on. It waits until transactions that are older than it have ended; whoever they are is shown meanwhile.'
    : null;
