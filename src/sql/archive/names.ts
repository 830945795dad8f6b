/** Names in the archive: never an original's, because a migration may look tables up by their bare names. */

/** NAMEDATALEN - 1: longer identifiers are cut by the server, in bytes. */
const LONGEST = 63;

/** Cut to what fits, at the end of a character. */
function fitting(text: string): string {
  let kept = text;
  while (Buffer.byteLength(kept) > LONGEST) kept = Array.from(kept).slice(0, -1).join('');
  return kept;
}

/** `1` for `step-1`, `2p1` for `step-2-part-1-of-3`: without underscores where the number that follows is looked for. */
const shortStep = (step: string): string =>
  step
    .replace(/^step-/, '')
    .replace(/-part-(\d+)-of-\d+$/, 'p$1')
    .replaceAll('-', '_');

/** What all names of one archived thing begin with: `r20261122_1549_k3f9_s1_2_`. */
function prefix(run: string, step: string, seq: number): string {
  return `r${run.replaceAll('-', '_')}_s${shortStep(step)}_${seq}_`;
}

/**
 * The name of what a step keeps: unique within a run by its number, and readable by what it was.
 *
 * @param run e.g. `20261122-1549-k3f9`
 * @param step the step's id, e.g. `step-1`
 * @param seq of the archive entry, from 1 within the step
 * @param object the name it had
 */
export function archiveName(run: string, step: string, seq: number, object: string): string {
  return fitting(prefix(run, step, seq) + object);
}

/**
 * Names for what goes into the archive with a table: its indexes, sequences and statistics. They begin as the
 * table's archived name does and carry a number of their own, so that cutting never makes two of them equal.
 */
export function companionNames(archived: string, objects: readonly string[]): Map<string, string> {
  const start = /^r.*?_s[^_]+_\d+_/.exec(archived)?.[0] ?? `${archived.slice(0, 30)}_`;
  const taken = new Set([archived]);
  const names = new Map<string, string>();
  let number = 0;
  for (const object of objects) {
    let chosen: string;
    do chosen = fitting(`${start}i${(number += 1)}_${object}`);
    while (taken.has(chosen));
    taken.add(chosen);
    names.set(object, chosen);
  }
  return names;
}
