/** Making the two schemas and their tables. */
import { EXIT, UserError } from '../../exit.ts';
import { DatabaseError, type Session } from '../../sql/session.ts';
import { asText } from '../../sql/values.ts';
import { pinned, quoteIdentifier } from '../scope.ts';
import { ARCHIVE, CREATE, JOURNAL, TABLES } from './shape.ts';
import { storeStateWithin } from './state.ts';

/** Somebody else made the same at the same moment: unique_violation, duplicate_schema, _table, _object, deadlock. */
const MADE_MEANWHILE: ReadonlySet<string> = new Set(['23505', '42P06', '42P07', '42710', '40P01']);
const TRIES = 5;

/**
 * Makes what is missing of the store, in a transaction of its own; when all is there and ours, changes nothing. Safe when
 * several do it at once. Not inside a transaction.
 * @throws {UserError} when it may not be made, or when what is there is not ours: it is not used then
 * @throws {DatabaseError}
 */
export async function prepareStore(session: Session): Promise<void> {
  await pinned(session, async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await prepareOnce(session);
        return;
      } catch (error) {
        if (session.lost || attempt === TRIES || !(error instanceof DatabaseError)) throw error;
        if (!MADE_MEANWHILE.has(error.sqlstate)) throw error;
      }
    }
  });
}

async function prepareOnce(session: Session): Promise<void> {
  const { state, words } = await storeStateWithin(session);
  if (state === 'ready') return;
  if (state !== 'absent') throw refusal(state, words);
  await session.query('BEGIN');
  try {
    // Somebody else's uncommitted attempt holds the names for a moment only.
    await session.query("SET LOCAL lock_timeout = '10s'");
    for (const schema of [JOURNAL, ARCHIVE]) await makeSchema(session, schema);
    for (const table of TABLES) await makeTable(session, table);
    const after = await storeStateWithin(session);
    if (after.state !== 'ready') throw refusal(after.state, after.words);
    await session.query('COMMIT');
  } catch (error) {
    if (!session.lost) await session.query('ROLLBACK');
    throw error;
  }
}

async function exists(session: Session, sql: string, name: string): Promise<boolean> {
  return (await session.query(sql, [name])).rows.length > 0;
}

/** What is kept is private: default privileges must not show it to anybody. */
async function makeSchema(session: Session, schema: string): Promise<void> {
  if (await exists(session, 'SELECT 1 AS there FROM pg_namespace n WHERE n.nspname = $1', schema)) return;
  await session.query(`CREATE SCHEMA ${schema}`);
  const grantees = `
    SELECT DISTINCT CASE WHEN x.grantee = 0 THEN '' ELSE pg_get_userbyid(x.grantee)::text END AS grantee
      FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) x WHERE n.nspname = $1 AND x.grantee <> n.nspowner`;
  await revoke(session, `SCHEMA ${schema}`, (await session.query(grantees, [schema])).rows);
}

async function makeTable(session: Session, table: (typeof TABLES)[number]): Promise<void> {
  const there = `SELECT 1 AS there FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = '${JOURNAL}' AND c.relname = $1`;
  if (await exists(session, there, table)) return;
  await session.query(CREATE[table]);
  const grantees = `
    SELECT DISTINCT CASE WHEN x.grantee = 0 THEN '' ELSE pg_get_userbyid(x.grantee)::text END AS grantee
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) x
     WHERE n.nspname = '${JOURNAL}' AND c.relname = $1 AND x.grantee <> c.relowner`;
  await revoke(session, `TABLE ${JOURNAL}.${table}`, (await session.query(grantees, [table])).rows);
}

async function revoke(session: Session, on: string, rows: Record<string, unknown>[]): Promise<void> {
  const roles = rows
    .map((row) => asText(row['grantee']))
    .map((name) => (name ? quoteIdentifier(name) : 'PUBLIC'));
  if (roles.length > 0) await session.query(`REVOKE ALL ON ${on} FROM ${roles.join(', ')}`);
}

function refusal(state: string, words: string[]): UserError {
  const found = words.join('; ');
  if (state === 'foreign') {
    return new UserError(
      `What is called ${JOURNAL} or ${ARCHIVE} in this database is not backout's, and is not used: ${found}.`,
      `Find out who made it. Rename it, or drop it, before you run anything.`,
      EXIT.prerequisiteFailed,
    );
  }
  return new UserError(
    `The schemas ${JOURNAL} and ${ARCHIVE} cannot be made or used: ${found}.`,
    'Have CREATE on the database granted to this role, or connect as the role that made them.',
    EXIT.notPermitted,
  );
}
