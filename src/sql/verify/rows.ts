/** Row counts against the baseline taken before Step 1. */
import type { Session } from '../session.ts';
import type { Catalog, VerifyCheck } from '../types.ts';
import { quoteIdent } from '../types-of.ts';
import { asNumber } from '../values.ts';

/** Fewer rows than before is a failure. More is said: somebody has written since. */
export async function rowCheck(
  session: Pick<Session, 'query'>,
  catalog: Catalog,
  table: string,
  expected: number,
): Promise<VerifyCheck> {
  const base = {
    id: `rows:${table}`,
    title: `Rows of ${table}`,
    expected: `${expected} (counted before Step 1)`,
  };
  const there = catalog.tables[table];
  if (!there) return { ...base, ok: false, found: 'the table does not exist', detail: '' };
  const name = `${quoteIdent(there.schema)}.${quoteIdent(there.bare ?? there.name)}`;
  const { rows } = await session.query(`SELECT count(*) AS n FROM ${name}`);
  const found = asNumber(rows[0]?.n);
  return {
    ...base,
    ok: found >= expected,
    found: String(found),
    detail: found > expected ? `${found - expected} more than before Step 1: written since.` : '',
  };
}
