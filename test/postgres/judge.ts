/** The prerequisites of the runbook that ships, on a database of a test. */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { readCatalog } from '../../src/postgres/catalog.ts';
import { withSchema } from '../../src/postgres/connect.ts';
import { checkPrerequisites, type PrerequisiteContext } from '../../src/postgres/prerequisites/index.ts';
import { serverInfo } from '../../src/postgres/server.ts';
import type { Connection } from '../../src/postgres/settings.ts';
import type { Attachment, Prerequisite } from '../../src/postgres/types.ts';
import { readRunbook } from '../../src/runbook/read.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import { positionOf } from '../../src/sql/position.ts';
import type { Session } from '../../src/sql/session.ts';
import type { Plan } from '../../src/sql/types.ts';
import type { Bench } from './support.ts';

let reading: Promise<{ runbook: Runbook; plan: Plan }> | undefined;

/** The runbook that ships, read once. */
export function shipped(): Promise<{ runbook: Runbook; plan: Plan }> {
  reading ??= read();
  return reading;
}

async function read(): Promise<{ runbook: Runbook; plan: Plan }> {
  await loadParser();
  const path = fileURLToPath(
    new URL('../../runbooks/20250101000014-align-schema-table-names.md', import.meta.url),
  );
  const runbook = await readRunbook(path);
  return { runbook, plan: planOf(runbook) };
}

export interface Judged {
  /** By id. */
  by: Record<string, Prerequisite>;
  results: Prerequisite[];
  attachments: Attachment[];
  /** As `onResult` heard them. */
  heard: string[];
}

/** As the runtime calls it: names looked up in the schema, the session as it is left by other questions. */
export async function judge(
  session: Session,
  connection: Connection,
  openOther: () => Promise<Session>,
  change: (context: PrerequisiteContext) => Partial<PrerequisiteContext> = () => ({}),
): Promise<Judged> {
  const schema = 'public';
  const { runbook, plan } = await shipped();
  await withSchema(session, schema);
  const catalog = await readCatalog(session, schema);
  const context: PrerequisiteContext = {
    session,
    server: await serverInfo(session, connection),
    schema,
    runbook,
    plan,
    catalog,
    position: await positionOf(plan, catalog, session),
    risk: { dataAtRisk: [], invented: [], failing: [], unchecked: [] },
    backup: null,
    env: {},
    openOther,
    otherRuns: [],
    sampleMs: 0,
  };
  const heard: string[] = [];
  const { results, attachments } = await checkPrerequisites({ ...context, ...change(context) }, ({ id }) =>
    heard.push(id),
  );
  return {
    by: Object.fromEntries(results.map((result) => [result.id, result])),
    results,
    attachments,
    heard,
  };
}

export type Change = (context: PrerequisiteContext) => Partial<PrerequisiteContext>;

/** On a bench's database; the second session is another of the bench. */
export function look(bench: Bench, session: Session = bench.session, change?: Change): Promise<Judged> {
  return judge(session, bench.connection, () => bench.open('backout/test'), change);
}

/** What every result owes its reader. */
export function expectSentences({ results }: Judged): void {
  for (const { id, status, title, detail, advice } of results) {
    expect(title, id).not.toBe('');
    expect(detail, id).toMatch(/^[\p{Lu}\d/].*[.]$/u);
    if (status === 'pass') expect(advice, id).toBe('');
    else expect(advice, id).toMatch(/^\p{Lu}.*[.;]$/u);
  }
}
