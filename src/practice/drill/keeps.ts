/** Counting what must still be there: before the drill begins, and when it has come to its end. */
import type { EndState, Keep } from './types.ts';

/** The first column of a query's first row as a number; null where it cannot be had. */
export type Count = (sql: string) => Promise<number | null>;

export async function countBefore(keeps: readonly Keep[], count: Count): Promise<Map<string, number | null>> {
  const found = new Map<string, number | null>();
  for (const { id, sql } of keeps) found.set(id, await count(sql));
  return found;
}

/**
 * @param acted a step was carried out: the tables may be called as they were before the migration
 */
export async function countAfter(
  keeps: readonly Keep[],
  before: ReadonlyMap<string, number | null>,
  { count, acted }: { count: Count; acted: boolean },
): Promise<EndState['keeps']> {
  const counted: EndState['keeps'] = [];
  for (const { id, sql, sqlAfter } of keeps) {
    const [first, second] = acted && sqlAfter !== null ? [sqlAfter, sql] : [sql, sqlAfter];
    const after = (await count(first)) ?? (second === null ? null : await count(second));
    counted.push({ id, before: before.get(id) ?? null, after });
  }
  return counted;
}
