/**
 * Files of tools whose record backout does not take back: they are recognised, so that nobody runs them as plain SQL
 * without knowing that the tool will go on believing in them.
 *
 * Source: sqitchetc/sqitch, lib/App/Sqitch/Engine/pg.pm (schema sqitch); drizzle-team/drizzle-orm,
 * drizzle-orm/src/migrator.ts (meta/_journal.json, drizzle.__drizzle_migrations); graphile/migrate, docs (committed
 * migrations begin with `--! Previous:`, and there is no way down).
 */
import { NoDown, type Source } from './types.ts';

const WITHOUT = 'With --format sql the file is run as it stands';

/** @throws {NoDown} when it is one of them, or a way up */
export function refuseUnread({ name, text, folder, beside }: Source): void {
  const up = /\.up\.sql$/.test(name) || /^V\d[\d._]*__/.test(name);
  if (up || (name === 'migration.sql' && /^\d{14}_/.test(folder)))
    throw new NoDown(`${name} is the way up by its name.`, `Name the way down. ${WITHOUT}.`);
  if (folder === 'revert' && /^--\s*Revert\s+\S+/im.test(text))
    throw new NoDown(
      `${name} is a revert script of sqitch, whose records (schema sqitch) backout does not take back.`,
      `Use "sqitch revert". ${WITHOUT}, and sqitch still counts the change as deployed.`,
    );
  if (beside.includes('meta') && /^\d{4}_/.test(name) && name.endsWith('.sql'))
    throw new NoDown(
      `${name} is in a folder of Drizzle, whose record (drizzle.__drizzle_migrations) backout does not take back.`,
      `${WITHOUT}, and its row has to be deleted by hand, or Drizzle still counts it as applied.`,
    );
  if (/^--! Previous:/m.test(text))
    throw new NoDown(
      `${name} is a committed migration of graphile-migrate, which has no way down.`,
      'Write one as SQL into a file of its own and name that.',
    );
}
