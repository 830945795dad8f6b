/** Who takes part in this database's changes: replicas, slots, publications, subscriptions. */
import { asBoolean, asNumber, asText, asTextOrNull } from '../../sql/values.ts';
import { bytes, count } from '../activity.ts';
import { arrayLiteral } from '../catalog.ts';
import { ALONE, answers, type Check } from './check.ts';

/** Behind by more than this, a replica does not keep up as it is. */
const BEHIND = 64 * 1024 * 1024;

const HERE = 'CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END';

/** All but the pid is NULL for roles without pg_read_all_stats (manual, monitoring-stats). */
const REPLICAS = `
  SELECT r.pid::text AS pid, r.application_name AS name, COALESCE(host(r.client_addr), 'socket') AS address, r.state, r.sync_state,
         pg_wal_lsn_diff(${HERE}, r.replay_lsn)::text AS behind, extract(epoch FROM r.replay_lag)::text AS seconds
    FROM pg_stat_replication r ORDER BY r.pid`;

/** safe_wal_size and wal_status are there since 13. */
const SLOTS = `
  SELECT s.slot_name AS name, s.slot_type AS type, s.active, s.database = current_database() AS here, s.wal_status,
         pg_wal_lsn_diff(${HERE}, s.restart_lsn)::text AS kept
    FROM pg_replication_slots s ORDER BY s.slot_name`;

const publicationsSql = (version: number): string => `
  SELECT p.pubname AS name, c.relname AS table
    FROM pg_publication p
    JOIN pg_class c ON c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
   WHERE p.puballtables
      OR EXISTS (SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)
      ${version >= 150_000 ? 'OR EXISTS (SELECT 1 FROM pg_publication_namespace n WHERE n.pnpubid = p.oid AND n.pnnspid = c.relnamespace)' : ''}
   ORDER BY 1, 2`;

/** What backout makes of its own is published by these as well. */
const ALL_TABLES = 'SELECT p.pubname AS name FROM pg_publication p WHERE p.puballtables ORDER BY 1';

/** pg_subscription itself may be read by everybody only in part, and before 14 without its oid. */
const SUBSCRIPTIONS = `
  SELECT DISTINCT s.subname AS name, c.relname AS table
    FROM pg_subscription_rel r JOIN pg_stat_subscription s ON s.subid = r.srsubid JOIN pg_class c ON c.oid = r.srrelid
   WHERE r.srrelid = ANY ($1::oid[]) ORDER BY 1, 2`;

const SYNCHRONOUS = `
  SELECT current_setting('synchronous_standby_names') AS names, current_setting('synchronous_commit') AS commit`;

type Row = Record<string, unknown>;

export const replication: Check = async (context) => {
  const { pass, warn, fail } = answers('replication', 'Replicas, slots and publications can follow');
  const { session, server, touched } = context;
  if (server.embedded) return pass(ALONE);
  const oids = arrayLiteral(touched.map(({ oid }) => oid));
  const replicas = (await session.query(REPLICAS)).rows;
  const slots = (await session.query(SLOTS)).rows;
  const published = (await session.query(publicationsSql(server.versionNumber), [oids])).rows;
  const allTables = (await session.query(ALL_TABLES)).rows.map(({ name }) => asText(name));
  const subscribed = (await session.query(SUBSCRIPTIONS, [oids])).rows;
  const lines = [
    ...replicas.map(replicaLine),
    ...slots.map(slotLine),
    ...allTables.map((name) => `publication ${name} is FOR ALL TABLES`),
    ...published.map((row) => `publication ${asText(row['name'])} publishes ${asText(row['table'])}`),
    ...subscribed.map((row) => `subscription ${asText(row['name'])} writes to ${asText(row['table'])}`),
  ];
  const synchronous = (await session.query(SYNCHRONOUS)).rows[0] ?? {};
  const missing = missingStandbys({
    names: asText(synchronous['names']),
    commit: asText(synchronous['commit']),
    states: replicas.map((row) => asTextOrNull(row['sync_state'])),
  });
  if (missing !== null && missing.sure) {
    return fail(
      missing.words,
      'Bring the standby back, or change synchronous_standby_names, before anything is run.',
      lines,
    );
  }
  if (lines.length === 0 && missing === null) return pass('There are no replicas, slots or publications.');
  const matters = [
    ...(missing === null ? [] : [missing.words]),
    ...replicaWords(replicas),
    ...slotWords(slots),
    ...(published.length > 0
      ? ['Tables of the plan are published: their subscribers see the change, or stop at it.']
      : []),
    ...(allTables.length > 0
      ? [
          `${count(allTables.length, 'publication')} FOR ALL TABLES (${allTables.join(', ')}): what is put into schemas backout and backout_archive is sent to its subscribers too, and one that has no such tables stops there.`,
        ]
      : []),
    ...(subscribed.length > 0
      ? ['Tables of the plan are written by a subscription, which may stop at the change.']
      : []),
  ];
  if (matters.length > 0) return warn(matters.join(' '), ADVICE, lines);
  return pass(`${count(replicas.length, 'replica')} and ${count(slots.length, 'slot')}: all keep up.`, lines);
};

