/** What a step writes about itself into the journal in the database, in its own transaction. */
import type { Action, ArchiveEntry, Form, StepRecord } from '../procedure/types.ts';
import { ARCHIVE_SCHEMA, draft, JOURNAL_SCHEMA, relation, text, type Draft } from './draft.ts';

/**
 * Stands in the journal row's parameters for the procedure's own hash, which covers the actions and cannot be among
 * them: {@link fillHash} puts it there.
 */
export const HASH_PLACE = 'the hash of this procedure';

export interface RecordRequest {
  run: string;
  step: string;
  title: string;
  form: Form;
  record: StepRecord;
}

/** Kinds that have rows to count. */
const COUNTED: ReadonlySet<ArchiveEntry['kind']> = new Set(['table', 'columns', 'rows']);

/**
 * One row of `backout.archived`, with the number of rows that are kept.
 *
 * @param from where the rows are counted: their place in the archive, or, to count before a short lock, where the
 * table still is
 */
export function archivedAction(
  request: Pick<RecordRequest, 'run' | 'step'> & { schema: string },
  entry: ArchiveEntry,
  from: { schema: string; table: string } | null = null,
): Draft {
  const place = from ?? (entry.archived === null ? null : { schema: ARCHIVE_SCHEMA, table: entry.archived });
  const counted = COUNTED.has(entry.kind) && place !== null;
  const count = counted ? `(SELECT pg_catalog.count(*) FROM ${relation(place.schema, place.table)})` : 'NULL';
  const values = [
    text(request.run),
    text(request.step),
    String(entry.seq),
    text(entry.kind),
    text(request.schema),
    text(entry.object),
    entry.archived === null ? 'NULL' : text(entry.archived),
    count,
    'CAST($1 AS pg_catalog.jsonb)',
  ];
  return draft(
    'record',
    `INSERT INTO ${JOURNAL_SCHEMA}.archived (run, step, seq, kind, source_schema, object, archived, "rows", detail) VALUES (${values.join(', ')})`,
    `Writes down that ${entry.object} is kept${counted ? ', with its number of rows' : ''}.`,
    { params: [JSON.stringify(entry)] },
  );
}

/** The journal row: the step is done exactly when it is there. Always the last action. */
export function stepAction({ run, step, title, form, record }: RecordRequest): Draft {
  const values = [text(run), text(step), text(title), text(form)].join(', ');
  return draft(
    'record',
    `INSERT INTO ${JOURNAL_SCHEMA}.step (run, step, title, form, procedure, detail) VALUES (${values}, $1, CAST($2 AS pg_catalog.jsonb))`,
    'Writes the step into the journal, in the same transaction: the step is done when this row is there.',
    { params: [HASH_PLACE, JSON.stringify(record)] },
  );
}

/**
 * The rows of `backout.archived` and, last, that of `backout.step`.
 *
 * @param counted numbers of entries whose row has been written already by {@link archivedAction}
 */
export function recordActions(request: RecordRequest, counted: readonly number[] = []): Draft[] {
  const { run, step, record } = request;
  return [
    ...record.archive
      .filter(({ seq }) => !counted.includes(seq))
      .map((entry) => archivedAction({ run, step, schema: record.schema }, entry)),
    stepAction(request),
  ];
}

/** The actions with the procedure's hash in the journal row. */
export function fillHash(actions: readonly Action[], hash: string): Action[] {
  return actions.map((action) =>
    action.params?.includes(HASH_PLACE)
      ? { ...action, params: action.params.map((value) => (value === HASH_PLACE ? hash : value)) }
      : action,
  );
}
