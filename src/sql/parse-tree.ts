/** Looking around in a parse tree. */
import type { Node, RangeVar } from '@pgsql/types';

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Visits every node below (and including) a value of a parse tree, parents first. Nodes whose kind the tree leaves
 * out (a bare `RangeVar` field) are visited under the field's name.
 *
 * @param visit returns false to leave out what is below
 */
export function walk(value: unknown, visit: (kind: string, fields: Fields) => boolean | void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
  } else if (isFields(value)) {
    for (const key in value) {
      const below = value[key];
      if (isFields(below) && visit(key, below) === false) continue;
      walk(below, visit);
    }
  }
}

/** The texts of a list of String nodes. */
export function textsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []));
}

/** The name behind a possibly qualified object in a DROP or COMMENT: `[name]` or `[schema, name]`. */
export function nameParts(node: Node | undefined): string[] {
  if (!node) return [];
  if ('List' in node) return textsOf(node.List.items);
  return 'String' in node ? [node.String.sval ?? ''] : [];
}

/** A table as a statement names it: `t`, or `s.t` when qualified. */
export function tableText(range: Pick<RangeVar, 'schemaname' | 'relname'>): string {
  return range.schemaname ? `${range.schemaname}.${range.relname ?? ''}` : (range.relname ?? '');
}

/** Names that WITH introduces anywhere in the statement: they look like tables and are none. */
export function cteNames(tree: unknown): Set<string> {
  const names = new Set<string>();
  walk(tree, (kind, fields) => {
    if (kind === 'CommonTableExpr' && typeof fields.ctename === 'string') names.add(fields.ctename);
  });
  return names;
}

/** Every table that is read below a value, in order of appearance, each once. */
export function tablesIn(tree: unknown, ctes: ReadonlySet<string> = cteNames(tree)): string[] {
  const found = new Set<string>();
  walk(tree, (kind, fields) => {
    if (kind !== 'RangeVar' || typeof fields.relname !== 'string') return;
    const schemaname = typeof fields.schemaname === 'string' ? fields.schemaname : undefined;
    if (schemaname === undefined && ctes.has(fields.relname)) return;
    found.add(tableText({ schemaname, relname: fields.relname }));
  });
  return [...found];
}

/** Every function that is called below a value: `f`, or `s.f` when qualified with a schema but pg_catalog. */
export function functionsIn(tree: unknown): string[] {
  const found = new Set<string>();
  walk(tree, (kind, fields) => {
    if (kind !== 'FuncCall' || !Array.isArray(fields.funcname)) return;
    const parts = textsOf(fields.funcname as Node[]);
    found.add((parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.'));
  });
  return [...found];
}

/** The columns named below a value, as `['c']` or `['alias', 'c']`; `*` is left out. */
export function columnsIn(tree: unknown): string[][] {
  const found: string[][] = [];
  walk(tree, (kind, fields) => {
    if (kind !== 'ColumnRef' || !Array.isArray(fields.fields)) return;
    const nodes = fields.fields as Node[];
    if (nodes.every((node) => 'String' in node)) found.push(textsOf(nodes));
  });
  return found;
}

const PLACE = /^(location|.*_(location|start|end)|stmt_len)$/;
const places = new Map<string, boolean>();

/** Whether a field says where in the text something stood. There are few names of fields: each is judged once. */
function isPlace(key: string): boolean {
  let is = places.get(key);
  if (is === undefined) places.set(key, (is = PLACE.test(key)));
  return is;
}

/** Whether two trees are the same but for the places in the text, whatever the order of their fields. */
export function sameTree(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, at) => sameTree(item, other[at]));
  }
  if (!isFields(one)) return one === other;
  if (!isFields(other)) return false;
  for (const key of Object.keys(one)) if (!isPlace(key) && !sameTree(one[key], other[key])) return false;
  for (const key of Object.keys(other))
    if (other[key] !== undefined && one[key] === undefined && !isPlace(key)) return false;
  return true;
}

/** A copy without the places in the text and with its fields in order, so that two trees can be compared. */
export function withoutLocations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLocations);
  if (!isFields(value)) return value;
  const kept = Object.entries(value)
    .filter(([key]) => !isPlace(key))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(kept.map(([key, below]) => [key, withoutLocations(below)]));
}
