/** Evidence for and against rolling back: what the database can say, and what only the operator knows. */
import type { Criterion, Runbook } from '../runbook/types.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { elsewhereOf, localPlan } from '../sql/elsewhere.ts';
import { tablesOf } from '../sql/tables-of.ts';
import type { Plan } from '../sql/types.ts';
import { asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { count, duration, otherSessions, writeRates } from './activity.ts';
import { readCatalog } from './catalog.ts';
import { ask, pinned } from './scope.ts';
import type { Evidence, ServerInfo } from './types.ts';
import { laterVersions, recordElsewhere, recorded, versionTable } from './versions.ts';

export interface EvidenceExtras {
  plan: Plan;
  server: ServerInfo;
  /** Milliseconds between the two samples of the write counters; a little over a second by default. */
  sampleMs?: number;
}

export interface ToAsk {
  id: string;
  text: string;
  supports: 'rollback' | 'fix-forward';
}

/**
 * One entry for each criterion of the runbook that the database can answer, then what was measured beside them. A
 * criterion without a query, or whose query cannot tell (`holds` is NULL, or it fails), is asked of the operator.
 * Changes nothing. Not for use inside a transaction.
 * @throws {DatabaseError}
 */
export async function gatherEvidence(
  session: Session,
  runbook: Runbook,
  schema: string,
  extras: EvidenceExtras,
): Promise<{ evidence: Evidence[]; toAsk: ToAsk[] }> {
  const evidence: Evidence[] = [];
  const toAsk: ToAsk[] = [];
  for (const criterion of runbook.criteria) {
    const answer = await answerOf(session, schema, criterion);
    if (answer) evidence.push(answer);
    else toAsk.push({ id: criterion.id, text: toLine(criterion.text), supports: criterion.supports });
  }
  const measured = await pinned(session, () => measure(session, runbook, schema, extras));
  return { evidence: [...evidence, ...measured], toAsk };
}

/** A criterion that does not hold speaks for neither side: its opposite has a criterion of its own. */
async function answerOf(session: Session, schema: string, criterion: Criterion): Promise<Evidence | null> {
  if (!criterion.query) return null;
  const row = await firstRow(session, schema, criterion.query.text);
  const holds = truth(row?.['holds']);
  if (!row || holds === null) return null;
  return {
    id: criterion.id,
    title: toLine(criterion.text),
    supports: holds ? criterion.supports : 'neutral',
    detail: toLine(`${holds ? 'Holds.' : 'Does not hold.'} ${asText(row['detail'])}`.trim()),
    source: 'database',
  };
}

/** Null for NULL, and for a query that answers with something else than a boolean. */
function truth(value: unknown): boolean | null {
  if (value === true || value === 't') return true;
  return value === false || value === 'f' ? false : null;
}

async function firstRow(
  session: Session,
  schema: string,
  sql: string,
): Promise<Record<string, unknown> | null> {
  try {
    return (await ask(session, schema, sql)).rows[0] ?? null;
  } catch (error) {
    if (session.lost || !(error instanceof DatabaseError)) throw error;
    return null;
  }
}

async function measure(
  session: Session,
  runbook: Runbook,
  schema: string,
  { plan, server, sampleMs }: EvidenceExtras,
): Promise<Evidence[]> {
  const asked = { ...elsewhereOf(plan, schema), ...recordElsewhere(runbook.bookkeeping, schema) };
  const catalog = await readCatalog(session, schema, asked);
  const entries: Evidence[] = [];
  const table = versionTable(plan, catalog, runbook.bookkeeping);
  if (table && runbook.migration) {
    const { version } = runbook.migration;
    const found = await recorded(session, table, version);
    if (found?.at) {
      const age = duration(Math.max(0, found.ageSeconds ?? 0));
      entries.push(
        neutral('measured:age', 'Age of the migration', `Recorded at ${found.at} UTC, ${age} ago.`),
      );
    }
    const later = await laterVersions(session, table, version);
    if (later.length > 0) {
      const detail = `${count(later.length, 'version')} recorded after it, the last ${later.at(-1)}. They were built on what would be taken back.`;
      entries.push({ ...neutral('measured:later', 'Later migrations', detail), supports: 'fix-forward' });
    } else entries.push(neutral('measured:later', 'Later migrations', 'None is recorded after it.'));
  }
  // The embedded database has one session, and nobody writes to it.
  if (server.embedded) return entries;
  const tables = tablesOf(localPlan(plan, catalog)).flatMap((name) => catalog.tables[name] ?? []);
  return [...entries, await sessionsNow(session), await writesNow(session, tables, sampleMs)];
}

async function sessionsNow(session: Session): Promise<Evidence> {
  const others = await otherSessions(session);
  const names = [...new Set(others.map((other) => other.application || other.user))].slice(0, 5);
  const of = names.length > 0 ? `: ${names.join(', ')}` : '';
  return neutral(
    'measured:sessions',
    'Sessions now',
    `${count(others.length, 'other session')} connected${of}.`,
  );
}

async function writesNow(
  session: Session,
  tables: { oid: number; name: string }[],
  sampleMs: number | undefined,
): Promise<Evidence> {
  const rates = await writeRates(
    session,
    tables.map(({ oid }) => oid),
    sampleMs,
  );
  const lines = rates.map(({ oid, rows, seconds }) => {
    const name = tables.find((table) => table.oid === oid)?.name ?? '';
    return `${name} ${(rows / seconds).toFixed(1)} rows a second`;
  });
  const detail =
    lines.length > 0 ? `${lines.join(', ')}.` : 'No row was written to these tables within about a second.';
  return neutral('measured:writes', 'Writes now', detail);
}

function neutral(id: string, title: string, detail: string): Evidence {
  return { id, title, supports: 'neutral', detail: toLine(detail), source: 'database' };
}
