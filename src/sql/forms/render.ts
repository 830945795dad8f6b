/** A mapping's expressions as SQL. */
import type { Node } from '@pgsql/types';
import { renderExpression } from '../parse-render.ts';
import { name } from '../risk/text.ts';
import { fold, type Known } from './fold.ts';
import { typeOf } from './kinds.ts';
import type { MappedColumn, Mapping } from './mapping.ts';
import { columnsOf, withColumns } from './nodes.ts';
import { rendered } from './unfit.ts';
import type { Binding } from './values.ts';

function expressionText(node: Node): string {
  return rendered(() => renderExpression(node), 'An expression');
}

function knownOf(mapping: Pick<Mapping, 'before' | 'bindings'>): Known {
  const types = new Map(mapping.before.columns.map((column) => [column.name, column.type] as const));
  const values = new Map(mapping.bindings.map((binding) => [binding.name, binding.value] as const));
  const known: Known = {
    type: (column) => {
      const value = values.get(column);
      return value ? typeOf(value, known.type) : (types.get(column) ?? null);
    },
    value: (column) => values.get(column) ?? null,
  };
  return known;
}

/** The type of a value of the mapping, as far as its text shows it. */
export function typeIn(mapping: Pick<Mapping, 'before' | 'bindings'>, value: Node): string | null {
  return typeOf(value, knownOf(mapping).type);
}

/**
 * The value as one expression over the original columns: what USING takes, where a value that is needed twice is
 * worked out twice, since it may hold no sub-select (manual, sql-altertable).
 * @throws {DoesNotFit} when it cannot be rendered faithfully
 */
export function wholeExpression(mapping: Pick<Mapping, 'before' | 'bindings'>, value: Node): string {
  const known = knownOf(mapping);
  const whole = (node: Node): Node =>
    withColumns(node, (column) => {
      const inner = known.value(column);
      return inner === null ? null : whole(inner);
    });
  return expressionText(fold(whole(value), known));
}

interface Level {
  bindings: Binding[];
}

/** How often each binding is named by what is needed; those that nothing needs are left out. */
function uses(bindings: readonly Binding[], outputs: readonly Node[]): Map<string, number> {
  const counts = new Map<string, number>();
  const byName = new Map(bindings.map((binding) => [binding.name, binding]));
  const visit = (node: Node): void => {
    for (const column of columnsOf(node)) {
      const binding = byName.get(column);
      if (!binding) continue;
      const seen = counts.get(column) ?? 0;
      counts.set(column, seen + 1);
      if (seen === 0) visit(binding.value);
    }
  };
  outputs.forEach(visit);
  return counts;
}

/** Bindings named more than once are worked out once, in a sub-select; the others stand where they are used. */
function levelsOf(
  bindings: readonly Binding[],
  outputs: readonly Node[],
): { levels: Level[]; inline: (node: Node) => Node } {
  const counts = uses(bindings, outputs);
  const inlined = new Map<string, Node>();
  const inline = (node: Node): Node => withColumns(node, (column) => inlined.get(column) ?? null);
  const depth = new Map<string, number>();
  const levels: Level[] = [];
  for (const binding of bindings) {
    const count = counts.get(binding.name) ?? 0;
    if (count === 0) continue;
    const value = inline(binding.value);
    if (count === 1) {
      inlined.set(binding.name, value);
      continue;
    }
    const below = columnsOf(value).map((column) => depth.get(column) ?? 0);
    const level = 1 + Math.max(0, ...below);
    depth.set(binding.name, level);
    (levels[level - 1] ??= { bindings: [] }).bindings.push({ name: binding.name, value });
  }
  return { levels, inline };
}

const indented = (text: string): string => text.replaceAll('\n', '\n  ');

/**
 * `SELECT value AS column, … FROM source`, with values that are needed several times worked out in a sub-select.
 * OFFSET 0 keeps the server from taking sub-selects apart again, which would work them out at every place
 * (is_simple_subquery in prepjointree.c).
 * @param dressed what stands in the list of a column, given the expression itself
 * @throws {DoesNotFit}
 */
export function selectSql(
  mapping: Pick<Mapping, 'columns' | 'bindings'>,
  source: string,
  dressed: (column: MappedColumn, sql: string) => string = (_column, sql) => sql,
): string {
  const outputs = mapping.columns.filter(({ generated }) => !generated);
  const { levels, inline } = levelsOf(
    mapping.bindings,
    outputs.map(({ value }) => value),
  );
  const tops = outputs.map((column) => ({ name: column.name, value: inline(column.value) }));
  let needed = new Set(tops.flatMap(({ value }) => columnsOf(value)));
  let sql = outputs
    .map((column, at) => named(column.name, dressed(column, expressionText(tops[at]?.value ?? column.value))))
    .join(',\n  ');
  let tail = source;
  const around: string[] = [];
  for (const level of [...levels].reverse()) {
    const here = new Set(level.bindings.map((binding) => binding.name));
    const passed = [...needed].filter((column) => !here.has(column));
    around.push(sql);
    sql = [...passed.map((column) => name(column)), ...level.bindings.map(asColumn)].join(',\n  ');
    needed = new Set([...passed, ...level.bindings.flatMap(({ value }) => columnsOf(value))]);
  }
  tail = `SELECT\n  ${sql}\nFROM ${source}`;
  for (const [at, outer] of around.reverse().entries()) {
    tail = `SELECT\n  ${outer}\nFROM (\n  ${indented(`${tail}\nOFFSET 0`)}\n) AS worked_out${at === 0 ? '' : `_${at + 1}`}`;
  }
  return tail;
}

function asColumn({ name: column, value }: { name: string; value: Node }): string {
  return named(column, expressionText(value));
}

function named(column: string, text: string): string {
  return text === column || text === name(column) ? name(column) : `${text} AS ${name(column)}`;
}
