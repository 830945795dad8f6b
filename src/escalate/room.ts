/** Whether a copy fits beside the damaged database: as far as the server and its disk can be asked. */
import { serverInfo } from '../postgres/connect.ts';
import { bytes as inWords } from '../postgres/activity.ts';
import { freeRoom } from '../postgres/prerequisites/room.ts';
import { asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { beside, databaseOf, type EscalationPlace } from './place.ts';

/** Bytes; null: it is not known. */
export interface Room {
  /** Of the damaged database. */
  size: number | null;
  /** On the disk that the copy would be written to. */
  free: number | null;
  /** Why one of them is not known; '' where both are. */
  why: string;
}

/** A size is only told to those who may connect (manual, functions-admin). 1663: pg_default (pg_tablespace.dat). */
const SIZE = `
  SELECT CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END AS bytes,
         d.dattablespace OPERATOR(pg_catalog.=) 1663::pg_catalog.oid AS ordinary, t.spcname AS tablespace
    FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid OPERATOR(pg_catalog.=) d.dattablespace
   WHERE d.datname OPERATOR(pg_catalog.=) $1::pg_catalog.name`;

const ELSEWHERE =
  "PostgreSQL tells no free room, and the server's data directory is not on this machine, or may not be seen from here";

/** @throws {DatabaseError} */
export function lookAtRoom(place: EscalationPlace): Promise<Room> {
  return beside(place, async (session) => {
    const row = (await session.query(SIZE, [databaseOf(place)])).rows[0] ?? {};
    const size = row['bytes'] === null || row['bytes'] === undefined ? null : asNumber(row['bytes']);
    if (row['ordinary'] === false) {
      const name = toLine(asText(row['tablespace']), 100);
      return {
        size,
        free: null,
        why: `it would be in tablespace ${name}, whose disk is not known from here`,
      };
    }
    const free = await freeRoom({ session, server: await serverInfo(session, place.connection) });
    const why = free === null ? ELSEWHERE : size === null ? 'this role may not ask how large it is' : '';
    return { size, free, why };
  });
}

export interface RoomJudged {
  words: string;
  /** It cannot fit. */
  refused: boolean;
}

/**
 * A restored database takes what the damaged one takes, at most: it has no dead rows. It never takes less than its
 * compressed backup. Pure.
 * @param backup bytes of the backup itself
 */
export function judgeRoom({ size, free, why }: Room, backup: number): RoomJudged {
  const takes =
    size === null ? '' : ` The damaged database takes ${inWords(size)}, the copy about that at most.`;
  if (free === null) {
    return {
      words: `How much room is free on the server's disk is not known: ${why}.${takes} Look there (df) before you go on: a full disk stops every writer of the server.`,
      refused: false,
    };
  }
  const found = `${inWords(free)} are free on the server's disk.${takes}`;
  if (free <= backup) {
    return {
      words: `${found} The backup alone, compressed, takes ${inWords(backup)}: it does not fit. A full disk stops every writer of the server.`,
      refused: true,
    };
  }
  if (size === null)
    return { words: `${found} How large the damaged one is, is not known: ${why}.`, refused: false };
  return free > size
    ? { words: found, refused: false }
    : {
        words: `${found} It may not fit, and a full disk stops every writer of the server: make room first, or restore on another server.`,
        refused: false,
      };
}
