/** The rows written since the rollback, kept first: what is carried forward is read from this copy. */
import { ARCHIVE_SCHEMA, relation, placed } from '../archive/draft.ts';
import type { TableDefinition } from '../definition.ts';
import { writtenKeysWords, type Making } from './making.ts';
import { sameKey } from './match.ts';
import type { UndoFacts } from './types.ts';
import { writtenSince } from './written.ts';

/** How the archive entry of these rows is worded, by which it is known again. */
export function sinceWords(table: string): string {
  return `The rows of ${table} that were written since the rollback.`;
}

/**
 * True for rows of a table that somebody wrote after the step, also where the undo of a later step, which came first,
 * has written to them as well: it kept their keys.
 */
export function writtenHere(alias: string, facts: UndoFacts, now: TableDefinition): string {
  const marked = writtenSince(alias, facts.step);
  const last = facts.earlier?.find(({ tables }) => tables.includes(now.name));
  const keys = last?.entries.find(({ words }) => words === writtenKeysWords(now.name));
  if (!keys?.archived) return marked;
  const place = relation(ARCHIVE_SCHEMA, keys.archived);
  return `(${marked}) OR EXISTS (SELECT 1 FROM ${place} AS k WHERE ${sameKey(now, keys.key, [alias, 'k'])})`;
}

/** Copies of rows written since, by the table's present name; made when first asked for. */
export class Since {
  private readonly places = new Map<string, string>();

  constructor(private readonly making: Making) {}

  /** The archive table that holds them, whole, with the table's present columns. */
  of(now: TableDefinition): string {
    const known = this.places.get(now.name);
    if (known !== undefined) return known;
    const query = `SELECT t.* FROM ${placed(now)} AS t WHERE ${writtenHere('t', this.making.facts, now)}`;
    const place = this.making.keepRows(now.name, query, {
      columns: now.columns.map(({ name }) => name),
      words: sinceWords(now.name),
    });
    this.places.set(now.name, place);
    return place;
  }
}
