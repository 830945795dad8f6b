/** Rolling back and undoing on a real server, step by step, with the very procedures that would be shown. */
import { readCatalog } from '../../src/postgres/catalog.ts';
import { readDefinitions } from '../../src/postgres/definition.ts';
import {
  archivedRows,
  prepareStore,
  registerRun,
  stepRows,
  undosOf,
  type RunEntry,
} from '../../src/postgres/store.ts';
import type { TableDefinition } from '../../src/sql/definition.ts';
import { allDifferences } from '../../src/sql/definition-differences.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { positionOf } from '../../src/sql/position.ts';
import { offersFor } from '../../src/sql/procedure/index.ts';
import type { Form, ForwardMapping, Procedure } from '../../src/sql/procedure/types.ts';
import type { Session } from '../../src/sql/session.ts';
import { settledPlan } from '../../src/sql/settled.ts';
import type { Plan, Position } from '../../src/sql/types.ts';
import {
  earlierUndos,
  tablesOf,
  undoProcedure,
  writtenOf,
  writtenQueries,
  type UndoFacts,
  type UndoOffer,
} from '../../src/sql/undo/index.ts';
import { openBench, type Bench } from '../postgres/support.ts';
import { requestFor } from '../sql-forms/support.ts';

export interface State {
  definitions: TableDefinition[];
  /** By table: every row as text, columns by name, in the order of these texts. */
  rows: Record<string, string[]>;
}

const TABLES = `
  SELECT c.relname AS name FROM pg_catalog.pg_class c
   WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`;

/** Everything there is in the schema: definitions, and rows whatever their order and that of their columns. */
export async function stateOf(session: Session): Promise<State> {
  const names = (await session.query(TABLES)).rows.map(({ name }) => String(name));
  const definitions = await readDefinitions(session, 'public', names);
  const rows: State['rows'] = {};
  for (const { name, columns } of definitions) {
    const list = columns.map((column) => `"${column.name.replaceAll('"', '""')}"`).sort();
    const found = await session.query(
      `SELECT ROW(${list.join(', ')})::text AS row FROM public."${name.replaceAll('"', '""')}" ORDER BY 1`,
    );
    rows[name] = found.rows.map(({ row }) => String(row));
  }
  return { definitions, rows };
}

/** What is different, in sentences; rows by their numbers. */
export function changes(before: State, after: State): string[] {
  const names = [...new Set([...Object.keys(before.rows), ...Object.keys(after.rows)])];
  const rows = names.flatMap((name) => {
    const [was, is] = [before.rows[name] ?? [], after.rows[name] ?? []];
    const gone = was.filter((row) => !is.includes(row));
    const come = is.filter((row) => !was.includes(row));
    if (gone.length + come.length === 0 && was.length === is.length) return [];
    return [`${name}: ${was.length} rows, now ${is.length}; gone ${gone[0] ?? '-'}; new ${come[0] ?? '-'}`];
  });
  return [...allDifferences(before.definitions, after.definitions), ...rows];
}

/** A plan of one step for each text. */
export function planOfTexts(...texts: string[]): Plan {
  const steps = texts.map((sql, at) => ({
    ...planFromSql(sql, `Part ${at + 1}`).steps[0]!,
    id: `step-${at + 1}`,
  }));
  return { steps, hash: 'made up' };
}

export async function register(session: Session, run: string, undoes: string | null = null): Promise<void> {
  await prepareStore(session);
  await registerRun(session, entryOf(run, undoes));
}

export function entryOf(run: string, undoes: string | null): RunEntry {
  return {
    run,
    kind: undoes === null ? 'rollback' : 'undo',
    undoes,
    runbook: { path: '', title: '', sha256: '', migration: '' },
    plan: '',
    schema: 'public',
    operator: 'tester',
    host: 'here',
    version: '0',
  };
}

