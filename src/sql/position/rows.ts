/** Statements that the catalog cannot decide: those that change rows, only read, comment, or are not understood. */
import { choosesAnew } from '../unsteady.ts';
import type { Session } from '../session.ts';
import { madeOf } from '../effects-create-as.ts';
import { isComposed } from '../parts/index.ts';
import { tablesOfEffect } from '../tables-of.ts';
import type { Catalog, PositionState, Statement } from '../types.ts';
import { commentIsSet } from './comments.ts';
import { extensionIsThere } from './extensions.ts';
import { holdsIn, showsInCatalog, type CatalogVerdict } from './cuts.ts';
import { evidenceFor, mayRunAgain, usingEvidence } from './evidence.ts';
import { fromObject } from './objects.ts';
import { count, countMatching } from './probe.ts';
import {
  brings,
  missingFor,
  missingForComment,
  removes,
  sayMissing,
  tablesNamed,
  type Missing,
} from './missing.ts';

export interface Verdict {
  state: PositionState;
  reason: string;
  /** The rows alone say so: what a later statement has done to them would say the same. */
  byRows?: boolean;
  /** Nothing speaks for either: a conflict only as long as nobody else knows. */
  silent?: boolean;
}

export interface Placed {
  step: string;
  statement: Statement;
}

export interface Around {
  session: Pick<Session, 'query'>;
  catalog: Catalog;
  /** What was judged pending so far, in this step and the steps before. */
  pending: readonly Placed[];
  /** The run's journal says that the step was carried out. */
  done?: boolean;
  /** Statements of the same step before this one. */
  earlier: readonly Statement[];
  /** Statements after this one, of its step and of later steps. */
  later: readonly Placed[];
}

function place({ step, statement }: Placed): string {
  return `statement ${statement.index} of ${step}`;
}

function removedBy(missing: Missing, { later, catalog }: Around): Placed | undefined {
  return later.find(
    ({ statement }) =>
      statement.effects.some((effect) => removes(effect, missing)) &&
      showsInCatalog(statement, catalog) &&
      holdsIn(statement, catalog),
  );
}

function bringerOf(missing: Missing, { pending }: Around): Placed | undefined {
  return pending.find(({ statement }) => statement.effects.some((effect) => brings(effect, missing)));
}

/** Something the statement names is not there. That a later one has removed it explains it, if nothing else is open. */
function withoutSource(all: readonly Missing[], around: Around): Verdict {
  const found = all.map((missing) => {
    // What makes it has not run: whatever would remove it later cannot be why it is not there.
    const bringer = bringerOf(missing, around);
    const remover = bringer ? undefined : removedBy(missing, around);
    return { missing, remover, bringer };
  });
  const removed = found.find((one) => one.remover);
  const coming = found.find((one) => one.bringer);
  const unexplained = found.find((one) => !one.remover && !one.bringer);
  if (unexplained) {
    const what = sayMissing(unexplained.missing);
    return {
      state: 'conflict',
      reason: `It needs ${what}, which does not exist, and no statement explains that.`,
    };
  }
  if (removed?.remover && coming?.bringer) {
    const reason = `It needs ${sayMissing(removed.missing)}, which is gone, and ${place(coming.bringer)} before it has not run.`;
    return { state: 'conflict', reason };
  }
  if (coming?.bringer) {
    return {
      state: 'pending',
      reason: `It needs ${sayMissing(coming.missing)}, which ${place(coming.bringer)} will make.`,
    };
  }
  const [gone, by] = removed?.remover ? [sayMissing(removed.missing), place(removed.remover)] : ['', ''];
  return { state: 'applied', reason: `It can no longer run: ${by} has removed ${gone}.` };
}

const ONLY_ALONG = ['select', 'lock', 'guard', 'upkeep'];

/** A statement still to run that changes a table this one is about: what the rows say now is not yet the answer. */
function waitsFor(statement: Statement, { pending, catalog }: Around): Placed | undefined {
  const tables = tablesNamed(statement, catalog);
  const writes = (one: Placed): boolean =>
    one.statement.effects.some(
      (effect) =>
        !ONLY_ALONG.includes(effect.kind) && tablesOfEffect(effect).some((table) => tables.includes(table)),
    );
  return pending.find((one) => one.statement !== statement && writes(one));
}

/** What the step has written to the table of an INSERT since it made that table, or null when it did not make it. */
function writersBefore(statement: Statement, earlier: readonly Statement[]): Statement[] | null {
  if (isComposed(statement)) return null;
  const target = 'InsertStmt' in statement.tree ? statement.tree.InsertStmt.relation?.relname : undefined;
  const about = (one: Statement, kinds: readonly string[]): boolean =>
    one.effects.some((effect) => kinds.includes(effect.kind) && 'table' in effect && effect.table === target);
  const made = earlier.findLastIndex((one) => about(one, ['create-table']));
  return made < 0 ? null : earlier.slice(made + 1).filter((one) => about(one, ['insert', 'delete']));
}

