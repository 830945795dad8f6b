/** Values that a step writes and that are not those the column once had, as far as its SQL tells. */
import type { Node } from '@pgsql/types';
import type { ColumnSpec, Plan, Statement } from '../../sql/types.ts';
import { assignmentsOf, constantForNull, type Assignment } from './assigned.ts';
import type { Finding } from './types.ts';

const bare = (node: Node): Node => ('TypeCast' in node && node.TypeCast.arg ? bare(node.TypeCast.arg) : node);

/** The column that a value is, cast or not: `metadata`, `t.metadata::jsonb`. */
function columnOf(node: Node): string | null {
  const inner = bare(node);
  const last = 'ColumnRef' in inner ? inner.ColumnRef.fields?.at(-1) : undefined;
  return last && 'String' in last ? (last.String.sval ?? null) : null;
}

/** `metadata->>'k'`, in COALESCE or under a cast: the column, the key, and what it is cast to. */
function keyOf(
  node: Node,
  cast: string | null = null,
): { column: string; key: string; cast: string | null } | null {
  if ('TypeCast' in node && node.TypeCast.arg) {
    const name = node.TypeCast.typeName?.names?.at(-1);
    return keyOf(node.TypeCast.arg, name && 'String' in name ? (name.String.sval ?? null) : null);
  }
  if ('CoalesceExpr' in node) {
    const first = node.CoalesceExpr.args?.[0];
    return first ? keyOf(first, cast) : null;
  }
  if (!('A_Expr' in node)) return null;
  const { name, lexpr, rexpr } = node.A_Expr;
  const operator = name?.[0] && 'String' in name[0] ? name[0].String.sval : '';
  if ((operator !== '->>' && operator !== '->') || !lexpr || !rexpr) return null;
  const column = columnOf(lexpr);
  const key = 'A_Const' in rexpr ? rexpr.A_Const.sval?.sval : undefined;
  return column === null || key === undefined ? null : { column, key, cast };
}

