/** Around a statement that runs outside of transactions: what it leaves when it breaks off, and what became of it unheard. */
import { endBegun, isAtWork, openBegun, settleBegun } from '../postgres/store.ts';
import { pinned, qualified } from '../postgres/scope.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import { asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';

/**
 * Invalid indexes on the tables that the statement locks. What REINDEX CONCURRENTLY leaves is called like the index, with
 * _ccnew or _ccold and perhaps a number behind it (manual, sql-reindex).
 */
const INVALID = `
  SELECT n.nspname AS schema, c.relname AS name, t.relname AS table_name
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE NOT i.indisvalid AND n.nspname = $1
     AND (c.relname = $2 OR c.relname ~ '_cc(new|old)[0-9]*$' AND t.relname = ANY ($3::name[]))
   ORDER BY 2`;

const PENDING = `
  SELECT p.relname AS parent, c.relname AS partition
    FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_class c ON c.oid = h.inhrelid
    JOIN pg_namespace n ON n.oid = p.relnamespace
   WHERE to_jsonb(h) ->> 'inhdetachpending' = 'true' AND n.nspname = $1 AND p.relname = $2 AND c.relname = $3`;

/** What is left of one that broke off, a sentence each; [] when nothing is. @throws {DatabaseError} */
export async function leftBehind(
  session: Session,
  schema: string,
  { lone, locks }: Procedure,
): Promise<string[]> {
  if (!lone) return [];
  const { proof } = lone;
  return pinned(session, async () => {
    if (proof.kind === 'detached') {
      const { rows } = await session.query(PENDING, [proof.schema, proof.parent, proof.partition]);
      return rows.map(() =>
        toLine(
          `The detaching of ${proof.partition} is half done. ALTER TABLE ${qualified(proof.schema, proof.parent)} DETACH PARTITION ${qualified(proof.schema, proof.partition)} FINALIZE ends it.`,
        ),
      );
    }
    const tables = `{${locks.map(({ table }) => `"${table.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
    const name = proof.kind === 'index' ? proof.name : '';
    const where = proof.kind === 'index' ? proof.schema : schema;
    const { rows } = await session.query(INVALID, [where, name, tables]);
    return rows.map((row) => {
      const own = asText(row['name']);
      const sql = `DROP INDEX CONCURRENTLY ${qualified(asText(row['schema']), own)}`;
      const again = own === name ? 'Trying again sees to it first.' : 'The step does not remove it.';
      return toLine(
        `Index ${own} on ${asText(row['table_name'])} is left behind, invalid: no query uses it, and every write keeps it up to date. ${again} By hand: ${sql};`,
      );
    });
  });
}

/** What is told where it could not be looked for. */
export const NOT_LOOKED =
  'What it left could not be looked for. Look for invalid indexes before anything else is done.';

/**
 * The statements of a run whose end nobody wrote down, each by what the catalog shows.
 * @returns by step: done, not done, or still at work in a session that was cut off; the last is left as it is
 * @throws {DatabaseError}
 */
export async function settleOpen(
  session: Session,
  run: string,
): Promise<Map<string, 'done' | 'not-done' | 'still-running'>> {
  const found = new Map<string, 'done' | 'not-done' | 'still-running'>();
  for (const row of await openBegun(session, run)) {
    if (await isAtWork(session, row)) found.set(row.step, 'still-running');
    else found.set(row.step, (await settleBegun(session, row)) ? 'done' : 'not-done');
  }
  return found;
}

/** It broke off, and is known to have: nobody needs to look for its end. Failing to write that is no failure of anything. */
export async function noteBrokenOff(session: Session, run: string, { step }: Procedure): Promise<void> {
  await endBegun(session, run, step).catch(() => undefined);
}
