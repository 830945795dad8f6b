/** Dropping what a run keeps, after it was shown what would go for good. */
import { EXIT, UserError } from '../../exit.ts';
import { quoteLiteral } from '../../sql/definition-sql.ts';
import { DatabaseError, type Session } from '../../sql/session.ts';
import { asBoolean, asNumber, asText } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { arrayLiteral } from '../catalog.ts';
import { pinned, qualified } from '../scope.ts';
import { TRY_IN_TRANSACTION } from './lock.ts';
import { archivedRows, runRow, stepRows, undosOf, type ArchivedRow } from './runs.ts';
import { ARCHIVE } from './shape.ts';

export interface PurgeObject {
  step: string;
  seq: number;
  kind: ArchivedRow['kind'];
  object: string;
  /** Its name in schema backout_archive; null for a definition, which goes with the journal's mark alone. */
  archived: string | null;
  /** Rows counted just now; null for what has none, or where this role may not count. */
  rows: number | null;
  /** With indexes and TOAST. */
  bytes: number;
  words: string;
}

/** Texts are sanitised but for `run`, and `statements`, which are sent as they stand. */
export interface PurgePlan {
  /** As the caller gave it. */
  run: string;
  objects: PurgeObject[];
  bytes: number;
  /** Why it is refused, one sentence each; empty when it may be done. */
  refused: string[];
  /** What is sent, in this order, in one transaction; empty when there is nothing left to drop. */
  statements: string[];
}

const THERE = `
  SELECT c.relname AS name, pg_total_relation_size(c.oid) AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = '${ARCHIVE}' AND c.relname = ANY ($1::name[]) AND c.relkind IN ('r', 'p')`;

/**
 * What would go for good, with live counts, and the exact statements. Changes nothing; counting reads every row that is
 * kept. Not inside a transaction.
 * @throws {UserError} when the database knows of no such run
 * @throws {DatabaseError}
 */
export async function purgePlan(session: Session, run: string): Promise<PurgePlan> {
  return pinned(session, async () => {
    const row = await runRow(session, run);
    if (!row) {
      throw new UserError(toLine(`The database knows of no run ${run}.`), 'See "backout runs".', EXIT.usage);
    }
    const kept = (await archivedRows(session, run)).filter(({ purgedAt }) => purgedAt === null);
    const sizes = await sizesOf(session, kept);
    const objects: PurgeObject[] = [];
    for (const entry of kept) objects.push(await objectOf(session, entry, sizes));
    const names = kept.flatMap(({ archived }) =>
      archived !== null && sizes.has(archived) ? [archived] : [],
    );
    const moved = kept.flatMap(({ detail }) => detail.moved ?? []);
    return {
      run,
      objects,
      bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0),
      refused: await refusals(session, run, row.endedAt),
      statements: kept.length === 0 ? [] : purgeSql(run, names, moved),
    };
  });
}

/** `TYPE "backout_archive"."r…"`, as it was written down. */
function dropIfThere(target: string): string {
  return target.replace(
    /^(TYPE|DOMAIN|FUNCTION|PROCEDURE|ROUTINE|SEQUENCE|COLLATION|TEXT SEARCH (?:CONFIGURATION|DICTIONARY)) /,
    '$1 IF EXISTS ',
  );
}

/** One DROP for all, so that tables that refer to each other may go; without CASCADE, so that nothing else may. */
export function purgeSql(run: string, archived: readonly string[], moved: readonly string[] = []): string[] {
  const names = [...new Set(archived)].map((name) => qualified(ARCHIVE, name));
  return [
    ...(names.length > 0 ? [`DROP TABLE ${names.join(', ')}`] : []),
    // After the tables that rest on them; an undo has taken them out again.
    ...moved.map((target) => `DROP ${dropIfThere(target)}`),
    `UPDATE backout.archived SET purged_at = pg_catalog.clock_timestamp() WHERE run = ${quoteLiteral(run)} AND purged_at IS NULL`,
  ];
}

/**
 * Carries out exactly what was shown, in one transaction, with the lock of all runs.
 * @param plan as {@link purgePlan} gave it
 * @throws {UserError} when it is refused, when another run is at work, or when other objects would go by now
 * @throws {DatabaseError} 2BP01 when something else depends on what is kept
 */