const ADVICE =
  'Tell those who run the replicas and subscribers. Everything the plan writes goes through them, and what a slot keeps fills the disk of this server.';

/**
 * How many of the standbys in synchronous_standby_names a COMMIT waits for: `FIRST n (…)`, `ANY n (…)`, `n (…)`, or a
 * list, which means one (manual, runtime-config-replication).
 */
function required(names: string): number {
  if (names.trim() === '') return 0;
  return Number(/^\s*(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(/i.exec(names)?.[1] ?? 1);
}

export interface Standbys {
  /** synchronous_standby_names and synchronous_commit. */
  names: string;
  commit: string;
  /** sync_state of each replica; null where it may not be seen. */
  states: (string | null)[];
}

/**
 * What a COMMIT would wait for in vain; null when it would not. With synchronous_commit off or local it waits for nobody.
 * `sure` is false where a standby may be there that this role may not see.
 */
export function missingStandbys({
  names,
  commit,
  states,
}: Standbys): { words: string; sure: boolean } | null {
  const needed = required(names);
  if (needed === 0 || ['off', 'local'].includes(commit)) return null;
  const there = states.filter((state) => state === 'sync' || state === 'quorum').length;
  if (there >= needed) return null;
  const words = `COMMIT waits for ${count(needed, 'standby', 'standbys')} (synchronous_standby_names is ${names}), and ${there === 0 ? 'none' : String(there)} can be seen: it would hang.`;
  return { words, sure: !states.includes(null) };
}

function replicaWords(replicas: Row[]): string[] {
  const far = replicas.filter(({ behind }) => Number(behind ?? 0) > BEHIND);
  const hidden = replicas.filter(({ behind }) => behind === null);
  return [
    ...(far.length > 0 ? [`${count(far.length, 'replica')} more than ${bytes(BEHIND)} behind.`] : []),
    ...(hidden.length > 0
      ? [`How far ${count(hidden.length, 'replica')} lag behind cannot be seen by this role.`]
      : []),
  ];
}

/** A slot of another database matters to us only when it fills the disk. */
function slotWords(slots: Row[]): string[] {
  const keptBy = (row: Row): number => asNumber(row['kept'] ?? '0');
  const foreign = (row: Row): boolean => asText(row['type']) === 'logical' && row['here'] !== 't';
  const idle = slots.filter((row) => !asBoolean(row['active']) && keptBy(row) > (foreign(row) ? BEHIND : 0));
  const logical = slots.filter((row) => asText(row['type']) === 'logical' && row['here'] === 't');
  const kept = idle.reduce((sum, row) => sum + keptBy(row), 0);
  return [
    ...(idle.length > 0
      ? [`${count(idle.length, 'slot')} with nobody reading, for which ${bytes(kept)} of the log are kept.`]
      : []),
    ...(logical.length > 0
      ? [`${count(logical.length, 'logical slot')} of this database: what the plan writes is decoded for it.`]
      : []),
  ];
}

function replicaLine(row: Row): string {
  const behind = asTextOrNull(row['behind']);
  const seconds = asTextOrNull(row['seconds']);
  const time = seconds === null ? '' : `, ${Number(seconds).toFixed(1)} seconds`;
  const lag = behind === null ? 'lag not visible' : `${bytes(Math.max(0, Number(behind)))}${time} behind`;
  const state = [asText(row['state']) || 'state not visible', asText(row['sync_state'])]
    .filter(Boolean)
    .join(', ');
  return `replica ${asText(row['name']) || asText(row['pid'])} at ${asText(row['address'])}: ${state}, ${lag}`;
}

function slotLine(row: Row): string {
  const kept = asTextOrNull(row['kept']);
  const status = asTextOrNull(row['wal_status']);
  const log = kept === null ? 'keeps no log' : `keeps ${bytes(Math.max(0, Number(kept)))} of the log`;
  const state = asBoolean(row['active']) ? 'active' : 'inactive';
  return `${asText(row['type'])} slot ${asText(row['name'])}: ${state}, ${log}${status && status !== 'reserved' ? `, ${status}` : ''}`;
}
