/** What every command with a runbook needs: the runbook, its plan, and where the connection comes from. */
import { extname, isAbsolute, relative, resolve, sep } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import type { Known } from '../runbook/read.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Values } from '../runbook/values/types.ts';
import type { RuntimeOptions } from '../runtime/types.ts';
import type { Plan } from '../sql/types.ts';
import { keepSecret } from '../terminal/secrets.ts';
import type { Options } from './args.ts';
import { shippedRunbook, type Io } from './io.ts';
import type { Given } from './values.ts';

/**
 * A Markdown runbook, or a migration tool's file: by `--format`, else by its name.
 * @param asDraft a Markdown file is read whatever it lacks: steps, or their SQL
 */
export async function readDocument(
  path: string,
  format: string | undefined,
  asDraft = false,
  recordTable?: string,
  known: Known = { values: {} },
): Promise<Runbook> {
  if (format === undefined && !MIGRATIONS.includes(extname(path).toLowerCase())) {
    const { readDraft, readRunbook } = await import('../runbook/read.ts');
    return asDraft ? readDraft(path, known) : readRunbook(path, known);
  }
  const { formatNamed, readMigration } = await import('../migrations/read.ts');
  return readMigration(path, format === undefined ? undefined : formatNamed(format), recordTable, known);
}

/** With the values that it leaves open. @throws {UserError} 64, 65 */
async function readFilled(
  path: string,
  { format, recordTable, given = {} }: { format?: string; recordTable?: string; given?: Given },
): Promise<Runbook> {
  const { set = {}, env, lenient } = given;
  const read = (values: Values): Promise<Runbook> => {
    const known = lenient ? { values, instead: (name: string) => name } : { values };
    return readDocument(path, format, false, recordTable, known);
  };
  const first = await read(set);
  if (first.values === undefined && Object.keys(set).length === 0) return first;
  const [{ secretsFor }, { checkValues }] = await Promise.all([
    import('./values.ts'),
    import('../runbook/values/check.ts'),
  ]);
  const secrets = secretsFor(first.values?.missing ?? [], env);
  const values = { ...set, ...secrets };
  const runbook = Object.keys(secrets).length === 0 ? first : await read(values);
  for (const { name, value } of runbook.values?.given ?? []) {
    if (value === null) keepSecret(name, values[name] ?? '');
  }
  if (!lenient) checkValues(runbook, values, path);
  return runbook;
}

/** The endings of files that are no Markdown. */
const MIGRATIONS: readonly string[] = ['.sql', '.exs'];

/**
 * Reads the runbook and its SQL.
 * @param format of `--format`
 * @param recordTable of `--record-table`
 * @param given values that the document leaves open
 * @throws {UserError} 65 when it cannot be used, 64 when a value is missing ({@link MissingValues})
 */
export async function loadPlan(
  path: string,
  format?: string,
  recordTable?: string,
  given?: Given,
): Promise<{ runbook: Runbook; plan: Plan }> {
  const [{ loadParser, SqlSyntaxError }, { planOf }, { refusedIn }, { expectationsFrom }] = await Promise.all(
    [
      import('../sql/parse.ts'),
      import('../sql/plan.ts'),
      import('../sql/lone/statement.ts'),
      import('../migrations/expectations.ts'),
    ],
  );
  const [runbook] = await Promise.all([readFilled(path, { format, recordTable, given }), loadParser()]);
  try {
    const plan = planOf(runbook);
    const refused = refusedIn(plan);
    if (refused) throw new SqlSyntaxError(refused.words, refused.line, 1);
    // A tool's file has no section on verification: what its statements do says what must hold afterwards.
    return runbook.bookkeeping === undefined
      ? { runbook, plan }
      : { runbook: { ...runbook, expectations: expectationsFrom(plan) }, plan };
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    throw new UserError(
      `${path}, line ${error.line}: ${error.message}`,
      'Nothing was run. "backout lint" says everything that is wrong with a runbook.',
      EXIT.badRunbook,
      { cause: error },
    );
  }
}

/** The runbook named on the command line, or the one that ships. */
export function runbookPath(io: Io, options: Pick<Options, 'runbook'>, positional: string | null): string {
  const named = options.runbook ?? positional;
  return named === null || named === undefined ? shippedRunbook(io) : resolve(named);
}

/** A path as people would write it: from the current folder or from their home when it is below one of them. */
export function shortPath(path: string, cwd: string, home: string): string {
  const below = (folder: string): string | null => {
    const rest = relative(folder, path);
    return rest === '' || rest === '..' || rest.startsWith(`..${sep}`) || isAbsolute(rest) ? null : rest;
  };
  const fromHome = home === '' ? null : below(home);
  return below(cwd) ?? (fromHome === null ? path : `~${sep}${fromHome}`);
}

/** `--database` wins over DATABASE_URL; without both, libpq's own variables and defaults decide. */
export function connectionOf(io: Io, options: Pick<Options, 'database'>): RuntimeOptions['connection'] {
  const base = { env: io.env, home: io.home, osUser: io.osUser };
  if (options.database !== undefined) return { ...base, url: options.database, urlOrigin: '--database' };
  const url = io.env['DATABASE_URL'];
  return url ? { ...base, url, urlOrigin: 'DATABASE_URL' } : base;
}

const LIBPQ_NAMES = ['PGHOST', 'PGHOSTADDR', 'PGPORT', 'PGDATABASE', 'PGUSER', 'PGSERVICE'] as const;

/** Whether anything at all says which database is meant. */
export function namesDatabase(io: Io, options: Pick<Options, 'database'>): boolean {
  if (connectionOf(io, options).url !== undefined) return true;
  return LIBPQ_NAMES.some((name) => Boolean(io.env[name]));
}
