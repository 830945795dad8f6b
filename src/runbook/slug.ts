/** Names made of texts. */

const LONGEST = 60;

/** `Migration ran within last few hours` becomes `migration-ran-within-last-few-hours`; at most 60 characters. */
export function slug(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  let name = words.shift()?.slice(0, LONGEST) ?? 'item';
  for (const word of words) {
    if (name.length + 1 + word.length > LONGEST) break;
    name += `-${word}`;
  }
  return name;
}

/** Gives every id that occurs again a number: `look`, `look-2`. */
export function withDistinctIds<T extends { id: string }>(items: readonly T[]): T[] {
  const taken = new Set<string>();
  return items.map((item) => {
    let id = item.id;
    for (let n = 2; taken.has(id); n += 1) id = `${item.id}-${n}`;
    taken.add(id);
    return { ...item, id };
  });
}
