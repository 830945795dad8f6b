/** The names that the columns of a SELECT have. */
import type { Node } from '@pgsql/types';

/** Of a UNION those of its first arm. Null when one has no plain name. */
export function outputNames(tree: Node): string[] | null {
  if (!('SelectStmt' in tree)) return null;
  let select = tree.SelectStmt;
  while (select.larg) select = select.larg;
  const found = (select.targetList ?? []).map((node) => {
    if (!('ResTarget' in node)) return null;
    const { name, val } = node.ResTarget;
    if (name) return name;
    const last = val && 'ColumnRef' in val ? val.ColumnRef.fields?.at(-1) : undefined;
    return last && 'String' in last ? (last.String.sval ?? null) : null;
  });
  return found.includes(null) ? null : (found as string[]);
}
