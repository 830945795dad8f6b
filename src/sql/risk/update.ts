/** UPDATE and ALTER COLUMN TYPE: the same rows with other values. */
import type { Node, UpdateStmt } from '@pgsql/types';
import { changed, columnOf, KEY, type Change, type ContentColumn, type Contents } from '../contents.ts';
import { columnsIn, textsOf } from '../parse-tree.ts';
import { parseOne } from '../parse.ts';
import { NotFollowed, type Context } from './context.ts';
import { holds } from './dropped.ts';
import { columnParts, isConstant, truthOf, wholeColumn } from './facts.ts';
import { Guard, type KeyRef } from './guard.ts';
import type { Inserted } from './insert.ts';
import { directTables, knownColumns } from './known.ts';
import { rewriteTables } from './rewrite.ts';
import { rowsFrom, type Probe, type Rows } from './rows.ts';
import { innerSource } from './select.ts';
import { typesOf } from './sites.ts';
import { all, name, noneOf, rowsOf } from './text.ts';
import { hazardProbe, valueOf, type Assigned, type Setting, type Value } from './values.ts';

/** A default's text as an expression. */
export function parseExpression(text: string): Node {
  const tree = parseOne(`SELECT ${text}`);
  const target = 'SelectStmt' in tree ? tree.SelectStmt.targetList?.[0] : undefined;
  const value = target && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (!value) throw new NotFollowed('a default', `${text} is not an expression.`);
  return value;
}

/** What DEFAULT stands for. */
export function defaultOf(column: ContentColumn): Node {
  return column.default === null ? { A_Const: { isnull: true } } : parseExpression(column.default);
}

function assignments(update: UpdateStmt, contents: Contents): Assigned[] {
  return (update.targetList ?? []).map((target) => {
    const { name: given, val, indirection } = 'ResTarget' in target ? target.ResTarget : {};
    const column = columnOf(contents, given ?? '');
    if (!column || !val || indirection)
      throw new NotFollowed('its assignments', `${given ?? ''} is not a column that can be followed.`);
    if ('SetToDefault' in val) return { column, node: defaultOf(column) };
    if (!('MultiAssignRef' in val)) return { column, node: val };
    const source = val.MultiAssignRef.source;
    const part =
      source && 'RowExpr' in source ? source.RowExpr.args?.[(val.MultiAssignRef.colno ?? 1) - 1] : undefined;
    if (!part) throw new NotFollowed('its assignments', 'Several columns are set from one sub-query.');
    return { column, node: part };
  });
}

/** True when a condition demands that the column equals a value from elsewhere in the row: then it is there, too. */
function matched(where: Node | undefined, own: (parts: readonly string[]) => boolean): boolean {
  if (!where) return false;
  if ('BoolExpr' in where && where.BoolExpr.boolop === 'AND_EXPR') {
    return (where.BoolExpr.args ?? []).some((arg) => matched(arg, own));
  }
  if (!('A_Expr' in where)) return false;
  const { kind, lexpr, rexpr } = where.A_Expr;
  const equal =
    kind === 'AEXPR_NOT_DISTINCT' || (kind === 'AEXPR_OP' && textsOf(where.A_Expr.name).at(-1) === '=');
  if (!equal || !lexpr || !rexpr || isConstant(lexpr) || isConstant(rexpr)) return false;
  return [lexpr, rexpr].some((side) => own(columnParts(side) ?? []));
}

/** Values that are there, are not read, and are replaced by others. */
function overwritten(
  assigned: Assigned,
  value: Value,
  alias: string,
  table: string,
  where: Node | undefined,
  context: Context,
): Probe | null {
  const { column, node } = assigned;
  const { lineage, findings } = context;
  const own = (parts: readonly string[]): boolean =>
    parts.at(-1) === column.name && (parts[1] === undefined || parts[0] === alias);
  const reads = columnsIn(node).some(own) || matched(where, own);
  const copied = lineage.copies.some(
    (copy) => copy.toId === lineage.id(table) && copy.toColumn === column.name,
  );
  if (reads || column.fact === 'null' || (column.origin === 'plan' && !copied)) return null;
  const old = `${name(alias)}.${name(column.name)}`;
  const say = (rows: number) =>
    `${rowsOf(rows)} hold another value in ${column.name}, which is replaced without having been read.`;
  return {
    condition: all([holds(column, old), `CAST(${old} AS text) IS DISTINCT FROM CAST(${value.sql} AS text)`]),
    keys: false,
    now: copied,
    found: (rows) => {
      lineage.forget(table, column.name);
      if (column.origin === 'database') findings.about(table).atRisk(rows, say(rows), column.name);
    },
  };
}

interface Prepared {
  contents: Contents;
  alias: string;
  from: string;
  items: string;
  where: string | null;
  hit: boolean | null;
  assigned: Assigned[];
  values: Value[];
  fence: boolean;
  keys: readonly KeyRef[];
}

