/** A table goes into the archive whole, and comes back whole: only the catalog is written, no row is. */
import { name } from '../risk/text.ts';
import type { ConstraintDefinition, TableDefinition } from '../definition.ts';
import { ARCHIVE_SCHEMA, draft, relation, placed, type Draft } from './draft.ts';
import { companionNames } from './names.ts';

/** Something that has a name of its own in a schema and goes with a table. */
export interface Companion {
  kind: 'index' | 'sequence' | 'statistics';
  schema: string;
  from: string;
  to: string;
}

/** What is renamed when the table goes into the archive under this name. An undo reads it backwards. */
export function companions(definition: TableDefinition, archived: string): Companion[] {
  const statistics = definition.statistics.map((one) => ({
    kind: 'statistics' as const,
    schema: one.schema ?? definition.schema,
    from: one.name,
  }));
  const all = [
    ...definition.indexes.map((one) => ({
      kind: 'index' as const,
      schema: definition.schema,
      from: one.name,
    })),
    ...definition.sequences.map((one) => ({ kind: 'sequence' as const, schema: one.schema, from: one.name })),
    ...statistics,
  ];
  const keys = all.map((one) => JSON.stringify([one.kind, one.from]));
  const names = companionNames(
    archived,
    all.map(({ from }) => from),
  );
  return all
    .filter((_one, at) => keys.indexOf(keys[at] ?? '') === at)
    .map((one) => ({ ...one, to: names.get(one.from) ?? one.from }));
}

const KEYWORD = { index: 'INDEX', sequence: 'SEQUENCE', statistics: 'STATISTICS' } as const;

function renamed(one: Companion, schema: string, from: string, to: string): Draft {
  return draft(
    'archive',
    `ALTER ${KEYWORD[one.kind]} ${relation(schema, from)} RENAME TO ${name(to)}`,
    `Gives ${one.kind} ${from} the name ${to}.`,
  );
}

/** Foreign keys that would tie a table in the archive to one in use: its deletes would fail, or reach the archive. */
export function outgoingKeys(definition: TableDefinition): ConstraintDefinition[] {
  return definition.constraints.filter(({ type }) => type === 'f');
}

/**
 * Moves a table into the archive, under the names of `archiveName`: its indexes (and with them the constraints they
 * stand behind), its sequences and its statistics are renamed first, so that nothing in the archive has an original's
 * name; SET SCHEMA takes indexes, constraints and owned sequences along (manual, sql-altertable), statistics are taken
 * by themselves. Its foreign keys are dropped, as they would be with the table; their definitions are in the record.
 */
export function moveTable(definition: TableDefinition, archived: string): Draft[] {
  const { schema, name: table } = definition;
  const going = companions(definition, archived);
  return [
    ...outgoingKeys(definition).map((key) =>
      draft(
        'archive',
        // A CASCADE before it in the same step may have taken it already.
        `ALTER TABLE ${placed(definition)} DROP CONSTRAINT IF EXISTS ${name(key.name)}`,
        `Unties ${table} from another table: foreign key ${key.name}.`,
      ),
    ),
    ...going.map((one) => renamed(one, one.schema, one.from, one.to)),
    draft(
      'archive',
      `ALTER TABLE ${placed(definition)} RENAME TO ${name(archived)}`,
      `Gives table ${table} its name in the archive.`,
    ),
    draft(
      'archive',
      `ALTER TABLE ${relation(schema, archived)} SET SCHEMA ${name(ARCHIVE_SCHEMA)}`,
      `Moves ${table} into the archive with every row in it.`,
    ),
    ...going
      .filter(({ kind }) => kind === 'statistics')
      .map((one) =>
        draft(
          'archive',
          `ALTER STATISTICS ${relation(one.schema, one.to)} SET SCHEMA ${name(ARCHIVE_SCHEMA)}`,
          `Moves the extended statistics ${one.from} along.`,
        ),
      ),
  ];
}

/**
 * Takes a table out of the archive again, under the names it had. Its foreign keys are not put back here: the tables
 * at their other ends may have to come first.
 *
 * @param definition of the table as it was before it was moved
 */
export function moveBack(definition: TableDefinition, archived: string): Draft[] {
  const { schema, name: table } = definition;
  const going = companions(definition, archived);
  return [
    draft(
      'instead',
      `ALTER TABLE ${relation(ARCHIVE_SCHEMA, archived)} SET SCHEMA ${name(schema)}`,
      `Takes ${table} out of the archive with every row in it.`,
    ),
    draft(
      'instead',
      `ALTER TABLE ${relation(schema, archived)} RENAME TO ${name(definition.bare ?? table)}`,
      `Gives it the name ${table} again.`,
    ),
    ...going
      .filter(({ kind }) => kind === 'statistics')
      .map((one) =>
        draft(
          'instead',
          `ALTER STATISTICS ${relation(ARCHIVE_SCHEMA, one.to)} SET SCHEMA ${name(one.schema)}`,
          `Takes the extended statistics ${one.from} along.`,
        ),
      ),
    ...going.map((one) => ({ ...renamed(one, one.schema, one.to, one.from), role: 'instead' as const })),
  ];
}
