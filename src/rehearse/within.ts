/** Sessions in which everything is one transaction: what would begin one takes a savepoint. */
import type { QueryResult, Session } from '../sql/session.ts';
import { arrayLiteral } from '../postgres/catalog.ts';
import { quoteIdentifier } from '../postgres/scope.ts';
import { renamedSchemas, type Renamed } from './own-names.ts';

const SAVEPOINT = 'backout_rehearsed';

/** Deferred checks are made at COMMIT; those that are deferred to begin with are so again for the next step. */
const DEFERRED = `
  SELECT pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.conname), ', ') AS names
    FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.connamespace
   WHERE c.condeferred AND n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name`;

/** What would end the transaction in which all of a rehearsal is: the real tables are on the other side of it. */
const ENDS =
  /^\s*(?:COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!\s+(?:(?:WORK|TRANSACTION)\s+)?TO\b))\b/i;

/** What a transaction's end would take back (manual, sql-set). TIME ZONE is the setting's other name. */
const SETS = /^\s*SET\s+LOCAL\s+(?:(TIME\s+ZONE)\b|"([^"]+)"|([\w.]+))/i;

const settingOf = (sql: string): string | null => {
  const [, zone, quoted, plain] = SETS.exec(sql) ?? [];
  return zone ? 'timezone' : (quoted ?? plain?.toLowerCase() ?? null);
};

export interface Within {
  session: Session;
  /** The schema that stands for the plan's. */
  schema: string;
  renamed: Renamed;
  /** Heard after each statement that was sent. May throw. */
  after?(): Promise<void>;
}

/**
 * The same session, whose BEGIN, COMMIT and ROLLBACK are a savepoint's, so that the executor works within a
 * transaction that never commits. Our own schemas have other names in it.
 */
export function inSavepoints({ session, schema, renamed, after }: Within): Session {
  /** Of settings that the step made, what they were before it. */
  const settings = new Map<string, unknown>();
  async function keepSetting(name: string): Promise<void> {
    if (settings.has(name)) return;
    const { rows } = await session.query('SELECT pg_catalog.current_setting($1, true) AS value', [name]);
    settings.set(name, rows[0]?.['value'] ?? '');
  }
  async function commit(): Promise<QueryResult> {
    for (const [name, value] of settings)
      await session.query('SELECT pg_catalog.set_config($1, $2, true)', [name, value]);
    await session.query('SET CONSTRAINTS ALL IMMEDIATE');
    const { rows } = await session.query(DEFERRED, [schema]);
    if (rows[0]?.['names']) await session.query(`SET CONSTRAINTS ${String(rows[0]['names'])} DEFERRED`);
    return session.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
  }
  async function rollBack(): Promise<QueryResult> {
    await session.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
    return session.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
  }
  return standingFor(session, async (sql, params) => {
    if (sql === 'BEGIN') settings.clear();
    if (sql === 'BEGIN') return session.query(`SAVEPOINT ${SAVEPOINT}`);
    if (sql === 'COMMIT') return commit();
    if (sql === 'ROLLBACK') return rollBack();
    // The plan was read before, and nothing in it ends a transaction. Should that ever be wrong, it ends here.
    if (ENDS.test(sql)) throw new Error(`a rehearsal must not send ${sql}`);
    const setting = settingOf(sql);
    if (setting !== null) await keepSetting(setting);
    const own = params?.map((value) => (typeof value === 'string' ? renamedValue(value, renamed) : value));
    const result = await session.query(renamedSchemas(sql, renamed), own);
    await after?.();
    return result;
  });
}

const pathOf = (schema: string): string => `${quoteIdentifier(schema)}, pg_temp`;

/** A name that is sent as a value: by itself, as a search_path, or in an array of nothing but such names. */
function renamedValue(value: string, renamed: Renamed): string {
  if (Object.hasOwn(renamed, value)) return renamed[value] ?? value;
  const names = Object.keys(renamed);
  const path = names.find((name) => value === pathOf(name));
  if (path !== undefined) return pathOf(renamed[path] ?? path);
  return value === arrayLiteral(names) ? arrayLiteral(names.map((name) => renamed[name] ?? name)) : value;
}

/** Each query by itself: one that fails leaves the transaction as it was. */
export function guarded(session: Session): Session {
  return standingFor(session, async (sql, params) => {
    if (['BEGIN', 'BEGIN READ ONLY', 'COMMIT', 'ROLLBACK'].includes(sql))
      return { rows: [], fields: [], rowCount: null, command: sql };
    await session.query('SAVEPOINT backout_asked');
    try {
      const result = await session.query(sql, params);
      await session.query('RELEASE SAVEPOINT backout_asked');
      return result;
    } catch (error) {
      if (!session.lost) {
        await session.query('ROLLBACK TO SAVEPOINT backout_asked');
        await session.query('RELEASE SAVEPOINT backout_asked');
      }
      throw error;
    }
  });
}

/** The session with another way to query. */
export function standingFor(session: Session, query: Session['query']): Session {
  return {
    query,
    onNotice: (listener) => session.onNotice(listener),
    cancel: () => session.cancel(),
    close: () => session.close(),
    get processId() {
      return session.processId;
    },
    get lost() {
      return session.lost;
    },
  };
}
