/** What the bookkeeping of migrations says. */
import { duration, count } from '../activity.ts';
import { laterVersions, recorded, versionTable } from '../versions.ts';
import { answers, listed, type Check } from './check.ts';
import { toolRecord } from './tool-record.ts';

const SHOWN = 10;

export const migrationRecorded: Check = async (context) => {
  const { session, schema, runbook, plan, catalog, position } = context;
  const { pass, warn, fail } = answers('migration-recorded', 'The migration is recorded');
  const { migration, bookkeeping } = runbook;
  if (bookkeeping) return toolRecord(context, bookkeeping);
  if (bookkeeping === null) {
    return pass('The file is run without the record of any migration tool, so none was looked for.');
  }
  if (!migration) {
    return warn(
      'The runbook names no migration by its version, so no record of it was looked for.',
      'Check by hand that the migration of this runbook is the one that was applied.',
    );
  }
  const table = versionTable(plan, catalog);
  if (!table) {
    return fail(
      `Schema ${schema} has no table that records versions (schema_migrations).`,
      'Check that this is the right database, and --schema.',
    );
  }
  const found = await recorded(session, table, migration.version);
  if (found) {
    const age = found.ageSeconds === null ? '' : ` (${duration(Math.max(0, found.ageSeconds))} ago)`;
    const when = found.at === null ? 'without a date' : `since ${found.at} UTC${age}`;
    return pass(`Version ${migration.version} is recorded in ${table.name} ${when}.`);
  }
  const untouched = position.steps.every(({ state }) => state === 'applied');
  if (untouched)
    return pass(`Version ${migration.version} is not recorded in ${table.name}, and its tables are gone.`);
  const begun = position.steps.some(({ state }) => state === 'pending' || state === 'partial');
  const detail = `Version ${migration.version} is not recorded in ${table.name}, but the tables are not all rolled back.`;
  if (!begun) return fail(detail, 'Find out what happened to this database before anything is run.');
  return warn(
    detail,
    'An earlier rollback deleted the record without doing the rest. What is left can be done now; make sure first that this is the right database.',
  );
};

export const latestVersion: Check = async ({ session, runbook, plan, catalog }) => {
  const { pass, warn } = answers('latest-version', 'No later migration was built on it');
  if (runbook.bookkeeping === null) return pass('There is no record of versions to compare with.');
  const table = versionTable(plan, catalog, runbook.bookkeeping);
  if (!table || !runbook.migration) return pass('There is no record of versions to compare with.');
  const later = await laterVersions(session, table, runbook.migration.version);
  const tool = runbook.bookkeeping?.tool ?? '"mix ecto.rollback"';
  if (later.length === 0) return pass(`No version after ${runbook.migration.version} is recorded.`);
  return warn(
    `${count(later.length, 'later version')} recorded: ${listed(later.slice(0, 3))}${later.length > 3 ? ' and more' : ''}.`,
    `Look at what they do: this rollback takes back one migration alone and leaves them as they are. ${tool} would take back the latest.`,
    [...later.slice(0, SHOWN), ...(later.length > SHOWN ? [`and ${later.length - SHOWN} more`] : [])],
  );
};
