/** A database in which a plan is tried from several places: one transaction, and a savepoint for whatever may fail. */
import { readCatalog } from '../../src/postgres/catalog.ts';
import { parseStatements } from '../../src/sql/parse.ts';
import { positionOf } from '../../src/sql/position.ts';
import type { Session } from '../../src/sql/session.ts';
import { applyEffects } from '../../src/sql/symbolic.ts';
import type { Catalog, Plan, Position } from '../../src/sql/types.ts';
import { definitions, type TestDatabase } from '../sql/database.ts';
import { statementsOf, type Move } from './plans.ts';

const SCHEMA = 'town';

export interface Rows {
  a: readonly (readonly [x: string | null, y: number | null])[];
  b: readonly (number | null)[];
}

export interface Snapshot {
  definitions: ReturnType<typeof definitions>;
  rows: string;
}

const ROWS = `SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS note,
    (SELECT string_agg(a.attname || col_description(c.oid, a.attnum), ' ') FROM pg_attribute a WHERE a.attrelid = c.oid) AS notes,
    query_to_xml(format('SELECT to_jsonb(t)::text AS r FROM %I t ORDER BY 1', c.relname), false, true, '')::text AS rows
  FROM pg_class c WHERE c.relnamespace = 'town'::regnamespace AND c.relkind = 'r' ORDER BY 1`;

export class Arena {
  readonly session: Pick<Session, 'query'>;

  constructor(private readonly db: TestDatabase) {
    this.session = { query: (sql, params) => this.guarded(() => db.session.query(sql, params)) };
  }

  /** A failure does not end the transaction. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    const { pglite } = this.db;
    await pglite.exec('SAVEPOINT one');
    try {
      const result = await work();
      await pglite.exec('RELEASE one');
      return result;
    } catch (error) {
      await pglite.exec('ROLLBACK TO one; RELEASE one');
      throw error;
    }
  }

  async begin(rows: Rows): Promise<void> {
    const { pglite } = this.db;
    await pglite.exec('BEGIN');
    const text = (value: unknown): string => (value === null ? 'NULL' : `'${String(value)}'`);
    const a = rows.a.map(([x, y], at) => `(${at + 1}, ${text(x)}, ${text(y)})`);
    const b = rows.b.map((z, at) => `(${at + 2}, ${text(z)})`);
    await pglite.exec(`
      CREATE TABLE a (id int PRIMARY KEY, x text, y int DEFAULT 7);
      CREATE TABLE b (id int PRIMARY KEY, z varchar(20), w int);
      CREATE INDEX a_x ON a (x);
      ${a.length > 0 ? `INSERT INTO a VALUES ${a.join(', ')};` : ''}
      ${b.length > 0 ? `INSERT INTO b (id, w) VALUES ${b.join(', ')};` : ''}
      SAVEPOINT beginning`);
  }

  /** Back to the rows as they were before the plan. */
  async again(): Promise<void> {
    await this.db.pglite.exec('ROLLBACK TO beginning');
  }

  async end(): Promise<void> {
    await this.db.pglite.exec('ROLLBACK');
  }

  run(sql: string): Promise<unknown> {
    return this.guarded(() => this.db.pglite.query(sql));
  }

  /** The statements of the moves that the server takes, which it has run then. */
  async accepted(moves: readonly Move[], longest: number): Promise<string[]> {
    const ran: string[] = [];
    let catalog = await this.catalog();
    for (const move of moves) {
      for (const sql of statementsOf(move, catalog)) {
        if (ran.length === longest) return ran;
        const taken = await this.run(sql).then(
          () => true,
          () => false,
        );
        if (!taken) break;
        ran.push(sql);
        catalog = applyEffects(
          catalog,
          parseStatements(sql).flatMap((one) => one.effects),
        );
      }
    }
    return ran;
  }

  catalog(): Promise<Catalog> {
    return readCatalog(this.db.session, SCHEMA);
  }

  async position(plan: Plan): Promise<{ catalog: Catalog; position: Position }> {
    const catalog = await this.catalog();
    return { catalog, position: await positionOf(plan, catalog, this.session) };
  }

  async snapshot(): Promise<Snapshot> {
    const { rows } = await this.db.pglite.query(ROWS);
    return { definitions: definitions(await this.catalog()), rows: JSON.stringify(rows, null, 1) };
  }
}
