/** The verification, asked of the copy. */
import { readCatalog } from '../postgres/catalog.ts';
import { planNow } from '../runtime/look.ts';
import { stepsDone } from '../runtime/done.ts';
import { quoteName } from '../sql/definition-sql.ts';
import { parseOne, SqlSyntaxError } from '../sql/parse.ts';
import { positionOf } from '../sql/position.ts';
import type { Expectation, Runbook } from '../runbook/types.ts';
import type { Catalog, Verification } from '../sql/types.ts';
import { verify } from '../sql/verify.ts';
import { qualifiedSql } from './qualify.ts';
import type { Stage, Subject } from './stage.ts';
import { staysWithin } from './stays.ts';

export interface Before {
  intended: Catalog;
  baseline: Record<string, number> | null;
}

/** @returns what holds, and what could not be asked of a copy. @throws {DatabaseError} */
export async function verifyCopy(
  subject: Subject,
  stage: Stage,
  before: Before,
): Promise<{ verification: Verification; notAsked: string[] }> {
  const { raw, schema, asking: session } = stage;
  const { asked, notAsked } = expectationsFor(subject, stage);
  const { plan, catalog: tables } = await planNow(session, schema, stage.plan);
  const done = await stepsDone(session, subject.run, plan);
  const catalog = { ...tables, ...(done.length > 0 ? { done } : {}) };
  const setPath = (path: string): Promise<unknown> =>
    raw.query("SELECT pg_catalog.set_config('search_path', $1, true)", [path]);
  await setPath(`${quoteName(schema)}, pg_temp`);
  const position = await positionOf(plan, catalog, session);
  const request = { session, plan, catalog, position, ...before };
  const runbookOf = (expectations: Expectation[]): Runbook => ({ ...subject.runbook, expectations });
  const first = await verify({ ...request, runbook: runbookOf(asked) });
  // Types of the tables' own schema are spelled with it here. A query that names no table which is there alone is
  // asked once more with that schema in view: it cannot see more than the copy then.
  const checks = [...first.checks];
  await setPath(`${quoteName(schema)}, ${quoteName(subject.schema)}, pg_temp`);
  const outside = (await readCatalog(session, subject.schema)).tables;
  for (const [at, expectation] of asked.entries()) {
    if (expectation.kind !== 'query' || checks[at]?.ok !== false) continue;
    const beyond = Object.keys(outside).some(
      (table) => catalog.tables[table] === undefined && expectation.sql.includes(table),
    );
    if (beyond || subject.schema === schema) continue;
    const again = await verify({
      ...request,
      plan: { ...plan, steps: [] },
      intended: null,
      baseline: null,
      runbook: runbookOf([expectation]),
    });
    if (again.checks[0]?.ok) checks[at] = { ...again.checks[0], id: checks[at].id };
  }
  return { verification: { ok: checks.every(({ ok }) => ok), checks }, notAsked };
}

function expectationsFor(
  { runbook, names, schema: real }: Subject,
  { schema, mayAsk }: Stage,
): { asked: Expectation[]; notAsked: string[] } {
  const asked: Expectation[] = [];
  const notAsked: string[] = [];
  for (const expectation of runbook.expectations) {
    if (expectation.kind !== 'query' || (real === schema && (mayAsk?.(expectation.sql) ?? true))) {
      asked.push(expectation);
      continue;
    }
    const sql = real === schema ? null : within(expectation.sql, names);
    if (sql === null)
      notAsked.push(`Check "${expectation.title}": its query may look at more than the copy.`);
    else asked.push({ ...expectation, sql });
  }
  return { asked, notAsked };
}

function within(sql: string, names: Subject['names']): string | null {
  try {
    return staysWithin(sql, parseOne(sql), names) ? qualifiedSql(sql, names) : null;
  } catch (error) {
    if (error instanceof SqlSyntaxError || error instanceof Error) return null;
    throw error;
  }
}
