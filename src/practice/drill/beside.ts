/** SQL of a drill beside the wizard: in a transaction of its own, with the rights and names of the database's owner. */
import type { SideSession } from '../../postgres/side.ts';

/** Set for the transaction only: on the embedded database the wizard's own session is the same. */
const OWNER = `BEGIN; SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL search_path TO "$user", public; SET LOCAL row_security TO on`;

/** Commits it. @throws {DatabaseError} with nothing done */
export async function runBeside(side: SideSession, sql: string): Promise<void> {
  try {
    await side.run(`${OWNER};\n${sql}\n;COMMIT`);
  } catch (error) {
    if (!side.lost) await side.run('ROLLBACK');
    throw error;
  }
}

/** Reads one number; null where the query fails or finds none. Changes nothing. */
export async function countBeside(side: SideSession, sql: string): Promise<number | null> {
  try {
    await side.run(`${OWNER}; SET LOCAL transaction_read_only TO on`);
    const value = await side.value(sql);
    const number = Number(value);
    return value === null || !Number.isFinite(number) ? null : number;
  } catch {
    return null;
  } finally {
    if (!side.lost) await side.run('ROLLBACK');
  }
}

const TABLES = `SELECT pg_catalog.string_agg(c.relname, ' ') FROM pg_catalog.pg_class c
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace NOT IN
    (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema'))`;

export async function tablesBeside(side: SideSession): Promise<string[]> {
  return ((await side.value(TABLES)) ?? '').split(' ').filter((name) => name !== '');
}
