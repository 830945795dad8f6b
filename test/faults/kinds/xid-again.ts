/**
 * The server crashes before COMMIT reached it, and hands the transaction's id out again to others, who commit under it:
 * `pg_xact_status` of the lost transaction then says "committed" (mechanics, measured; nothing of it was in the WAL).
 */
import type pg from 'pg';
import type { Fault } from '../support/point.ts';
import type { Verdict } from '../support/proxy.ts';
import type { Reference } from '../support/reference.ts';

export function xidAgain(reference: Reference): Fault[] {
  return reference.trace
    .filter((at) => at.commits)
    .map((at) => ({
      kind: 'xid-again',
      at,
      side: 'before',
      strike: async ({ lab, statement, wire, missed }): Promise<Verdict> => {
        const lost = await lab.use('postgres', async (client) => {
          const sql = 'SELECT backend_xid::text AS xid FROM pg_stat_activity WHERE pid = $1';
          return Number((await client.query<{ xid: string }>(sql, [statement.backend])).rows[0]?.xid);
        });
        wire.keepProgramWaiting();
        lab.killServer();
        const status = await lab.use('postgres', (client) => burn(client, lost));
        wire.cut();
        // Somebody flushed the WAL in between: the id was remembered, and this was an ordinary crash.
        if (status !== 'committed') missed();
        return 'drop';
      },
    }));
}

/** Unrelated transactions until the id has been used and is well in the past. */
async function burn(client: pg.Client, xid: number): Promise<string> {
  const next = 'SELECT pg_current_xact_id()::text AS xid';
  for (let now = 0; now <= xid + 3;) now = Number((await client.query<{ xid: string }>(next)).rows[0]?.xid);
  const { rows } = await client.query<{ status: string | null }>('SELECT pg_xact_status($1) AS status', [
    String(xid),
  ]);
  return rows[0]?.status ?? 'forgotten';
}
