/** A rehearsal in a scratch schema: one transaction, which never commits. Whatever ends it, nothing of it is left. */
import { asBoolean, asNumber, asText } from '../sql/values.ts';
import { quoteName } from '../sql/definition-sql.ts';
import type { TableDefinition } from '../sql/definition.ts';
import type { Session } from '../sql/session.ts';
import { tablesOf } from '../sql/tables-of.ts';
import type { Catalog } from '../sql/types.ts';
import { arrayLiteral } from '../postgres/catalog.ts';
import { CREATE, TABLES } from '../postgres/store/shape.ts';
import { copyTables, foreignSequences } from './copy.ts';
import { notCopyable } from './copy-sql.ts';
import { isLarge } from './limits.ts';
import { qualifiedPlan } from './qualify.ts';
import { Halted, type Stage, type Subject, type Watch } from './stage.ts';
import { leavesCopy } from './stays.ts';
import type { CopiedTable, Needed } from './types.ts';
import { guarded, inSavepoints } from './within.ts';

const RIGHT = `SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may`;

const UNREADABLE = `
  SELECT c.relname AS name FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
   WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name AND c.relname OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.name[])
     AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1`;

/** Why no copy can be made anywhere, one sentence each; reads alone. @throws {DatabaseError} */
export async function readingRefusals(
  { server, names, definitions, known: plan, schema }: Subject,
  session: Session,
  catalog: Catalog,
): Promise<string[]> {
  const list = arrayLiteral(definitions.map(({ name }) => name));
  const unreadable = (await session.query(UNREADABLE, [schema, list])).rows;
  return [
    ...unreadable.map((row) => `The role ${server.user} may not read ${asText(row['name'])}.`),
    ...notTables(plan, catalog, definitions),
    ...definitions.flatMap((one) => notCopyable(one, names)),
    ...(await foreignSequences(session, definitions)),
  ];
}

/** Why this way is not possible, one sentence each; reads alone. @throws {DatabaseError} */
export async function schemaRefusals(
  subject: Subject,
  session: Session,
  catalog: Catalog,
): Promise<string[]> {
  const { server, names, plan } = subject;
  if (server.standby) return ['This server is a replica: nothing can be written on it.'];
  if (server.readOnly) return ['This session may only read.'];
  const may = asBoolean((await session.query(RIGHT)).rows[0]?.['may']);
  return [
    ...(may ? [] : [`The role ${server.user} may not make schemas in this database.`]),
    ...(await readingRefusals(subject, session, catalog)),
    ...names.eventTriggers.map(
      (name) => `The event trigger ${name} runs code at every change of a table, also of a copy.`,
    ),
    ...leavesCopy(plan, names),
  ];
}

function notTables(
  plan: Subject['plan'],
  catalog: Catalog,
  definitions: readonly TableDefinition[],
): string[] {
  const known = new Set(definitions.map(({ name }) => name));
  return tablesOf(plan)
    .filter((name) => catalog.tables[name] !== undefined && !known.has(name))
    .map((name) => `${name} is no ordinary table.`);
}

export interface ScratchWork {
  subject: Subject;
  /** Of its own, not in a transaction. */
  session: Session;
  watch: Watch;
  needed: Needed;
  sizeLimit: number;
  tables: CopiedTable[];
}

/** Copies, lets `work` use the copy, and takes everything back. @throws {Halted} @throws {DatabaseError} */
export async function inScratchSchema<T>(
  { subject, session, watch, needed, sizeLimit, tables }: ScratchWork,
  work: (stage: Stage, notCopied: string[]) => Promise<T>,
): Promise<T> {
  const own = `backout_rehearsal_${subject.run.replaceAll('-', '_')}`;
  const renamed = { backout: `${own}_journal`, backout_archive: `${own}_archive` };
  const schemas = [own, ...Object.values(renamed)];
  const guard = (): Promise<void> => within(session, schemas, sizeLimit);
  await session.query('BEGIN');
  try {
    await session.query('SET LOCAL search_path = pg_catalog, pg_temp');
    for (const schema of schemas) await session.query(`CREATE SCHEMA ${quoteName(schema)}`);
    const stand = inSavepoints({ session, schema: own, renamed, after: guard });
    for (const table of TABLES) await stand.query(CREATE[table]);
    await stand.query(
      `INSERT INTO backout.run (run, kind, runbook, plan, schema, operator, host, version)
       VALUES ($1, 'rollback', '{}', $2, $3, 'rehearsal', '', '')`,
      [subject.run, subject.plan.hash, own],
    );
    const notCopied = await copyTables({
      session: stand,
      schema: own,
      names: subject.names,
      definitions: subject.definitions,
      shareOf: (table) => (isLarge(table) ? needed.share : 1),
      copying(table) {
        watch.check();
        watch.hear({ type: 'copying', table });
      },
      copied(table) {
        tables.push(table);
        watch.hear({ type: 'copied', table });
      },
      now: watch.now,
    });
    watch.check();
    await session.query(`SET LOCAL search_path = ${quoteName(own)}, pg_temp`);
    const stage: Stage = {
      session: stand,
      raw: session,
      asking: guarded(session),
      schema: own,
      plan: qualifiedPlan(subject.plan, subject.names),
      tables,
      server: subject.server,
      embedded: subject.server.embedded,
      commits: false,
    };
    return await work(stage, notCopied);
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
}

/** What the copy takes, and whether anything stronger than ACCESS SHARE is held on a table that is not of it. */
const USED = `
  SELECT (SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid::pg_catalog.regclass)), 0)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
           WHERE n.nspname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])
             AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog."char") AS bytes,
         (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I (%s)', n.nspname, c.relname, l.mode), ', ')
            FROM pg_catalog.pg_locks l
            JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) l.relation
            JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
           WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
             AND l.mode OPERATOR(pg_catalog.<>) 'AccessShareLock'::pg_catalog.text
             AND c.relkind OPERATOR(pg_catalog.<>) 't'::pg_catalog."char"
             AND n.nspname OPERATOR(pg_catalog.<>) ALL (ARRAY['pg_catalog', 'pg_toast', 'information_schema']::pg_catalog.name[])
             AND n.nspname OPERATOR(pg_catalog.<>) ALL ($1::pg_catalog.name[])) AS locks`;

async function within(session: Session, schemas: readonly string[], sizeLimit: number): Promise<void> {
  const row =
    (await session.query(USED, [`{${schemas.map((name) => `"${name}"`).join(',')}}`])).rows[0] ?? {};
  const locks = asText(row['locks']);
  if (locks !== '')
    throw new Halted('limit', `A lock was taken outside of the copy, which must not be: ${locks}.`);
  const size = asNumber(row['bytes'] ?? 0);
  if (size > sizeLimit) {
    const mb = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MB`;
    throw new Halted(
      'limit',
      `The copy takes ${mb(size)}, more than --size-limit allows (${mb(sizeLimit)}).`,
    );
  }
}
