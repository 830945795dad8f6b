/** Where in the text of a TOML document a key stands, so that an error can name its line. Pure. */

const HEADER = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;

/**
 * The 1-based line of a key, or of the nearest table around it; null where it cannot be told (dotted and inline keys).
 * @param path as a schema names it: names of keys, numbers of entries of an array of tables
 */
export function lineOfKey(text: string, path: readonly PropertyKey[]): number | null {
  const [table, second] = path;
  const entry = typeof second === 'number' ? second : null;
  const key = entry === null ? second : path[2];
  let inside = false;
  let seen = -1;
  let nearest: number | null = null;
  for (const [at, line] of text.split('\n').entries()) {
    const header = HEADER.exec(line);
    if (header) {
      const named = header[2]?.replaceAll(/["'\s]/g, '') === table;
      if (named && header[1] === '[[') seen += 1;
      inside = named && (entry === null || seen === entry);
      if (inside) nearest = at + 1;
      continue;
    }
    const name = /^\s*["']?([A-Za-z0-9_-]+)["']?\s*=/.exec(line)?.[1];
    if (name === undefined) continue;
    if (inside && name === key) return at + 1;
    if (nearest === null && seen === -1 && name === table) nearest = at + 1;
  }
  return nearest;
}
