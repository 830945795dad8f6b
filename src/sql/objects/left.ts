/** What an undo does not bring back as it was, in words said before the step. Pure. */
import { objectName } from './keys.ts';
import type { ObjectEffect, ObjectState } from './types.ts';

/** These an undo sets back without making the view again. */
const isDirect = ({ sets }: ObjectEffect): boolean =>
  Object.keys(sets).some((name) => /^(column:|default of )/.test(name));

/** A materialised view that is computed anew, or made again, holds what its query gives by then. */
export function contentsOf(effect: ObjectEffect, state: ObjectState | null, index: number): string | null {
  const name = objectName(effect);
  if (effect.verb === 'refresh')
    return `What ${name} holds before statement ${index} computes it anew is not kept.`;
  if (state?.kind !== 'm' || state.attributes['populated'] === 'no') return null;
  const remade = effect.verb === 'drop' || (effect.verb === 'alter' && !isDirect(effect));
  return remade
    ? `What ${name} holds before statement ${index} is not kept: an undo computes it anew, from what its tables hold by then.`
    : null;
}

/** Nobody else can give rights in their place. */
export function othersOf(
  effect: ObjectEffect,
  state: ObjectState | null | undefined,
  index: number,
): string | null {
  if (!['revoke', 'owner', 'drop'].includes(effect.verb)) return null;
  const others = [...new Set((state?.grants ?? []).flatMap(({ grantor }) => grantor ?? []))];
  return others.length === 0
    ? null
    : `Rights on ${objectName(effect)} that ${others.join(', ')} gave come back as from the owner, when statement ${index} is undone.`;
}

/** @throws {Error} when values of columns would go with an attribute */
export function attributeOf(effect: ObjectEffect, state: ObjectState, index: number): string | null {
  const using = state.dependents.find(({ type }) => type === 'table column');
  if (!using) return null;
  const gone = Object.entries(effect.sets).find(
    ([name, value]) => name.startsWith('attribute:') && value === '',
  );
  if (gone)
    throw new Error(
      `Statement ${index} drops attribute ${gone[0].slice('attribute:'.length)} of ${objectName(effect)}, and with it what is in ${using.identity}: that is not kept. Copy it into a table of its own first, or go without the archive.`,
    );
  return `Statement ${index} adds an attribute to ${objectName(effect)}, which columns have: an undo leaves it there.`;
}
