/** One look at everything an escalation is decided from. Changes nothing. */
import { quoteIdentifier } from '../postgres/scope.ts';
import type { Session } from '../sql/session.ts';
import { asNumber, asText, asTextOrNull } from '../sql/values.ts';
import { readAccess } from './access.ts';
import { marksIn } from './marks.ts';
import { beside, databaseOf, type EscalationPlace } from './place.ts';
import { connectedSessions, whatRemains } from './sessions.ts';
import type { Beside, EscalationLook } from './types.ts';

/** A size is only told to those who may connect (manual, functions-admin). */
const MARKED = `
  SELECT d.datname, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
         CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END AS bytes
    FROM pg_catalog.pg_database d
   WHERE pg_catalog.shobj_description(d.oid, 'pg_database') IS NOT NULL
   ORDER BY d.datname`;

/** The databases of this server that backout made or kept for the one that is meant. @throws {DatabaseError} */
export async function databasesBeside(session: Session, database: string): Promise<Beside[]> {
  const { rows } = await session.query(MARKED);
  return rows.flatMap((row) => {
    const mark = marksIn(asTextOrNull(row['comment'])).beside;
    const bytes = asTextOrNull(row['bytes']) === null ? null : asNumber(row['bytes']);
    return mark?.of === database ? [{ ...mark, name: asText(row['datname']), bytes }] : [];
  });
}

/** On an own session to another database of the server. @throws {UserError} {DatabaseError} */
export function lookAround(place: EscalationPlace): Promise<EscalationLook> {
  return beside(place, (session) => lookWith(session, databaseOf(place)));
}

export async function lookWith(session: Session, database: string): Promise<EscalationLook> {
  const access = await readAccess(session, database);
  const sessions = await connectedSessions(session, access);
  return {
    access,
    sessions,
    remains: await whatRemains(session, access, sessions),
    beside: await databasesBeside(session, database),
  };
}

/** `<name>_restored_20261122_1549`: within the 63 bytes a name may have (manual, sql-syntax-lexical). */
export function nameBeside(database: string, what: 'restored' | 'damaged', at: Date): string {
  const stamp = at.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).replace('T', '_');
  const tail = `_${what}_${stamp}`;
  let base = database;
  while (Buffer.byteLength(base + tail) > 63) base = [...base].slice(0, -1).join('');
  return base + tail;
}

/** What may be dropped by hand some day: text to copy, never run. */
export const dropText = (name: string): string => `DROP DATABASE ${quoteIdentifier(name)};`;
