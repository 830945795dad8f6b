/**
 * What is known about the catalog at every cut of a step: cut k lies after k statements. Knowledge goes forward from
 * what a statement leaves and backward from what a later one needs, until a statement changes the fact.
 */
import { goesWithTable, objectTouches, underTableName } from '../objects/facts.ts';
import { isHere } from '../symbolic.ts';
import type { Catalog, Effect, Statement } from '../types.ts';
import { keyOf, type Fact, type Facts } from './facts.ts';
import { isAssertion, isConditional, requirementsOf } from './requirements.ts';

/** A fact with the statement that established it, and what it was called there. */
interface Known extends Fact {
  origin: number;
  originKey: string;
}

type Knowledge = Map<string, Known>;

const COLUMN_KINDS = ['column', 'type', 'not-null', 'default'];

function isIndexFact(fact: Fact): boolean {
  return fact.kind.startsWith('index');
}

/** The same fact under the names that hold on the other side of a rename. */
function moved(fact: Known, effect: Effect, backward: boolean, schema: string): Known {
  if (effect.kind === 'rename-table') {
    const [from, to] = backward ? [effect.to, effect.from] : [effect.from, effect.to];
    if (fact.kind === 'index-of') return fact.value === from ? { ...fact, value: to } : fact;
    if (fact.ref) return underTableName(fact, from, to, schema);
    return fact.table === from ? { ...fact, table: to } : fact;
  }
  if (effect.kind === 'rename-column') {
    const [from, to] = backward ? [effect.to, effect.from] : [effect.from, effect.to];
    if (fact.table !== effect.table) return fact;
    const over = fact.over?.map((name) => (name === from ? to : name));
    if (over) return { ...fact, over };
    return COLUMN_KINDS.includes(fact.kind) && fact.name === from ? { ...fact, name: to } : fact;
  }
  if (effect.kind === 'rename-index' || effect.kind === 'rename-constraint') {
    const [from, to] = backward ? [effect.to, effect.from] : [effect.from, effect.to];
    const here =
      effect.kind === 'rename-index'
        ? isIndexFact(fact)
        : fact.kind === 'constraint' && fact.table === effect.table;
    return here && fact.name === from ? { ...fact, name: to } : fact;
  }
  return fact;
}

/** True for what was known under the name that a rename takes: it was, or will be, about something else. */
function displaced(fact: Fact, effect: Effect, backward: boolean): boolean {
  if (effect.kind === 'rename-table') return fact.table === (backward ? effect.from : effect.to);
  if (effect.kind !== 'rename-column') return false;
  const name = backward ? effect.from : effect.to;
  return fact.table === effect.table && COLUMN_KINDS.includes(fact.kind) && fact.name === name;
}

/** With CASCADE go foreign keys of other tables, triggers, views; which they are is not known from the statement. */
const takesAlong = (effect: Effect, fact: Fact): boolean =>
  'cascade' in effect &&
  effect.cascade &&
  ['constraint', 'object'].includes(fact.kind) &&
  fact.value === 'present';

/** A key brings an index of its name, and takes it along (manual, sql-createtable, UNIQUE). */
const isIndexOf = (fact: Fact, constraint: string | null): boolean =>
  isIndexFact(fact) && fact.name === constraint;

