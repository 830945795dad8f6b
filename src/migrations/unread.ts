/**
 * Files that are no way down: recognised, so that nobody runs them as plain SQL without knowing what they are.
 *
 * Source: graphile/migrate, docs (committed migrations begin with `--! Previous:`, each names the hash of the one before
 * it, and there is no way down: "graphile-migrate is forward-only").
 */
import { NoDown, type Source } from './types.ts';

const WITHOUT = 'With --format sql the file is run as it stands';

/** @throws {NoDown} when it is one of them, or a way up */
export function refuseUnread({ name, text, folder }: Source): void {
  const up = /\.up\.sql$/.test(name) || /^V\d[\d._]*__/.test(name);
  if (up || (name === 'migration.sql' && /^\d{14}_/.test(folder)))
    throw new NoDown(`${name} is the way up by its name.`, `Name the way down. ${WITHOUT}.`);
  if (/^--! Previous:/m.test(text))
    throw new NoDown(
      `${name} is a committed migration of graphile-migrate, which goes forward alone: it has no way down, and its records (graphile_migrate.migrations) are a chain of hashes from which the last one cannot be taken without breaking it for everybody else.`,
      'What graphile-migrate means by going back is a new migration (migrations/current.sql). Or write the way back as SQL into a file of its own and name that; it runs without any record.',
    );
}
