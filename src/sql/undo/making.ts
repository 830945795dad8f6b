/** What an undo's procedure is put together in: numbered archive entries, and the phases of its actions. */
import { archiveColumns } from '../archive/columns.ts';
import { ARCHIVE_SCHEMA, draft, placed, relation, type Draft } from '../archive/draft.ts';
import { moveTable } from '../archive/move.ts';
import { archiveName } from '../archive/names.ts';
import type { TableDefinition } from '../definition.ts';
import type { ArchiveEntry } from '../procedure/types.ts';
import type { UndoFacts } from './types.ts';

/** In the order in which they run. */
const PHASES = [
  'keep',
  'triggers-off',
  'views-away',
  'detach',
  'untie',
  'away',
  'aside',
  'objects',
  'back',
  'shape',
  'attach',
  'insert',
  'rows',
  'carry',
  'triggers-on',
  'finish',
  'parts',
  'keys',
  'views',
  'objects-away',
] as const;
export type Phase = (typeof PHASES)[number];

/** How the archive entry of these keys is worded, by which it is known again. */
export function writtenKeysWords(table: string): string {
  return `The keys of rows of ${table} that were written since the rollback.`;
}

export class Making {
  readonly entries: ArchiveEntry[] = [];
  private readonly written = new Set<string>();
  private readonly phases = new Map<Phase, Draft[]>(PHASES.map((phase) => [phase, []]));

  constructor(readonly facts: UndoFacts) {}

  get schema(): string {
    return this.facts.step.record.schema;
  }

  add(phase: Phase, ...drafts: Draft[]): void {
    this.phases.get(phase)?.push(...drafts);
  }

  /** A statement that brings something back. */
  say(phase: Phase, sql: string, words: string): void {
    this.add(phase, draft('instead', sql, words));
  }

  /** A statement that writes to the rows of a table. */
  write(phase: Phase, table: TableDefinition, sql: string, words: string): void {
    this.written.add(placed(table));
    this.say(phase, sql, words);
  }

  /** Whether any of its statements writes to rows of the table, under this name. */
  writesTo(table: TableDefinition): boolean {
    return this.written.has(placed(table));
  }

  drafts(): Draft[] {
    return PHASES.flatMap((phase) => this.phases.get(phase) ?? []);
  }

  private next(): number {
    return this.entries.length + 1;
  }

  private name(object: string): string {
    return archiveName(this.facts.run, this.facts.step.step, this.next(), object);
  }

  /** Keeps the rows of a query in the archive, before anything changes; their table's name there. */
  keepRows(object: string, query: string, more: Pick<ArchiveEntry, 'words'> & Partial<ArchiveEntry>): string {
    const archived = this.name(object);
    const words = `Keeps ${more.words.charAt(0).toLowerCase()}${more.words.slice(1)}`;
    const sql = `CREATE TABLE ${relation(ARCHIVE_SCHEMA, archived)} AS ${query}`;
    this.add('keep', draft('archive', sql, words, { command: 'CREATE TABLE AS' }));
    this.entries.push({ seq: this.next(), kind: 'rows', object, archived, key: [], columns: [], ...more });
    return relation(ARCHIVE_SCHEMA, archived);
  }

  /**
   * Keeps the keys of rows that were written since, under their names before the step: once the undo has written to
   * these rows too, an undo of an earlier step could not tell them from others.
   */
  keepWritten(before: TableDefinition, key: readonly string[], queries: readonly string[]): void {
    this.keepRows(before.name, queries.join(' UNION '), {
      key: [...key],
      columns: [],
      words: writtenKeysWords(before.name),
    });
  }

  /** Keeps columns that the undo takes away or overwrites. */
  keepColumns(definition: TableDefinition, columns: readonly string[]): void {
    const { run, step } = this.facts;
    const { drafts, entry } = archiveColumns({ definition, columns, seq: this.next(), run, step: step.step });
    this.add('keep', ...drafts);
    this.entries.push(entry);
  }

  /** Moves a table away whole, and says under which name it lies in the archive. */
  moveAway(definition: TableDefinition): string {
    const archived = this.name(definition.name);
    this.entries.push({
      seq: this.next(),
      kind: 'table',
      object: definition.name,
      archived,
      key: [],
      columns: definition.columns.map(({ name }) => name),
      words: `Table ${definition.name}, whole, as it was when the rollback was undone.`,
    });
    this.add('away', ...moveTable(definition, archived));
    return archived;
  }

  /** An object that is no table goes into the archive. */
  noteMoved(object: string, moved: string): void {
    this.note(object, `${object}, whole, as it was when the rollback was undone.`, { moved });
  }

  /** What is lost of definitions, as a line of the report. */
  note(object: string, words: string, more: Pick<ArchiveEntry, 'moved'> = {}): void {
    this.entries.push({
      seq: this.next(),
      kind: 'definition',
      object,
      archived: null,
      key: [],
      columns: [],
      words,
      ...more,
    });
  }
}
