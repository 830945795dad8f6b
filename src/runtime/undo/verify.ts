/** Whether everything is as it was before the run that was undone: by what was written down before each of its steps. */
import { readDefinitions } from '../../postgres/definition.ts';
import { objectChecks } from './objects.ts';
import { pinned } from '../../postgres/scope.ts';
import { archivedRows, stepRows, type ArchivedRow, type StepRow } from '../../postgres/store.ts';
import { ARCHIVE_SCHEMA } from '../../sql/archive/draft.ts';
import { differences } from '../../sql/definition-differences.ts';
import type { TableDefinition } from '../../sql/definition.ts';
import type { Session } from '../../sql/session.ts';
import type { Plan, Verification, VerifyCheck } from '../../sql/types.ts';
import { valueChecks } from '../../sql/undo/checks.ts';
import { asNumber } from '../../sql/values.ts';
import { toLine } from '../../terminal/sanitize.ts';
import { stepName } from '../../wizard/judge.ts';
import type { CourseRequest } from '../course.ts';
import { elsewhereIn } from './look.ts';

/** What the tables of the undone steps were before the first of them, and the tables that only the steps made. */
export function stateBefore(rows: readonly StepRow[]): { before: TableDefinition[]; gone: string[] } {
  const before = new Map<string, TableDefinition>();
  const made = new Set<string>();
  for (const { detail } of rows) {
    for (const table of detail.before) {
      if (!before.has(table.name) && !made.has(table.name)) before.set(table.name, table);
    }
    for (const name of [...detail.created, ...Object.values(detail.renamed)]) {
      if (!before.has(name)) made.add(name);
    }
  }
  return { before: [...before.values()], gone: [...made].sort() };
}

/** Looks, and changes nothing. @throws {DatabaseError} */
export async function verifyUndo(
  { session, schema, run }: CourseRequest,
  undoes: string,
  plan: Plan,
): Promise<Verification> {
  const rows = (await stepRows(session, undoes)).filter(({ step }) =>
    plan.steps.some(({ id }) => id === step),
  );
  const { before, gone } = stateBefore(rows.filter(({ undoneBy }) => undoneBy !== null));
  const names = [...before.map(({ name }) => name), ...gone];
  const found = await readDefinitions(session, schema, names, schema, elsewhereIn(rows));
  const now = new Map(found.map((table) => [table.name, table]));
  const taken = await archivedRows(session, run);
  const kept = taken.filter(({ kind, archived }) => kind !== 'definition' && archived);
  const archive = await readDefinitions(
    session,
    ARCHIVE_SCHEMA,
    kept.flatMap(({ archived }) => archived ?? []),
  );
  const checks = [
    ...plan.steps.map(({ id }) => stepCheck(id, rows)),
    ...before.map((table) => definitionCheck(table, now.get(table.name) ?? null)),
    ...gone.map((name) => goneCheck(name, now.has(name))),
    ...(await objectChecks(
      session,
      schema,
      rows.filter(({ undoneBy }) => undoneBy !== null),
    )),
    ...(await valuesBack(session, run, rows, taken)),
    archiveCheck(kept.length, archive.length),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

/**
 * The record without the tables that an earlier step had another name for, or of which it kept the same columns: its own
 * undo came later, and what this one brought back was the state in between.
 */
function lasting(row: StepRow, rows: readonly StepRow[]): StepRow['detail'] {
  const earlier = rows.slice(0, rows.indexOf(row)).filter(({ undoneBy }) => undoneBy !== null);
  const kept = ({ archive }: StepRow['detail'], table: string): string[] =>
    archive.flatMap(({ kind, object, columns }) => (kind === 'columns' && object === table ? columns : []));
  const between = (table: string): boolean =>
    earlier.some(({ detail }) => {
      const was = detail.before.find(({ name }) => (detail.renamed[name] ?? name) === table)?.name;
      if (was === undefined) return detail.created.includes(table);
      const names = detail.renamedColumns[table] ?? {};
      const before = kept(detail, was);
      return (
        was !== table || kept(row.detail, table).some((column) => before.includes(names[column] ?? column))
      );
    });
  return { ...row.detail, before: row.detail.before.filter(({ name }) => !between(name)) };
}

/** The values that came back, against the copies they came from, on every row that nobody has written since. */
async function valuesBack(
  session: Session,
  run: string,
  rows: readonly StepRow[],
  archived: readonly ArchivedRow[],
): Promise<VerifyCheck[]> {
  const checks: VerifyCheck[] = [];
  for (const row of rows.filter(({ undoneBy }) => undoneBy === run)) {
    const entries = archived.filter(({ step }) => step === row.step).map(({ detail }) => detail);
    for (const { id, title, sql } of valueChecks(lasting(row, rows), { run, entries })) {
      const found = await pinned(session, () => session.query(sql));
      const different = asNumber(found.rows[0]?.['n']);
      checks.push({
        id: toLine(id),
        title: toLine(title),
        ok: different === 0,
        expected: 'no row differs',
        found: different === 0 ? 'no row differs' : `${different} rows differ`,
        detail: '',
      });
    }
  }
  return checks;
}

function stepCheck(id: string, rows: readonly StepRow[]): VerifyCheck {
  const undoneBy = rows.find(({ step }) => step === id)?.undoneBy ?? null;
  return {
    id: `step:${id}`,
    title: `${stepName(id)} is undone`,
    ok: undoneBy !== null,
    expected: 'undone',
    found: undoneBy === null ? 'not undone' : 'undone',
    detail: undoneBy === null ? '' : `By run ${toLine(undoneBy)}.`,
  };
}

/** What was invalid before and is valid now stays so: an undo makes no index invalid again. */
function repaired(before: TableDefinition, now: TableDefinition): TableDefinition {
  const valid = (index: string): boolean => now.indexes.some((one) => one.name === index && one.valid);
  const indexes = before.indexes.map((one) => ({ ...one, valid: one.valid || valid(one.name) }));
  return { ...before, indexes };
}

function definitionCheck(before: TableDefinition, now: TableDefinition | null): VerifyCheck {
  const name = toLine(before.name);
  const found = now ? differences(repaired(before, now), now) : [`${name} is not there.`];
  return {
    id: `definition:${name}`,
    title: `${name} is as it was before: columns, types, defaults, constraints, indexes, grants, comments`,
    ok: found.length === 0,
    expected: 'no difference',
    found: found.length === 0 ? 'no difference' : toLine(found.slice(0, 3).join(' ')),
    detail: found.map((line) => toLine(line)).join('\n'),
  };
}

function goneCheck(table: string, there: boolean): VerifyCheck {
  return {
    id: `gone:${toLine(table)}`,
    title: `${toLine(table)}, which the rollback made, is gone`,
    ok: !there,
    expected: 'does not exist',
    found: there ? 'exists' : 'does not exist',
    detail: '',
  };
}

function archiveCheck(written: number, there: number): VerifyCheck {
  return {
    id: 'archive',
    title: 'What the undo took away is in the archive',
    ok: written === there,
    expected: `${written} tables`,
    found: `${there} tables`,
    detail: '',
  };
}
