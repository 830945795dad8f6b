/** The rows written since the rollback, kept first: what is carried forward is read from this copy. */
import { relation } from '../archive/draft.ts';
import type { TableDefinition } from '../definition.ts';
import type { Making } from './making.ts';
import { writtenSince } from './written.ts';

/** How the archive entry of these rows is worded, by which it is known again. */
export function sinceWords(table: string): string {
  return `The rows of ${table} that were written since the rollback.`;
}

/** Copies of rows written since, by the table's present name; made when first asked for. */
export class Since {
  private readonly places = new Map<string, string>();

  constructor(private readonly making: Making) {}

  /** The archive table that holds them, whole, with the table's present columns. */
  of(now: TableDefinition): string {
    const known = this.places.get(now.name);
    if (known !== undefined) return known;
    const query = `SELECT t.* FROM ${relation(now.schema, now.name)} AS t WHERE ${writtenSince('t', this.making.facts.step)}`;
    const place = this.making.keepRows(now.name, query, {
      columns: now.columns.map(({ name }) => name),
      words: sinceWords(now.name),
    });
    this.places.set(now.name, place);
    return place;
  }
}
