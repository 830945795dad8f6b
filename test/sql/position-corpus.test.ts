/**
 * Every state that a database can be found in is placed, and none is called safe in which going on would fail, lose
 * rows, or invent values that were not announced: the statements still to run are run, and what came of it is counted.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprint, state, values } from '../../src/postgres/prerequisites/state.ts';
import { readRunbook } from '../../src/runbook/read.ts';
import type { Runbook } from '../../src/runbook/types.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planOf } from '../../src/sql/plan.ts';
import { positionOf } from '../../src/sql/position.ts';
import { assessRisk } from '../../src/sql/risk.ts';
import type { Catalog, Plan, Position, Risk } from '../../src/sql/types.ts';
import * as states from '../support/states.ts';
import { CASES, type Case } from './corpus.ts';
import { definitions, openDatabase, type TestDatabase } from './database.ts';

const EDITIONS = {
  first: '../fixtures/ROLLBACK_PROCEDURE.md',
  shipped: '../../runbooks/20250101000014-align-schema-table-names.md',
};
type Edition = keyof typeof EDITIONS;

interface Found {
  name: string;
  /** As in the corpus. */
  verdict: string;
  /** What going on from there does that nobody was told of; empty when it ends well. */
  harm: string[];
}

let db: TestDatabase;
const found: Record<Edition, Found[]> = { first: [], shipped: [] };
/** What a rollback from the beginning ends in. */
const whole: Partial<Record<Edition, unknown>> = {};

beforeAll(async () => {
  await loadParser();
  db = await openDatabase();
  const documents = await Promise.all([read('first'), read('shipped')]);
  for (const one of CASES) {
    await db.empty();
    await one.build(db.pglite);
    for (const document of documents) found[document.edition].push(await judged(one, document));
  }
}, 300_000);

afterAll(() => db.close());

interface Document {
  edition: Edition;
  runbook: Runbook;
  plan: Plan;
}

async function read(edition: Edition): Promise<Document> {
  const runbook = await readRunbook(fileURLToPath(new URL(EDITIONS[edition], import.meta.url)));
  return { edition, runbook, plan: planOf(runbook) };
}

const NOTHING: Risk = { dataAtRisk: [], invented: [], failing: [], unchecked: [] };
const LETTER = { pending: 'p', partial: 'h', applied: 'a', conflict: 'c' };

async function judged(one: Case, { edition, runbook, plan }: Document): Promise<Found> {
  const { session } = db;
  const catalog = await db.catalog();
  const position = await positionOf(plan, catalog, session);
  // What was broken off and not written to has nothing to announce: not counting there is the stricter way.
  const risk = one.counted
    ? await assessRisk(plan, catalog, position, session, { serverVersion: 180000 })
    : NOTHING;
  const context = {
    session,
    schema: 'town',
    runbook,
    plan,
    catalog,
    position,
    risk,
  } as unknown as Parameters<typeof state>[0];
  const checks = [await state(context), await fingerprint(context), await values(context)].flat();
  const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  const letters = position.steps.map((step) => LETTER[step.state]).join('');
  const harm = await inVain(() => harmOf(one, edition, plan, position, risk));
  return { name: one.name, verdict: [letters, ...failed].join(' '), harm };
}

/** In a transaction that is rolled back, so that the next document finds the same database. */
async function inVain<T>(work: () => Promise<T>): Promise<T> {
  await db.pglite.exec('BEGIN');
  try {
    return await work();
  } finally {
    await db.pglite.exec('ROLLBACK');
  }
}

/** Where git_commits hangs on, or the migration never ran, there is more than a rollback leaves. */
const OTHER_END = ['git_commits still there', 'never migrated'];

/** Everything that is not applied is run, conflicts too: what a detector that sees no harm would do. */
async function harmOf(
  one: Case,
  edition: Edition,
  plan: Plan,
  position: Position,
  risk: Risk,
): Promise<string[]> {
  const before = await holdings();
  const states = position.steps.flatMap((step) => step.statements.map((statement) => statement.state));
  const statements = plan.steps.flatMap((step) => step.statements);
  for (const [at, statement] of statements.entries()) {
    if (states[at] === 'applied') continue;
    try {
      await db.session.query(statement.sql);
    } catch (error) {
      return [`it fails: ${(error as Error).message}`];
    }
  }
  const harm = differences(before, await holdings(), risk);
  const end = definitions(await db.catalog());
  whole[edition] ??= end;
  if (!OTHER_END.includes(one.name) && JSON.stringify(end) !== JSON.stringify(whole[edition]))
    harm.push('it ends in other definitions');
  return harm;
}

