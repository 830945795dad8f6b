/** A table of which only the rows were kept, made again. */
import { attributesSql, constraintSql, createTableSql, indexSql } from '../definition-sql.ts';
import { hangingSql } from '../objects/hanging.ts';
import type { TableDefinition } from '../definition.ts';
import { relation, placed } from '../archive/draft.ts';
import { name } from '../risk/text.ts';
import type { Making } from './making.ts';
import { isKey, positionsSql, tieAgain } from './shape.ts';

/** A table of which only the rows were kept: made from its definition, filled, completed. */
export function recreate(
  making: Making,
  before: TableDefinition,
  rows: { place: string; columns: readonly string[] } | null,
): void {
  for (const sequence of before.sequences.filter(({ identity }) => !identity)) {
    making.say(
      'back',
      `CREATE SEQUENCE ${relation(sequence.schema, sequence.name)}${sequence.settings ? ` ${sequence.settings}` : ''}`,
      `Makes the sequence ${sequence.name} again.`,
    );
  }
  making.say('back', createTableSql(before, before), `Makes table ${before.name} again.`);
  // The owner is not known of a table that an earlier step of the same transaction made: it was who ran the step.
  const attributes = attributesSql(
    { ...before, constraints: before.constraints.filter((one) => !isKey(one)) },
    before,
  ).filter(({ sql }) => before.owner !== '' || !sql.endsWith(` OWNER TO ${name('')}`));
  for (const { sql, words } of attributes.filter(({ early }) => early)) making.say('back', sql, words);
  if (rows) {
    const columns = rows.columns.map(name).join(', ');
    making.say(
      'rows',
      `INSERT INTO ${placed(before)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${rows.place}`,
      `Puts the rows of ${before.name} back.`,
    );
  }
  for (const sequence of before.sequences.filter(({ identity }) => !identity)) {
    making.say(
      'finish',
      `ALTER SEQUENCE ${relation(sequence.schema, sequence.name)} OWNED BY ${placed(before)}.${name(sequence.column)}`,
      `Ties the sequence ${sequence.name} to its column again.`,
    );
  }
  positionsSql(making, before, before.columns);
  const constraints = before.constraints.filter(({ type }) => 'puxcf'.includes(type));
  for (const constraint of [...constraints].sort(
    (one, other) => 'puxcf'.indexOf(one.type) - 'puxcf'.indexOf(other.type),
  )) {
    if (isKey(constraint)) tieAgain(making, before, constraint);
    else
      making.say(
        'finish',
        constraintSql(constraint, before, before),
        `Gives ${before.name} the constraint ${constraint.name} again.`,
      );
  }
  for (const index of before.indexes.filter(({ constraint }) => constraint === null)) {
    making.say(
      'finish',
      indexSql(index, { schema: before.schema, table: before.bare ?? before.name }),
      `Builds index ${index.name} again.`,
    );
  }
  for (const { sql, words } of attributes.filter(({ early }) => !early)) making.say('finish', sql, words);
  for (const { sql, words } of hangingSql(before, { ...before, triggers: [], rules: [], policies: [] }))
    making.say('finish', sql, words);
}