/** NULL, or an array without elements. */
function isNothing(node: Node): boolean {
  const inner = bare(node);
  if ('A_ArrayExpr' in inner) return (inner.A_ArrayExpr.elements ?? []).length === 0;
  return 'A_Const' in inner && inner.A_Const.isnull === true;
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

const warning = (line: number, rule: string, message: string): Finding => ({
  line,
  severity: 'warning',
  rule,
  message,
});

/** Columns the plan adds or creates, by `table.column`. */
function columnsMade(plan: Plan): Map<string, ColumnSpec> {
  const made = new Map<string, ColumnSpec>();
  for (const { statements } of plan.steps) {
    for (const effect of statements.flatMap(({ effects }) => effects)) {
      if (effect.kind === 'add-column') made.set(`${effect.table}.${effect.column.name}`, effect.column);
      if (effect.kind !== 'create-table') continue;
      for (const column of effect.columns) made.set(`${effect.table}.${column.name}`, column);
    }
  }
  return made;
}

function droppedColumns(plan: Plan): Set<string> {
  const effects = plan.steps.flatMap(({ statements }) => statements.flatMap((one) => one.effects));
  return new Set(
    effects.flatMap((one) => (one.kind === 'drop-column' ? [`${one.table}.${one.column}`] : [])),
  );
}

/** An UPDATE fills a column that was away with all of one that stays. */
function copied(
  statement: Statement,
  all: readonly Assignment[],
  made: Map<string, ColumnSpec>,
  dropped: Set<string>,
): Finding[] {
  if (!('UpdateStmt' in statement.tree)) return [];
  return all.flatMap(({ table, column, value }) => {
    const from = columnOf(value);
    if (
      from === null ||
      from === column ||
      !made.has(`${table}.${column}`) ||
      dropped.has(`${table}.${from}`)
    )
      return [];
    const message = `${table}.${column} is filled with a copy of ${from}, which stays: it is not what ${column} held before, unless both always held the same.`;
    return [warning(statement.line, 'copy-for-original', message)];
  });
}

/** A value is taken out of a document, and the document is kept whole beside it. */
function mixed(statement: Statement, all: readonly Assignment[], kept: readonly Assignment[]): Finding[] {
  return kept.flatMap(({ table, column, value }) => {
    const from = columnOf(value);
    const keys = all.flatMap((one) => {
      const found = keyOf(one.value);
      return found && found.column === from ? [found.key] : [];
    });
    if (from === null || keys.length === 0) return [];
    const message = `${table}.${column} gets all of ${from}, also ${listed(keys)}, which this statement puts into columns of their own: it holds more than before the migration.`;
    return [warning(statement.line, 'keys-kept', message)];
  });
}

/** Several columns get the same column, so that at most one of them gets its own value back. */
function shared(statement: Statement, all: readonly Assignment[]): Finding[] {
  const into = new Map<string, Assignment[]>();
  for (const one of all) {
    const from = columnOf(one.value);
    if (from !== null) into.set(from, [...(into.get(from) ?? []), one]);
  }
  return [...into].flatMap(([from, targets]) => {
    if (targets.length < 2) return [];
    const names = targets.map(({ column }) => column);
    const message = `${listed(names)} of ${targets[0]?.table ?? ''} all get ${from}: what told them apart is not brought back.`;
    return [warning(statement.line, 'same-source', message)];
  });
}

/** Columns that an INSERT gives nothing, though the tables it reads are all there is of the old rows. */
function emptied(statement: Statement, all: readonly Assignment[]): Finding[] {
  if (!('InsertStmt' in statement.tree)) return [];
  const reads = statement.effects.flatMap((effect) => (effect.kind === 'insert' ? effect.reads : []));
  const empty = all.filter(({ value }) => isNothing(value));
  if (reads.length === 0 || empty.length === 0) return [];
  const names = listed(empty.map(({ column }) => column));
  const message = `${names} of ${empty[0]?.table ?? ''} stay empty in every row: nothing is looked for in ${listed(reads)}.`;
  return [warning(statement.line, 'left-empty', message)];
}

/** The INSERT leaves the key of a table that the plan creates to its default. */
function newKeys(statement: Statement, plan: Plan): Finding[] {
  if (!('InsertStmt' in statement.tree)) return [];
  const given = new Set(assignmentsOf(statement).map(({ column }) => column));
  const table = statement.tree.InsertStmt.relation?.relname ?? '';
  const created = plan.steps
    .flatMap(({ statements }) => statements.flatMap(({ effects }) => effects))
    .find((effect) => effect.kind === 'create-table' && effect.table === table);
  if (created?.kind !== 'create-table' || given.size === 0) return [];
  const missing = created.primaryKey.filter((column) => !given.has(column));
  if (missing.length === 0) return [];
  const message = `The rows of ${table} get a new ${listed(missing)}: the old one is not brought back, and whoever kept it finds nothing.`;
  return [warning(statement.line, 'new-keys', message)];
}

const TEXTS = new Set(['text', 'varchar', 'bpchar', 'name', 'json', 'jsonb']);

/** One row whose text does not fit makes the whole statement fail. */
function unfit(statement: Statement, all: readonly Assignment[], made: Map<string, ColumnSpec>): Finding[] {
  return all.flatMap(({ table, column, value }) => {
    const found = keyOf(value);
    if (!found) return [];
    const length = /^character varying\((\d+)\)$/.exec(made.get(`${table}.${column}`)?.type ?? '')?.[1];
    const why =
      found.cast !== null && !TEXTS.has(found.cast)
        ? `is no ${found.cast}`
        : length !== undefined && found.cast === null
          ? `is longer than ${length} characters`
          : null;
    if (why === null) return [];
    const message = `One row whose ${found.column}->>'${found.key}' ${why} makes this statement fail for all rows. (backout looks at the real rows beforehand.)`;
    return [{ ...warning(statement.line, 'may-fail', message), severity: 'note' as const }];
  });
}

/** What is still so at the end of the step: a later UPDATE of the same column, for more than its NULLs, may mend it. */
function lasting(statement: Statement, later: readonly Statement[]): Assignment[] {
  const mended = later.flatMap((one) => {
    const forNull = new Set(constantForNull(one).map(({ column }) => column));
    return 'UpdateStmt' in one.tree ? assignmentsOf(one).filter(({ column }) => !forNull.has(column)) : [];
  });
  return assignmentsOf(statement).filter(
    ({ table, column }) => !mended.some((one) => one.table === table && one.column === column),
  );
}

export function valueFindings(plan: Plan): Finding[] {
  const made = columnsMade(plan);
  const dropped = droppedColumns(plan);
  return plan.steps.flatMap(({ statements }) =>
    statements.flatMap((statement, at) => {
      const all = assignmentsOf(statement);
      const kept = lasting(statement, statements.slice(at + 1));
      return [
        ...copied(statement, kept, made, dropped),
        ...mixed(statement, all, kept),
        ...shared(statement, kept),
        ...emptied(statement, kept),
        ...newKeys(statement, plan),
        ...unfit(statement, all, made),
      ];
    }),
  );
}
