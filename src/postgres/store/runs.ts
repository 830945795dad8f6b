/** The rows of the journal in the database. Texts are as they were written: pass them through `toLine` before they are shown. */
import type { RunKind } from '../../journal/types.ts';
import type { RunbookOfRun } from '../../runbook/types.ts';
import { DatabaseError, type Session } from '../../sql/session.ts';
import type { ArchiveEntry, Form, StepRecord } from '../../sql/procedure/types.ts';
import { asJson, asNumber, asText, asTextOrNull } from '../../sql/values.ts';
import { pinned } from '../scope.ts';
import { isReadable } from './state.ts';

export interface RunEntry {
  run: string;
  kind: RunKind;
  /** The run that an undo takes back. */
  undoes: string | null;
  runbook: RunbookOfRun;
  /** Plan hash. */
  plan: string;
  schema: string;
  operator: string;
  host: string;
  version: string;
}

export interface RunRow extends RunEntry {
  /** Times are as {@link instant} writes them. */
  startedAt: string;
  backendPid: number | null;
  backendStart: string | null;
  endedAt: string | null;
  outcome: string | null;
}

export interface StepRow {
  run: string;
  step: string;
  title: string;
  form: Form;
  procedure: string;
  doneAt: string;
  /** xid8 and pg_snapshot as text. */
  xid: string;
  snapshot: string;
  detail: StepRecord;
  undoneBy: string | null;
}

export interface ArchivedRow {
  run: string;
  step: string;
  seq: number;
  kind: ArchiveEntry['kind'];
  sourceSchema: string;
  object: string;
  archived: string | null;
  rows: number | null;
  detail: ArchiveEntry;
  purgedAt: string | null;
}

type Row = Record<string, unknown>;

const KINDS: readonly RunKind[] = ['rollback', 'undo', 'repair'];

/** What `backout.run.kind` says; a value that is not ours reads as a rollback. */
export const runKind = (value: unknown): RunKind =>
  KINDS.find((kind) => kind === asText(value)) ?? 'rollback';

