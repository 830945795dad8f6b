/** The archive of a quick rollback: every table that the plan changes or drops, copied whole before the command runs. */
import { arrayLiteral } from '../../postgres/catalog.ts';
import { readDefinitions } from '../../postgres/definition.ts';
import { qualified, quoteIdentifier } from '../../postgres/scope.ts';
import { archivedRows, type ArchivedRow } from '../../postgres/store.ts';
import { touchedTables } from '../../postgres/touched.ts';
import { isStored, keyOf } from '../../sql/archive/columns.ts';
import { ARCHIVE_SCHEMA, EQ, text } from '../../sql/archive/draft.ts';
import { archiveName } from '../../sql/archive/names.ts';
import { archivedAction } from '../../sql/archive/record.ts';
import type { TableDefinition } from '../../sql/definition.ts';
import { commit, rollBack } from '../../sql/execute/transaction.ts';
import type { ArchiveEntry } from '../../sql/procedure/types.ts';
import type { Session } from '../../sql/session.ts';
import { tablesOf } from '../../sql/tables-of.ts';
import type { Catalog, Plan, Position } from '../../sql/types.ts';
import { asJson, asNumber, asText } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';

/** The step's id in the journal. A runbook's own are `step-1` …. */
export const QUICK = 'quick';

/** What is written beside a copy until it is known what the command did. */
export interface QuickFacts {
  oid: number;
  /** Column names by their numbers: a renamed column keeps its own. */
  columns: Record<string, string>;
  definition: TableDefinition;
  /** pg_current_xact_id() of the copying. */
  xid: string;
  /** When the copies were made, ISO 8601. */
  at: string;
  command: string;
  /** Tables of the plan that were there. */
  there: string[];
  /** Of the table of applied versions: only the row of this version is kept. */
  version: string | null;
  /** Every version that was recorded; null where there is no such table. */
  recorded: string[] | null;
}

export interface QuickCopy {
  seq: number;
  entry: ArchiveEntry;
  rows: number | null;
  facts: QuickFacts;
}

/** Column names by number, of tables by oid. Our own search_path or none: every name is qualified. */
export async function columnNumbers(
  session: Session,
  oids: readonly number[],
): Promise<Map<number, Record<string, string>>> {
  const { rows } = await session.query(
    `SELECT a.attrelid AS oid, pg_catalog.json_object_agg(a.attnum, a.attname) AS names FROM pg_catalog.pg_attribute AS a
      WHERE a.attrelid ${EQ} ANY (CAST($1 AS pg_catalog.oid[])) AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
      GROUP BY a.attrelid`,
    [arrayLiteral(oids.map(String))],
  );
  return new Map(rows.map((row) => [asNumber(row['oid']), asJson(row['names']) as Record<string, string>]));
}

export interface KeepRequest {
  session: Session;
  run: string;
  schema: string;
  plan: Plan;
  catalog: Catalog;
  position: Position;
  /** The table of applied versions, when there is one, and the version that is taken back. */
  versions: { table: string; column: string; version: string; recorded: string[] } | null;
  command: string;
  now: Date;
}

function entryOf(request: KeepRequest, definition: TableDefinition, seq: number): ArchiveEntry {
  const { run, versions } = request;
  const own = versions?.table === definition.name ? versions : null;
  const stored = definition.columns.filter(isStored).map(({ name }) => name);
  const key = keyOf(definition);
  return {
    seq,
    kind: 'rows',
    object: definition.name,
    archived: archiveName(run, QUICK, seq, definition.name),
    key,
    columns: stored,
    words: own
      ? `The row of ${own.version} in ${definition.name}, copied before the quick rollback.`
      : `Table ${definition.name}, whole, copied before the quick rollback.`,
  };
}

