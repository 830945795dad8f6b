/** In which order objects are taken back, and made again where they may rest on each other. Pure. */
import { quoteName } from '../definition-sql.ts';
import { isRelation } from './keys.ts';
import type { ObjectRef, ObjectsRecord } from './types.ts';

export interface Making {
  ref: ObjectRef;
  /** The statement that took it away. */
  gone: number;
  statements: readonly string[];
}

function names(one: Making, other: Making): boolean {
  const word = quoteName(other.ref.name).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const bare = other.ref.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(`(?<![\\w$])(?:${word}|${bare})(?![\\w$])`);
  return one.statements.some((sql) => found.test(sql));
}

/**
 * What went last comes first: it rested on nothing that was gone by then. But a view that names another one waits for it,
 * since one that was replaced did not go when the step changed it. Names are looked for as words, so that a column may pass
 * for a view: where that leaves none to begin with, the order in which they went decides.
 */
export function inTurn<T extends Making>(makings: readonly T[]): T[] {
  const left = [...makings].sort((one, other) => other.gone - one.gone);
  const turn: T[] = [];
  while (left.length > 0) {
    const waits = (one: T): boolean =>
      isRelation(one.ref) &&
      left.some((other) => other !== one && isRelation(other.ref) && names(one, other));
    const next = left.find((one) => !waits(one)) ?? left[0];
    if (next === undefined) break;
    left.splice(left.indexOf(next), 1);
    turn.push(next);
  }
  return turn;
}

/** In the order in which they are taken back: the last one first, a rename before what came with it. */
export function backwards({
  objects,
  renamed,
}: ObjectsRecord): (
  { entry: ObjectsRecord['objects'][number] } | { rename: ObjectsRecord['renamed'][number] }
)[] {
  const all = [
    ...objects.map((entry, number) => ({ at: entry.at, late: 0, number, one: { entry } })),
    ...renamed.map((rename, number) => ({ at: rename.at, late: 1, number, one: { rename } })),
  ];
  return all
    .sort((one, other) => other.at - one.at || other.late - one.late || other.number - one.number)
    .map(({ one }) => one);
}
