/** Rows of the journal in the database, as steps write them. */
import type { RunEntry } from '../../src/postgres/store.ts';

import { makeRole } from './everything.ts';
import type { Bench } from './support.ts';

export { makeRole };

/** A role that {@link Bench.open} can connect as. */
export async function makeLogin(bench: Bench, name: string): Promise<void> {
  await makeRole(bench.session, name);
  await bench.session.query(`ALTER ROLE ${name} LOGIN PASSWORD '${new URL(bench.database.url).password}'`);
}

export const RUN: RunEntry = {
  run: '20261122-1549-k3f9',
  kind: 'rollback',
  undoes: null,
  runbook: { path: 'r.md', title: 'R', sha256: 'aa', migration: '1' },
  plan: 'p1',
  schema: 'public',
  operator: 'alice',
  host: 'a',
  version: '0',
};

export function stepSql(step: string, run = RUN.run): string {
  return `INSERT INTO backout.step (run, step, title, form, procedure, detail)
          VALUES ('${run}', '${step}', 'T', 'as-written', 'h', '{"schema": "public"}')`;
}

/** @param archived its name in the archive, with seven rows; without one, a definition */
export function archivedSql(
  step: string,
  seq: number,
  archived: string | null = null,
  run = RUN.run,
): string {
  const entry = {
    seq,
    kind: archived ? 'table' : 'definition',
    object: 't',
    archived,
    key: [],
    columns: [],
    words: 'Kept.',
  };
  return `INSERT INTO backout.archived (run, step, seq, kind, source_schema, object, archived, "rows", detail)
          VALUES ('${run}', '${step}', ${seq}, '${entry.kind}', 'public', 't', ${archived ? `'${archived}'` : 'NULL'},
                  ${archived ? 7 : 'NULL'}, '${JSON.stringify(entry)}')`;
}
