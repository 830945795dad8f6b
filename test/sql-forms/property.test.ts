/** Whatever the statements are: where they succeed, the forms that are offered end in the same rows and definitions. */
import fc from 'fast-check';
import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefinitions } from '../../src/postgres/definition.ts';
import { differences } from '../../src/sql/definition-differences.ts';
import type { Draft } from '../../src/sql/archive/draft.ts';
import type { TableDefinition } from '../../src/sql/definition.ts';
import { copyParts } from '../../src/sql/forms/copy.ts';
import { mappingOf, type Mapping } from '../../src/sql/forms/mapping.ts';
import { rewriteDrafts } from '../../src/sql/forms/rewrite.ts';
import { orSentence } from '../../src/sql/forms/unfit.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { planFromSql } from '../../src/sql/plan.ts';
import { DatabaseError, type Session } from '../../src/sql/session.ts';
import { freshPglite, sessionOn } from '../support/pglite.ts';
import { ROWS, statements, TABLE } from './generated.ts';

let db: PGlite;
let session: Session;
let table: TableDefinition;

beforeAll(async () => {
  await loadParser();
  db = await freshPglite();
  session = sessionOn(db);
  for (const sql of ['CREATE SCHEMA backout_archive', TABLE, ROWS]) await session.query(sql);
  [table] = (await readDefinitions(session, 'public', ['t'])) as [TableDefinition];
});

afterAll(() => db.close());

interface End {
  rows: string[];
  definition: TableDefinition | undefined;
}

/** What the statements end in, taken back again. */
async function endOf(sql: readonly string[]): Promise<End> {
  await session.query('BEGIN');
  try {
    await session.query('SET LOCAL search_path = public, pg_temp');
    for (const one of sql) await session.query(one);
    const { rows } = await session.query('SELECT t::text AS row FROM public.t ORDER BY 1');
    const [definition] = await readDefinitions(session, 'public', ['t']);
    return { rows: rows.map(({ row }) => String(row)), definition };
  } finally {
    await session.query('ROLLBACK');
  }
}

const sqlOf = (drafts: readonly Draft[]): string[] => drafts.map(({ sql }) => sql);

function formsOf(mapping: Mapping): Record<string, string[] | string> {
  return {
    rewrite: orSentence(() => sqlOf(rewriteDrafts(mapping))),
    copy: orSentence(() => {
      const request = { run: 'r', step: 'step-1', seq: 1, defaultGrantees: [], parallel: false };
      const { build, swap } = copyParts({ mapping, ...request });
      return sqlOf([...build, ...swap]);
    }),
  };
}

const tally = { failed: 0, refused: 0, compared: 0 };

async function holds(list: readonly string[]): Promise<void> {
  let expected: End;
  try {
    expected = await endOf(list);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    tally.failed += 1;
    return;
  }
  const plan = planFromSql(list.join(';\n'));
  const mapping = mappingOf(table, plan.steps[0]?.statements ?? [], 'public');
  if (typeof mapping === 'string') {
    tally.refused += 1;
    return;
  }
  for (const [form, sql] of Object.entries(formsOf(mapping))) {
    if (typeof sql === 'string') continue;
    tally.compared += 1;
    const end = await endOf(sql).catch((error: unknown) => {
      throw new Error(`${form}: ${String(error)}\n${sql.join(';\n')}`, { cause: error });
    });
    expect(end.rows, `${form}\n${sql.join(';\n')}`).toEqual(expected.rows);
    if (!expected.definition || !end.definition) throw new Error('the table is gone');
    expect(differences(expected.definition, end.definition, { columnOrder: true }), form).toEqual([]);
  }
}

describe('any statements on one table', () => {
  it('end the same in every form', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(statements(), holds), {
      numRuns: Number(process.env['FORMS_RUNS'] ?? 100),
    });
    // Not all of them may fail or be refused: then nothing would have been compared.
    expect(tally.compared).toBeGreaterThan(tally.failed / 4);
    expect(tally.compared).toBeGreaterThan(20);
  });
});