/** A timestamptz as ISO 8601 in UTC with microseconds, which reads back as the same instant under every setting. */
export function instant(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

const SELF = `(SELECT a.backend_start FROM pg_stat_get_activity(pg_backend_pid()) a)`;

/**
 * Writes the run down with this session as the one that works on it. A run that is there already is taken over: who
 * works on it is written anew, and it is no longer ended.
 * @throws {DatabaseError} 23505 when there is another run of this id: other kind, plan or schema
 */
export async function registerRun(session: Session, entry: RunEntry): Promise<void> {
  const { rowCount } = await pinned(session, () =>
    session.query(
      `INSERT INTO backout.run AS r (run, kind, undoes, runbook, plan, schema, operator, host, version, backend_pid, backend_start)
       VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, pg_backend_pid(), ${SELF})
       ON CONFLICT (run) DO UPDATE
         SET operator = excluded.operator, host = excluded.host, version = excluded.version,
             backend_pid = excluded.backend_pid, backend_start = excluded.backend_start, ended_at = NULL, outcome = NULL
       WHERE r.kind = excluded.kind AND r.undoes IS NOT DISTINCT FROM excluded.undoes AND r.schema = excluded.schema
         AND r.plan = excluded.plan`,
      [
        entry.run,
        entry.kind,
        entry.undoes,
        JSON.stringify(entry.runbook),
        entry.plan,
        entry.schema,
        entry.operator,
        entry.host,
        entry.version,
      ],
    ),
  );
  if (rowCount === 1) return;
  throw new DatabaseError(`run ${entry.run} is in the journal already, with another plan`, '23505');
}

/** Writes the run's end. @throws {DatabaseError} */
export async function endRun(session: Session, run: string, outcome: string): Promise<void> {
  await pinned(session, () =>
    session.query('UPDATE backout.run SET ended_at = clock_timestamp(), outcome = $2 WHERE run = $1', [
      run,
      outcome,
    ]),
  );
}

/** Nothing when there is no store, or none that may be read. */
function read(session: Session, sql: string, params: readonly unknown[]): Promise<Row[]> {
  return pinned(session, async () =>
    (await isReadable(session)) ? (await session.query(sql, params)).rows : [],
  );
}

const RUN = `SELECT r.run, r.kind, r.undoes, r.runbook, r.plan, r.schema, r.operator, r.host, r.version, r.backend_pid,
  ${instant('r.backend_start')} AS backend_start, r.outcome, ${instant('r.started_at')} AS started_at, ${instant('r.ended_at')} AS ended_at
  FROM backout.run r`;

/** Null when the database knows of no such run. Not inside a transaction, as all of these. @throws {DatabaseError} */
export async function runRow(session: Session, run: string): Promise<RunRow | null> {
  const [row] = await read(session, `${RUN} WHERE r.run = $1`, [run]);
  return row ? runOf(row) : null;
}

/** Runs in the order they were begun. @throws {DatabaseError} */
export async function allRuns(session: Session): Promise<RunRow[]> {
  return (await read(session, `${RUN} ORDER BY r.started_at, r.run`, [])).map(runOf);
}

/** Those without an end, the latest first. @throws {DatabaseError} */
export async function unfinishedRuns(session: Session): Promise<RunRow[]> {
  const rows = await read(session, `${RUN} WHERE r.ended_at IS NULL ORDER BY r.started_at DESC, r.run`, []);
  return rows.map(runOf);
}

/** The undos of a run, in the order they were begun. @throws {DatabaseError} */
export async function undosOf(session: Session, run: string): Promise<RunRow[]> {
  return (await read(session, `${RUN} WHERE r.undoes = $1 ORDER BY r.started_at, r.run`, [run])).map(runOf);
}

/** The steps that the run has committed, in that order. @throws {DatabaseError} */
export async function stepRows(session: Session, run: string): Promise<StepRow[]> {
  const rows = await read(
    session,
    `SELECT s.run, s.step, s.title, s.form, s.procedure, ${instant('s.done_at')} AS done_at, s.xid::text AS xid,
            s.snapshot::text AS snapshot, s.detail, s.undone_by
       FROM backout.step s WHERE s.run = $1 ORDER BY s.done_at, s.step`,
    [run],
  );
  return rows.map((row) => ({
    run: asText(row['run']),
    step: asText(row['step']),
    title: asText(row['title']),
    form: asText(row['form']) as Form,
    procedure: asText(row['procedure']),
    doneAt: asText(row['done_at']),
    xid: asText(row['xid']),
    snapshot: asText(row['snapshot']),
    detail: asJson(row['detail']) as StepRecord,
    undoneBy: asTextOrNull(row['undone_by']),
  }));
}

/** What the run keeps, step by step. @throws {DatabaseError} */
export async function archivedRows(session: Session, run: string): Promise<ArchivedRow[]> {
  const rows = await read(
    session,
    `SELECT a.run, a.step, a.seq, a.kind, a.source_schema, a.object, a.archived, a.rows, a.detail,
            ${instant('a.purged_at')} AS purged_at
       FROM backout.archived a LEFT JOIN backout.step s ON s.run = a.run AND s.step = a.step
      WHERE a.run = $1 ORDER BY s.done_at, a.step, a.seq`,
    [run],
  );
  return rows.map((row) => ({
    run: asText(row['run']),
    step: asText(row['step']),
    seq: asNumber(row['seq']),
    kind: asText(row['kind']) as ArchiveEntry['kind'],
    sourceSchema: asText(row['source_schema']),
    object: asText(row['object']),
    archived: asTextOrNull(row['archived']),
    rows: row['rows'] === null ? null : asNumber(row['rows']),
    detail: asJson(row['detail']) as ArchiveEntry,
    purgedAt: asTextOrNull(row['purged_at']),
  }));
}

function runOf(row: Row): RunRow {
  return {
    run: asText(row['run']),
    kind: runKind(row['kind']),
    undoes: asTextOrNull(row['undoes']),
    runbook: asJson(row['runbook']) as RunRow['runbook'],
    plan: asText(row['plan']),
    schema: asText(row['schema']),
    operator: asText(row['operator']),
    host: asText(row['host']),
    version: asText(row['version']),
    startedAt: asText(row['started_at']),
    backendPid: row['backend_pid'] === null ? null : asNumber(row['backend_pid']),
    backendStart: asTextOrNull(row['backend_start']),
    endedAt: asTextOrNull(row['ended_at']),
    outcome: asTextOrNull(row['outcome']),
  };
}
