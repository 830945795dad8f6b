/**
 * What `ALTER TABLE … SET SCHEMA` does not do as a swap needs it: extended statistics stay where they are, and a serial
 * column's sequence goes with the table that owns it (measured on PostgreSQL 15).
 */
import type { TableDefinition } from '../definition.ts';
import { quoteName, quoteQualified, type Named, type Worded } from './quoting.ts';

/** Before the old table goes: its serial columns' sequences stay where they are, for the new one to own. */
export function freeSequencesSql(definition: TableDefinition): Worded[] {
  return definition.sequences
    .filter(({ identity }) => !identity)
    .map((sequence) => ({
      sql: `ALTER SEQUENCE ${quoteQualified(sequence)} OWNED BY NONE`,
      words: `Keeps the sequence ${sequence.name} where it is.`,
    }));
}

/** The sequences of the definition's serial columns belong to `target`, which must be in their schema. */
export function ownSequencesSql(definition: TableDefinition, target: Named): Worded[] {
  return definition.sequences
    .filter(({ identity }) => !identity)
    .map((sequence) => ({
      sql: `ALTER SEQUENCE ${quoteQualified(sequence)} OWNED BY ${quoteQualified(target)}.${quoteName(sequence.column)}`,
      words: `Gives the sequence ${sequence.name} to ${target.name}.${sequence.column}.`,
    }));
}

/** The extended statistics of a table that was moved follow it, under names given by `named`. */
export function moveStatisticsSql(
  definition: TableDefinition,
  from: string,
  to: string,
  named: (name: string) => string = (name) => name,
): Worded[] {
  return definition.statistics.flatMap(({ name }) => {
    const words = `The extended statistics ${name} follow their table.`;
    const renamed = named(name);
    return [
      ...(renamed === name
        ? []
        : [
            {
              sql: `ALTER STATISTICS ${quoteQualified({ schema: from, name })} RENAME TO ${quoteName(renamed)}`,
              words,
            },
          ]),
      {
        sql: `ALTER STATISTICS ${quoteQualified({ schema: from, name: renamed })} SET SCHEMA ${quoteName(to)}`,
        words,
      },
    ];
  });
}
