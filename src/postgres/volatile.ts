/** Which functions that a plan calls may do more than compute a value: those declared VOLATILE (manual, xfunc-volatility). */
import { calledForRows } from '../sql/calls.ts';
import type { Session } from '../sql/session.ts';
import type { Plan } from '../sql/types.ts';
import { asText } from '../sql/values.ts';
import { arrayLiteral } from './catalog.ts';

const EQ = 'OPERATOR(pg_catalog.=)';

const VOLATILE = `
  SELECT c.called AS name
    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.name[]), pg_catalog.unnest($3::pg_catalog.name[])) c(called, schema, name)
   WHERE EXISTS (
     SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid ${EQ} p.pronamespace
      WHERE p.proname ${EQ} c.name AND n.nspname ${EQ} c.schema AND p.provolatile ${EQ} 'v'::pg_catalog."char")`;

/**
 * By the names that the plan calls them by. Nothing is asked where it calls none. May be called inside a transaction.
 * @throws {DatabaseError}
 */
export async function volatileCalls(
  session: Pick<Session, 'query'>,
  schema: string,
  plan: Plan,
): Promise<string[]> {
  const called = [
    ...new Set(plan.steps.flatMap(({ statements }) => statements.flatMap((one) => calledForRows(one)))),
  ];
  if (called.length === 0) return [];
  const parts = called.map((name) => [
    name.split('.').slice(0, -1).at(-1) ?? schema,
    name.split('.').at(-1) ?? '',
  ]);
  const { rows } = await session.query(VOLATILE, [
    arrayLiteral(called),
    arrayLiteral(parts.map(([place = '']) => place)),
    arrayLiteral(parts.map(([, name = '']) => name)),
  ]);
  return rows.map((row) => asText(row['name']));
}
