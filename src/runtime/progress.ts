/** What the server tells of a statement that is at work in another session (manual, progress-reporting). */
import { pinned } from '../postgres/scope.ts';
import type { Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';

const INDEX = `
  SELECT p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total, p.lockers_done, p.lockers_total
    FROM pg_stat_progress_create_index p WHERE p.pid = $1`;

const VACUUM =
  'SELECT p.phase, p.heap_blks_scanned, p.heap_blks_total FROM pg_stat_progress_vacuum p WHERE p.pid = $1';

/** Of what is counted, in figures of the server's own: never a guess at what is left. */
const of = (done: unknown, total: unknown, what: string): string =>
  asNumber(total ?? 0) === 0 ? '' : `, ${asNumber(done ?? 0)} of ${asNumber(total)} ${what}`;

/**
 * The phase that the session of this pid is in; null when it reports none. Sanitised. `line` has figures that change all
 * the time, `phase` has not.
 * @throws {DatabaseError}
 */
export async function progressOf(
  other: Session,
  pid: number,
): Promise<{ phase: string; line: string } | null> {
  return pinned(other, async () => {
    const [index] = (await other.query(INDEX, [pid])).rows;
    if (index) {
      const phase = toLine(asText(index['phase']));
      const blocks = of(index['blocks_done'], index['blocks_total'], 'blocks');
      const rows = of(index['tuples_done'], index['tuples_total'], 'rows');
      const others = of(index['lockers_done'], index['lockers_total'], 'transactions');
      return { phase, line: `Building the index: ${phase}${blocks || rows || others}` };
    }
    const [vacuum] = (await other.query(VACUUM, [pid])).rows;
    if (!vacuum) return null;
    const phase = toLine(asText(vacuum['phase']));
    const blocks = of(vacuum['heap_blks_scanned'], vacuum['heap_blks_total'], 'blocks');
    return { phase, line: `VACUUM: ${phase}${blocks}` };
  });
}
