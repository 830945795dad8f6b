/** A rehearsal in a database of its own on the same server: made from pg_dump, worked in with COMMIT, dropped whatever happens. */
import { createScratch, dropScratch, REHEARSAL } from '../backup/scratch.ts';
import { onDatabase } from '../backup/libpq-env.ts';
import { readDefinitions } from '../postgres/definition.ts';
import { pinned, withSchema } from '../postgres/scope.ts';
import { prepareStore } from '../postgres/store.ts';
import type { Connection } from '../postgres/settings.ts';
import { differences } from '../sql/definition-differences.ts';
import { quoteQualified } from '../sql/definition-sql.ts';
import type { TableDefinition } from '../sql/definition.ts';
import { DatabaseError, type Session } from '../sql/session.ts';
import { asNumber, asText } from '../sql/values.ts';
import { toLine } from '../terminal/sanitize.ts';
import { copyRows, dumpDefinitions, NoCopy, type DumpWork } from './dump.ts';
import type { DatabaseWay } from './database-way.ts';
import type { NeededTable } from './needed-tables.ts';
import { Halted, type Stage, type Subject, type Watch } from './stage.ts';
import type { CopiedTable } from './types.ts';

/** How often its size is looked at. In milliseconds. */
const LOOK_EVERY = 500;

export interface DatabaseWork {
  subject: Subject;
  way: DatabaseWay;
  connection: Connection;
  env: NodeJS.ProcessEnv;
  open(connection: Connection): Promise<Session>;
  /** Makes the database and drops it; its being there says that the rehearsal still goes on. */
  session: Session;
  watch: Watch;
  sizeLimit: number;
  tables: CopiedTable[];
  /** Told how to end the work early. */
  ending(end: () => void): void;
  halt(kind: Halted['kind'], words: string): void;
}

/** @throws {Halted} @throws {NoCopy} @throws {DatabaseError} */
export async function inScratchDatabase<T>(
  work: DatabaseWork,
  use: (stage: Stage, notCopied: string[]) => Promise<T>,
): Promise<T> {
  const { subject, session, watch } = work;
  watch.check();
  const scratch = await pinned(session, () =>
    createScratch(session, subject.server.versionNumber, REHEARSAL),
  );
  let copy: Session | null = null;
  try {
    const watched = watchSize(work, scratch);
    try {
      const filled = await fill(work, scratch, () => copy?.cancel());
      copy = await work.open(onDatabase(work.connection, scratch));
      const open = copy;
      const notCopied = [...filled, ...(await ready(work, open))];
      const { schema, plan } = subject;
      const stage: Stage = {
        ...{ session: open, raw: open, asking: open, schema, plan, tables: work.tables },
        server: { ...subject.server, database: scratch },
        embedded: false,
        commits: true,
        mayAsk: work.way.mayAsk,
      };
      return await use(stage, notCopied);
    } finally {
      await watched.end();
    }
  } finally {
    await copy?.close().catch(() => undefined);
    await drop(work, scratch);
  }
}

