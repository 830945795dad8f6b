/**
 * Effects of DO: a block of PL/pgSQL, read with PostgreSQL's own parser. Understood are blocks that only look, and may
 * refuse to go on, and those that always do the same to the catalog. Everything else may do anything.
 * Source: the nodes that libpg_query writes of a function (pl_gram.y, pl_funcs.c).
 */
import { parsePlPgSQLSync } from 'libpg-query';
import type { DoStmt, Node } from '@pgsql/types';
import { columnsIn } from './parse-tree.ts';
import type { Effect } from './types.ts';

type Fields = Record<string, unknown>;

/** Gives the effects of one statement within the block. */
export type EffectsOf = (sql: string) => Effect[];

/** Why the block is not understood. */
class Unclear extends Error {}

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? (value as Fields[]) : []);

function queryOf(value: unknown): string {
  const expression = (value as { PLpgSQL_expr?: { query?: unknown } } | undefined)?.PLpgSQL_expr;
  if (typeof expression?.query !== 'string') throw new Unclear('a part of it is not readable');
  return expression.query;
}

/** What belongs into a table of its own archive, or is judged by rows, stands in a statement of its own. */
const ALONE: Readonly<Record<string, string>> = {
  delete: 'deletes rows',
  'drop-table': 'drops a table',
  insert: 'adds rows',
  update: 'changes rows',
};

class Block {
  readonly effects: Effect[] = [];
  /** It may end the step by an error of its own. */
  refuses = false;
  readonly reads = new Set<string>();
  /** A RETURN stood before: what follows it may not be reached. */
  private left = false;

  constructor(
    private readonly variables: ReadonlySet<string>,
    private readonly effectsOf: EffectsOf,
  ) {}

  /** @param sure whether it is reached whatever the block finds */
  all(nodes: unknown, sure: boolean): void {
    for (const node of listOf(nodes)) {
      const [kind = '', fields] = Object.entries(node)[0] ?? [];
      this.one(kind, (fields ?? {}) as Fields, sure);
    }
  }

  private one(kind: string, fields: Fields, sure: boolean): void {
    switch (kind) {
      case 'PLpgSQL_stmt_block':
        if (fields['exceptions'] !== undefined) throw new Unclear('it goes on after errors');
        return this.all(fields['body'], sure);
      case 'PLpgSQL_stmt_if':
        this.looks(queryOf(fields['cond']));
        this.all(fields['then_body'], false);
        for (const other of listOf(fields['elsif_list'])) {
          const branch = other['PLpgSQL_if_elsif'] as Fields;
          this.looks(queryOf(branch['cond']));
          this.all(branch['stmts'], false);
        }
        return this.all(fields['else_body'], false);
      case 'PLpgSQL_stmt_raise':
        // Without a level it is an EXCEPTION (manual, plpgsql-errors-and-messages); ERROR is 21 (elog.h).
        if (Number(fields['elog_level'] ?? 21) >= 21) this.refuses = true;
        for (const parameter of listOf(fields['params'])) this.looks(queryOf(parameter));
        for (const option of listOf(fields['options']))
          this.looks(queryOf((option['PLpgSQL_raise_option'] as Fields | undefined)?.['expr']));
        return;
      case 'PLpgSQL_stmt_perform':
        return this.looks(queryOf(fields['expr']).replace(/^SELECT\s/i, ''));
      case 'PLpgSQL_stmt_execsql':
        return this.runs(queryOf(fields['sqlstmt']), sure);
      case 'PLpgSQL_stmt_dynexecute':
        return this.runs(this.constant(queryOf(fields['query'])), sure);
      case 'PLpgSQL_stmt_return':
        this.left = true;
        return;
      default:
        throw new Unclear(`it holds ${WORDS[kind] ?? 'something that is not covered'}`);
    }
  }

  /** What its variables begin with is computed before anything else. */
  begins(datums: unknown): void {
    for (const datum of listOf(datums)) {
      const fields = (Object.values(datum)[0] ?? {}) as Fields;
      if (fields['default_val'] !== undefined) this.looks(queryOf(fields['default_val']));
    }
  }

  /** An expression, or what follows SELECT in a PERFORM. */
  private looks(expression: string): void {
    for (const effect of this.effectsOf(`SELECT ${expression}`)) {
      if (effect.kind !== 'select') throw new Unclear(said(effect));
      effect.reads.forEach((table) => this.reads.add(table));
    }
  }

