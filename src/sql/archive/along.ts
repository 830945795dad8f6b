/** Rows of other tables that foreign keys delete or change along with those that a step deletes. Pure. */
import type { Node } from '@pgsql/types';
import type { Attachment } from '../../postgres/types.ts';
import { deletionOf } from '../deletion.ts';
import { textsOf } from '../parse-tree.ts';
import type { Statement } from '../types.ts';
import type { Flow, Followed } from './follow.ts';

/** As src/postgres/attachments says it of a key that does more than refuse. */
const ACTS = /\bON DELETE\b/;

/** `FOREIGN KEY (a) REFERENCES b(c)`, as pg_get_constraintdef writes it; of one column each. */
const KEY = /^FOREIGN KEY \(("(?:[^"]|"")+"|[^",\s]+)\) REFERENCES [^(]+\(("(?:[^"]|"")+"|[^",\s]+)\)/;

const plain = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;

/** Without places in the text, of which the same condition has others. */
const same = (one: unknown, other: unknown): boolean => {
  const spelled = (value: unknown): string =>
    JSON.stringify(value, (key, inner: unknown) => (key === 'location' ? undefined : inner));
  return spelled(one) === spelled(other);
};

const columnOf = (node: Node | undefined): string | null =>
  node && 'ColumnRef' in node ? textsOf(node.ColumnRef.fields).join('.') : null;

/** `column IN (SELECT key FROM table WHERE condition)` and nothing else. */
function picks(
  where: Node | undefined,
  { column, key, table, condition }: { column: string; key: string; table: string; condition: Node },
): boolean {
  if (!where || !('SubLink' in where)) return false;
  const { subLinkType, testexpr, subselect } = where.SubLink;
  if (subLinkType !== 'ANY_SUBLINK' || columnOf(testexpr) !== column) return false;
  if (!subselect || !('SelectStmt' in subselect)) return false;
  const { targetList = [], fromClause = [], whereClause, ...rest } = subselect.SelectStmt;
  const [target] = targetList;
  const [from] = fromClause;
  const plainSelect = Object.entries(rest).every(([name]) => ['limitOption', 'op'].includes(name));
  return (
    plainSelect &&
    targetList.length === 1 &&
    fromClause.length === 1 &&
    target !== undefined &&
    'ResTarget' in target &&
    columnOf(target.ResTarget.val) === key &&
    from !== undefined &&
    'RangeVar' in from &&
    from.RangeVar.relname === table &&
    same(whereClause, condition)
  );
}

/** Whether the rows that this key would take along were deleted, and kept, by an earlier statement of the step. */
function goneBefore(name: string, table: Followed, flow: Flow, pending: readonly Statement[]): boolean {
  const pointing = flow.tables.filter(({ definition }) =>
    definition.constraints.some((one) => one.type === 'f' && one.name === name),
  );
  const [other] = pointing;
  const key = other?.definition.constraints.find((one) => one.type === 'f' && one.name === name);
  const [, column = '', referred = ''] = KEY.exec(key?.definition ?? '') ?? [];
  if (pointing.length !== 1 || !other || column === '' || table.truncated) return false;
  const statements = (indexes: readonly number[]): Statement[] =>
    pending.filter(({ index }) => indexes.includes(index));
  const earlier = statements(other.deletes);
  return statements(table.deletes).every((statement) => {
    const condition = deletionOf(statement, table.definition.name)?.whereClause;
    if (!condition) return false;
    const wanted = { column: plain(column), key: plain(referred), table: table.definition.name, condition };
    return earlier.some(
      (one) =>
        pending.indexOf(one) < pending.indexOf(statement) &&
        picks(deletionOf(one, other.definition.name)?.whereClause, wanted),
    );
  });
}

/** Whether foreign keys of other tables may delete or change rows there that nobody has kept. */
export function takesAlong(
  table: Followed,
  keys: readonly Attachment[],
  flow: Flow,
  pending: readonly Statement[],
): boolean {
  if (table.deletes.length === 0 || table.truncated) return false;
  return keys.some(({ name, detail }) => ACTS.test(detail) && !goneBefore(name, table, flow, pending));
}
