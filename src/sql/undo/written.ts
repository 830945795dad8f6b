/** Which rows were written after the rollback: by the transaction that wrote them, and the step's own snapshot. */
import { EQ, JOURNAL_SCHEMA, text } from '../archive/draft.ts';
import type { UndoneStep } from './types.ts';

const int8 = (sql: string): string => `CAST(CAST(${sql} AS pg_catalog.text) AS pg_catalog.int8)`;

/** Rows that are visible were written by transactions below the snapshot's end, or by our own. */
const LATEST = `GREATEST(${int8('pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())')}, ${int8('pg_catalog.pg_current_xact_id_if_assigned()')})`;

/**
 * `xmin` has 32 bits of a transaction's number (manual, routine-vacuuming); the whole number is the last one with
 * these bits that is not later than now. Frozen rows keep theirs; one older than two thousand million transactions
 * would be taken for a later one.
 */
function widened(alias: string): string {
  const narrow = int8(`${alias}.xmin`);
  return `(${LATEST} OPERATOR(pg_catalog.-) ((${LATEST} OPERATOR(pg_catalog.-) ${narrow}) OPERATOR(pg_catalog.&) 4294967295::pg_catalog.int8))`;
}

/** True for the rows that the step itself inserted or changed last. */
export function byStep(alias: string, step: Pick<UndoneStep, 'xid'>): string {
  return `${widened(alias)} ${EQ} ${int8(text(step.xid))}`;
}

/**
 * True for rows of a table that somebody wrote after the step: the transaction that wrote them is none of backout's
 * (every step, of a rollback or of an undo, is in its journal) and was not over when the step looked
 * (`pg_visible_in_snapshot`, manual, functions-info). A row that was deleted cannot be seen this way.
 */
export function writtenSince(alias: string, step: Pick<UndoneStep, 'snapshot'>): string {
  const wide = widened(alias);
  const seen = `pg_catalog.pg_visible_in_snapshot(CAST(CAST(${wide} AS pg_catalog.text) AS pg_catalog.xid8), CAST(${text(step.snapshot)} AS pg_catalog.pg_snapshot))`;
  const ours = `${wide} ${EQ} ANY (SELECT ${int8('s.xid')} FROM ${JOURNAL_SCHEMA}.step AS s)`;
  const own = `${wide} ${EQ} ${int8('pg_catalog.pg_current_xact_id_if_assigned()')}`;
  return `NOT ${seen} AND NOT ${ours} AND (${own}) IS NOT TRUE`;
}

/** True for rows that were last written by a step of this run. */
export function byRun(alias: string, run: string): string {
  return `${widened(alias)} ${EQ} ANY (SELECT ${int8('s.xid')} FROM ${JOURNAL_SCHEMA}.step AS s WHERE s.run ${EQ} ${text(run)})`;
}
