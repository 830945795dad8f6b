/** Where an undo stands: what is still to be taken back, and what there is to do it with. */
import { createHash } from 'node:crypto';
import { definitionHash, readDefinitions } from '../../postgres/definition.ts';
import { readObjects } from '../../postgres/objects.ts';
import { pinned } from '../../postgres/scope.ts';
import { archivedRows, stepRows, undosOf, type ArchivedRow, type StepRow } from '../../postgres/store.ts';
import { ARCHIVE_SCHEMA } from '../../sql/archive/draft.ts';
import type { TableDefinition } from '../../sql/definition.ts';
import { objectKey } from '../../sql/objects/keys.ts';
import type { Asked } from '../../sql/objects/refs.ts';
import type { ObjectStates } from '../../sql/objects/types.ts';
import { undoneObjects } from '../../sql/objects/undo.ts';
import type { Procedure, StepOffers } from '../../sql/procedure/types.ts';
import type { Session } from '../../sql/session.ts';
import type { Elsewhere, Plan, Position, StepPosition } from '../../sql/types.ts';
import { tablesOf } from '../../sql/undo/entities.ts';
import { writtenOf, writtenQueries } from '../../sql/undo/queries.ts';
import { earlierUndos, undoProcedure } from '../../sql/undo/index.ts';
import type { UndoFacts, UndoOffer } from '../../sql/undo/types.ts';
import { asBoolean } from '../../sql/values.ts';
import type { CourseRequest } from '../course.ts';

/** One step of the undone run that is still there to be taken back. */
export interface UndoStep {
  row: StepRow;
  /** Null while a step that comes first works on the same tables. */
  facts: UndoFacts | null;
  offer: UndoOffer;
}

export interface UndoLook {
  position: Position;
  /** Those still to be undone, in the order of the plan. */
  steps: UndoStep[];
  /** All of the run's, undone or not. */
  rows: StepRow[];
  now: TableDefinition[];
  kept: TableDefinition[];
  objects: ObjectStates;
  offers: StepOffers[];
  hash: string;
}

type Place = Pick<CourseRequest, 'session' | 'schema'>;

interface Named {
  schema: string[];
  archive: string[];
  /** Of the names in `schema`, those in other schemas. */
  elsewhere: Elsewhere;
  /** Objects beside tables. */
  objects: Asked[];
}

function entriesOf(row: StepRow, archived: readonly ArchivedRow[]): UndoFacts['archived'] {
  return archived
    .filter(({ step }) => step === row.step)
    .map(({ detail, rows, purgedAt }) => ({ entry: detail, rows, purged: purgedAt !== null }));
}

const together = (named: readonly Named[]): Named => ({
  schema: [...new Set(named.flatMap(({ schema }) => schema))].sort(),
  archive: [...new Set(named.flatMap(({ archive }) => archive))].sort(),
  elsewhere: Object.assign({}, ...named.map(({ elsewhere }) => elsewhere)) as Elsewhere,
  objects: [...new Map(named.flatMap(({ objects }) => objects).map((one) => [one.key, one])).values()],
});

/** The tables of other schemas that the steps are about. */
export const elsewhereIn = (rows: readonly StepRow[]): Elsewhere =>
  Object.assign({}, ...rows.map(({ detail }) => detail.elsewhere ?? {})) as Elsewhere;

/** Those asked for, and what rests on a view that may have to go on the way back. */
function withDependents(asked: readonly Asked[], found: ObjectStates, schema: string): ObjectStates {
  const keys = asked.flatMap(({ key }) => [
    key,
    ...(found[key]?.dependents ?? []).flatMap(({ ref }) => (ref ? [objectKey(ref, schema)] : [])),
  ]);
  return Object.fromEntries(keys.map((key) => [key, found[key] ?? null]));
}

const namedBy = ({ detail }: StepRow): Named => ({
  ...tablesOf(detail),
  elsewhere: detail.elsewhere ?? {},
  objects: undoneObjects(detail),
});

/** @throws {DatabaseError} */
export async function lookAtUndo(request: CourseRequest, undoes: string, plan: Plan): Promise<UndoLook> {
  const { session } = request;
  const rows = await stepRows(session, undoes);
  const archived = await archivedRows(session, undoes);
  const keptByUndos: ArchivedRow[] = [];
  for (const { run } of await undosOf(session, undoes))
    keptByUndos.push(...(await archivedRows(session, run)));
  const earlier = earlierUndos(rows, keptByUndos);
  const open = plan.steps.flatMap(
    ({ id }) => rows.find((row) => row.step === id && row.undoneBy === null) ?? [],
  );
  const named = open.map(namedBy);
  const all = together(named);
  const { now, kept } = await definitionsOf(request, all);
  const objects = await readObjects(
    session,
    { schema: request.schema, elsewhere: all.elsewhere },
    all.objects,
  );
  const hash = createHash('sha256')
    .update(
      JSON.stringify([
        plan.hash,
        open.map(({ step, xid, procedure }) => [step, xid, procedure]),
        archived.filter(({ purgedAt }) => purgedAt !== null).map(({ step, seq }) => [step, seq]),
        definitionHash(now),
        definitionHash(kept),
        objects,
      ]),
    )
    .digest('hex');

  const steps: UndoStep[] = [];
  for (const [at, row] of open.entries()) {
    const names = named[at]!;
    const first = open.slice(0, at).find((_, before) => meet(named[before]!, names));
    if (first) {
      steps.push({ row, facts: null, offer: later(first) });
      continue;
    }
    const facts: UndoFacts = {
      run: request.run,
      step: { ...row, record: row.detail },
      archived: entriesOf(row, archived),
      now: now.filter(({ name }) => names.schema.includes(name)),
      kept: kept.filter(({ name }) => names.archive.includes(name)),
      objects: withDependents(names.objects, objects, request.schema),
      earlier,
      written: [],
      look: hash,
    };
    steps.push(await counted(session, row, facts));
  }
  const offers = steps.map(({ row, offer }) => offersOf(row, offer));
  return { position: positionOf(plan, rows, steps), steps, rows, now, kept, objects, offers, hash };
}

