/** Indexes of the plan's tables that the server does not use: a build that was broken off left them INVALID. */
import { quoteIdent } from '../../../sql/types-of.ts';
import type { Index, Table } from '../../../sql/types.ts';
import type { Finder, RepairContext } from '../../find.ts';
import type { Repair } from '../../types.ts';
import { concerned } from './tables.ts';
import { duplicates } from './unique.ts';

/** REINDEX CONCURRENTLY names what it builds and what it replaces like that (manual, sql-reindex). */
const LEFT_OVER = /_cc(?:new|old)\d*$/;

/** REINDEX, and CREATE INDEX without CONCURRENTLY, in a transaction (manual, sql-reindex, sql-createindex). */
export const BUILDS =
  'While it is built, nobody can write to the table. CONCURRENTLY cannot run in a transaction: where writers cannot wait, build it by hand.';

const rest = (definition: string): string => definition.replace(/^.*? USING /s, '');

function dropLeftOver(table: Table, { name }: Index): Repair {
  return {
    id: `invalid-index:${name}`,
    title: `Drop the invalid index ${name}`,
    found: `Index ${name} of ${table.name} is INVALID: a REINDEX CONCURRENTLY that was broken off left it behind. No query uses it, and every write pays for it. The index it was to replace is there.`,
    careful: ['DROP INDEX locks the table for a moment, for readers too.'],
    sql: `DROP INDEX ${quoteIdent(name)};`,
    checks: [{ title: `Index ${name} is gone`, sql: existing(name), expect: '0' }],
    recommended: true,
  };
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const existing = (index: string): string =>
  `SELECT count(*) FROM pg_class WHERE oid = to_regclass(${literal(quoteIdent(index))})`;

/** Whether an index is there and valid, as `t`. */
export const isValid = (index: string): string =>
  `SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass(${literal(quoteIdent(index))}) AND indisvalid`;

async function rebuild(context: RepairContext, table: Table, index: Index): Promise<Repair> {
  const { name } = index;
  const twice = index.unique ? await duplicates(context, table, index.columns) : 0;
  return {
    id: `invalid-index:${name}`,
    title: `Build the invalid index ${name} anew`,
    found: `Index ${name} of ${table.name} is INVALID: building it was broken off or failed. No query uses it${index.unique ? ', and it does not keep values unique' : ''}.`,
    careful: [
      'While it is built, nobody can write to the table, and queries on it wait as well. CONCURRENTLY cannot run in a transaction: where that is too long, build it by hand.',
      ...(twice === 0 ? [] : [twiceWords(twice)]),
    ],
    sql: `REINDEX INDEX ${quoteIdent(name)};`,
    checks: [{ title: `Index ${name} is there and valid`, sql: isValid(name), expect: '1' }],
    recommended: twice === 0,
  };
}

/** What stands in the way of a unique index; `twice` null: it could not be counted. */
export const twiceWords = (twice: number | null): string =>
  twice === null
    ? 'Whether values occur more than once could not be counted: if so, it fails, and nothing is changed.'
    : `${twice === 1 ? '1 value occurs' : `${twice} values occur`} more than once: it fails as long as that is so.`;

export const invalidIndexes: Finder = async (context) => {
  const found: Repair[] = [];
  for (const table of concerned(context)) {
    for (const index of table.indexes.filter(({ valid }) => !valid)) {
      const replaced = table.indexes.some(
        (other) => other !== index && other.valid && rest(other.definition) === rest(index.definition),
      );
      const leftOver = LEFT_OVER.test(index.name) && replaced;
      found.push(leftOver ? dropLeftOver(table, index) : await rebuild(context, table, index));
    }
  }
  return found;
};
