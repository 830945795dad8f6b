/** A rehearsal in the embedded PostgreSQL of this machine: the database is only read. */
import { readDefinitions } from '../postgres/definition.ts';
import { openSession, serverInfo, withSchema } from '../postgres/connect.ts';
import { resolveSettings } from '../postgres/settings.ts';
import { prepareStore } from '../postgres/store.ts';
import { startEmbedded } from '../practice/embedded.ts';
import { quoteName, quoteQualified } from '../sql/definition-sql.ts';
import type { TableDefinition } from '../sql/definition.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { copyPlan, sampleSql, type CopyPlan } from './copy-sql.ts';
import { NoCopy } from './dump.ts';
import type { Stage, Subject, Watch } from './stage.ts';
import { missesThere } from './stays.ts';
import { standingFor } from './within.ts';
import type { CopiedTable } from './types.ts';

/** Of each table: what the embedded one takes in moments. */
export const MOST_ROWS = 10_000;

/** Values a statement is sent with; the protocol allows 65,535. */
const MOST_VALUES = 10_000;

export interface EmbeddedWork {
  subject: Subject;
  /** Reads the database; not in a transaction. */
  session: Session;
  watch: Watch;
  /** Of the rows of large tables. */
  share: number;
  tables: CopiedTable[];
  /** Told how to end the work early: the embedded one knows no cancel. */
  ending(end: () => void): void;
}

/** @throws {Halted} @throws {DatabaseError} @throws {UserError} where the embedded one does not start */
export async function inEmbedded<T>(
  { subject, session, watch, share, tables, ending }: EmbeddedWork,
  work: (stage: Stage, notCopied: string[]) => Promise<T>,
): Promise<T> {
  const embedded = await startEmbedded();
  ending(() => void embedded.stop());
  try {
    watch.check();
    const connection = await resolveSettings({
      url: embedded.url,
      urlOrigin: 'embedded',
      env: {},
      home: '',
      osUser: '',
    });
    const copy = await openSession(connection, { applicationName: 'backout rehearsal' });
    try {
      await emptied(copy, subject);
      const notCopied = await filled({ subject, session, watch, share, tables }, refusing(copy));
      await prepareStore(copy);
      await copy.query(
        `INSERT INTO backout.run (run, kind, runbook, plan, schema, operator, host, version)
         VALUES ($1, 'rollback', '{}', $2, $3, 'rehearsal', '', '')`,
        [subject.run, subject.plan.hash, subject.schema],
      );
      await withSchema(copy, subject.schema);
      const server = { ...(await serverInfo(copy, connection)), embedded: true };
      const { schema, plan } = subject;
      const stage: Stage = {
        session: copy,
        raw: copy,
        asking: copy,
        schema,
        plan,
        tables,
        server,
        embedded: true,
        commits: true,
      };
      return await work(stage, notCopied);
    } finally {
      await copy.close();
    }
  } finally {
    await embedded.stop();
  }
}

/** What it does not take of the tables is no fault of the plan. */
function refusing(copy: Session): Session {
  return standingFor(copy, async (sql, params) => {
    try {
      return await copy.query(sql, params);
    } catch (error) {
      if (!(error instanceof DatabaseError) || copy.lost) throw error;
      throw new NoCopy([`The embedded PostgreSQL cannot make the copy: ${toLine(error.message, 200)}.`]);
    }
  });
}

/** Its own tables go; the type vector stays, in the schema that it has in the database. */
async function emptied(copy: Session, { schema, names }: Subject): Promise<void> {
  const { rows } = await copy.query(
    `SELECT c.relname AS name FROM pg_catalog.pg_class c
      WHERE c.relnamespace OPERATOR(pg_catalog.=) 'public'::pg_catalog.regnamespace
        AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog."char"`,
  );
  for (const row of rows) {
    await copy.query(
      `DROP TABLE IF EXISTS ${quoteQualified({ schema: 'public', name: asText(row['name']) })} CASCADE`,
    );
  }
  if (schema === 'public') return;
  await copy.query(`CREATE SCHEMA ${quoteName(schema)}`);
  if (names.types.has('vector')) await copy.query(`ALTER EXTENSION vector SET SCHEMA ${quoteName(schema)}`);
}

type Filling = Omit<EmbeddedWork, 'ending'>;