/** True when the effect may change the fact, so that what held before says nothing about after, and the reverse. */
function touches(effect: Effect, fact: Fact, indexesOnTable: ReadonlySet<string>, schema: string): boolean {
  if ((effect.kind === 'create-table' || effect.kind === 'drop-table') && goesWithTable(fact, effect.table))
    return true;
  if (takesAlong(effect, fact)) return true;
  if (effect.kind === 'object') return objectTouches(effect, fact, schema);
  switch (effect.kind) {
    case 'create-table':
    case 'drop-table':
      return (
        (fact.table === effect.table && !isIndexFact(fact)) ||
        (isIndexFact(fact) && indexesOnTable.has(fact.name))
      );
    case 'add-column':
      return (
        fact.table === effect.table && COLUMN_KINDS.includes(fact.kind) && fact.name === effect.column.name
      );
    case 'drop-column': {
      const own =
        fact.table === effect.table && COLUMN_KINDS.includes(fact.kind) && fact.name === effect.column;
      // With a column go the constraints over it.
      const constraint =
        (fact.kind === 'constraint' || fact.kind === 'validated') &&
        fact.table === effect.table &&
        (fact.over === undefined || fact.over.includes(effect.column));
      return own || constraint || (isIndexFact(fact) && indexesOnTable.has(fact.name));
    }
    case 'set-not-null':
    case 'drop-not-null':
      return fact.kind === 'not-null' && fact.table === effect.table && fact.name === effect.column;
    case 'set-default':
    case 'drop-default':
      return fact.kind === 'default' && fact.table === effect.table && fact.name === effect.column;
    case 'alter-type':
      return fact.kind === 'type' && fact.table === effect.table && fact.name === effect.column;
    case 'add-constraint':
      return (
        ((fact.kind === 'constraint' ||
          fact.kind === 'validated' ||
          (effect.type === 'p' && fact.kind === 'not-null')) &&
          fact.table === effect.table) ||
        isIndexOf(fact, effect.name)
      );
    case 'drop-constraint':
      return (
        ((fact.kind === 'constraint' || fact.kind === 'validated') &&
          fact.table === effect.table &&
          fact.name === effect.name) ||
        isIndexOf(fact, effect.name)
      );
    case 'validate-constraint':
      return fact.kind === 'validated' && fact.table === effect.table && fact.name === effect.name;
    case 'reindex':
      return fact.kind === 'index' && fact.name === effect.name;
    case 'create-index':
    case 'drop-index':
      return isIndexFact(fact) && fact.name === effect.name;
    case 'rename-column':
      return fact.kind === 'index-over' && indexesOnTable.has(fact.name);
    default:
      return false;
  }
}

/** Indexes that are there and of which no statement says on which table, such as one that is only renamed. */
function ofSomeTable(facts: readonly Fact[]): Fact[] {
  const placed = new Set(facts.filter(({ kind }) => kind === 'index-of').map(({ name }) => name));
  return facts.filter((fact) => isIndexFact(fact) && fact.value !== 'absent' && !placed.has(fact.name));
}

/** Indexes on the table the effect is about that it may concern: with a column go those over it alone. */
function indexesOn(knowledge: Knowledge, effect: Effect): Set<string> {
  const table = 'table' in effect ? effect.table : null;
  const facts = [...knowledge.values()];
  const names = facts.filter((fact) => fact.kind === 'index-of' && fact.value === table);
  const column = effect.kind === 'drop-column' ? effect.column : null;
  const elsewhere = facts.filter(
    ({ kind, value }) =>
      kind === 'index-over' && column !== null && !(JSON.parse(value) as unknown[]).includes(column),
  );
  const spared = new Set(elsewhere.map((fact) => fact.name));
  return new Set(
    [...names, ...ofSomeTable(facts)].map((fact) => fact.name).filter((name) => !spared.has(name)),
  );
}

/** Moves what is known across an effect, forgetting what the effect may change. */
function across(knowledge: Knowledge, effect: Effect, backward: boolean, schema: string): Knowledge {
  const onTable = indexesOn(knowledge, effect);
  const kept: Knowledge = new Map();
  for (const [key, fact] of knowledge) {
    if (touches(effect, fact, onTable, schema) || displaced(fact, effect, backward)) continue;
    const next = moved(fact, effect, backward, schema);
    kept.set(next === fact ? key : keyOf(next), next);
  }
  return kept;
}

