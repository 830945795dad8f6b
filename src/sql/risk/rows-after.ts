/** How many rows each table of a plan holds once the plan has run: what verification compares with. */
import type { World } from '../contents.ts';
import { DatabaseError, type Session } from '../session.ts';
import { tablesOf } from '../tables-of.ts';
import type { Plan } from '../types.ts';
import { asNumber } from '../values.ts';

/** A table that the plan only deletes rows from is bookkeeping: others write there, so its count proves nothing. */
function bookkeeping(plan: Plan): Set<string> {
  const effects = plan.steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  return new Set(effects.flatMap((effect) => (effect.kind === 'delete' ? [effect.table] : [])));
}

/** Counted on the carried contents; a table whose contents were lost track of is left out, never guessed. */
export async function rowsAfter(
  world: World,
  plan: Plan,
  session: Pick<Session, 'query'>,
): Promise<Record<string, number>> {
  const skipped = bookkeeping(plan);
  const counts: Record<string, number> = {};
  for (const table of tablesOf(plan)) {
    const contents = skipped.has(table) ? null : world.find(table);
    if (!contents || contents.lost !== null) continue;
    const count = await countRows(
      session,
      world.query(`SELECT pg_catalog.count(*) AS n FROM ${contents.cte}`),
    );
    if (count !== null) counts[table] = count;
  }
  return counts;
}

/** Null where a value on the way does not fit: then the statement fails too, and `failing` says why. */
async function countRows(session: Pick<Session, 'query'>, sql: string): Promise<number | null> {
  try {
    return asNumber((await session.query(sql)).rows[0]?.n);
  } catch (error) {
    if (error instanceof DatabaseError && !error.more.connectionLost) return null;
    throw error;
  }
}
