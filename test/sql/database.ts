/** An embedded database for judging statements on: one PGlite with pgvector, one schema at a time. */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { readCatalog } from '../../src/postgres/catalog.ts';
import { DatabaseError, type QueryResult, type Session } from '../../src/sql/session.ts';
import type { Catalog } from '../../src/sql/types.ts';

export interface TestDatabase {
  readonly pglite: PGlite;
  /** Drops everything there was and begins with an empty schema. */
  empty(): Promise<void>;
  session: Session;
  catalog(): Promise<Catalog>;
  /** Every row of every table as text, without the columns named (`table.column`). */
  rows(without?: readonly string[]): Promise<Record<string, string[]>>;
  close(): Promise<void>;
}

const SCHEMA = 'town';

function sessionOn(pglite: PGlite): Session {
  return {
    async query(sql: string, params: readonly unknown[] = []): Promise<QueryResult> {
      try {
        const result = await pglite.query<Record<string, unknown>>(sql, [...params]);
        const rowCount = result.affectedRows ?? null;
        return { rows: result.rows, fields: result.fields.map((field) => field.name), rowCount, command: '' };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        throw new DatabaseError(
          error instanceof Error ? error.message : String(error),
          code,
          {},
          { cause: error },
        );
      }
    },
    onNotice: () => () => {},
    cancel: () => Promise.resolve(),
    close: () => Promise.resolve(),
    processId: null,
    lost: false,
  };
}

async function rowsOf(pglite: PGlite, without: readonly string[]): Promise<Record<string, string[]>> {
  const tables = await pglite.query<{ name: string }>(
    'SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = $2 ORDER BY 1',
    [SCHEMA, 'r'],
  );
  const all: Record<string, string[]> = {};
  for (const { name } of tables.rows) {
    const columns = without
      .filter((one) => one.startsWith(`${name}.`))
      .map((one) => one.slice(name.length + 1));
    const { rows } = await pglite.query<{ row: string }>(
      `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM "${name}" t ORDER BY 1`,
      [columns],
    );
    all[name] = rows.map((one) => one.row);
  }
  return all;
}

export async function openDatabase(): Promise<TestDatabase> {
  const pglite = await PGlite.create({ extensions: { vector } });
  await pglite.exec('CREATE EXTENSION vector');
  const session = sessionOn(pglite);
  return {
    pglite,
    session,
    async empty() {
      await pglite.exec(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA};`);
      await pglite.exec(`SET search_path = ${SCHEMA}, public, pg_temp`);
    },
    catalog: () => readCatalog(session, SCHEMA),
    rows: (without = []) => rowsOf(pglite, without),
    close: () => pglite.close(),
  };
}

/** Without what differs between two databases that are the same to every reader, and without NOT NULL twice over. */
export function definitions(catalog: Catalog) {
  return Object.values(catalog.tables)
    .map(({ name, columns, indexes, constraints }) => ({
      name,
      columns,
      indexes: indexes.map((index) => index.definition).sort(),
      constraints: constraints
        .filter((one) => one.type !== 'n')
        .map((one) => `${one.name} ${one.definition}`)
        .sort(),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