export async function purge(session: Session, plan: PurgePlan): Promise<void> {
  await pinned(session, async () => {
    await session.query('BEGIN');
    try {
      await session.query("SET LOCAL lock_timeout = '5s'");
      if (!asBoolean((await session.query(TRY_IN_TRANSACTION)).rows[0]?.['taken'])) {
        throw new UserError(
          'Another run is at work in this database.',
          'Wait until it has ended.',
          EXIT.busy,
        );
      }
      await recheck(session, plan);
      for (const sql of plan.statements) await session.query(sql);
      await session.query('COMMIT');
    } catch (error) {
      if (!session.lost) await session.query('ROLLBACK');
      throw error;
    }
  });
}

async function recheck(session: Session, plan: PurgePlan): Promise<void> {
  const { run } = plan;
  const row = await runRow(session, run);
  const refused = await refusals(session, run, row?.endedAt ?? null);
  if (refused.length > 0)
    throw new UserError(refused.join(' '), 'Nothing was dropped.', EXIT.prerequisiteFailed);
  const kept = (await archivedRows(session, run)).filter(({ purgedAt }) => purgedAt === null);
  const sizes = await sizesOf(session, kept);
  const names = kept.flatMap(({ archived }) => (archived !== null && sizes.has(archived) ? [archived] : []));
  const moved = kept.flatMap(({ detail }) => detail.moved ?? []);
  const now = kept.length === 0 ? [] : purgeSql(run, names, moved);
  if (now.join('\n') === plan.statements.join('\n')) return;
  throw new UserError(
    'What is kept of this run has changed since it was shown. Nothing was dropped.',
    'Look at it again, then decide.',
    EXIT.prerequisiteFailed,
  );
}

async function sizesOf(session: Session, kept: readonly ArchivedRow[]): Promise<Map<string, number>> {
  const names = kept.flatMap(({ archived }) => archived ?? []);
  const { rows } = await session.query(THERE, [arrayLiteral(names)]);
  return new Map(rows.map((row) => [asText(row['name']), asNumber(row['bytes'])]));
}

async function objectOf(
  session: Session,
  entry: ArchivedRow,
  sizes: ReadonlyMap<string, number>,
): Promise<PurgeObject> {
  const bytes = entry.archived === null ? undefined : sizes.get(entry.archived);
  const there = entry.archived !== null && bytes !== undefined;
  return {
    step: toLine(entry.step),
    seq: entry.seq,
    kind: entry.kind,
    object: toLine(entry.object),
    archived: there ? toLine(entry.archived ?? '') : null,
    rows: there ? await countRows(session, entry.archived ?? '') : null,
    bytes: bytes ?? 0,
    words: toLine(entry.detail.words),
  };
}

/** insufficient_privilege: rows may be hidden by row security, and a count of some would be a lie. */
const MAY_NOT = '42501';

async function countRows(session: Session, name: string): Promise<number | null> {
  await session.query('BEGIN READ ONLY');
  try {
    await session.query('SET LOCAL row_security = off');
    const { rows } = await session.query(`SELECT count(*) AS number FROM ${qualified(ARCHIVE, name)}`);
    return asNumber(rows[0]?.['number']);
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlstate === MAY_NOT) return null;
    throw error;
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
}

/** A run that can still be gone on with, or whose undo is half done, needs what it keeps. */
async function refusals(session: Session, run: string, endedAt: string | null): Promise<string[]> {
  const refused: string[] = [];
  if (endedAt === null) refused.push('The run has not ended: what it keeps may still be needed.');
  for (const undo of await undosOf(session, run)) {
    if (undo.endedAt === null) refused.push(toLine(`Its undo ${undo.run} has not ended.`));
  }
  const steps = await stepRows(session, run);
  const undone = steps.filter(({ undoneBy }) => undoneBy !== null).length;
  if (undone > 0 && undone < steps.length) {
    refused.push(
      `${undone} of its ${steps.length} steps are undone, the others are not: its undo is half done.`,
    );
  }
  return refused;
}
