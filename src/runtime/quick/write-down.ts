/** Writes down in the database what a quick rollback did, so that the undo of every run can take it back as well. */
import { createHash } from 'node:crypto';
import { arrayLiteral } from '../../postgres/catalog.ts';
import { qualified } from '../../postgres/scope.ts';
import { isStored } from '../../sql/archive/columns.ts';
import { ARCHIVE_SCHEMA, EQ } from '../../sql/archive/draft.ts';
import { archiveName } from '../../sql/archive/names.ts';
import { archivedAction } from '../../sql/archive/record.ts';
import { commit, rollBack } from '../../sql/execute/transaction.ts';
import type { ArchiveEntry, ForwardMapping, StepRecord } from '../../sql/procedure/types.ts';
import type { Session } from '../../sql/session.ts';
import { sameKey } from '../../sql/undo/match.ts';
import { asTextOrNull } from '../../sql/values.ts';
import type { Comparison, Fate } from './compare.ts';
import { QUICK, type QuickCopy } from './copies.ts';

/** An undo gives its values back where it stands; otherwise it is made again from its definition and its rows. */
const staysInPlace = ({ now, keyed }: Fate): boolean => now !== null && keyed;

/** The copy as an undo reads it: values by key for a table that is still there, or all that is left of one that is gone. */
function entryOf({ copy }: Fate): ArchiveEntry {
  const { entry, facts } = copy;
  if (facts.version !== null) return entry;
  const columns = entry.columns.filter((column) => !entry.key.includes(column));
  return { ...entry, kind: 'columns', columns, full: true };
}

/** What the undo is made from; the entries of rows that are gone come on top. Pure. */
export function quickRecord(
  { fates, created }: Comparison,
  more: { schema: string; forward: ForwardMapping[]; notUndoable: string[] },
): StepRecord {
  const mine = fates.filter(({ changed }) => changed);
  const inPlace = mine.filter(staysInPlace);
  const gone = mine.filter((fate) => !staysInPlace(fate));
  const name = ({ copy }: Fate): string => copy.facts.definition.name;
  return {
    schema: more.schema,
    form: 'as-written',
    before: mine.map(({ copy }) => copy.facts.definition),
    renamed: Object.fromEntries(
      inPlace.flatMap((fate) =>
        fate.now && fate.now.name !== name(fate) ? [[name(fate), fate.now.name]] : [],
      ),
    ),
    renamedColumns: Object.fromEntries(
      inPlace.flatMap(({ now, renamed }) =>
        now && Object.keys(renamed).length > 0 ? [[now.name, renamed]] : [],
      ),
    ),
    created: [...created.map((table) => table.name), ...gone.flatMap(({ now }) => now?.name ?? [])],
    dropped: gone.map(name),
    archive: mine.map(entryOf),
    notUndoable: more.notUndoable,
    forward: more.forward,
  };
}

/** Rows of before that the command, or somebody before it, took out of a table that is still there. */
function goneRows(
  run: string,
  { copy, now, renamed }: Fate,
  seq: number,
): { sql: string; entry: ArchiveEntry } | null {
  const { entry, facts } = copy;
  if (!now) return null;
  const { definition } = facts;
  const columns = definition.columns.filter(isStored).map(({ name }) => name);
  const present = (column: string): string =>
    Object.keys(renamed).find((one) => renamed[one] === column) ?? column;
  const archived = archiveName(run, QUICK, seq, definition.name);
  const there = `EXISTS (SELECT 1 FROM ${qualified(now.schema, now.name)} AS t WHERE ${sameKey(definition, entry.key, ['t', 'k'], present)})`;
  return {
    sql: `CREATE TABLE ${qualified(ARCHIVE_SCHEMA, archived)} AS SELECT k.* FROM ${qualified(ARCHIVE_SCHEMA, entry.archived ?? '')} AS k WHERE NOT ${there}`,
    entry: {
      seq,
      kind: 'rows',
      object: definition.name,
      archived,
      key: entry.key,
      columns,
      words: `The rows of ${definition.name} that were gone after the quick rollback.`,
    },
  };
}