  private runs(sql: string, sure: boolean): void {
    for (const effect of this.effectsOf(sql)) {
      if (effect.kind === 'not-understood') throw new Unclear(said(effect));
      const alone = ALONE[effect.kind];
      if (alone !== undefined) throw new Unclear(`it ${alone}: such a statement has to stand by itself`);
      if (effect.kind === 'select') effect.reads.forEach((table) => this.reads.add(table));
      else if (!sure || this.left) throw new Unclear('what it changes depends on what it finds');
      else this.effects.push(effect);
    }
  }

  /** EXECUTE of a text that stands there as it is. */
  private constant(expression: string): string {
    const text = /^\s*(?:E?'((?:[^'\\]|'')*)'|\$(\w*)\$([\s\S]*)\$\2\$)\s*$/.exec(expression);
    const sql = text?.[1]?.replaceAll("''", "'") ?? text?.[3];
    if (sql === undefined) throw new Unclear('it runs SQL that it puts together itself');
    return sql;
  }

  /** A name of its own variables means no column: what such a statement finds is not known beforehand. */
  usesVariables(tree: unknown): boolean {
    return columnsIn(tree).some(([name = '']) => this.variables.has(name));
  }
}

const WORDS: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_assign: 'variables',
  PLpgSQL_stmt_commit: 'COMMIT',
  PLpgSQL_stmt_fori: 'a loop',
  PLpgSQL_stmt_foreach_a: 'a loop',
  PLpgSQL_stmt_fors: 'a loop',
  PLpgSQL_stmt_dynfors: 'a loop',
  PLpgSQL_stmt_loop: 'a loop',
  PLpgSQL_stmt_rollback: 'ROLLBACK',
  PLpgSQL_stmt_while: 'a loop',
};

const said = (effect: Effect): string =>
  effect.kind === 'not-understood' ? effect.what : 'it does more than look';

/** A text that does not stand in the other one. */
function tagFor(body: string): string {
  let tag = 'backout';
  while (body.includes(`$${tag}$`)) tag += '_';
  return `$${tag}$`;
}

function optionOf({ args = [] }: DoStmt, name: string): string | undefined {
  const option = args.flatMap((node) =>
    'DefElem' in node && node.DefElem.defname === name ? [node.DefElem] : [],
  )[0];
  const value: Node | undefined = option?.arg;
  return value && 'String' in value ? (value.String.sval ?? '') : undefined;
}

function blockOf(body: string): { action: Fields; datums: unknown; variables: Set<string> } {
  const tag = tagFor(body);
  let parsed: { plpgsql_funcs?: { PLpgSQL_function?: { action?: Fields; datums?: unknown } }[] };
  try {
    parsed = parsePlPgSQLSync(`DO ${tag}${body}${tag}`) as typeof parsed;
  } catch (error) {
    throw new Unclear(`it does not parse (${error instanceof Error ? error.message : String(error)})`);
  }
  const { action, datums } = parsed.plpgsql_funcs?.[0]?.PLpgSQL_function ?? {};
  if (!action) throw new Unclear('a part of it is not readable');
  const names = listOf(datums).flatMap((datum) => {
    const { refname } = (Object.values(datum)[0] ?? {}) as { refname?: unknown };
    return typeof refname === 'string' ? [refname] : [];
  });
  return { action, datums, variables: new Set(names) };
}

/** What is kept of an object that goes is moved in the place of the whole statement. */
function dropsAmongOthers(effects: readonly Effect[]): boolean {
  const drops = effects.filter((effect) => effect.kind === 'object' && effect.verb === 'drop');
  return drops.length > 0 && drops.length < effects.length;
}

/** @param effectsWithin gives the effects of a statement of the block, and throws when it does not parse */
export function doEffects(
  statement: DoStmt,
  effectsWithin: (sql: string) => { tree: Node; effects: Effect[] },
): Effect[] {
  const not = (why: string): Effect[] => [{ kind: 'not-understood', what: `DO: ${why}` }];
  const language = optionOf(statement, 'language');
  if (language !== undefined && language.toLowerCase() !== 'plpgsql')
    return not(`it is written in ${language}`);
  try {
    const { action, datums, variables } = blockOf(optionOf(statement, 'as') ?? '');
    const block: Block = new Block(variables, (sql) => {
      const { tree, effects } = effectsWithin(sql);
      if (block.usesVariables(tree)) throw new Unclear('it uses variables');
      return effects;
    });
    block.begins(datums);
    block.all([action], true);
    if (dropsAmongOthers(block.effects))
      return not('it drops an object and does something else: such a statement has to stand by itself');
    const reads = [...block.reads];
    if (block.effects.length === 0) return [{ kind: 'guard', reads, refuses: block.refuses }];
    if (block.refuses) return not('it changes something only when it does not refuse to');
    return block.effects;
  } catch (error) {
    if (error instanceof Unclear) return not(error.message);
    throw error;
  }
}