async function send(session: Session, procedure: Procedure): Promise<void> {
  for (const { schema = 'public', table, level } of procedure.locks) {
    await session.query(`LOCK TABLE "${schema}"."${table.replaceAll('"', '""')}" IN ${level} MODE`);
  }
  for (const { sql, params } of procedure.actions) {
    try {
      await session.query(sql, params ?? []);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\nin ${sql}`, {
        cause: error,
      });
    }
  }
}

/** Procedures as an executor runs them: one transaction, each with its locks first. */
export async function carryOut(session: Session, ...procedures: Procedure[]): Promise<void> {
  await session.query('BEGIN');
  try {
    await session.query('SET LOCAL search_path = "public", pg_temp');
    for (const procedure of procedures) await send(session, procedure);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK');
    throw error;
  }
}

export interface RollBack {
  run: string;
  plan: Plan;
  form?: Form;
  forward?: ForwardMapping[];
  /** Steps to run; all of them by default. */
  steps?: string[];
  withoutArchive?: boolean;
  /** Where the plan stands before a step; by default as the database shows it. */
  position?: (step: string) => Position;
}

/** Steps before this one are done, it and those after it are not: for statements that leave no trace of themselves. */
export function inOrder(plan: Plan): (step: string) => Position {
  return (current) => {
    const at = plan.steps.findIndex(({ id }) => id === current);
    const steps = plan.steps.map(({ id, statements }, number) => {
      const state = number < at ? ('applied' as const) : ('pending' as const);
      return { id, state, statements: statements.map(({ index }) => ({ index, state, reason: '' })) };
    });
    return { steps };
  };
}

/** Runs the steps, each from a fresh look, in the form asked for where it is offered. Which forms were run. */
export async function rollBack(session: Session, request: RollBack): Promise<Form[]> {
  const { run, form = 'as-written', steps = request.plan.steps.map(({ id }) => id) } = request;
  await register(session, run);
  const forms: Form[] = [];
  for (const id of steps) {
    await session.query('SET search_path = public, pg_temp');
    const catalog = await readCatalog(session, 'public');
    const plan = settledPlan(request.plan, catalog);
    const found = await positionOf(plan, catalog, session);
    const position = request.position ? request.position(id) : found;
    const asked = await requestFor(session, plan, position, {
      run,
      forward: request.forward ?? [],
      withoutArchive: request.withoutArchive ?? false,
    });
    const offers = offersFor(asked).find(({ step }) => step === id)?.offers ?? [];
    const written = offers.find((one) => one.form === 'as-written');
    const chosen = offers.find((one) => one.form === form && one.procedure) ?? written;
    if (!chosen?.procedure)
      throw new Error(`${id} is not offered: ${chosen?.refused.join(' ') ?? 'nothing to run'}`);
    await carryOut(session, chosen.procedure);
    forms.push(chosen.form);
  }
  return forms;
}

/** All steps in one transaction, each as written, as they are made before any of them has run. */
export async function rollBackAtOnce(session: Session, request: RollBack): Promise<void> {
  const { run, forward = [] } = request;
  await register(session, run);
  await session.query('SET search_path = public, pg_temp');
  const catalog = await readCatalog(session, 'public');
  const plan = settledPlan(request.plan, catalog);
  const position = await positionOf(plan, catalog, session);
  const offers = offersFor(await requestFor(session, plan, position, { run, forward }));
  const procedures = offers.flatMap((one) => {
    const written = one.offers.find(({ form }) => form === 'as-written');
    return written?.procedure ? [written.procedure] : [];
  });
  await carryOut(session, ...procedures);
}

/** What an undo of a step is made from, as it is now. */
export async function factsOf(session: Session, run: string, step: string, undo: string): Promise<UndoFacts> {
  const rows = await stepRows(session, run);
  const row = rows.find((one) => one.step === step);
  if (!row) throw new Error(`${step} of ${run} was never done`);
  const archived = (await archivedRows(session, run)).filter((one) => one.step === step);
  const names = tablesOf(row.detail);
  const undos = [];
  for (const one of await undosOf(session, run)) undos.push(...(await archivedRows(session, one.run)));
  const facts: UndoFacts = {
    run: undo,
    step: { ...row, record: row.detail },
    archived: archived.map(({ detail, rows, purgedAt }) => ({
      entry: detail,
      rows,
      purged: purgedAt !== null,
    })),
    now: await readDefinitions(session, 'public', names.schema),
    kept: await readDefinitions(session, 'backout_archive', names.archive, 'public'),
    earlier: earlierUndos(rows, undos),
    written: [],
    look: 'look',
  };
  const written = [];
  for (const query of writtenQueries(facts)) {
    written.push(writtenOf(query.table, (await session.query(query.sql)).rows[0] ?? {}));
  }
  return { ...facts, written };
}

/** Takes back what was done of a run, the last step first. What each offer said. */
export async function undo(session: Session, run: string, id: string): Promise<UndoOffer[]> {
  await register(session, id, run);
  const done = (await stepRows(session, run)).filter(({ undoneBy }) => undoneBy === null);
  const offers: UndoOffer[] = [];
  for (const { step } of done.sort((one, other) => (one.step < other.step ? 1 : -1))) {
    const offer = undoProcedure(await factsOf(session, run, step, id));
    if (!offer.procedure) throw new Error(offer.refused.join(' '));
    await carryOut(session, offer.procedure);
    offers.push(offer);
  }
  return offers;
}

/** An empty database with what these statements make. */
export async function benchWith(...statements: string[]): Promise<Bench> {
  const bench = await openBench();
  await bench.session.query('SET search_path = public, pg_temp');
  for (const sql of statements) await bench.session.query(sql);
  return bench;
}