/** The last transaction that changed the definition of one of these tables, whole, or null: what came after it was written since. */
const LAST_CHANGE = `WITH now AS (SELECT CAST(CAST(pg_catalog.pg_current_xact_id() AS pg_catalog.text) AS pg_catalog.int8) AS x),
  marks AS (
    SELECT c.xmin AS x FROM pg_catalog.pg_class AS c WHERE c.oid ${EQ} ANY (CAST($1 AS pg_catalog.oid[]))
    UNION ALL
    SELECT a.xmin FROM pg_catalog.pg_attribute AS a WHERE a.attrelid ${EQ} ANY (CAST($1 AS pg_catalog.oid[]))),
  wide AS (
    SELECT n.x OPERATOR(pg_catalog.-) ((n.x OPERATOR(pg_catalog.-) CAST(CAST(m.x AS pg_catalog.text) AS pg_catalog.int8)) OPERATOR(pg_catalog.&) 4294967295::pg_catalog.int8) AS x
      FROM marks AS m CROSS JOIN now AS n)
  SELECT pg_catalog.max(w.x) AS last FROM wide AS w WHERE w.x OPERATOR(pg_catalog.>) CAST($2 AS pg_catalog.int8)`;

/**
 * Up to the command's own last transaction everything was there before; later ones wrote since. Without a trace of it
 * (it only dropped) the present moment divides them.
 */
async function snapshotOf(session: Session, { fates, created }: Comparison): Promise<string | null> {
  const oids = [...fates.flatMap(({ now }) => now?.oid ?? []), ...created.map(({ oid }) => oid)];
  const since = fates[0]?.copy.facts.xid ?? '0';
  const { rows } = await session.query(LAST_CHANGE, [arrayLiteral(oids.map(String)), since]);
  const last = asTextOrNull(rows[0]?.['last']);
  if (last === null) return null;
  const next = (BigInt(last) + 1n).toString();
  return `${next}:${next}:`;
}

/** As the journal and the undo call it. */
export const quickTitle = (command: string): string => `Quick rollback: ${command}`;

const STEP = `INSERT INTO backout.step (run, step, title, form, procedure, snapshot, detail)
  VALUES ($1, $2, $3, $4, $5, COALESCE(CAST($6 AS pg_catalog.pg_snapshot), pg_catalog.pg_current_snapshot()), CAST($7 AS pg_catalog.jsonb))`;

const DETAIL = `UPDATE backout.archived SET kind = $4, detail = CAST($5 AS pg_catalog.jsonb)
  WHERE run ${EQ} $1 AND step ${EQ} $2 AND seq ${EQ} CAST($3 AS pg_catalog.int4)`;

export interface WriteRequest {
  session: Session;
  run: string;
  comparison: Comparison;
  record: StepRecord;
  command: string;
}

async function inTransaction(session: Session, work: () => Promise<void>): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query("SET LOCAL lock_timeout = '5s'");
    await session.query('SET LOCAL search_path = pg_catalog, pg_temp');
    await work();
    const committed = await commit(session);
    if (committed.kind !== 'committed') throw committed.error;
  } catch (error) {
    await rollBack(session);
    throw error;
  }
}

/** The step's row: from here on it is done, and can be undone. @throws {DatabaseError} */
export async function writeDown({ session, run, comparison, record, command }: WriteRequest): Promise<void> {
  await inTransaction(session, async () => {
    const entries = [...record.archive];
    let seq = Math.max(0, ...comparison.fates.map(({ copy }) => copy.seq));
    for (const fate of comparison.fates) {
      const { copy, meanwhile } = fate;
      const entry = entries.find((one) => one.seq === copy.seq) ?? copy.entry;
      await session.query(DETAIL, [run, QUICK, String(copy.seq), entry.kind, JSON.stringify(entry)]);
      if (!staysInPlace(fate) || (meanwhile?.gone ?? 0) === 0) continue;
      seq += 1;
      const rows = goneRows(run, fate, seq);
      if (!rows) continue;
      await session.query(rows.sql);
      const action = archivedAction({ run, step: QUICK, schema: record.schema }, rows.entry);
      await session.query(action.sql, action.params ?? []);
      entries.push(rows.entry);
    }
    const detail: StepRecord = { ...record, archive: entries };
    const procedure = createHash('sha256').update(command).digest('hex');
    const snapshot = await snapshotOf(session, comparison);
    await session.query(STEP, [
      run,
      QUICK,
      quickTitle(command),
      'as-written',
      procedure,
      snapshot,
      JSON.stringify(detail),
    ]);
  });
}

/** Nothing was done: the copies are kept, and nothing is claimed of them. @throws {DatabaseError} */
export async function closeCopies(
  session: Session,
  run: string,
  copies: readonly QuickCopy[],
): Promise<void> {
  await inTransaction(session, async () => {
    for (const { seq, entry } of copies) {
      await session.query(DETAIL, [run, QUICK, String(seq), entry.kind, JSON.stringify(entry)]);
    }
  });
}