/** In one snapshot, in a transaction that may only read. */
async function filled(filling: Filling, copy: Session): Promise<string[]> {
  const { subject, session, watch, tables } = filling;
  const { definitions, names, schema } = subject;
  const shareOf = (table: TableDefinition): number =>
    Math.min(filling.share, MOST_ROWS / Math.max(MOST_ROWS, table.estimatedRows));
  const copied = new Set(definitions.map(({ name }) => name));
  const sampled = new Set(definitions.filter((one) => shareOf(one) < 1).map(({ name }) => name));
  const plans = definitions.map((one) =>
    copyPlan({ ...one, tablespace: null }, { schema, names, copied, sampled }),
  );
  await withSchema(copy, schema);
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    for (const plan of plans) {
      const { name } = plan.definition;
      watch.check();
      watch.hear({ type: 'copying', table: name });
      const began = watch.now();
      for (const sql of plan.create) await copy.query(sql);
      const share = shareOf(plan.definition);
      const rows = await carried(session, copy, plan, schema, share);
      for (const sql of plan.finish) await copy.query(sql);
      await positions(session, copy, plan.definition, schema);
      const size = await copy.query(
        'SELECT pg_catalog.pg_total_relation_size(CAST($1 AS pg_catalog.regclass)) AS bytes',
        [quoteQualified({ schema, name })],
      );
      const bytes = asNumber(size.rows[0]?.['bytes']);
      const table = { table: name, rows, share, bytes, seconds: (watch.now() - began) / 1000 };
      tables.push(table);
      watch.hear({ type: 'copied', table });
    }
    for (const plan of plans) for (const sql of plan.foreignKeys) await copy.query(sql);
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
  // Read once, so that what cannot be read of the copy is known before the steps.
  await readDefinitions(copy, schema, [...copied]);
  return plans.flatMap(({ notCopied }) => notCopied);
}

/** Reading a sequence does not move it. */
async function positions(
  from: Session,
  to: Session,
  { sequences }: TableDefinition,
  schema: string,
): Promise<void> {
  for (const sequence of sequences) {
    const { rows } = await from.query(`SELECT s.last_value, s.is_called FROM ${quoteQualified(sequence)} s`);
    await to.query(
      'SELECT pg_catalog.setval(CAST($1 AS pg_catalog.regclass), CAST($2 AS pg_catalog.int8), CAST($3 AS pg_catalog.bool))',
      [quoteQualified({ schema, name: sequence.name }), rows[0]?.['last_value'], rows[0]?.['is_called']],
    );
  }
}

/** @returns how many rows */
async function carried(
  from: Session,
  to: Session,
  plan: CopyPlan,
  schema: string,
  share: number,
): Promise<number> {
  const { rows } = await from.query(`${sampleSql(plan, share)} LIMIT ${MOST_ROWS}`);
  const { columns, definition } = plan;
  const list = columns.map(quoteName).join(', ');
  const target = quoteQualified({ schema, name: definition.name });
  const always = definition.columns.some(({ identity }) => identity === 'a')
    ? ' OVERRIDING SYSTEM VALUE'
    : '';
  const batch = Math.max(1, Math.floor(MOST_VALUES / Math.max(1, columns.length)));
  for (let at = 0; at < rows.length; at += batch) {
    const part = rows.slice(at, at + batch);
    const values = part.map(
      (_, row) => `(${columns.map((__, column) => `$${row * columns.length + column + 1}`).join(', ')})`,
    );
    await to.query(
      `INSERT INTO ${target} (${list})${always} VALUES ${values.join(', ')}`,
      part.flatMap((row) => columns.map((column) => row[column] ?? null)),
    );
  }
  return rows.length;
}

/** Why this way is not possible, one sentence each. @throws {DatabaseError} */
export function embeddedRefusals({ names, definitions, known }: Subject): string[] {
  const types = [...names.types].filter((type) => type !== 'vector' && type !== '_vector');
  const missing = definitions.flatMap(({ name, columns }) =>
    columns
      .filter(({ type }) =>
        types.some(
          (own) => type === own || type === `"${own}"` || type.startsWith(`${own}(`) || type === `${own}[]`,
        ),
      )
      .map(
        (column) =>
          `${name}.${column.name} is of type ${column.type}, which the embedded PostgreSQL does not have.`,
      ),
  );
  return [...missing, ...missesThere(known, names)];
}
