/** The type vector on a server that has no pgvector: real, where the server can create the extension. */

import { VECTOR_STAND_IN } from '../../src/practice/server/vector.ts';

/** Makes the type vector in this database: the extension where the server has it, the stand-in otherwise. */
export async function createVector(query: (sql: string) => Promise<{ rows: unknown[] }>): Promise<void> {
  const { rows } = await query("SELECT FROM pg_available_extensions WHERE name = 'vector'");
  await query(rows.length > 0 ? 'CREATE EXTENSION vector' : VECTOR_STAND_IN);
}
