/** Bounds of partitions: as a statement writes them, and whether the server's spelling of one means the same. */
import type { Node, PartitionBoundSpec } from '@pgsql/types';
import { expressionText } from '../parse-render.ts';
import { parseOne } from '../parse.ts';

/** FROM (MINVALUE) and TO (MAXVALUE) read as columns until the server looks at them. */
function limitOf(node: Node): string | null {
  if (!('ColumnRef' in node)) return null;
  const [field] = node.ColumnRef.fields ?? [];
  const word = field && 'String' in field ? (field.String.sval ?? '').toUpperCase() : '';
  return word === 'MINVALUE' || word === 'MAXVALUE' ? word : null;
}

const texts = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).map((node) => limitOf(node) ?? expressionText(node));

const isRange = ({ strategy }: PartitionBoundSpec): boolean => strategy === 'r';

/** As ATTACH PARTITION takes it: `FOR VALUES FROM (1) TO (10)`, `DEFAULT`. */
export function boundText(bound: PartitionBoundSpec): string {
  if (bound.is_default) return 'DEFAULT';
  if (bound.strategy === 'h')
    return `FOR VALUES WITH (modulus ${bound.modulus ?? 0}, remainder ${bound.remainder ?? 0})`;
  if (isRange(bound))
    return `FOR VALUES FROM (${texts(bound.lowerdatums).join(', ')}) TO (${texts(bound.upperdatums).join(', ')})`;
  return `FOR VALUES IN (${texts(bound.listdatums).join(', ')})`;
}

/** What a constant says, whatever its type is written as; null for what has to be computed. */
function constant(node: Node): string | null {
  const limit = limitOf(node);
  if (limit !== null) return limit;
  if ('TypeCast' in node) return node.TypeCast.arg ? constant(node.TypeCast.arg) : null;
  if (!('A_Const' in node)) return null;
  const { isnull, ival, fval, sval, boolval } = node.A_Const;
  if (isnull) return 'NULL';
  if (sval) return `'${sval.sval ?? ''}`;
  if (fval) return `'${fval.fval ?? ''}`;
  if (boolval) return `'${String(boolval.boolval === true)}`;
  return ival ? `'${ival.ival ?? 0}` : null;
}

/** A day is its midnight; what follows it the server adds for the type of the key. */
const MIDNIGHT = /^ 00:00:00([+-]\d\d(:\d\d)?)?$/;

function sameValue(written: Node, found: Node): boolean {
  const [one, other] = [constant(written), constant(found)];
  if (one === null || other === null) return false;
  if (one === other) return true;
  if (!other.startsWith(one) || !/^'\d{4}-\d\d-\d\d/.test(one)) return false;
  const rest = other.slice(one.length);
  return MIDNIGHT.test(rest) || (/ \d\d:\d\d:\d\d/.test(one) && /^[+-]\d\d(:\d\d)?$/.test(rest));
}

function boundOf(text: string): PartitionBoundSpec | null {
  try {
    const tree = parseOne(`ALTER TABLE p ATTACH PARTITION c ${text}`);
    const [command] = 'AlterTableStmt' in tree ? (tree.AlterTableStmt.cmds ?? []) : [];
    const def = command && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
    return def && 'PartitionCmd' in def ? (def.PartitionCmd.bound ?? null) : null;
  } catch {
    return null;
  }
}

const all = (one: readonly Node[] = [], other: readonly Node[] = []): boolean =>
  one.length === other.length && one.every((node, at) => sameValue(node, other[at]!));

/** The order of a list says nothing. */
const some = (one: readonly Node[] = [], other: readonly Node[] = []): boolean =>
  one.length === other.length && one.every((node) => other.some((two) => sameValue(node, two)));

/**
 * Whether they are one bound for certain. Dates and times are compared as text: one that is written in another way than
 * the server writes it counts as another.
 *
 * @param written as {@link boundText} has it
 * @param found as pg_get_expr writes pg_class.relpartbound
 */
export function sameBound(written: string, found: string): boolean {
  if (written === found) return true;
  const [one, other] = [boundOf(written), boundOf(found)];
  if (!one || !other || (one.is_default ?? false) !== (other.is_default ?? false)) return false;
  if (one.is_default) return true;
  if (one.strategy !== other.strategy) return false;
  if (one.strategy === 'h')
    return one.modulus === other.modulus && (one.remainder ?? 0) === (other.remainder ?? 0);
  if (isRange(one)) return all(one.lowerdatums, other.lowerdatums) && all(one.upperdatums, other.upperdatums);
  return some(one.listdatums, other.listdatums);
}
