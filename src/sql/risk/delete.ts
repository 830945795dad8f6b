/** DELETE: fewer rows. */
import type { DeleteStmt } from '@pgsql/types';
import { kept, KEY } from '../contents.ts';
import { NotFollowed, type Context } from './context.ts';
import { truthOf } from './facts.ts';
import { Guard } from './guard.ts';
import { knownColumns } from './known.ts';
import { rewriteTables } from './rewrite.ts';
import { rowsFrom } from './rows.ts';
import { innerSource } from './select.ts';
import { typesOf } from './sites.ts';
import { name, rowsOf } from './text.ts';
import { hazardProbe } from './values.ts';

/** Where migration frameworks keep what has run: a version row that a rollback takes away is no data. */
const VERSION_TABLES = new Set([
  ...[
    'schema_migrations',
    'schema_migration',
    'flyway_schema_history',
    'alembic_version',
    'django_migrations',
  ],
  ...[
    'knex_migrations',
    '_prisma_migrations',
    'ar_internal_metadata',
    'databasechangelog',
    'goose_db_version',
  ],
]);

/** @throws {NotFollowed} @throws {DatabaseError} */
export async function assessDelete(context: Context, remove: DeleteStmt): Promise<void> {
  const { world, session, questions } = context;
  const contents = world.find(remove.relation?.relname ?? '', remove.relation?.schemaname);
  if (!contents)
    throw new NotFollowed(
      'the whole statement',
      `There is no table ${remove.relation?.relname ?? ''} to look at.`,
    );
  if (remove.withClause)
    throw new NotFollowed('the whole statement', 'A WITH in front of a DELETE is not followed.');
  const { tree, read, tables } = rewriteTables(world, {
    items: remove.usingClause ?? [],
    where: remove.whereClause,
  });
  const lost = read.find((one) => one.lost !== null);
  if (lost)
    throw new NotFollowed('the whole statement', `What ${lost.name} holds is not known: ${lost.lost}.`);
  const alias = remove.relation?.alias?.aliasname ?? contents.name;
  const { items, where } = tree;
  if (truthOf(where, knownColumns(new Map([[alias, contents]]))) === false) return;
  const from = `${contents.cte} AS ${name(alias)}`;
  const scope = items.length === 0 ? from : `${from}, ${innerSource(items)}`;
  const types = await typesOf(session, scope, { expressions: [], looked: [where], items }, (sql) =>
    world.query(sql),
  );
  const guard = new Guard(types, world.version, tables);
  const list = items.length === 0 ? '' : guard.from(items);
  const condition = where ? guard.sql(where) : 'true';
  const findings = context.findings.about(contents.name, contents.keyColumns);
  const key = `${name(alias)}.${KEY}`;
  const hazards = guard.take().map((hazard) => hazardProbe(hazard, '', findings));
  await questions.ask(
    rowsFrom(list === '' ? from : `${from}, ${list}`, null, key, contents.keyColumns),
    hazards,
  );
  for (const gap of guard.gaps) findings.unchecked(gap, 'It was not looked at.');
  const gone = list === '' ? `(${condition}) IS TRUE` : `EXISTS (SELECT 1 FROM ${list} WHERE ${condition})`;
  if (!VERSION_TABLES.has(contents.name)) {
    const found = (rows: number) => findings.atRisk(rows, `${rowsOf(rows)} would be deleted.`);
    await questions.ask(rowsFrom(from, null, key, contents.keyColumns), [
      { condition: gone, keys: false, found },
    ]);
  }
  world.set(kept(world, contents, `NOT (${gone})`, alias, list !== ''));
}