async function prepare(context: Context, update: UpdateStmt, contents: Contents): Promise<Prepared | null> {
  const { world, session, questions, findings } = context;
  const parts = {
    fromClause: update.fromClause,
    whereClause: update.whereClause,
    assigned: assignments(update, contents),
  };
  const { tree, read, tables } = rewriteTables(world, parts);
  const lost = read.find((one) => one.lost !== null);
  if (lost)
    throw new NotFollowed('the whole statement', `What ${lost.name} holds is not known: ${lost.lost}.`);
  const alias = update.relation?.alias?.aliasname ?? contents.name;
  const items = tree.fromClause ?? [];
  const known = knownColumns(new Map([[alias, contents], ...directTables(items, read)]));
  const hit = truthOf(tree.whereClause, known);
  if (hit === false) return null;
  const from = `${contents.cte} AS ${name(alias)}`;
  const scope = items.length === 0 ? from : `${from}, ${innerSource(items)}`;
  const expressions = tree.assigned.map((one) => one.node);
  const looked = [expressions, tree.whereClause];
  const types = await typesOf(session, scope, { expressions, looked, items }, (sql) => world.query(sql));
  const guard = new Guard(types, world.version, tables);
  guard.madeId = `CAST(pg_catalog.md5(CAST(${name(alias)}.${KEY} AS text) || '${findings.place.step}/${findings.place.index}') AS pg_catalog.uuid)`;
  const list = items.length === 0 ? '' : guard.from(items);
  const itemHazards = guard.take();
  const where = tree.whereClause && hit !== true ? guard.sql(tree.whereClause) : null;
  const about = findings.about(contents.name, contents.keyColumns);
  const whereHazards = guard
    .take()
    .map((hazard) => hazardProbe(hazard, tree.assigned[0]?.column.name ?? '', about));
  const everything = rowsFrom(
    list === '' ? from : `${from}, ${list}`,
    null,
    `${name(alias)}.${KEY}`,
    contents.keyColumns,
  );
  await questions.ask(everything, whereHazards);
  const setting: Setting = {
    guard,
    types,
    known,
    version: world.version,
    findings: about,
    before: (column) => `${name(alias)}.${name(column.name)}`,
    replaced: () => false,
  };
  const values = tree.assigned.map((one) => valueOf(one, setting));
  const first = tree.assigned[0]?.column.name ?? '';
  values[0]?.probes.push(...itemHazards.map((hazard) => hazardProbe(hazard, first, about)));
  for (const gap of new Set([...guard.gaps, ...values.flatMap((value) => value.gaps)]))
    findings.unchecked(gap, 'It was not looked at.');
  const computed = columnsIn(looked).some((names) => columnOf(contents, names.at(-1) ?? '')?.source === null);
  return {
    contents,
    alias,
    from,
    items: list,
    where,
    hit,
    assigned: tree.assigned,
    values,
    fence: computed,
    keys: guard.keys,
  };
}

function rowsOfUpdate({ contents, alias, from, items, where }: Prepared): Rows {
  const key = `${name(alias)}.${KEY}`;
  if (items === '') return rowsFrom(from, where, key, contents.keyColumns);
  return {
    key,
    keyColumns: contents.keyColumns,
    // Of several partners, an UPDATE uses one.
    select: (columns) =>
      `SELECT DISTINCT ON (${key}) ${columns.join(', ')} FROM ${from}, ${items}${where === null ? '' : ` WHERE ${where}`} ORDER BY ${key}`,
  };
}

/** The contents after an UPDATE, and the hidden column that says which rows it reached. */
function carry(
  context: Context,
  prepared: Prepared,
  remember: boolean,
): { contents: Contents; reached: true | string } {
  const { contents, alias, from, items, where, hit, assigned, values, fence } = prepared;
  const { world } = context;
  const all_ = hit === true && items === '';
  const change = (sql: string, at: number): Change => {
    const { column } = assigned[at] as Assigned;
    const fact = all_ || values[at]?.fact === column.fact ? (values[at]?.fact ?? 'open') : 'open';
    return { column: { ...column, source: null, fact }, sql };
  };
  if (all_)
    return {
      contents: changed(
        world,
        contents,
        values.map((value, at) => change(value.sql, at)),
        from,
        alias,
      ),
      reached: true,
    };
  const old = (at: number): string => `${name(alias)}.${name((assigned[at] as Assigned).column.name)}`;
  const flag = `backout_f${contents.flags.length + 1}`;
  const remembered = (sql: string) => (remember ? { name: flag, sql } : undefined);
  if (items === '') {
    const source = `(SELECT *, ((${where ?? 'true'}) IS TRUE) AS backout_hit FROM ${from}${fence ? ' OFFSET 0' : ''}) AS ${name(alias)}`;
    const changes = values.map((value, at) =>
      change(`CASE WHEN ${name(alias)}.backout_hit THEN ${value.sql} ELSE ${old(at)} END`, at),
    );
    return {
      contents: changed(world, contents, changes, source, alias, remembered(`${name(alias)}.backout_hit`)),
      reached: flag,
    };
  }
  const columns = values.map((value, at) => `${value.sql} AS backout_v${at + 1}`);
  const match = world.declare(
    rowsOfUpdate(prepared).select([`${name(alias)}.${KEY} AS ${KEY}`, 'true AS backout_hit', ...columns]),
    true,
  );
  const source = `${from} LEFT JOIN ${match} AS backout_m ON backout_m.${KEY} = ${name(alias)}.${KEY}`;
  const changes = values.map((_, at) =>
    change(`CASE WHEN backout_m.backout_hit THEN backout_m.backout_v${at + 1} ELSE ${old(at)} END`, at),
  );
  return {
    contents: changed(world, contents, changes, source, alias, remembered('(backout_m.backout_hit IS TRUE)')),
    reached: flag,
  };
}

