/**
 * Renders an expression so that it cannot raise, and says for which rows the original would.
 *
 * A cast inside an expression is the very thing being tested. So each operand that may raise is replaced by
 * `CASE WHEN it is fine THEN operand END`, and the condition under which the original is evaluated at all (arms of
 * CASE, earlier arguments of COALESCE, sub-queries) is kept with the test.
 */
import type { A_Expr, FuncCall, Node, SelectStmt, SubLink, TypeCast } from '@pgsql/types';
import { castCheck } from '../castable.ts';
import { renderExpression, renderStatement } from '../parse-render.ts';
import { textsOf, walk } from '../parse-tree.ts';
import { typeNameOf } from '../types-of.ts';
import { columnParts, isConstant, isGiven } from './facts.ts';
import { callNeeds, operatorNeeds } from './functions.ts';
import { constantText, makings, type Made, type Making } from './invented.ts';
import { fromless, innerSource, isSingleRow, plainSelect, rowByRow } from './select.ts';
import { all, name, visible } from './text.ts';

/** Turns a condition where an expression stands into one on the row outside. */
export type Reach = (condition: string) => string;

export interface Hazard {
  /** True in rows where the expression raises (or, for `cut`, loses something). */
  test: string;
  kind: 'raises' | 'cut' | 'unsure';
  /** "metadata ->> 'confidence' cannot be read as double precision". */
  what: string;
}

/** How the key of a table in a FROM list is named, and whose it is. */
export interface KeyRef {
  sql: string;
  keyColumns: string;
  table: string;
}

/** What a FROM list hands out: keys, and values that its sub-queries make up. */
interface Level {
  keys: KeyRef[];
  made: Map<string, Making[]>;
}

/** By node: the tables among the items of FROM lists. */
export type Tables = ReadonlyMap<object, KeyRef>;

export const here: Reach = (condition) => condition;