async function fromData(statement: Statement, passed: boolean, around: Around): Promise<Verdict> {
  const missing = missingFor(statement, around.catalog);
  if (missing.length > 0) return withoutSource(missing, around);
  const before = waitsFor(statement, around);
  if (before && (!passed || mayRunAgain(statement))) {
    return { state: 'pending', reason: `It comes after ${place(before)}, which still has to run.` };
  }
  const { session, catalog } = around;
  const writers = writersBefore(statement, around.earlier);
  const evidence = await evidenceFor(statement, { session, catalog, passed, writers });
  return evidence.state === 'unknown'
    ? { state: 'conflict', reason: evidence.reason, silent: true }
    : { ...evidence, state: evidence.state, byRows: true };
}

export const JOURNAL = 'The journal says so.';

function fromOrder(statement: Statement, passed: boolean, around: Around): Verdict {
  if (passed) return { state: 'applied', reason: 'A later statement of the step has taken effect.' };
  const what = statement.effects.some((effect) => effect.kind === 'not-understood')
    ? 'It is not understood, so the database cannot show whether it has run.'
    : 'The database does not show whether it has run.';
  if (around.done) return { state: 'applied', reason: JOURNAL };
  const open = around.pending.at(-1);
  return { state: 'pending', reason: open ? `It comes after ${place(open)}, which still has to run.` : what };
}

/**
 * A table that is there before its step could have made it so: nothing is lost by taking it when it is empty, but rows
 * of its own would be mixed with those the step puts there.
 */
async function fromEmptiness(
  statement: Statement,
  against: string,
  { session, catalog }: Around,
): Promise<Verdict> {
  const { tree } = statement;
  const relation = 'CreateStmt' in tree ? tree.CreateStmt.relation : madeOf(tree)?.into.rel;
  const n = relation ? await count(session, catalog, countMatching(relation, undefined)) : 1;
  const table = relation?.relname ?? '';
  return n === 0
    ? { state: 'applied', reason: `Table ${table} exists, as the step leaves it, and is empty.` }
    : { state: 'conflict', reason: `${against} It holds ${n} ${n === 1 ? 'row' : 'rows'} of its own.` };
}

/** A new type that the catalog shows, and values that it does not. */
export async function withValues(
  statement: Statement,
  verdict: Verdict,
  looking: Pick<Around, 'session' | 'catalog'>,
): Promise<Verdict> {
  try {
    const found = await usingEvidence(statement, looking);
    return found?.state === 'unknown' ? { state: 'conflict', reason: found.reason } : verdict;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'conflict', reason: `Whether it has run could not be found out: ${message}` };
  }
}

/**
 * Decides a statement with the help of the data. A query that fails says nothing: the statement is in conflict then,
 * with the server's words.
 */
export async function byData(
  statement: Statement,
  verdict: CatalogVerdict,
  around: Around,
): Promise<Verdict> {
  const kinds = new Set(statement.effects.map((effect) => effect.kind));
  try {
    if (kinds.has('create-table')) return await fromEmptiness(statement, verdict.reason, around);
    if (kinds.has('select')) {
      const missing = missingFor(statement, around.catalog);
      return missing.length > 0
        ? withoutSource(missing, around)
        : { state: 'applied', reason: 'It only reads.' };
    }
    if (around.done && kinds.has('delete') && choosesAnew(statement))
      return { state: 'applied', reason: 'The journal says so; asked again it would choose other rows.' };
    if (kinds.has('update') || kinds.has('insert') || kinds.has('delete')) {
      return await fromData(statement, verdict.passed, around);
    }
    const nothing = statement.effects.find((effect) => effect.kind === 'nothing');
    if (nothing?.kind === 'nothing') return { state: 'applied', reason: nothing.why };
    const object = fromObject(
      statement,
      around.catalog,
      around.later.map((one) => one.statement),
      around.done === true,
    );
    if (object !== null) return object;
    const extension = await extensionIsThere(statement, around.session);
    if (extension !== null) return extension;
    const missing = missingForComment(statement, around.catalog);
    if (missing.length > 0) return withoutSource(missing, around);
    const set = kinds.has('comment') ? await commentIsSet(statement, around.catalog, around.session) : null;
    if (set === null) return fromOrder(statement, verdict.passed, around);
    return set
      ? { state: 'applied', reason: 'The comment is there.' }
      : { state: 'pending', reason: 'The comment is not there.' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'conflict', reason: `Whether it has run could not be found out: ${message}` };
  }
}
