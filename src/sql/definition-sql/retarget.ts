/** A definition that the server wrote for one table, for another one. */
import { parseSync, scanSync } from 'libpg-query';
import type { Node, RangeVar } from '@pgsql/types';
import { parseOne } from '../parse.ts';
import { withoutLocations } from '../parse-tree.ts';
import { quoteQualified, type Named } from './quoting.ts';

/** The table that a statement is about, in the trees of what hangs on a table. */
function subjectOf(tree: Node): RangeVar | undefined {
  if ('IndexStmt' in tree) return tree.IndexStmt.relation;
  if ('CreateTrigStmt' in tree) return tree.CreateTrigStmt.relation;
  if ('CreatePolicyStmt' in tree) return tree.CreatePolicyStmt.table;
  if ('RuleStmt' in tree) return tree.RuleStmt.relation;
  if ('CreateStatsStmt' in tree) {
    const [from] = tree.CreateStatsStmt.relations ?? [];
    return from && 'RangeVar' in from ? from.RangeVar : undefined;
  }
  return undefined;
}

/** The bytes of a possibly qualified name that begins at `from`. */
function extent(sql: string, from: number): number {
  const tokens = scanSync(sql).tokens.filter(({ start }) => start >= from);
  let end = tokens[0]?.end ?? from;
  for (let at = 1; tokens[at]?.text === '.' && tokens[at + 1]; at += 2) end = tokens[at + 1]?.end ?? end;
  return end;
}

function replaced(sql: string, range: RangeVar, target: Named): string {
  const bytes = Buffer.from(sql, 'utf8');
  const start = range.location ?? 0;
  const head = bytes.subarray(0, start).toString('utf8');
  return head + quoteQualified(target) + bytes.subarray(extent(sql, start)).toString('utf8');
}

/** Both without places and without what names the table. */
function same(one: Node, other: Node, subject: (tree: Node) => RangeVar | undefined): boolean {
  const bare = [one, other].map((tree) => {
    const copy = structuredClone(tree);
    const range = subject(copy);
    if (range) Object.assign(range, { schemaname: '', relname: '' });
    return JSON.stringify(withoutLocations(copy));
  });
  return bare[0] === bare[1];
}

function moved(sql: string, target: Named, subject: (tree: Node) => RangeVar | undefined): string {
  const tree = parseOne(sql);
  const range = subject(tree);
  if (!range) throw new Error(`The definition names no table: ${sql}`);
  const text = replaced(sql, range, target);
  const again = parseSync(text).stmts ?? [];
  const [only] = again.map(({ stmt }) => stmt);
  const found = only && again.length === 1 ? subject(only) : undefined;
  if (
    !only ||
    found?.relname !== (target.bare ?? target.name) ||
    found.schemaname !== target.schema ||
    !same(tree, only, subject)
  ) {
    throw new Error(`The definition could not be given to another table faithfully: ${sql}`);
  }
  return text;
}

/**
 * A `CREATE INDEX`, `STATISTICS`, `TRIGGER`, `POLICY` or `RULE` as the server wrote it, for the table `target`: all
 * but the table's name stays to the letter, and the result is parsed again to prove it.
 * @throws {Error} when that cannot be proved; {@link SqlSyntaxError} when the text is no SQL
 */
export function retargeted(sql: string, target: Named): string {
  return moved(sql, target, subjectOf);
}

function referencedBy(tree: Node): RangeVar | undefined {
  if (!('AlterTableStmt' in tree)) return undefined;
  const [command] = tree.AlterTableStmt.cmds ?? [];
  const def = command && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
  return def && 'Constraint' in def ? def.Constraint.pktable : undefined;
}

/**
 * An `ALTER TABLE … ADD CONSTRAINT`; a foreign key to the table `of` itself points at `target` instead.
 * @param of the table the definition was read from
 */
export function selfReferencing(sql: string, of: Named, target: Named): string {
  const range = referencedBy(parseOne(sql));
  if (!range || range.relname !== (of.bare ?? of.name) || (range.schemaname ?? of.schema) !== of.schema)
    return sql;
  return moved(sql, target, referencedBy);
}

/** The schema and name of the object that a `CREATE STATISTICS` makes, changed as well. */
export function statisticsIn(sql: string, name: string, target: Named): string {
  const moving = retargeted(sql, target);
  const tree = parseOne(moving);
  if (!('CreateStatsStmt' in tree)) throw new Error(`This is no CREATE STATISTICS: ${sql}`);
  const tokens = scanSync(moving).tokens;
  const at = tokens[2];
  if (!at) throw new Error(`This is no CREATE STATISTICS: ${sql}`);
  const bytes = Buffer.from(moving, 'utf8');
  const rest = bytes.subarray(extent(moving, at.start)).toString('utf8');
  return `CREATE STATISTICS ${quoteQualified({ schema: target.schema, name })}${rest}`;
}

/** What `WITH (…)` of a `CREATE INDEX` says, as SQL; '' without one. */
export function indexOptions(sql: string): string {
  const tree = parseOne(sql);
  if (!('IndexStmt' in tree) || (tree.IndexStmt.options ?? []).length === 0) return '';
  const tokens = scanSync(sql).tokens;
  // The columns stand in brackets, so that the last WITH outside of any bracket is the one.
  let depth = 0;
  let start = -1;
  for (const [at, token] of tokens.entries()) {
    if (token.text === ')') depth -= 1;
    if (depth === 0 && token.text.toUpperCase() === 'WITH' && tokens[at + 1]?.text === '(') start = at + 1;
    if (token.text === '(') depth += 1;
  }
  const opening = tokens[start];
  const closing = tokens.slice(start).find(({ text }) => text === ')');
  if (!opening || !closing) return '';
  return Buffer.from(sql, 'utf8').subarray(opening.start, closing.end).toString('utf8');
}
