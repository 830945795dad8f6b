/** The runbook's own word on an error. */
import type { Runbook, Troubleshooting } from '../../runbook/types.ts';
import type { DatabaseError } from '../../sql/session.ts';
import type { Words } from './sqlstates.ts';

/** A name is only a clue when it is a whole word of the entry, and no everyday one. */
const SHORTEST_NAME = 4;

/** A cause that fits, or two names: one name alone is in half of the entries. */
const ENOUGH = 2;

/**
 * The title of the entry that is about this error: one that names the object the server complains of counts most, then
 * one whose title or cause says what the SQLSTATE means. Null when neither does: no entry is better than a wrong one.
 */
export function matchTroubleshooting(error: DatabaseError, words: Words, runbook: Runbook): string | null {
  const names = objectNames(error);
  let best: { title: string; score: number } | null = null;
  for (const entry of runbook.troubleshooting) {
    const score = scoreOf(entry, names, words.sign);
    if (score > 0 && score > (best?.score ?? 0)) best = { title: entry.title, score };
  }
  return best?.title ?? null;
}

function scoreOf(entry: Troubleshooting, names: string[], sign: RegExp | undefined): number {
  const code = entry.blocks.map((block) => block.text).join('\n');
  const whole = `${entry.title}\n${entry.cause}\n${entry.solution}\n${code}`;
  let score = 0;
  if (sign?.test(entry.title)) score += 3;
  else if (sign?.test(entry.cause)) score += 2;
  for (const name of names) if (hasWord(whole, name)) score += 1;
  return score >= ENOUGH ? score : 0;
}

/** What the server names: its fields, and whatever stands in double quotes in the message and the detail. */
function objectNames(error: DatabaseError): string[] {
  const { constraint, detail } = error.more;
  const quoted = [...`${error.message} ${detail ?? ''}`.matchAll(/"([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  const depending = [...(detail ?? '').matchAll(/constraint (\S+) on table (\S+) depends/g)].flatMap(
    (match) => [match[1] ?? '', match[2] ?? ''],
  );
  const all = [constraint ?? '', ...quoted, ...depending];
  return [...new Set(all.filter((name) => name.length >= SHORTEST_NAME))];
}

function hasWord(text: string, word: string): boolean {
  const at = text.indexOf(word);
  if (at < 0) return false;
  const edge = (character: string | undefined): boolean => !character || !/[\p{L}\p{N}_]/u.test(character);
  return edge(text[at - 1]) && edge(text[at + word.length]);
}
