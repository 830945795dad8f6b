/** Comments that a step changed on what is still there. */
import { relation, text, placed } from '../archive/draft.ts';
import { name } from '../risk/text.ts';
import type { ColumnChanges } from './columns.ts';
import type { Entity } from './entities.ts';
import type { Making } from './making.ts';

export function commentSql(on: string, value: string | null): string {
  return `COMMENT ON ${on} IS ${value === null ? 'NULL' : text(value)}`;
}

/** Indexes, constraints and statistics that are the same as before but for their comment. */
export function partComments(
  making: Making,
  { before, now }: Entity,
  made: ReadonlySet<string>,
  renamed: readonly [string, string][],
): void {
  if (!now) return;
  const kinds = [
    ['indexes', (one: string) => `INDEX ${relation(before.schema, one)}`],
    ['constraints', (one: string) => `CONSTRAINT ${name(one)} ON ${placed(before)}`],
  ] as const;
  for (const [kind, place] of kinds) {
    for (const part of before[kind].filter((one) => !made.has(one.name))) {
      const name = renamed.find(([, to]) => to === part.name)?.[0] ?? part.name;
      const there = now[kind].find((one) => one.name === name);
      if (there && there.comment !== part.comment)
        making.say(
          'finish',
          commentSql(place(part.name), part.comment),
          `Gives ${part.name} the comment it had.`,
        );
    }
  }
}

/** Comments that the step changed on what is still there. */
export function commentsSql(making: Making, entity: Entity, changes: ColumnChanges): void {
  const { before, now } = entity;
  if (now && now.comment !== before.comment) {
    making.say(
      'finish',
      commentSql(`TABLE ${placed(before)}`, before.comment),
      `Gives ${before.name} the comment it had.`,
    );
  }
  for (const pair of changes.kept.filter((one) => one.now.comment !== one.before.comment)) {
    const place = `COLUMN ${placed(before)}.${name(pair.before.name)}`;
    making.say(
      'finish',
      commentSql(place, pair.before.comment),
      `Gives ${pair.before.name} the comment it had.`,
    );
  }
}
