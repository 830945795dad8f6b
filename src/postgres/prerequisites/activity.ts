/** Who else is at work in the database, and another rollback of ours. */
import { asText, asTextOrNull } from '../../sql/values.ts';
import type { OtherRun } from '../../wizard/types.ts';
import { count, duration, otherSessions, sessionLine, writeRates } from '../activity.ts';
import { arrayLiteral } from '../catalog.ts';
import { otherRun as findOtherRun } from '../store/other-run.ts';
import { ALONE, answers, type Check, type CheckContext } from './check.ts';

const SHOWN = 20;
const LONG_TRANSACTION_SECONDS = 60;

const LOCKS = `
  SELECT l.pid::text AS pid, c.relname AS name, l.mode, a.application_name, a.usename, a.state,
         extract(epoch FROM clock_timestamp() - a.xact_start)::int::text AS seconds
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
    LEFT JOIN pg_stat_activity a ON a.pid = l.pid
   WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY ($1::oid[])
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND l.pid IS DISTINCT FROM pg_backend_pid()
   ORDER BY 2, 1`;

/** A prepared transaction keeps its locks until somebody commits or rolls it back, across restarts too. */
const PREPARED = `
  SELECT p.gid, p.owner, extract(epoch FROM clock_timestamp() - p.prepared)::int::text AS seconds
    FROM pg_prepared_xacts p WHERE p.database = current_database() ORDER BY p.prepared`;

export const activity: Check = async (context) => {
  const { pass, warn, fail } = answers('activity', 'Nobody else is at work on these tables');
  const { session, server } = context;
  if (server.embedded) return pass(ALONE);
  const prepared = (await session.query(PREPARED)).rows.map(
    (row) =>
      `prepared transaction ${asText(row['gid'])} of ${asText(row['owner'])}, ${duration(Number(row['seconds']))} old`,
  );
  const locks = await lockLines(context);
  const held = locks.filter((lock) => lock.prepared).length;
  if (held > 0) {
    return fail(
      `A prepared transaction holds ${count(held, 'lock')} on these tables: nothing would ever get past it.`,
      'Find out whose it is, then end it with COMMIT PREPARED or ROLLBACK PREPARED.',
      [...prepared, ...locks.map(({ line }) => line)],
    );
  }
  const others = await otherSessions(session);
  const writes = await writeLines(context);
  const long = others.filter((other) => (other.transactionSeconds ?? 0) >= LONG_TRANSACTION_SECONDS);
  const items = [
    ...writes,
    ...locks.map(({ line }) => line),
    ...prepared,
    ...others.slice(0, SHOWN).map(sessionLine),
  ];
  if (items.length === 0) return pass('No other session is connected to this database.');
  const parts = [
    `${count(others.length, 'other session')} in this database`,
    `${count(locks.length, 'lock')} held on these tables`,
    `${count(long.length, 'transaction')} open for a minute or more`,
    writes.length > 0 ? 'rows are being written right now' : 'no row was written within a second',
  ];
  return warn(
    `${parts.join(', ')}.`,
    'Stop the application, or make sure it can live with the old tables: it will find them changed from one moment to the next. Long transactions make us wait for their locks.',
    items.slice(0, 2 * SHOWN),
  );
};

async function lockLines({ session, touched }: CheckContext): Promise<{ line: string; prepared: boolean }[]> {
  const { rows } = await session.query(LOCKS, [arrayLiteral(touched.map(({ oid }) => oid))]);
  return rows.map((row) => {
    const pid = asTextOrNull(row['pid']);
    const seconds = asTextOrNull(row['seconds']);
    const since = seconds === null ? '' : `, transaction open for ${duration(Number(seconds))}`;
    const who = pid === null ? 'a prepared transaction' : `pid ${pid}, user ${asText(row['usename'])}`;
    const line = `${asText(row['name'])}: ${asText(row['mode'])} held by ${who}, ${asText(row['state']) || 'state not visible'}${since}`;
    return { line, prepared: pid === null };
  });
}

async function writeLines({ session, touched, sampleMs }: CheckContext): Promise<string[]> {
  const rates = await writeRates(
    session,
    touched.map(({ oid }) => oid),
    sampleMs,
  );
  return rates.map(({ oid, rows, seconds }) => {
    const table = touched.find((candidate) => candidate.oid === oid)?.table ?? '';
    return `${table}: ${count(rows, 'row')} written within ${seconds.toFixed(1)} seconds`;
  });
}

const BACKOUTS = `
  SELECT a.application_name AS name, a.usename AS user_name, a.pid::text AS pid,
         to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
    FROM pg_stat_activity a
   WHERE a.datname = current_database() AND a.application_name LIKE 'backout/%' AND a.pid <> pg_backend_pid()
     AND a.application_name <> current_setting('application_name')`;

export const otherRun: Check = async ({ session, server, otherRuns, run, related }) => {
  const { pass, warn, fail } = answers('other-run', 'No other run is under way');
  const other = await findOtherRun(session, run ?? null, related ?? null);
  const rows = server.embedded ? [] : (await session.query(BACKOUTS)).rows;
  const lines = [
    ...(other ? [otherLine(other)] : []),
    ...rows
      .filter((row) => asText(row['pid']) !== String(other?.pid))
      .map(
        (row) =>
          `run ${asText(row['name']).slice('backout/'.length)}, user ${asText(row['user_name'])}, pid ${asText(row['pid'])}, connected since ${asText(row['since'])} UTC`,
      ),
    ...otherRuns
      .filter((left) => left.run !== other?.run)
      .map(
        ({ run: id, owner, host, startedAt }) =>
          `run ${id} by ${owner} on ${host}, begun ${startedAt}, not finished`,
      ),
  ];
  if (other?.live) {
    return fail(
      `Run ${other.run} by ${other.operator} on ${other.host} is at work in this database: only one run may change it at a time.`,
      'Talk to them. Watch it, and look again when it has ended.',
      lines,
    );
  }
  if (other) {
    return warn(
      `Run ${other.run} by ${other.operator} on ${other.host}, begun ${duration(other.ageSeconds)} ago, was broken off: its session is gone.`,
      `Talk to them. Better take it over, or go on with it by "backout resume ${other.run}", than begin another one: it stays as it is, and listed as unfinished.`,
      lines,
    );
  }
  if (lines.length === 0) return pass('No other session of backout is connected, and no run is left open.');
  return warn(
    `${count(lines.length, 'other run')} of backout found.`,
    'Talk to whoever started it: only one of you should go on.',
    lines,
  );
};

function otherLine({ run, kind, operator, host, ageSeconds, stepsDone, activity: now }: OtherRun): string {
  const what = kind === 'rollback' ? 'run' : kind;
  const done = stepsDone.length === 0 ? 'no step done' : `done: ${stepsDone.join(', ')}`;
  return `${what} ${run} by ${operator} on ${host}, begun ${duration(ageSeconds)} ago, ${done}; ${now}`;
}
