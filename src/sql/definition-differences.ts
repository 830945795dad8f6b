/** What is different between two definitions of a table, in sentences. Pure. */
import type { TableDefinition } from './definition.ts';
import { factsOf, type Facts } from './definition-differences/facts.ts';

export interface DifferenceOptions {
  /** The order of the columns counts too. */
  columnOrder?: boolean;
}

/**
 * What an operator would want to know before calling the two the same: one sentence each, empty when there is none.
 * Sizes, estimates and oids say nothing, nor does the order of columns unless asked for. Schema and name of the table
 * itself may differ; everything it says of itself is then compared as if they were the same.
 */
export function differences(
  before: TableDefinition,
  after: TableDefinition,
  options: DifferenceOptions = {},
): string[] {
  const renamed = before.name !== after.name || before.schema !== after.schema;
  const [was, is] = [factsOf(before, renamed), factsOf(after, renamed)];
  const found = [...missing(was, is, 'is gone'), ...missing(is, was, 'is new'), ...changed(was, is)];
  if (options.columnOrder) found.push(...order(before, after));
  return found.map((sentence) => `${after.name}: ${sentence}.`);
}

/** As {@link differences}, over the tables of a schema: those of one name are compared, the others are gone or new. */
export function allDifferences(
  before: readonly TableDefinition[],
  after: readonly TableDefinition[],
  options: DifferenceOptions = {},
): string[] {
  const later = new Map(after.map((table) => [table.name, table]));
  const earlier = new Set(before.map(({ name }) => name));
  return [
    ...before.flatMap((table) => {
      const now = later.get(table.name);
      return now ? differences(table, now, options) : [`${table.name}: the table is gone.`];
    }),
    ...after.filter(({ name }) => !earlier.has(name)).map(({ name }) => `${name}: the table is new.`),
  ];
}

/** `column price` of `column price: type`; null for what is said of the table itself. */
function part(about: string): string | null {
  const at = about.lastIndexOf(': ');
  return at < 0 ? null : about.slice(0, at);
}

function partsOf(facts: Facts): Set<string> {
  return new Set([...facts.keys()].flatMap((about) => part(about) ?? []));
}

function missing(from: Facts, to: Facts, words: string): string[] {
  const there = partsOf(to);
  return [...partsOf(from)].filter((about) => !there.has(about)).map((about) => `${about} ${words}`);
}

function changed(was: Facts, is: Facts): string[] {
  return [...was].flatMap(([about, value]) => {
    const now = is.get(about);
    if (now === undefined || now === value) return [];
    return [`${about} is ${now || 'none'}, was ${value || 'none'}`];
  });
}

function order(before: TableDefinition, after: TableDefinition): string[] {
  const names = (table: TableDefinition, other: TableDefinition): string[] =>
    table.columns
      .map(({ name }) => name)
      .filter((name) => other.columns.some((column) => column.name === name));
  const [was, is] = [names(before, after), names(after, before)];
  if (was.join('\0') === is.join('\0')) return [];
  return [`the columns are in the order ${is.join(', ')}, they were in the order ${was.join(', ')}`];
}