/** What cannot be undone, whatever was written since, is not counted: tables it would be counted in may be missing. */
async function counted(session: Session, row: StepRow, facts: UndoFacts): Promise<UndoStep> {
  const offer = undoProcedure(facts);
  if (offer.refused.length > 0) return { row, facts, offer };
  const all = { ...facts, written: await countWritten(session, facts) };
  return { row, facts: all, offer: undoProcedure(all) };
}

const meet = (one: Named, other: Named): boolean =>
  one.schema.some((name) => other.schema.includes(name)) ||
  one.objects.some(({ key }) => other.objects.some((same) => same.key === key));

/** Its statements can only be made from what the other one leaves. */
const later = (first: StepRow): UndoOffer => ({
  procedure: null,
  words: [],
  refused: [`The undo of ${first.step} comes first: it works on the same tables.`],
});

const offersOf = (row: StepRow, { procedure, refused }: UndoOffer): StepOffers => ({
  step: row.step,
  offers: [{ form: procedure?.form ?? row.form, refused, procedure }],
});

/** Definitions of the tables in the schema, and of those in the archive as they read from it. */
async function definitionsOf(
  { session, schema }: Place,
  { schema: names, archive, elsewhere }: Named,
): Promise<{ now: TableDefinition[]; kept: TableDefinition[] }> {
  const now = await readDefinitions(session, schema, names, schema, elsewhere);
  const kept = await readDefinitions(session, ARCHIVE_SCHEMA, archive, schema);
  return { now, kept };
}

/** How many rows were written since the rollback, and what of them has no place. */
async function countWritten(session: Session, facts: UndoFacts): Promise<UndoFacts['written']> {
  const written: UndoFacts['written'][number][] = [];
  for (const query of writtenQueries(facts)) {
    const { rows } = await pinned(session, () => session.query(query.sql));
    written.push(writtenOf(query.table, rows[0] ?? {}));
  }
  return written;
}

function positionOf(plan: Plan, rows: readonly StepRow[], steps: readonly UndoStep[]): Position {
  const of = (id: string): StepPosition['state'] => {
    const row = rows.find(({ step }) => step === id);
    if (row?.undoneBy) return 'applied';
    const step = steps.find((one) => one.row.step === id);
    // One that only waits for another to be undone is no conflict.
    return step && (step.facts === null || step.offer.procedure !== null) ? 'pending' : 'conflict';
  };
  return { steps: plan.steps.map(({ id }) => ({ id, state: of(id), statements: [] })) };
}

/**
 * Whether what the look saw still holds, asked inside the step's transaction.
 * @param guarded names that are compared, in the schema and in the archive; null: all of them
 */
export async function sameUndo(
  place: Place,
  look: UndoLook,
  procedures: readonly Procedure[],
  guarded: readonly string[] | null,
): Promise<boolean> {
  const concerned = ({ name }: TableDefinition): boolean => guarded === null || guarded.includes(name);
  const before = { now: look.now.filter(concerned), kept: look.kept.filter(concerned) };
  const names = (list: readonly TableDefinition[]): string[] => list.map(({ name }) => name);
  // Before anything has run, a table that was not there must not be there now either.
  const all = together(look.steps.map(({ row }) => namedBy(row)));
  const schema = guarded === null ? all.schema : names(before.now);
  const after = await definitionsOf(place, { ...all, schema, archive: names(before.kept) });
  if (definitionHash(after.now) !== definitionHash(before.now)) return false;
  if (definitionHash(after.kept) !== definitionHash(before.kept)) return false;
  if (guarded !== null) return true;
  const objects = await readObjects(
    place.session,
    { schema: place.schema, elsewhere: all.elsewhere },
    all.objects,
  );
  if (JSON.stringify(objects) !== JSON.stringify(look.objects)) return false;
  return stillStanding(place.session, look, procedures);
}

const STANDING = `SELECT s.undone_by IS NULL AS standing FROM backout.step s
  WHERE s.run OPERATOR(pg_catalog.=) $1 AND s.step OPERATOR(pg_catalog.=) $2`;

async function stillStanding(
  session: Session,
  look: UndoLook,
  procedures: readonly Procedure[],
): Promise<boolean> {
  for (const { step } of procedures) {
    const row = look.rows.find((one) => one.step === step);
    if (!row) return false;
    const { rows } = await session.query(STANDING, [row.run, step]);
    if (!asBoolean(rows[0]?.['standing'])) return false;
  }
  return true;
}