/** By another session where its own is lost or refuses; what cannot be dropped now is told. */
async function drop({ session, connection, open, watch }: DatabaseWork, scratch: string): Promise<void> {
  try {
    await pinned(session, () => dropScratch(session, scratch));
    return;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
  }
  try {
    const other = await open(connection);
    try {
      await pinned(other, () => dropScratch(other, scratch));
    } finally {
      await other.close();
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    watch.hear({ type: 'left', name: scratch });
  }
}

/** Looks at the size of the copy while it is filled and worked in. */
function watchSize({ session, sizeLimit, halt }: DatabaseWork, scratch: string): { end(): Promise<void> } {
  let looking: Promise<void> = Promise.resolve();
  let empty: number | null = null;
  const look = async (): Promise<void> => {
    const { rows } = await session.query(
      'SELECT pg_catalog.pg_database_size(CAST($1 AS pg_catalog.name)) AS bytes',
      [scratch],
    );
    const size = asNumber(rows[0]?.['bytes']);
    empty ??= size;
    const mb = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MB`;
    if (size - empty > sizeLimit)
      halt('limit', `The copy takes ${mb(size - empty)}, more than --size-limit allows (${mb(sizeLimit)}).`);
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch(() => undefined);
  }, LOOK_EVERY);
  return {
    end() {
      clearInterval(timer);
      return looking;
    },
  };
}

/** Definitions and rows, as they are at one moment. @returns what is not in the copy */
async function fill(
  work: DatabaseWork,
  scratch: string,
  cancelCopy: () => Promise<void> | undefined,
): Promise<string[]> {
  const { session, way, watch, connection, env } = work;
  const cancels: (() => void)[] = [() => void cancelCopy()?.catch(() => undefined)];
  work.ending(() => cancels.forEach((cancel) => cancel()));
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const { rows } = await session.query('SELECT pg_catalog.pg_export_snapshot() AS snapshot');
    const dump: DumpWork = {
      ...{ connection, scratch, env, programs: way.programs, snapshot: asText(rows[0]?.['snapshot']) },
      onChild: (cancel) => cancels.push(cancel),
      check: watch.check,
      copying: (table) => watch.hear({ type: 'copying', table }),
    };
    const definitions = await dumpDefinitions(dump);
    try {
      const complaints = await definitions.before();
      await copyRows(dump, way.tables);
      complaints.push(...(await definitions.after()));
      return [
        ...definitions.left.map((name) => `The extension ${toLine(name, 80)}: it may act outside of a copy.`),
        ...[...new Set(complaints)].slice(0, MOST).map((words) => `Of the definitions: ${words}`),
        ...(complaints.length > MOST
          ? [`${complaints.length - MOST} further complaints of pg_restore.`]
          : []),
      ];
    } finally {
      await definitions.close();
    }
  } finally {
    if (!session.lost) await session.query('ROLLBACK');
  }
}

const MOST = 10;

/** What foreign keys miss is said; any other difference means that this is no copy. */
async function ready({ subject, way, watch, tables }: DatabaseWork, copy: Session): Promise<string[]> {
  const { schema, definitions } = subject;
  await withSchema(copy, schema);
  const names = definitions.map(({ name }) => name);
  const made = await readDefinitions(copy, schema, names, schema, subject.elsewhere);
  const notCopied: string[] = [];
  const wrong = definitions.flatMap((real) => {
    const other = made.find(({ name }) => name === real.name);
    if (!other) return [`${real.name} could not be made.`];
    const missing = real.constraints.filter(
      ({ type, name }) => type === 'f' && !other.constraints.some((one) => one.name === name),
    );
    notCopied.push(
      ...missing.map(
        ({ name }) => `Foreign key ${name} of ${real.name}: the table it refers to is not copied.`,
      ),
    );
    const constraints = real.constraints.filter((one) => !missing.includes(one));
    return differences(bare({ ...real, constraints }), bare(other));
  });
  if (wrong.length > 0)
    throw new NoCopy([`The copy is not like the original: ${wrong.slice(0, 3).join(' ')}`]);
  await pinned(copy, async () => {
    for (const { table, name } of way.triggersOff)
      await copy.query(
        `ALTER TABLE ${quoteQualified(table)} DISABLE TRIGGER "${name.replaceAll('"', '""')}"`,
      );
    for (const table of way.tables) {
      if (table.kind !== 'r') continue;
      watch.check();
      const counted = await counts(copy, table, schema);
      tables.push(counted);
      watch.hear({ type: 'copied', table: counted });
    }
  });
  await prepareStore(copy);
  await copy.query(
    `INSERT INTO backout.run (run, kind, runbook, plan, schema, operator, host, version)
     VALUES ($1, 'rollback', '{}', $2, $3, 'rehearsal', '', '')`,
    [subject.run, subject.plan.hash, schema],
  );
  await withSchema(copy, schema);
  return [
    ...notCopied,
    ...way.triggersOff.map(
      ({ table, name }) =>
        `Trigger ${name} of ${table.name}: it is off on the copy, since what it calls may act outside.`,
    ),
  ];
}

async function counts(copy: Session, table: NeededTable, schema: string): Promise<CopiedTable> {
  const place = quoteQualified(table);
  await copy.query(`ANALYZE ${place}`);
  const { rows } = await copy.query(
    `SELECT (SELECT pg_catalog.count(*) FROM ONLY ${place}) AS rows,
            pg_catalog.pg_total_relation_size(CAST($1 AS pg_catalog.regclass)) AS bytes`,
    [place],
  );
  return {
    table: table.schema === schema ? table.name : `${table.schema}.${table.name}`,
    rows: asNumber(rows[0]?.['rows']),
    share: 1,
    bytes: asNumber(rows[0]?.['bytes']),
    seconds: null,
  };
}

/** Without what a copy has otherwise: rights, owners, places, and who it is sent to. */
const bare = (table: TableDefinition): TableDefinition => ({
  ...table,
  ...{ owner: '', grants: null, tablespace: null, publications: [] },
  columns: table.columns.map((column) => ({ ...column, grants: null })),
  indexes: table.indexes.map((index) => ({ ...index, tablespace: null })),
  statistics: table.statistics.map((one) => ({ ...one, owner: '' })),
  sequences: table.sequences.map((one) => ({ ...one, grants: null })),
});
