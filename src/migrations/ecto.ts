/**
 * Ecto: `execute` with literal strings, in `down/0` or, with the way back as its second argument, in `change/0`.
 * Everything else of a migration is Elixir, which only Elixir can run: such a file is refused, and each line of it named.
 *
 * Source: elixir-ecto/ecto_sql, lib/ecto/migration.ex (execute/1, execute/2; on the way back, what `change` does is done
 * in reverse) and lib/ecto/migration/runner.ex. schema_migrations has a row for each version; its lock is
 * `LOCK TABLE … IN SHARE UPDATE EXCLUSIVE MODE` (lib/ecto/adapters/postgres.ex), which the lock that every step takes on
 * that table keeps out. Of `migration_lock: :pg_advisory_lock` the key is computed by the Erlang VM, and not known here.
 */
import { bodyOf, expressionsOf, tokensOf, type Token } from './elixir.ts';
import { NoDown, type Part, type Reader } from './types.ts';

const FILE = /^(\d+)_(.*)\.exs$/;

/** Expressions that change nothing. */
const NOTHING = new Set([':ok', 'flush ( )', 'nil']);

interface Said {
  sql: string;
  line: number;
}

const written = (expression: readonly Token[]): string =>
  expression.map(({ kind, text }) => (kind === 'string' ? '"…"' : text)).join(' ');

/** Literal strings, joined by `<>`, separated by commas; null for anything else. */
function literals(tokens: readonly Token[]): Said[] | null {
  const said: Said[] = [];
  for (const [at, { kind, text, open, line }] of tokens.entries()) {
    if (at % 2 === 1) {
      if (kind !== 'mark' || (text !== ',' && text !== '<>')) return null;
      continue;
    }
    if (kind !== 'string' || open) return null;
    const joins = at > 0 && tokens[at - 1]?.text === '<>' ? said.at(-1) : undefined;
    if (joins) joins.sql += text;
    else said.push({ sql: text, line });
  }
  return tokens.length % 2 === 1 ? said : null;
}

/** The arguments of `execute "…"`, `execute("…", "…")` or `"…" |> execute()`; null for any other expression. */
function executed(expression: readonly Token[]): Said[] | null {
  const tokens = expression.filter(({ kind }) => kind !== 'line');
  const [first, second] = tokens;
  const pipe = tokens.findIndex(({ kind, text }) => kind === 'mark' && text === '|>');
  if (pipe > 0) {
    const call = written(tokens.slice(pipe + 1));
    return call === 'execute ( )' || call === 'execute' ? literals(tokens.slice(0, pipe)) : null;
  }
  if (first?.kind !== 'word' || first.text !== 'execute') return null;
  const brackets = second?.text === '(' && tokens.at(-1)?.text === ')';
  return literals(brackets ? tokens.slice(2, -1) : tokens.slice(1));
}

/** @param argument which of its arguments is the way back */
function partsOf(body: readonly Token[], argument: 0 | 1, name: string): Part[] {
  const foreign: string[] = [];
  const parts = expressionsOf(body).flatMap((expression): Part[] => {
    if (NOTHING.has(written(expression))) return [];
    const said = executed(expression);
    const back = said?.length === argument + 1 ? said[argument] : undefined;
    if (back) return [{ sql: back.sql, line: back.line }];
    foreign.push(`line ${expression[0]?.line ?? 0} (${written(expression).slice(0, 60)})`);
    return [];
  });
  if (foreign.length === 0) return parts;
  const what = argument === 0 ? 'execute with one string' : 'execute with two strings, there and back';
  throw new NoDown(
    `${name} is not understood at ${foreign.join(', ')}: backout reads ${what} and nothing else of Elixir.`,
    'Take it back with "mix ecto.rollback", or write what it does as SQL into a file and name that.',
  );
}

export const ecto: Reader = {
  format: 'ecto',
  recognises: ({ name }) => name.endsWith('.exs'),
  read({ name, text }) {
    const version = this.versionOf(name);
    if (version === null)
      throw new NoDown(
        `${name} begins with no version, so Ecto would not run it.`,
        'Its name is VERSION_name.exs.',
      );
    const tokens = tokensOf(text);
    const down = bodyOf(tokens, 'down');
    const change = down ? null : bodyOf(tokens, 'change');
    if (!down && !change)
      throw new NoDown(
        `${name} has no down/0 and no change/0, so there is no way back in it.`,
        'Write the way back as SQL into a file and name that.',
      );
    const parts = down ? partsOf(down, 0, name) : partsOf(change ?? [], 1, name).reverse();
    if (parts.length === 0)
      throw new NoDown(
        `The way back in ${name} holds no execute.`,
        'Write it as SQL into a file and name that.',
      );
    const attribute = (word: string): boolean =>
      tokens.some((token, at) => token.text === word && tokens[at + 1]?.text === 'true');
    return {
      migration: { version, name: FILE.exec(name)?.[2] ?? '' },
      // Each execute is a statement of its own, whether or not it says so by a semicolon.
      parts: parts.map(({ sql, line }) => ({ sql: sql.trimEnd().endsWith(';') ? sql : `${sql}\n;`, line })),
      bookkeeping: {
        tool: 'Ecto',
        table: 'schema_migrations',
        column: 'version',
        version,
        single: false,
        lock: null,
      },
      remarks: attribute('@disable_ddl_transaction') ? [OUTSIDE] : [],
    };
  },
  versionOf(name) {
    const digits = FILE.exec(name)?.[1];
    return digits === undefined ? null : BigInt(digits).toString();
  },
};

const OUTSIDE =
  'The migration asks for no transaction (@disable_ddl_transaction). backout runs in one all the same what can, so that it happens whole or not at all; a statement that runs in none, such as CREATE INDEX CONCURRENTLY, is a part of its own.';
