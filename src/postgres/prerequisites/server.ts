/** The server itself: a primary, of a version we know, reached without a pooler in the way. */
import { randomUUID } from 'node:crypto';
import { asBoolean, asNumber, asTextOrNull } from '../../sql/values.ts';
import { ALONE, answers, type Check } from './check.ts';

const OLDEST = 12;
const TESTED = { from: 13, to: 18 };

export const primary: Check = async ({ session }) => {
  const { pass, fail } = answers('primary', 'Connected to a primary that may be written to');
  const { rows } = await session.query(
    `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS read_only`,
  );
  if (asBoolean(rows[0]?.['standby'])) {
    return fail('This server is a standby: it only follows a primary.', 'Connect to the primary.');
  }
  if (asBoolean(rows[0]?.['read_only'])) {
    return fail(
      'Transactions of this role or database are read-only by default (default_transaction_read_only).',
      'Find out who set it and why. Then connect with a role for which it is off.',
    );
  }
  return pass('The server is a primary and takes writes.');
};

export const serverVersion: Check = async ({ server }) => {
  const { pass, warn, fail } = answers('server-version', 'Server version supported');
  const major = Math.floor(server.versionNumber / 10_000);
  if (major < OLDEST) {
    return fail(
      `The server is PostgreSQL ${server.version}, older than ${OLDEST}.`,
      `Carry the runbook out by hand, or upgrade the server to ${TESTED.from} or later first.`,
    );
  }
  if (major < TESTED.from || major > TESTED.to) {
    return warn(
      `The server is PostgreSQL ${server.version}. backout is made for ${TESTED.from} to ${TESTED.to}.`,
      'Try the rollback on a copy on the same version first.',
    );
  }
  return pass(`The server is PostgreSQL ${server.version}.`);
};

/** Through a pooler the process we were told of is the pooler's, not the one that answers. */
export const pooler: Check = async ({ session, server, openOther }) => {
  const { pass, warn, fail } = answers('pooler', 'No pooler that changes sessions between transactions');
  if (server.embedded) return pass(ALONE);
  const { rows } = await session.query('SELECT pg_backend_pid() AS pid');
  if (session.processId === asNumber(rows[0]?.['pid']))
    return pass('The connection leads straight to the server.');
  const probe = randomUUID();
  await session.query("SELECT set_config('backout.probe', $1, false)", [probe]);
  // Another client makes a pooler in transaction mode hand our server connection on.
  const other = await openOther();
  try {
    await other.query("SELECT set_config('backout.probe', '', false)");
    const kept = await session.query("SELECT current_setting('backout.probe', true) AS probe");
    if (asTextOrNull(kept.rows[0]?.['probe']) !== probe) {
      return fail(
        'The connection goes through a pooler that gives each transaction another session of the server.',
        'Connect to the server itself, or to a pool in session mode: locks and settings must stay with us.',
      );
    }
  } finally {
    await other.close();
  }
  return warn(
    'The connection goes through a pooler. Settings were kept between two transactions, as in session mode.',
    'Better connect to the server itself: a pooler may end the session, and cancelling may not get through.',
  );
};