function learn(
  knowledge: Knowledge,
  facts: readonly Fact[],
  origin: number,
  skip: ReadonlySet<string>,
): void {
  for (const fact of facts) {
    const key = keyOf(fact);
    if (skip.has(`${origin}:${key}`)) continue;
    const old = knowledge.get(key);
    // A fact that merely goes on keeps the statement that established it.
    if (old?.value !== fact.value) knowledge.set(key, { ...fact, origin, originKey: key });
  }
}

/** What an assertion claims that an earlier statement has claimed: it reckons with that not being so. */
function repeated(
  knowledge: Knowledge,
  effect: Effect,
  after: readonly Fact[],
  at: number,
  schema: string,
): string[] {
  if (!isAssertion(effect) || isConditional(effect)) return [];
  return after.flatMap((fact) => {
    const known = knowledge.get(keyOf(fact));
    const claimed =
      known !== undefined &&
      known.origin >= 0 &&
      known.origin < at &&
      touches(effect, fact, new Set(), schema);
    return claimed && known.value === fact.value ? [`${known.origin}:${known.originKey}`] : [];
  });
}

interface Pass {
  cuts: Knowledge[];
  /** IF EXISTS and IF NOT EXISTS that are known to find nothing to do. */
  idle: Set<Effect>;
}

/** IF NOT EXISTS about something that is known to be absent is as good as not written: everything it declares holds. */
function decided(effect: Effect, knowledge: Knowledge, catalog: Catalog): Effect {
  if (!('ifNotExists' in effect) || !effect.ifNotExists) return effect;
  const made = requirementsOf(effect, catalog).after.at(-1);
  const absent = made !== undefined && knowledge.get(keyOf(made))?.value === 'absent';
  return absent ? { ...effect, ifNotExists: false } : effect;
}

function forward(statements: readonly Statement[], catalog: Catalog, skip: Set<string>): Pass {
  let now: Knowledge = new Map();
  const pass: Pass = { cuts: [now], idle: new Set() };
  statements.forEach((statement, at) => {
    for (const effect of statement.effects.filter((one) => isHere(one, catalog))) {
      const { before, after } = requirementsOf(decided(effect, now, catalog), catalog);
      if (isConditional(effect) && after.every((fact) => now.get(keyOf(fact))?.value === fact.value)) {
        pass.idle.add(effect);
        continue;
      }
      for (const doubted of repeated(now, effect, after, at, catalog.schema)) skip.add(doubted);
      learn(now, before, -1, skip);
      now = across(now, effect, false, catalog.schema);
      learn(now, after, at, skip);
    }
    now = new Map(now);
    pass.cuts.push(now);
  });
  return pass;
}

function backward(
  statements: readonly Statement[],
  catalog: Catalog,
  idle: ReadonlySet<Effect>,
): Knowledge[] {
  let now: Knowledge = new Map();
  const cuts = [now];
  for (const statement of [...statements].reverse()) {
    const effects = statement.effects.filter((one) => isHere(one, catalog) && !idle.has(one));
    for (const effect of effects.reverse()) {
      now = across(now, effect, true, catalog.schema);
      for (const fact of requirementsOf(effect, catalog).before) {
        now.set(keyOf(fact), { ...fact, origin: -1, originKey: '' });
      }
    }
    now = new Map(now);
    cuts.unshift(now);
  }
  return cuts;
}

/**
 * The facts known at each of the n + 1 cuts of the statements. Where a later statement only makes sure of what an
 * earlier one claims (`SET DEFAULT` after `CREATE TABLE … DEFAULT`), the earlier claim is left open: the runbook
 * itself reckons with a database in which it does not hold.
 */
export function trajectoryOf(statements: readonly Statement[], catalog: Catalog): Facts[] {
  const doubted = new Set<string>();
  forward(statements, catalog, doubted);
  const { cuts, idle } = forward(statements, catalog, doubted);
  const needed = backward(statements, catalog, idle);
  return cuts.map((facts, at) => new Map<string, Fact>([...(needed[at] ?? []), ...facts]));
}
