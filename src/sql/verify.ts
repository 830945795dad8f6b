/** The verification: what the runbook expects and what the plan must have ended in, against what is there. */
import { titleWithPart } from './lone/words.ts';
import { objectKey, objectName } from './objects/keys.ts';
import type { ObjectRef } from './objects/types.ts';
import { isOnlyUpkeep } from './position/upkeep.ts';
import type { Expectation, Runbook } from '../runbook/types.ts';
import { definitionChecks } from './verify/definitions.ts';
import { psqlCheck, withAnswer } from './verify/psql.ts';
import { rowCheck } from './verify/rows.ts';
import { DatabaseError, type Session } from './session.ts';
import type { Catalog, Plan, Position, Verification, VerifyCheck } from './types.ts';
import { asText } from './values.ts';

export interface VerifyRequest {
  session: Pick<Session, 'query'>;
  runbook: Runbook;
  plan: Plan;
  /** As it is now. */
  catalog: Catalog;
  /** As it is now. */
  position: Position;
  /** What the plan had to end in, derived before Step 1; null when nobody looked before. */
  intended: Catalog | null;
  /** Rows each table had to end with, counted before Step 1; null when nobody looked before. */
  baseline: Record<string, number> | null;
}

/** Looks, and changes nothing. A query that fails is a failed check, never a missing one. */
export async function verify(request: VerifyRequest): Promise<Verification> {
  const checks: VerifyCheck[] = [];
  for (const [index, expectation] of request.runbook.expectations.entries()) {
    checks.push(await expectationCheck(request, expectation, index));
  }
  for (const [table, rows] of Object.entries(request.baseline ?? {})) {
    checks.push(await rowCheck(request.session, request.catalog, table, rows));
  }
  checks.push(...definitionChecks(request.intended, request.catalog));
  const shown = request.plan.steps.filter((step) => !isOnlyUpkeep(step));
  checks.push(...shown.map((step) => stepCheck(request.position, step.id, titleWithPart(step))));
  return { ok: checks.every((check) => check.ok), checks };
}

async function expectationCheck(
  { session, catalog }: VerifyRequest,
  expectation: Expectation,
  index: number,
): Promise<VerifyCheck> {
  switch (expectation.kind) {
    case 'table':
      return withAnswer(session, expectation, tableCheck(catalog, expectation.name, expectation.exists));
    case 'index':
      return withAnswer(session, expectation, indexCheck(catalog, expectation.name));
    case 'object':
      return objectCheck(catalog, expectation.ref, expectation.exists);
    case 'query':
      return queryCheck(session, expectation, index);
    case 'psql':
      return psqlCheck(session, expectation.psql, index);
  }
}

function tableCheck(catalog: Catalog, name: string, exists: boolean): VerifyCheck {
  // What a file names with the run's own schema is known without it.
  const bare = name.startsWith(`${catalog.schema}.`) ? name.slice(catalog.schema.length + 1) : name;
  const there = (catalog.tables[name] ?? catalog.tables[bare]) !== undefined;
  const words = (is: boolean): string => (is ? 'exists' : 'does not exist');
  return {
    id: `table:${name}`,
    title: `Table ${name}`,
    ok: there === exists,
    expected: words(exists),
    found: words(there),
    detail: '',
  };
}

/** Those that the plan names are in the catalog, there or not. */
function objectCheck({ objects = {}, schema }: Catalog, ref: ObjectRef, exists: boolean): VerifyCheck {
  const key = objectKey(ref, schema);
  const state = objects[key];
  const words = (is: boolean): string => (is ? 'exists' : 'does not exist');
  const name = objectName(ref);
  return {
    id: `object:${key}`,
    title: name.charAt(0).toUpperCase() + name.slice(1),
    ok: state !== undefined && (state !== null) === exists,
    expected: words(exists),
    found: state === undefined ? 'was not looked for' : words(state !== null),
    detail: '',
  };
}

function indexCheck(catalog: Catalog, name: string): VerifyCheck {
  const index = Object.values(catalog.tables)
    .flatMap((table) => table.indexes)
    .find((candidate) => candidate.name === name);
  return {
    id: `index:${name}`,
    title: `Index ${name}`,
    ok: index?.valid === true,
    expected: 'exists and is valid',
    found:
      index === undefined ? 'does not exist' : index.valid ? 'exists and is valid' : 'exists but is INVALID',
    detail: index?.definition ?? '',
  };
}

/** Several rows are allowed: the last column of every one of them is what is compared (manual psql: `issue | count`). */
async function queryCheck(
  session: Pick<Session, 'query'>,
  expectation: Extract<Expectation, { kind: 'query' }>,
  index: number,
): Promise<VerifyCheck> {
  const base = {
    id: `query:${index + 1}`,
    title: expectation.title,
    expected: expectation.expect ?? 'shown',
  };
  try {
    const { rows, fields } = await session.query(expectation.sql);
    const last = fields.at(-1) ?? '';
    const bad = rows.filter(
      (row) => expectation.expect !== undefined && asText(row[last]) !== expectation.expect,
    );
    const ok = expectation.expect === undefined || (rows.length > 0 && bad.length === 0);
    const shown = (ok ? rows : bad)
      .slice(0, 12)
      .map((row) => fields.map((field) => asText(row[field])).join(' '));
    const found = expectation.expect !== undefined && ok ? expectation.expect : shown.join('; ') || 'no rows';
    return { ...base, ok, found, detail: shown.join('\n') };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { ...base, ok: false, found: `error ${error.sqlstate}: ${error.message}`, detail: '' };
  }
}

/** Every statement of the step has left its mark: columns, NOT NULLs, and rows that still wait for an UPDATE. */
function stepCheck(position: Position, id: string, title: string): VerifyCheck {
  const step = position.steps.find((candidate) => candidate.id === id);
  const open = step?.statements.filter((statement) => statement.state !== 'applied') ?? [];
  return {
    id: `step:${id}`,
    title: `${title}: every statement has taken effect`,
    ok: step?.state === 'applied',
    expected: 'applied',
    found: step?.state ?? 'not in the plan',
    detail: open.map((statement) => `statement ${statement.index}: ${statement.reason}`).join('\n'),
  };
}
