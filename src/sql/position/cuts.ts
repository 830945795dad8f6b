/** Where in a step the catalog stands, by what it shows alone. */
import { applyEffects, isHere } from '../symbolic.ts';
import { tablesOfEffect } from '../tables-of.ts';
import type { Catalog, Effect, Statement } from '../types.ts';
import { holds, keyOf, mismatches, type Fact, type Facts } from './facts.ts';
import { isHidden } from './objects.ts';
import { isAssertion } from './requirements.ts';
import { trajectoryOf } from './trajectory.ts';
import { appliedBecause, conflictBecause, made, pendingBecause } from './words.ts';

/** `ask`: the catalog does not decide it, or not alone; the data may. The reason is what speaks against it. */
export interface CatalogVerdict {
  state: 'applied' | 'pending' | 'conflict' | 'ask';
  reason: string;
  /** A statement after it has visibly taken effect. */
  passed: boolean;
}

const ROWS = [
  ...['update', 'insert', 'delete', 'select', 'comment', 'create-extension', 'not-understood'],
  ...['lock', 'setting', 'guard', 'nothing', 'upkeep'],
];

/** True when the catalog shows what the statement does. */
export function showsInCatalog(statement: Statement, catalog: Catalog): boolean {
  return (
    statement.effects.length > 0 &&
    statement.effects.every(
      (effect) =>
        !ROWS.includes(effect.kind) &&
        isHere(effect, catalog) &&
        !(effect.kind === 'object' && isHidden(effect)),
    )
  );
}

/** Neighbouring cuts that all agree with the catalog. */
export interface Run {
  low: number;
  high: number;
}

/** Running it now would change nothing, so that the cuts before and after it are the same place. */
function isIdle(statement: Statement, catalog: Catalog): boolean {
  return (
    showsInCatalog(statement, catalog) && statement.effects.every(isAssertion) && holdsIn(statement, catalog)
  );
}

/**
 * The runs of cuts that agree with the catalog, in order. More than one when the step takes something away and puts
 * it back.
 */
export function fittingRuns(statements: readonly Statement[], catalog: Catalog): Run[] {
  const fits = trajectoryOf(statements, catalog).map((facts) => mismatches(catalog, facts).length === 0);
  for (let cut = statements.length - 1; cut >= 0; cut -= 1) {
    const next = statements[cut];
    if (next && isIdle(next, catalog) && !fits[cut + 1]) fits[cut] = false;
  }
  const runs: Run[] = [];
  fits.forEach((fit, cut) => {
    const last = runs.at(-1);
    if (fit && last?.high === cut - 1) last.high = cut;
    else if (fit) runs.push({ low: cut, high: cut });
  });
  return runs;
}

function factsAround(statement: Statement, catalog: Catalog) {
  const [before = new Map(), after = new Map()] = trajectoryOf([statement], catalog);
  return { before, after };
}

/** Verdicts when the catalog agrees with the cuts from `low` to `high`. */
export function byCut(
  statements: readonly Statement[],
  catalog: Catalog,
  { low, high }: Run,
): CatalogVerdict[] {
  return statements.map((statement, at) => {
    const number = at + 1;
    const { before, after } = factsAround(statement, catalog);
    const passed = number <= low;
    if (number > high) return { state: 'pending', reason: pendingBecause(catalog, before, after), passed };
    if (!showsInCatalog(statement, catalog)) return { state: 'ask', reason: '', passed };
    // Between the cuts the plan leaves open what it claims twice: then the statement's own claim decides.
    if (!passed && mismatches(catalog, after).length > 0) {
      return { state: 'pending', reason: pendingBecause(catalog, before, after), passed };
    }
    return { state: 'applied', reason: appliedBecause(catalog, before, after), passed };
  });
}

function tablesTouched(statement: Statement, catalog: Catalog): string[] {
  return statement.effects.flatMap((effect) => {
    if (effect.kind !== 'drop-index' && effect.kind !== 'rename-index' && effect.kind !== 'reindex')
      return tablesOfEffect(effect);
    const name = effect.kind === 'rename-index' ? effect.from : effect.name;
    const tables = Object.values(catalog.tables);
    return tables
      .filter((table) => table.indexes.some((index) => index.name === name))
      .map((table) => table.name);
  });
}

const CHANGEABLE = ['type', 'not-null', 'default'];

/**
 * What an earlier statement leaves, without what a later one of the step changes to exactly what is there: a column
 * that has its final type already is no reason to doubt the CREATE TABLE that gave it another.
 */
function lessFinal(after: Facts, later: readonly Facts[], catalog: Catalog): Facts {
  const reached = (fact: Fact): boolean =>
    CHANGEABLE.includes(fact.kind) &&
    later.some((facts) => {
      const known = facts.get(keyOf(fact));
      return known !== undefined && holds(catalog, known);
    });
  return new Map([...after].filter(([, fact]) => holds(catalog, fact) || !reached(fact)));
}

/** Judges each statement by itself, on the catalog as the pending ones before it will leave it. */
export function oneByOne(statements: readonly Statement[], catalog: Catalog): CatalogVerdict[] {
  const doubtful = new Map<string, number>();
  let now = catalog;
  let decided = 0;
  const cuts = trajectoryOf(statements, catalog);
  const verdicts = statements.map((statement, at): CatalogVerdict => {
    const touched = tablesTouched(statement, now);
    const doubt = touched
      .map((table) => [table, doubtful.get(table)] as const)
      .find(([, cause]) => cause !== undefined);
    if (doubt) {
      const reason = `It is about ${doubt[0]}, and with statement ${doubt[1] ?? 0} in conflict it is not clear which table that is.`;
      return { state: 'conflict', reason, passed: false };
    }
    if (!showsInCatalog(statement, catalog)) return { state: 'ask', reason: '', passed: false };
    const around = factsAround(statement, now);
    const before = around.before;
    const after = lessFinal(around.after, cuts.slice(at + 2), now);
    const changed = made(before, after).length > 0;
    if (mismatches(now, after).length === 0) {
      const early = mismatches(now, around.after).length > 0;
      if (early && statement.effects.some((effect) => effect.kind === 'create-table')) {
        return { state: 'ask', reason: conflictBecause(now, statement, before, around.after), passed: false };
      }
      if (changed && mismatches(now, before).length > 0) decided = Math.max(decided, statement.index);
      return { state: 'applied', reason: appliedBecause(now, before, after), passed: false };
    }
    if (mismatches(now, before).length === 0) {
      const reason = pendingBecause(now, before, after);
      now = applyEffects(now, statement.effects);
      return { state: 'pending', reason, passed: false };
    }
    for (const table of touched) doubtful.set(table, statement.index);
    return { state: 'conflict', reason: conflictBecause(now, statement, before, after), passed: false };
  });
  return verdicts.map((verdict, at) => ({ ...verdict, passed: (statements[at]?.index ?? 0) < decided }));
}

/** True when what the statement leaves is still so in another catalog. */
export function holdsIn(statement: Statement, catalog: Catalog): boolean {
  return mismatches(catalog, factsAround(statement, catalog).after).length === 0;
}

/** Rows or values that exist nowhere else may go with it. */
export function destroys(effect: Effect): boolean {
  return effect.kind === 'drop-table' || effect.kind === 'drop-column' || effect.kind === 'delete';
}
