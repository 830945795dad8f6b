/** The runs that a database knows of: read from schema `backout`, which may be absent. Changes nothing. */
import { leftOvers, PROOF, REHEARSAL } from '../backup/scratch.ts';
import { arrayLiteral } from '../postgres/catalog.ts';
import { pinned } from '../postgres/scope.ts';
import {
  openBegun,
  allRuns,
  archivedRows,
  otherRun,
  stepRows,
  type ArchivedRow,
  type RunRow,
  type StepRow,
} from '../postgres/store.ts';
import type { RunKind } from '../journal/types.ts';
import { QUICK } from '../runtime/quick/copies.ts';
import type { RunbookOfRun } from '../runbook/types.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';

export interface DatabaseStep {
  id: string;
  title: string;
  form: string;
  doneAt: string;
  undoneBy: string | null;
}

export interface DatabaseRun {
  run: string;
  kind: RunKind;
  /** The run that this one takes back. */
  undoes: string | null;
  /** `path` and `values` are not sanitised: it is opened, they go into SQL again. */
  runbook: Required<RunbookOfRun>;
  schema: string;
  operator: string;
  host: string;
  /** ISO 8601 in UTC. */
  startedAt: string;
  /** Null: never ended, or broken off where it can be gone on with. */
  endedAt: string | null;
  outcome: string | null;
  /** A session works on it now. */
  live: boolean;
  /** Those that are done, in the order they were done. */
  steps: DatabaseStep[];
  /** Its tables were copied for a quick rollback, and what became of that is not written down. */
  unsettled: boolean;
  /** Ids of steps that ran outside of transactions, and of which nobody wrote down what became of them. */
  unheard: string[];
  /** What is still kept of it. */
  archive: { objects: number; rows: number; bytes: number };
}

/** Newest first; none where nothing was ever run. Not inside a transaction. @throws {DatabaseError} */
export async function databaseRuns(session: Session): Promise<DatabaseRun[]> {
  const rows = await allRuns(session);
  if (rows.length === 0) return [];
  const holder = await otherRun(session, null);
  const runs: DatabaseRun[] = [];
  for (const row of rows.reverse()) {
    const steps = await stepRows(session, row.run);
    const kept = (await archivedRows(session, row.run)).filter(
      ({ purgedAt, kind }) => purgedAt === null && kind !== 'created',
    );
    const live = holder?.live === true && holder.run === row.run;
    const unsettled = kept.some(({ step }) => step === QUICK) && !steps.some(({ step }) => step === QUICK);
    const unheard = (await openBegun(session, row.run)).map(({ step }) => toLine(step));
    runs.push({ ...runOf(row, steps), live, unsettled, unheard, archive: await archiveOf(session, kept) });
  }
  return runs;
}

function runOf(
  row: RunRow,
  steps: readonly StepRow[],
): Omit<DatabaseRun, 'live' | 'unsettled' | 'unheard' | 'archive'> {
  const { path, title, sha256, migration, values = [] } = row.runbook;
  return {
    run: toLine(row.run),
    kind: row.kind,
    undoes: row.undoes === null ? null : toLine(row.undoes),
    runbook: {
      path,
      title: toLine(title),
      sha256,
      migration: migration === null ? null : toLine(migration),
      values,
    },
    schema: row.schema,
    operator: toLine(row.operator),
    host: toLine(row.host),
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    outcome: row.outcome === null ? null : toLine(row.outcome),
    steps: steps.map(({ step, title: words, form, doneAt, undoneBy }) => ({
      id: toLine(step),
      title: toLine(words),
      form,
      doneAt,
      undoneBy,
    })),
  };
}

export interface LeftOver {
  /** Of a database. */
  name: string;
  of: 'rehearsal' | 'proof of a backup';
}

/** Scratch databases whose makers are gone, of roles of ours. Not inside a transaction. @throws {DatabaseError} */
export function leftOverOf(session: Session): Promise<LeftOver[]> {
  return pinned(session, async () => [
    ...(await leftOvers(session, REHEARSAL)).map((name) => ({ name, of: 'rehearsal' as const })),
    ...(await leftOvers(session, PROOF)).map((name) => ({ name, of: 'proof of a backup' as const })),
  ]);
}

const SIZE = `SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'backout_archive' WHERE c.relname = ANY ($1::name[])`;

async function archiveOf(session: Session, kept: readonly ArchivedRow[]): Promise<DatabaseRun['archive']> {
  const names = kept.flatMap(({ archived }) => archived ?? []);
  const { rows } = await pinned(session, () => session.query(SIZE, [arrayLiteral(names)]));
  return {
    objects: kept.length,
    rows: kept.reduce((sum, entry) => sum + (entry.rows ?? 0), 0),
    bytes: Number(rows[0]?.['bytes'] ?? 0),
  };
}
