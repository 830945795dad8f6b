/** What one assigned value does: whether it can be computed, whether it fits its column, whether it is made up. */
import type { Node } from '@pgsql/types';
import { assignCheck, isString } from '../castable.ts';
import type { ContentColumn, Fact } from '../contents.ts';
import { factOf, isConstant, isGiven, isNull, maxLength, type Known } from './facts.ts';
import { words, type Guard, type Hazard } from './guard.ts';
import { constantText, makings } from './invented.ts';
import { all, noneOf, rowsOf } from './text.ts';
import type { Findings } from './findings.ts';
import type { Probe } from './rows.ts';

export interface Assigned {
  column: ContentColumn;
  node: Node;
}

export interface Value {
  /** SQL of what the column will hold, of the column's own type, which cannot raise. */
  sql: string;
  fact: Fact;
  probes: Probe[];
  gaps: string[];
}

/** What a value's surroundings say about it. */
export interface Setting {
  guard: Guard;
  types: ReadonlyMap<object, string>;
  known: Known;
  version: number;
  findings: Findings;
  /** What the row held before an UPDATE: a constant invents something only where that is NULL. Null: a new row. */
  before: (column: ContentColumn) => string | null;
  /** A constant that a later statement of the plan replaces is only a stop on the way. */
  replaced: (column: ContentColumn) => boolean;
}

/** What a hazard means for the operator. */
export function hazardProbe(hazard: Hazard, column: string, findings: Findings): Probe {
  const { what } = hazard;
  if (hazard.kind === 'unsure') {
    return {
      condition: hazard.test,
      keys: false,
      found: (rows) => findings.unchecked(what, `${rowsOf(rows)} may fail.`),
    };
  }
  if (hazard.kind === 'cut') {
    const say = (rows: number) => `${what} in ${rowsOf(rows)}: the rest would be cut off without an error.`;
    return { condition: hazard.test, keys: false, found: (rows) => findings.atRisk(rows, say(rows), column) };
  }
  const say = (rows: number) => `${what} in ${rowsOf(rows)}: the statement would stop there with an error.`;
  return {
    condition: hazard.test,
    keys: true,
    found: (rows, keys) => findings.failing('cast', column, rows, keys, say(rows)),
  };
}

function fitting(
  assigned: Assigned,
  raw: string,
  setting: Setting,
): { ok: string | null; probe: Probe | null; gap: string | null } {
  const { node, column } = assigned;
  const limit = isString(column.type) ? Number(/\((\d+)\)/.exec(column.type)?.[1] ?? Infinity) : Infinity;
  const literal = isConstant(node) && !isString(column.type);
  if (isNull(node) || literal || (limit < Infinity && maxLength(node, setting.known) <= limit)) {
    return { ok: null, probe: null, gap: null };
  }
  const from = setting.types.get(node) ?? 'text';
  const check = assignCheck(from, column.type, `(${raw})`, setting.version);
  if (check.kind === 'gap')
    return { ok: null, probe: null, gap: `whether ${words(node)} fits ${column.name}: ${check.why}` };
  if (check.kind !== 'test' && check.kind !== 'unsure') return { ok: null, probe: null, gap: null };
  const long = check.kind === 'test' && check.long === true;
  const what = long
    ? `is longer than ${column.name} allows (${column.type})`
    : `is no value for ${column.name} (${column.type})`;
  const say = (rows: number) =>
    `${words(node)} ${what} in ${rowsOf(rows)}: the statement would stop there with an error.`;
  const probe: Probe = {
    condition: `(${check.ok}) IS FALSE`,
    keys: true,
    found: (rows, keys) =>
      setting.findings.failing(long ? 'length' : 'cast', column.name, rows, keys, say(rows)),
  };
  // What is too long is cut by the cast below, which raises nothing.
  return { ok: long ? null : check.ok, probe, gap: null };
}

/** Looks at one assignment. Statements are rendered in the order given: what is found belongs to this column. */
export function valueOf(assigned: Assigned, setting: Setting): Value {
  const { node, column } = assigned;
  const { guard, findings, known } = setting;
  guard.take();
  const raw = guard.sql(node);
  const hazards = guard.take();
  const gaps = [...guard.gaps];
  guard.gaps.clear();
  const fit = fitting(assigned, raw, setting);
  if (fit.gap) gaps.push(fit.gap);
  const raising = hazards.filter((hazard) => hazard.kind !== 'cut').map((hazard) => hazard.test);
  const wrong = fit.probe ? [...raising, fit.probe.condition] : raising;
  const probes = hazards.map((hazard) => hazardProbe(hazard, column.name, findings));
  if (fit.probe) probes.push({ ...fit.probe, condition: all([fit.probe.condition, noneOf(raising)]) });
  const sql = `CAST(${fit.ok === null ? raw : `CASE WHEN ${fit.ok} THEN ${raw} END`} AS ${column.type})`;
  const fact = factOf(node, known);
  if (column.notNull && fact !== 'filled') {
    const say = (rows: number) =>
      `${words(node)} is NULL in ${rowsOf(rows)}, and ${column.name} must not be NULL.`;
    probes.push({
      condition: all([`(${raw}) IS NULL`, noneOf(wrong)]),
      keys: true,
      found: (rows, keys) => findings.failing('not-null', column.name, rows, keys, say(rows)),
    });
  }
  const before = setting.before(column);
  const whole = { condition: before === null ? 'true' : `${before} IS NULL`, value: '' };
  const made = !isGiven(node)
    ? makings(node, (part) => guard.sql(part), guard.made)
    : setting.replaced(column)
      ? []
      : [{ ...whole, value: constantText(node) }];
  for (const { condition, value } of made) {
    probes.push({
      condition: all([condition, noneOf(wrong)]),
      keys: false,
      found: (rows) => findings.invented(column.name, value, rows),
    });
  }
  guard.take();
  return { sql, fact: fact === 'filled' && fit.ok !== null ? 'open' : fact, probes, gaps };
}
