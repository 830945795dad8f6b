/** What a migration tool's own table says of the version that is taken back. */
import type { Bookkeeping } from '../../runbook/types.ts';
import { asText } from '../../sql/values.ts';
import { qualified, quoteIdentifier } from '../scope.ts';
import { recordName } from '../versions.ts';
import type { Prerequisite } from '../types.ts';
import { answers, listed, type CheckContext } from './check.ts';

const WITHOUT = 'To run the file without the record of a tool, give --format sql.';

/** Whether the version is recorded as applied; of a tool that keeps the current version alone, whether it is that one. */
export async function toolRecord(context: CheckContext, record: Bookkeeping): Promise<Prerequisite> {
  const { pass, warn, fail } = answers('migration-recorded', 'The migration is recorded');
  const { catalog, position } = context;
  const { tool, column, version, dirty, schema = catalog.schema } = record;
  const table = recordName(record, catalog.schema);
  const columns = catalog.tables[table]?.columns.map(({ name }) => name) ?? [];
  const wanted = [column, ...(record.applied?.columns ?? []), ...(dirty === undefined ? [] : [dirty])];
  const lacking = wanted.filter((name) => !columns.includes(name));
  if (columns.length === 0)
    return fail(
      `Schema ${schema} has no table ${record.table}, in which ${tool} records what it has applied.`,
      `Check that this is the right database, and --schema. Where ${tool} was told to use another table, name that with --record-table. ${WITHOUT}`,
    );
  if (lacking.length > 0)
    return fail(
      `Table ${table} is not the one of ${tool}: it has no column ${listed(lacking)}.`,
      `Say by --format whose migration it is. ${WITHOUT}`,
    );
  const rows = await recordsOf(context, record);
  const mine = rows.find((row) => row.version === version);
  const done = position.steps.every(({ state }) => state === 'applied');
  if (mine?.dirty) {
    return warn(
      `${tool} has marked version ${version} as dirty: a migration broke off in the middle.`,
      'Part of it may be there. Look at the position of every statement; what is left is taken back, and the mark goes.',
    );
  }
  if (mine) return pass(`Version ${version} is recorded in ${table}.`);
  const others = rows.map((row) => row.version);
  if (record.single && others.length > 0 && !(done && others[0] === record.previous))
    return fail(
      `The current version in ${table} is ${listed(others.slice(0, 3))}, not ${version}.`,
      `${tool} goes back one version at a time, from the current one. Name the file of that version, or look whether this one was taken back already.`,
    );
  if (done)
    return pass(`Version ${version} is not recorded in ${table} any more, and everything is taken back.`);
  return warn(
    `Version ${version} is not recorded in ${table}, but not everything of it is taken back.`,
    'It was never applied by this tool, or somebody removed the record alone. Make sure first that this is the right database and the right file.',
  );
}

async function recordsOf(
  { session, catalog }: CheckContext,
  { schema = catalog.schema, table, column, applied, dirty }: Bookkeeping,
): Promise<{ version: string; dirty: boolean }[]> {
  const where = applied === undefined ? '' : ` WHERE ${applied.sql}`;
  const flag = dirty === undefined ? 'false' : quoteIdentifier(dirty);
  const { rows } = await session.query(
    `SELECT ${quoteIdentifier(column)}::text AS version, ${flag}::text AS dirty FROM ${qualified(schema, table)}${where}`,
  );
  return rows.map((row) => ({ version: asText(row['version']), dirty: asText(row['dirty']) === 'true' }));
}
