/** The runbook's own word on a failure: by SQLSTATE, by the objects it is about, and by where the database stands. */
import type { Runbook, Troubleshooting } from '../../runbook/types.ts';
import { toLine } from '../../terminal/sanitize.ts';
import type { Prerequisite } from '../types.ts';
import { foretold, type Clue, type Standing } from './clues.ts';

/** A cause that fits, or two names: one name alone is in half of the entries. */
const ENOUGH = 2;

/**
 * The entry that is about this: one that spells out the SQLSTATE counts most, then one whose title, then one whose cause
 * says what the SQLSTATE means; names decide between those. Null when none does: no entry is better than a wrong one.
 */
export function matchTroubleshooting(
  clue: Clue,
  runbook: Pick<Runbook, 'troubleshooting'>,
): Troubleshooting | null {
  let best: { entry: Troubleshooting; score: number } | null = null;
  for (const entry of runbook.troubleshooting) {
    const score = scoreOf(entry, clue);
    if (score >= ENOUGH && score > (best?.score ?? 0)) best = { entry, score };
  }
  return best?.entry ?? null;
}

function scoreOf(entry: Troubleshooting, { sqlstate, objects, sign, ofPlan }: Clue): number {
  const code = entry.blocks.map((block) => block.text).join('\n');
  const whole = `${entry.title}\n${entry.cause}\n${entry.solution}\n${code}`;
  const names = objects.filter((name) => hasWord(whole, name));
  if (isAboutAnother(entry, objects)) return 0;
  const spelled = hasWord(whole, sqlstate) ? 5 : 0;
  // A table that is no part of the plan is missing for another reason than how far the plan has come.
  if (ofPlan === false && names.length === 0) return spelled;
  const meant = sign?.test(entry.title) ? 3 : sign?.test(entry.cause) ? 2 : 0;
  return spelled + meant + names.length;
}

/** Its title names an object, and it is none of those that the failure is about. */
function isAboutAnother({ title }: Troubleshooting, objects: readonly string[]): boolean {
  const named = title.match(/\b[a-z]\w*_\w+\b/g) ?? [];
  return objects.length > 0 && named.length > 0 && !named.some((name) => objects.includes(name));
}

function hasWord(text: string, word: string): boolean {
  const edge = (character: string | undefined): boolean => !character || !/[\p{L}\p{N}_]/u.test(character);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (edge(text[at - 1]) && edge(text[at + word.length])) return true;
  }
  return false;
}

/** A prerequisite that is not met, with the title of the entry on what would have failed. */
export function withEntry(
  result: Prerequisite,
  standing: Standing,
  runbook: Pick<Runbook, 'troubleshooting'>,
): Prerequisite {
  if (result.status === 'pass') return result;
  for (const clue of foretold(result, standing)) {
    const entry = matchTroubleshooting(clue, runbook);
    if (entry) return { ...result, troubleshooting: toLine(entry.title) };
  }
  return result;
}
