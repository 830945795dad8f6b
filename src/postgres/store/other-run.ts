/** Another run in this database: at work, or broken off. */
import type { Session } from '../../sql/session.ts';
import { asNumber, asText, asTextOrNull } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { OtherRun } from '../../wizard/types.ts';
import { duration } from '../activity.ts';
import { pinned } from '../scope.ts';
import { runLockHolder, type LockHolder } from './lock.ts';
import { instant, runKind } from './runs.ts';
import { isReadable } from './state.ts';

type Row = Record<string, unknown>;

/** Runs without an end, and the one the lock's holder works on whatever its row says; the latest first. */
const OPEN = `
  SELECT r.run, r.kind, r.undoes, r.plan, r.runbook->>'title' AS title, r.operator, r.host, r.backend_pid, ${instant('r.backend_start')} AS backend_start, r.ended_at IS NULL AS open,
         ${instant('r.started_at')} AS started_at,
         extract(epoch FROM clock_timestamp() - r.started_at) AS age,
         (SELECT json_agg(s.step ORDER BY s.done_at, s.step) FROM backout.step s WHERE s.run = r.run) AS steps
    FROM backout.run r
   WHERE (r.ended_at IS NULL OR (r.backend_pid = $1 AND r.backend_start = $2::timestamptz))
   ORDER BY r.started_at DESC, r.run`;

/**
 * The run that another session works on now, else the latest that has no end and that nobody works on; null when there
 * is none but `own`. Texts are sanitised. Not inside a transaction.
 * @param related the run that is taken back, or that this one was begun from: broken off or not, it is no other run
 * @throws {DatabaseError}
 */
export async function otherRun(
  session: Session,
  own: string | null,
  related: string | null = null,
): Promise<OtherRun | null> {
  return pinned(session, async () => {
    const found = await runLockHolder(session);
    const holder = found && !found.own ? found : null;
    const rows = (await isReadable(session))
      ? (await session.query(OPEN, [holder?.pid ?? null, holder?.backendStart ?? null])).rows
      : [];
    if (holder) {
      const row = rows.find((candidate) => isOf(candidate, holder));
      // Our own former session may not be gone yet; whose it is, is known by the run.
      if (row && asText(row['run']) === own) return null;
      return row ? otherOf(row, holder) : strangerOf(holder);
    }
    const left = rows.find((row) => ![own, related].includes(asText(row['run'])));
    return left ? otherOf(left, null) : null;
  });
}

function isOf(row: Row, holder: LockHolder): boolean {
  return (
    asText(row['backend_pid']) === String(holder.pid) &&
    asTextOrNull(row['backend_start']) === holder.backendStart
  );
}

function otherOf(row: Row, holder: LockHolder | null): OtherRun {
  const steps = row['steps'];
  const done =
    (typeof steps === 'string' ? (JSON.parse(steps) as string[]) : (steps as string[] | null)) ?? [];
  return {
    run: toLine(asText(row['run'])),
    kind: runKind(row['kind']),
    operator: toLine(asText(row['operator'])),
    host: toLine(asText(row['host'])),
    startedAt: asText(row['started_at']),
    ageSeconds: Math.max(0, Math.round(asNumber(row['age']))),
    live: holder !== null,
    pid: holder?.pid ?? null,
    stepsDone: done.map((step) => toLine(step)),
    activity: holder ? activityOf(holder) : 'its session is gone',
    undoes: lineOrNull(row['undoes']),
    plan: lineOrNull(row['plan']),
    runbook: lineOrNull(row['title']),
  };
}

function lineOrNull(value: unknown): string | null {
  const text = asTextOrNull(value);
  return text === null ? null : toLine(text);
}

/** It has the lock, but has not written itself down: it is about to, or keeps no journal. */
function strangerOf(holder: LockHolder): OtherRun {
  const [, run = 'not yet written down'] = /^backout\/(.+)$/.exec(holder.application) ?? [];
  return {
    run,
    kind: 'rollback',
    operator: holder.user,
    host: holder.address,
    startedAt: holder.backendStart ?? '',
    ageSeconds: Math.round(holder.stateSeconds ?? 0),
    live: true,
    pid: holder.pid,
    stepsDone: [],
    activity: activityOf(holder),
    undoes: null,
    plan: null,
    runbook: null,
  };
}

/** What its session does now, without a full stop. */
function activityOf({ state, stateSeconds, waits, query }: LockHolder): string {
  if (!state) return 'what its session does may not be seen by this role';
  const since = stateSeconds === null ? '' : ` for ${duration(stateSeconds)}`;
  if (state !== 'active') return `its session is ${state}${since}`;
  const waiting = waits.startsWith('Lock: ') ? `, waiting for a lock (${waits.slice('Lock: '.length)})` : '';
  return toLine(`its session is at work${since}${waiting}: ${query}`);
}