const HOLDINGS = {
  events: ['SELECT id::text FROM codebase_snapshots', 'SELECT id::text FROM detection_events'],
  sessions: ['SELECT id::text FROM git_agent_sessions', 'SELECT id::text FROM git_sessions'],
  technologies: [
    "SELECT technology_name || '/' || technology_type FROM technology_patterns",
    "SELECT (template ->> 'technology') || '/' || category FROM technology_templates",
    "SELECT technology || '/' || category FROM technology_knowledge",
  ],
  'invented event types': ["SELECT id::text FROM detection_events WHERE event_type = 'unknown'"],
  'invented session types': ["SELECT id::text FROM git_sessions WHERE session_type = 'unknown'"],
};
type Holdings = Record<keyof typeof HOLDINGS, Set<string>>;

async function holdings(): Promise<Holdings> {
  const { tables } = await db.catalog();
  const all = {} as Holdings;
  for (const [name, queries] of Object.entries(HOLDINGS) as [keyof Holdings, string[]][]) {
    all[name] = new Set();
    for (const sql of queries) for (const key of await keysOf(sql, tables)) all[name].add(key);
  }
  return all;
}

/** None where there is no such table or column. */
async function keysOf(sql: string, tables: Catalog['tables']): Promise<string[]> {
  const there = tables[/ FROM (\w+)/.exec(sql)?.[1] ?? '']?.columns.map(({ name }) => name) ?? [];
  const asked = [...sql.matchAll(/\b(?:event_type|session_type)\b/g)].map(([name]) => name);
  if (there.length === 0 || asked.some((column) => !there.includes(column))) return [];
  const { rows } = await db.pglite.query<[string]>(sql, [], { rowMode: 'array' });
  return rows.map(([key]) => key);
}

function differences(before: Holdings, after: Holdings, risk: Risk): string[] {
  const announcedLost = risk.dataAtRisk
    .filter((one) => one.table === 'technology_templates' && one.column === undefined)
    .reduce((sum, one) => sum + one.rows, 0);
  const invented = (column: string): number =>
    risk.invented.filter((one) => one.column === column).reduce((sum, one) => sum + one.rows, 0);
  const missing = (of: keyof Holdings): number => [...before[of]].filter((key) => !after[of].has(key)).length;
  const added = (of: keyof Holdings): number => [...after[of]].filter((key) => !before[of].has(key)).length;
  const harm: [number, string][] = [
    [missing('events'), 'events are lost'],
    [missing('sessions'), 'sessions are lost'],
    [Math.max(0, missing('technologies') - announcedLost), 'technologies are lost'],
    [added('invented event types') - invented('event_type'), 'event types are invented unannounced'],
    [added('invented session types') - invented('session_type'), 'session types are invented unannounced'],
  ];
  return harm.filter(([rows]) => rows > 0).map(([rows, what]) => `${rows} ${what}`);
}

const isSafe = (verdict: string): boolean => /^[pha]{4}$/.test(verdict);

function table(edition: Edition): string {
  const lines = found[edition].map(
    ({ name, verdict, harm }) =>
      `${name.padEnd(58)} ${verdict.padEnd(30)} ${isSafe(verdict) ? 'safe' : 'refused'}  ${harm.join('; ')}`,
  );
  return `\n${lines.join('\n')}\n`;
}

describe.each(['first', 'shipped'] as const)('the %s edition', (edition) => {
  test('every state is placed as it is', () => {
    const verdicts = found[edition].map(({ name, verdict }) => `${name}: ${verdict}`);
    const expected = CASES.map((one) => `${one.name}: ${one[edition]}`);
    expect(verdicts, table(edition)).toEqual(expected);
  });

  test('none is wrongly called safe', () => {
    const wrong = found[edition].filter(({ verdict, harm }) => isSafe(verdict) && harm.length > 0);
    expect(wrong, table(edition)).toEqual([]);
  });

  test('none is refused where going on would do no harm', () => {
    const idle = found[edition].filter(
      ({ verdict, harm }) => !isSafe(verdict) && !verdict.startsWith('aaaa') && harm.length === 0,
    );
    expect(idle, table(edition)).toEqual([]);
  });
});

test('from-zero order without a NULL in the dates: nothing fails, so everything has to be announced', async () => {
  await db.empty();
  await states.fromZero(db.pglite);
  await db.pglite.exec('UPDATE technology_patterns SET created_at = now() WHERE created_at IS NULL');
  const [first, shipped] = await Promise.all([read('first'), read('shipped')]);
  // The edition that ships knows these tables by their keys. The user's document cannot: its operator is told.
  const { plan } = first;
  const catalog = await db.catalog();
  const position = await positionOf(plan, catalog, db.session);
  const risk = await assessRisk(plan, catalog, position, db.session, { serverVersion: 180000 });
  expect(risk.invented.find((one) => one.column === 'event_type')?.rows).toBe(12);
  expect(risk.dataAtRisk.filter((one) => one.column === undefined).map((one) => one.table)).toEqual(
    expect.arrayContaining(['technology_templates']),
  );
  expect(
    (await judged({ name: 'dates', build: states.fromZero, first: '', shipped: '', counted: true }, shipped))
      .verdict,
  ).toBe('phpp fingerprint');
});