/** @throws {NotFollowed} @throws {DatabaseError} */
export async function assessUpdate(context: Context, update: UpdateStmt): Promise<Inserted> {
  const { world, questions, lineage, findings } = context;
  const contents = world.find(update.relation?.relname ?? '', update.relation?.schemaname);
  if (!contents)
    throw new NotFollowed(
      'the whole statement',
      `There is no table ${update.relation?.relname ?? ''} to look at.`,
    );
  if (update.withClause)
    throw new NotFollowed('the whole statement', 'A WITH in front of an UPDATE is not followed.');
  const prepared = await prepare(context, update, contents);
  if (!prepared) return { used: [], nothing: true };
  const { alias, assigned, values } = prepared;
  const lost = assigned.map((one, at) =>
    overwritten(one, values[at] as Value, alias, contents.name, update.whereClause, context),
  );
  const probes = [
    ...values.flatMap((value) => value.probes),
    ...lost.filter((probe): probe is Probe => probe !== null),
  ];
  await questions.ask(rowsOfUpdate(prepared), probes);
  const copies = assigned.flatMap((one) => {
    const whole = wholeColumn(one.node);
    const own = whole !== null && (whole.length === 1 || whole[0] === alias);
    return own && columnOf(contents, whole.at(-1) ?? '')
      ? [{ from: whole.at(-1) ?? '', to: one.column.name }]
      : [];
  });
  const next = carry(context, prepared, copies.length > 0);
  world.set(next.contents);
  const id = lineage.id(contents.name);
  for (const { from, to } of copies) {
    lineage.copies.push({
      id,
      column: from,
      toId: id,
      toColumn: to,
      at: findings.place,
      applied: false,
      reached: next.reached,
    });
  }
  const rows = rowsOfUpdate(prepared);
  return {
    nothing: false,
    used: prepared.keys.map((key) => ({
      table: key.table,
      sql: `SELECT k FROM (${rows.select([`${key.sql} AS k`])}) AS backout_q`,
    })),
  };
}

/** ALTER COLUMN … TYPE, with or without USING, in all rows. @throws {NotFollowed} @throws {DatabaseError} */
export async function assessType(
  context: Context,
  contents: Contents,
  column: ContentColumn,
  type: string,
  using: Node | null,
): Promise<void> {
  const { world, session, questions, findings } = context;
  const node: Node = using ?? { ColumnRef: { fields: [{ String: { sval: column.name } }] } };
  const alias = contents.name;
  const from = `${contents.cte} AS ${name(alias)}`;
  const types = await typesOf(session, from, { expressions: [node], looked: [node], items: [] }, (sql) =>
    world.query(sql),
  );
  const guard = new Guard(types, world.version, new Map());
  const setting: Setting = {
    guard,
    types,
    known: knownColumns(new Map([[alias, contents]])),
    version: world.version,
    findings: findings.about(contents.name, contents.keyColumns),
    before: () => null,
    replaced: () => false,
  };
  // Without USING no value becomes NULL: what is NULL already was refused when the column became NOT NULL.
  const notNull = using !== null && column.notNull;
  const value = valueOf({ column: { ...column, type, notNull }, node }, setting);
  for (const gap of value.gaps) findings.unchecked(gap, 'It was not looked at.');
  await questions.ask(rowsFrom(from, null, `${name(alias)}.${KEY}`, contents.keyColumns), value.probes);
  const change: Change = { column: { ...column, type, source: null, fact: value.fact }, sql: value.sql };
  world.set(changed(world, contents, [change], from, alias));
}

/** The rows of a table in which a condition holds. */
export async function assessNull(
  context: Context,
  contents: Contents,
  columns: readonly ContentColumn[],
): Promise<void> {
  const { questions } = context;
  const findings = context.findings.about(contents.name, contents.keyColumns);
  const open = columns.filter((column) => column.fact !== 'filled');
  const probes = open.map((column): Probe => {
    const say = (rows: number) => `${column.name} is NULL in ${rowsOf(rows)}: it cannot be made NOT NULL.`;
    return {
      condition: noneOf([`backout_t.${name(column.name)} IS NOT NULL`]),
      keys: true,
      found: (rows, keys) => findings.failing('not-null', column.name, rows, keys, say(rows)),
    };
  });
  await questions.ask(
    rowsFrom(`${contents.cte} AS backout_t`, null, `backout_t.${KEY}`, contents.keyColumns),
    probes,
  );
}
