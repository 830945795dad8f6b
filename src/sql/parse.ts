/** From text to statements, with PostgreSQL's own parser. */
import { hasSqlDetails, loadModule, parseSync, scanSync } from 'libpg-query';
import type { Node } from '@pgsql/types';
import { effectsOf } from './effects.ts';
import { commandOf } from './parse-commands.ts';
import type { Statement } from './types.ts';

export { splitMetaCommands } from './parse-meta.ts';

/** The SQL could not be parsed. */
export class SqlSyntaxError extends Error {
  constructor(
    message: string,
    /** 1-based line, counted from the first line that was given. */
    readonly line: number,
    /** 1-based character offset into the text that was given, as PostgreSQL counts. */
    readonly position: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SqlSyntaxError';
  }
}

/** Loads the parser (WebAssembly). Everything else here is synchronous and needs this to have been awaited once. */
export async function loadParser(): Promise<void> {
  await loadModule();
}

function syntaxError(error: unknown, sql: string, firstLine: number): SqlSyntaxError {
  const message = error instanceof Error ? error.message : String(error);
  const offset = hasSqlDetails(error) ? Math.max(0, error.sqlDetails?.cursorPosition ?? 0) : 0;
  const before = Array.from(sql).slice(0, offset).join('');
  return new SqlSyntaxError(message, firstLine + before.split('\n').length - 1, offset + 1, { cause: error });
}

/** The parse tree of one statement, with locations that are byte offsets into exactly this text. */
export function parseOne(sql: string): Node {
  const tree = parseSync(sql).stmts?.[0]?.stmt;
  if (!tree) throw new SqlSyntaxError('There is no statement in this text.', 1, 1);
  return tree;
}

/** Comment lines that stand directly above a statement; what follows the previous one on its line is not ours. */
function commentAbove(gap: string, first: boolean): string {
  const lines = gap.split('\n');
  const above = lines.slice(first ? 0 : 1, -1);
  const kept: string[] = [];
  for (const line of above.reverse()) {
    if (!line.trimStart().startsWith('--')) break;
    kept.unshift(line.trim().replace(/^-+\s?/, ''));
  }
  return kept.join('\n');
}

/** The bytes from the first to the last token that is no comment. */
function bare(part: Buffer): { start: number; end: number } {
  const tokens = scanSync(part.toString('utf8')).tokens.filter(
    (token) => !token.tokenName.endsWith('COMMENT'),
  );
  return { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? part.length };
}

/**
 * Splits a text into its statements. Each keeps its exact text, its line, and the comment above it.
 *
 * @param firstLine the 1-based line at which `sql` begins in its file
 * @throws {SqlSyntaxError}
 */
export function parseStatements(sql: string, firstLine = 1): Statement[] {
  if (sql.trim() === '') return [];
  let raws;
  try {
    raws = parseSync(sql).stmts ?? [];
  } catch (error) {
    throw syntaxError(error, sql, firstLine);
  }
  // The parser counts bytes of UTF-8, JavaScript counts UTF-16 units.
  const bytes = Buffer.from(sql, 'utf8');
  let previousEnd = 0;
  return raws.map((raw, at) => {
    const from = raw.stmt_location ?? 0;
    const end = raw.stmt_len ? from + raw.stmt_len : bytes.length;
    const tokens = bare(bytes.subarray(from, end));
    const start = from + tokens.start;
    const text = bytes.subarray(start, from + tokens.end).toString('utf8');
    const comment = commentAbove(bytes.subarray(previousEnd, start).toString('utf8'), at === 0);
    const line = firstLine + bytes.subarray(0, start).toString('utf8').split('\n').length - 1;
    previousEnd = end;
    const tree = parseOne(text);
    return {
      index: at + 1,
      sql: text,
      line,
      comment,
      command: commandOf(tree),
      tree,
      effects: effectsOf(tree),
    };
  });
}