/** An expression in words, for sentences. */
export function words(node: Node): string {
  return visible(renderExpression(node).replace(/\bbackout_r\d+ AS /g, ''), 80);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Guard {
  /** Found since they were last taken. */
  private hazards: Hazard[] = [];
  /** The keys of the tables that are read, as the outermost FROM list can name them. */
  readonly keys: KeyRef[] = [];
  /** What the columns of sub-queries in the outermost FROM list make up. */
  readonly made = new Map<string, Making[]>();
  /** What a random uuid is replaced by: the same row must get the same one each time it is computed. */
  madeId = "CAST('00000000-0000-0000-0000-000000000000' AS pg_catalog.uuid)";
  readonly gaps = new Set<string>();
  private readonly holes: string[] = [];
  private readonly done = new Map<object, unknown>();

  /**
   * @param types what pg_typeof says of the operands, by node
   * @param version server_version_num
   * @param tables which nodes of a FROM list are tables that the plan is followed through
   */
  constructor(
    private readonly types: ReadonlyMap<object, string>,
    private readonly version: number,
    private readonly tables: Tables,
  ) {}

  /** The hazards found since the last call. */
  take(): Hazard[] {
    return this.hazards.splice(0);
  }

  /** SQL of an expression that cannot raise. What the original could raise is added to `hazards`. */
  sql(node: Node, reach: Reach = here): string {
    return this.fill(renderExpression(this.copy(node, reach) as Node));
  }

  /** SQL of a FROM list. Functions and plain sub-queries in it are guarded too. */
  from(items: readonly Node[]): string {
    const copied = items.map((item) => this.fromItem(item, here, this));
    return this.fill(innerSource(copied));
  }

  private fill(text: string): string {
    return text.replace(/\bbackout_hole_(\d+)\b/g, (_, at: string) => `(${this.holes[Number(at)] ?? ''})`);
  }

  private hole(sql: string): Node {
    this.holes.push(sql);
    return { ColumnRef: { fields: [{ String: { sval: `backout_hole_${this.holes.length - 1}` } }] } };
  }

  private copy(value: unknown, reach: Reach): unknown {
    if (Array.isArray(value)) return value.map((item) => this.copy(item, reach));
    if (!isFields(value)) return value;
    const [kind] = Object.keys(value);
    const memo = this.done.get(value);
    if (memo !== undefined) return memo;
    const copied = this.special(kind ?? '', value as unknown as Node, reach) ?? this.each(value, reach);
    this.done.set(value, copied);
    return copied;
  }

  private each(value: Record<string, unknown>, reach: Reach): unknown {
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, this.copy(below, reach)]));
  }

  private special(kind: string, node: Node, reach: Reach): unknown {
    if ('TypeCast' in node) return this.cast(node.TypeCast, reach);
    if ('A_Expr' in node) return this.operator(node.A_Expr, reach);
    if ('FuncCall' in node) return this.call(node.FuncCall, reach);
    if ('CoalesceExpr' in node) {
      return {
        CoalesceExpr: {
          ...node.CoalesceExpr,
          args: this.inTurn(node.CoalesceExpr.args ?? [], 'IS NULL', reach),
        },
      };
    }
    if ('BoolExpr' in node && node.BoolExpr.boolop !== 'NOT_EXPR') {
      const go = node.BoolExpr.boolop === 'AND_EXPR' ? 'IS NOT FALSE' : 'IS NOT TRUE';
      return { BoolExpr: { ...node.BoolExpr, args: this.inTurn(node.BoolExpr.args ?? [], go, reach) } };
    }
    if ('CaseExpr' in node) return this.choice(node, reach);
    if ('SubLink' in node) return this.subquery(node.SubLink, reach);
    if (/^(Json|Xml)/.test(kind)) this.gaps.add(`what ${words(node)} does with unexpected values`);
    return null;
  }

  /** Each argument is evaluated only when those before it were `go`. */
  private inTurn(args: readonly Node[], go: string, reach: Reach): Node[] {
    const before: string[] = [];
    return args.map((arg) => {
      const path = [...before];
      const copied = this.copy(arg, (condition) => reach(all([...path, condition]))) as Node;
      before.push(`(${this.fill(renderExpression(copied))}) ${go}`);
      return copied;
    });
  }

  private choice(node: Extract<Node, { CaseExpr: unknown }>, reach: Reach): Node {
    const { arg, args = [], defresult } = node.CaseExpr;
    const subject = arg ? (this.copy(arg, reach) as Node) : undefined;
    const before: string[] = [];
    const arms = args.map((arm): Node => {
      if (!('CaseWhen' in arm) || !arm.CaseWhen.expr || !arm.CaseWhen.result) return arm;
      const path = [...before];
      const expr = this.copy(arm.CaseWhen.expr, (condition) => reach(all([...path, condition]))) as Node;
      const test = this.fill(renderExpression(expr));
      const taken = subject ? `(${this.fill(renderExpression(subject))}) = (${test})` : `(${test})`;
      const inside = [...path, `(${taken}) IS TRUE`];
      const result = this.copy(arm.CaseWhen.result, (condition) =>
        reach(all([...inside, condition])),
      ) as Node;
      before.push(`(${taken}) IS NOT TRUE`);
      return { CaseWhen: { ...arm.CaseWhen, expr, result } };
    });
    const rest =
      defresult && (this.copy(defresult, (condition) => reach(all([...before, condition]))) as Node);
    return {
      CaseExpr: {
        ...node.CaseExpr,
        ...(subject && { arg: subject }),
        args: arms,
        ...(rest && { defresult: rest }),
      },
    };
  }

  /** The operand, NULL where it would make its surroundings raise. */
  private only(
    ok: string,
    operand: string,
    reach: Reach,
    what: string,
    kind: Hazard['kind'] = 'raises',
  ): Node {
    this.hazards.push({ test: reach(`(${ok}) IS FALSE`), kind, what });
    return this.hole(`CASE WHEN ${ok} THEN ${operand} END`);
  }

  private cast(cast: TypeCast, reach: Reach): unknown {
    const { arg } = cast;
    if (!arg || isConstant(arg)) return null;
    const copied = this.copy(arg, reach) as Node;
    const operand = this.fill(renderExpression(copied));
    const from = this.types.get(arg) ?? 'unknown';
    const to = typeNameOf(cast.typeName);
    const check = castCheck(from, to, operand, this.version);
    const what = `${words(arg)} cannot be read as ${to}`;
    const same = { TypeCast: { ...cast, arg: copied } };
    if (check.kind === 'test')
      return { TypeCast: { ...cast, arg: this.only(check.ok, operand, reach, what) } };
    if (check.kind === 'unsure') {
      return {
        TypeCast: { ...cast, arg: this.only(check.ok, operand, reach, `${what}: ${check.why}`, 'unsure') },
      };
    }
    if (check.kind === 'cut') {
      const cut = `${words(arg)} is longer than the ${check.limit} characters of ${to}`;
      this.hazards.push({ test: reach(check.over), kind: 'cut', what: cut });
    }
    if (check.kind === 'gap') this.gaps.add(`whether ${words(arg)} can be read as ${to}: ${check.why}`);
    return same;
  }

  private operator(expression: A_Expr, reach: Reach): unknown {
    const { lexpr, rexpr } = expression;
    if (expression.kind !== 'AEXPR_OP' || !lexpr || !rexpr) return null;
    const operator = textsOf(expression.name).at(-1) ?? '';
    const left = this.copy(lexpr, reach) as Node;
    const right = this.copy(rexpr, reach) as Node;
    const sqlOf = (node: Node): string => this.fill(renderExpression(node));
    const types = { left: this.types.get(lexpr) ?? '', right: this.types.get(rexpr) ?? '' };
    const constant = isConstant(rexpr);
    const needs = operatorNeeds(operator, types, sqlOf(left), sqlOf(right), constant, this.version);
    const what = `${words({ A_Expr: expression })} is not possible${needs?.why ? ` (${needs.why})` : ''}`;
    if (needs?.gap) this.gaps.add(`${words({ A_Expr: expression })}: ${needs.gap}`);
    if (!needs?.ok) return { A_Expr: { ...expression, lexpr: left, rexpr: right } };
    if (needs.side === 'left') {
      return {
        A_Expr: { ...expression, lexpr: this.only(needs.ok, sqlOf(left), reach, what), rexpr: right },
      };
    }
    return { A_Expr: { ...expression, lexpr: left, rexpr: this.only(needs.ok, sqlOf(right), reach, what) } };
  }

  private call(call: FuncCall, reach: Reach): unknown {
    const called = textsOf(call.funcname).at(-1) ?? '';
    const args = (call.args ?? []).map((arg) => this.copy(arg, reach) as Node);
    const first = args[0];
    const operand = first ? this.fill(renderExpression(first)) : '';
    const needs = callNeeds(called, operand, (call.args ?? []).map(isConstant), this.madeId);
    if (needs.made) return this.hole(needs.made);
    if (needs.gap) this.gaps.add(`what ${called}() does with unexpected values`);
    const known = [{ String: { sval: 'pg_catalog' } }, { String: { sval: called } }];
    const funcname = needs.elsewhere ? call.funcname : known;
    if (!needs.ok || (call.args?.[0] && isConstant(call.args[0])))
      return { FuncCall: { ...call, funcname, ...(call.args && { args }) } };
    const what = `${words({ FuncCall: call })} is not possible (${needs.why})`;
    const guarded = this.only(needs.ok, operand, reach, what);
    return { FuncCall: { ...call, funcname, args: [guarded, ...args.slice(1)] } };
  }

  /** What a column of a sub-query makes up; its expressions have been looked at before. */
  private makes(target: Node, made: Made): { column: string; makes: Making[] } {
    const { name: given, val } = 'ResTarget' in target ? target.ResTarget : {};
    if (!val) return { column: '', makes: [] };
    const column = given ?? columnParts(val)?.at(-1) ?? '';
    if (isGiven(val)) return { column, makes: [{ condition: 'true', value: constantText(val) }] };
    return { column, makes: makings(val, (part) => this.sql(part), made) };
  }

  /** A condition that no row outside can be asked for. */
  private readonly outOfReach: Reach = () => {
    this.gaps.add('values that a condition of a join or of a sub-query could stumble over');
    return 'false';
  };

  private fromItem(item: Node, reach: Reach, level: Level): Node {
    const table = this.tables.get(Object.values(item)[0] as object);
    if (table) {
      level.keys.push(table);
      return item;
    }
    if ('RangeFunction' in item) return this.copy(item, reach) as Node;
    if ('JoinExpr' in item) {
      const { larg, rarg, quals } = item.JoinExpr;
      return {
        JoinExpr: {
          ...item.JoinExpr,
          ...(larg && { larg: this.fromItem(larg, reach, level) }),
          ...(rarg && { rarg: this.fromItem(rarg, reach, level) }),
          ...(quals && { quals: this.copy(quals, this.outOfReach) as Node }),
        },
      };
    }
    return 'RangeSubselect' in item ? this.derived(item, reach, level) : item;
  }

  /** A sub-query in FROM: what is found in it is handed out as hidden columns. */
  private derived(item: Extract<Node, { RangeSubselect: unknown }>, reach: Reach, level: Level): Node {
    const alias = item.RangeSubselect.alias?.aliasname;
    const select = rowByRow(item.RangeSubselect.subquery);
    if (!select || alias === undefined) {
      if (mayRaise(item)) this.gaps.add('the expressions of a grouped or combined sub-query');
      return item;
    }
    const added: Node[] = [];
    const handOut = (sql: string): string => {
      const column = `backout_x${this.holes.length}`;
      added.push({ ResTarget: { name: column, val: this.hole(sql) } });
      return `${name(alias)}.${column}`;
    };
    const expose: Reach = (sql) => reach(handOut(sql));
    const inside: Level = { keys: [], made: new Map() };
    const items = (select.fromClause ?? []).map((inner) => this.fromItem(inner, expose, inside));
    const where = select.whereClause && (this.copy(select.whereClause, this.outOfReach) as Node);
    const targets = (select.targetList ?? []).map((target) => this.copy(target, expose) as Node);
    for (const key of inside.keys) level.keys.push({ ...key, sql: handOut(key.sql) });
    for (const target of select.targetList ?? []) {
      const { column, makes } = this.makes(target, inside.made);
      if (makes.length === 0) continue;
      const seen = makes.map((making) => ({ ...making, condition: handOut(making.condition) }));
      level.made.set(`${alias}.${column}`, seen);
    }
    const subquery: Node = {
      SelectStmt: {
        ...select,
        targetList: [...targets, ...added],
        ...(select.fromClause && { fromClause: items }),
        ...(where && { whereClause: where }),
      },
    };
    return { RangeSubselect: { ...item.RangeSubselect, subquery } };
  }

  private subquery(link: SubLink, reach: Reach): unknown {
    const select = plainSelect(link.subselect);
    const testexpr = link.testexpr && (this.copy(link.testexpr, reach) as Node);
    if (!select) {
      this.gaps.add('the expressions of a grouped or combined sub-query');
      return { SubLink: { ...link, ...(testexpr && { testexpr }) } };
    }
    let copied = this.inner(select, reach);
    if (link.subLinkType === 'EXPR_SUBLINK' && !isSingleRow(select)) {
      const rows = `(SELECT pg_catalog.count(*) FROM (${this.fill(renderStatement({ SelectStmt: copied }))}) AS backout_s)`;
      this.hazards.push({
        test: reach(`${rows} > 1`),
        kind: 'raises',
        what: 'a sub-query gives more than one row',
      });
      const one: Node = { A_Const: { ival: { ival: 1 } } };
      copied = { ...copied, limitCount: one, limitOption: 'LIMIT_OPTION_COUNT' };
    }
    return { SubLink: { ...link, ...(testexpr && { testexpr }), subselect: { SelectStmt: copied } } };
  }

  private inner(select: SelectStmt, reach: Reach): SelectStmt {
    const items = (select.fromClause ?? []).map((item) =>
      this.fromItem(item, reach, { keys: [], made: new Map() }),
    );
    const plain = fromless(select);
    const source = plain ? '' : this.fill(innerSource(items));
    const within: Reach = plain
      ? reach
      : (condition) => reach(`EXISTS (SELECT 1 FROM ${source} WHERE ${condition})`);
    const where = select.whereClause && (this.copy(select.whereClause, within) as Node);
    const filter = where ? this.fill(renderExpression(where)) : 'true';
    const chosen: Reach = (condition) => within(all([filter, condition]));
    return {
      ...select,
      targetList: (select.targetList ?? []).map((target) => this.copy(target, chosen) as Node),
      ...(select.fromClause && { fromClause: items }),
      ...(where && { whereClause: where }),
      ...(select.sortClause && {
        sortClause: select.sortClause.map((sort) => this.copy(sort, chosen) as Node),
      }),
    };
  }
}

function mayRaise(tree: unknown): boolean {
  let may = false;
  walk(tree, (kind, fields) => {
    if (kind === 'TypeCast' && !isConstant({ TypeCast: fields } as Node)) may = true;
    if (kind === 'FuncCall') may = true;
  });
  return may;
}