function copySql(request: KeepRequest, entry: ArchiveEntry): string {
  const { schema, versions } = request;
  const columns = entry.columns.map((column) => `t.${quoteIdentifier(column)}`).join(', ');
  const own = versions?.table === entry.object ? versions : null;
  const where = own
    ? ` WHERE CAST(t.${quoteIdentifier(own.column)} AS pg_catalog.text) ${EQ} ${text(own.version)}`
    : '';
  return `CREATE TABLE ${qualified(ARCHIVE_SCHEMA, entry.archived ?? '')} AS SELECT ${columns} FROM ${qualified(schema, entry.object)} AS t${where}`;
}

/** What is copied, in the order of names. */
export const keptTables = ({
  plan,
  position,
  catalog,
}: Pick<KeepRequest, 'plan' | 'position' | 'catalog'>): string[] =>
  touchedTables(plan, position, catalog)
    .map(({ table }) => table)
    .filter((table) => ['r', 'p'].includes(catalog.tables[table]?.kind ?? ''))
    .sort();

/**
 * Copies in one transaction, on one snapshot, without keeping anybody from writing; hidden rows are an error, not left
 * out. @throws {DatabaseError} nothing was copied then, or it is not known
 */
export async function makeCopies(request: KeepRequest, tell: (line: string) => void): Promise<QuickCopy[]> {
  const { session, run, schema, plan, catalog, now, command } = request;
  const names = keptTables(request);
  const first = (await archivedRows(session, run)).filter(({ step }) => step === QUICK).length + 1;
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    await session.query("SET LOCAL lock_timeout = '5s'");
    await session.query('SET LOCAL row_security = off');
    await session.query('SET LOCAL search_path = pg_catalog, pg_temp');
    if (names.length > 0) {
      const list = names.map((name) => qualified(schema, name)).join(', ');
      await session.query(`LOCK TABLE ${list} IN ACCESS SHARE MODE`);
    }
    const definitions = await readDefinitions(session, schema, names);
    const numbers = await columnNumbers(
      session,
      definitions.map(({ oid }) => oid),
    );
    const xid = asText(
      (await session.query('SELECT pg_catalog.pg_current_xact_id() AS xid')).rows[0]?.['xid'],
    );
    const there = tablesOf(plan).filter((name) => catalog.tables[name] !== undefined);
    const copies: QuickCopy[] = [];
    for (const [index, definition] of definitions.entries()) {
      const seq = first + index;
      const entry = entryOf(request, definition, seq);
      const { rowCount } = await session.query(copySql(request, entry));
      const version = request.versions?.table === definition.name ? request.versions.version : null;
      const columns = numbers.get(definition.oid) ?? {};
      const recorded = request.versions?.recorded ?? null;
      const at = now.toISOString();
      const facts = { oid: definition.oid, columns, definition, xid, at, command, there, version, recorded };
      const row = archivedAction({ run, step: QUICK, schema }, entry);
      await session.query(row.sql, [JSON.stringify({ ...entry, quick: facts })]);
      copies.push({ seq, entry, rows: rowCount, facts });
      tell(
        toLine(
          `Copied ${version === null ? `${definition.name}, whole` : `the row of ${version}`}: ${rowCount ?? 0} rows.`,
        ),
      );
    }
    const committed = await commit(session);
    if (committed.kind !== 'committed') throw committed.error;
    return copies;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
}

type WithFacts = ArchiveEntry & { quick?: QuickFacts };

const plain = ({ quick: _, ...entry }: WithFacts): ArchiveEntry => entry;

const copyOf = ({ seq, rows, detail }: ArchivedRow): QuickCopy[] => {
  const facts = (detail as WithFacts).quick;
  return facts === undefined ? [] : [{ seq, rows, facts, entry: plain(detail) }];
};

/** Copies of which it is not written down yet what the command did. @throws {DatabaseError} */
export async function openCopies(session: Session, run: string): Promise<QuickCopy[]> {
  const rows = await archivedRows(session, run);
  return rows.filter(({ step, purgedAt }) => step === QUICK && purgedAt === null).flatMap(copyOf);
}
