/** What the choice is made from: whether writes are stopped, what stands beside. */
import { bytes as inWords } from '../postgres/activity.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { EscalationFacts } from '../wizard/types.ts';
import { whyNotStop } from './access.ts';
import { lookAround } from './look.ts';
import type { EscalationPlace } from './place.ts';
import { whyNotSwap } from './swap.ts';
import type { Beside } from './types.ts';

export async function factsOf(place: EscalationPlace): Promise<EscalationFacts> {
  const { access: rights, beside } = await lookAround(place);
  const { stopped } = rights.marks;
  return {
    stopped: stopped && { at: toLine(stopped.at, 40), by: toLine(stopped.by, 100) },
    whyNotStop: stopped ? null : whyNotStop(rights),
    whyNotSwap: whyNotSwap(beside, 'swap'),
    whyNotBack: whyNotSwap(beside, 'back'),
    beside: beside.map(besideLine),
  };
}

const RESTORED: Record<Beside['state'], string> = {
  restoring: 'a restore that is under way, or was broken off: not whole',
  restored:
    'a backup restored, but not counted, for that is under way or was broken off: restore it again, so that it is checked',
  checked: 'a backup restored and checked: it can take the place',
  failed: 'a restore that failed: not whole',
};

const BESIDE_WORDS: Record<Beside['kind'], (one: Beside) => string> = {
  restored: ({ state }) => RESTORED[state],
  kept: () => 'the damaged database, kept when the names were exchanged',
  live: ({ backup }) => `restored from ${backup ?? 'a backup'}, and in its place`,
};

export function besideLine(one: Beside): string {
  const size = one.bytes === null ? '' : `, ${inWords(one.bytes)}`;
  return toLine(`${one.name}: ${BESIDE_WORDS[one.kind](one)}, ${one.at}${size}`, 400);
}
