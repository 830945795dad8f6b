/** Names that something else gets again: what has them now goes by another name in between. */
import { archiveName } from '../archive/names.ts';
import type { Layout } from './entities.ts';
import type { UndoFacts } from './types.ts';

/** Tables, indexes and sequences share their names within a schema. */
export class Aside {
  private readonly wanted: ReadonlySet<string>;
  private count = 0;

  constructor(
    private readonly facts: UndoFacts,
    { entities }: Layout,
  ) {
    this.wanted = new Set(
      entities.flatMap(({ before }) =>
        [before, ...before.indexes, ...before.sequences].map(({ name }) => name),
      ),
    );
  }

  /** Whether something is to have this name in the end. */
  isWanted(name: string): boolean {
    return this.wanted.has(name);
  }

  /** A name that nothing has. */
  fresh(name: string): string {
    this.count += 1;
    return archiveName(this.facts.run, this.facts.step.step, 0, `${this.count}_${name}`);
  }
}
