/** `--repair ID` and `--repair ID=VALUE`, held against what was found. Pure. */
import { EXIT, UserError } from '../exit.ts';
import { whyNotValue } from '../wizard/repair-value.ts';
import type { Repair } from '../repair/types.ts';
import type { State } from '../wizard/types.ts';

export interface GivenRepair {
  id: string;
  value: string | null;
}

/** An id may hold an equals sign itself: the longest one that was found counts. */
export function givenRepair(text: string, found: readonly Pick<Repair, 'id'>[]): GivenRepair | null {
  const [id] = found
    .map((repair) => repair.id)
    .filter((one) => text === one || text.startsWith(`${one}=`))
    .sort((a, b) => b.length - a.length);
  if (id === undefined) return null;
  return { id, value: text === id ? null : text.slice(id.length + 1) };
}

/** What was chosen on the command line, in what was found; what it does not name is left out. */
export function withGiven(
  found: readonly Repair[],
  texts: readonly string[],
): { found: Repair[]; chosen: string[] } {
  const given = texts.flatMap((text) => givenRepair(text, found) ?? []);
  const valued = found.map((repair): Repair => {
    const value = given.find(({ id }) => id === repair.id)?.value ?? null;
    return repair.input && value !== null ? { ...repair, input: { ...repair.input, value } } : repair;
  });
  const chosen = found.map(({ id }) => id).filter((id) => given.some((one) => one.id === id));
  return { found: valued, chosen };
}

const NOTHING_RUN = 'Nothing was run.';

/**
 * Nothing that was asked for may pass unseen: what was not found, a value that is missing, does not fit, or is not asked for.
 * @throws {UserError} 64
 */
export function checkGiven(found: readonly Repair[], texts: readonly string[]): void {
  for (const text of texts) {
    const given = givenRepair(text, found);
    const flag = `--repair ${text}`;
    if (!given) {
      const known = found.map(({ id, input }) => `${id}${input ? '=VALUE' : ''}`);
      const words =
        known.length === 0
          ? 'Nothing was found that SQL would mend.'
          : `What was found: ${known.join(', ')}.`;
      throw refused(`${flag} names nothing that was found here.`, words);
    }
    const input = found.find(({ id }) => id === given.id)?.input;
    if (!input) {
      if (given.value !== null) throw refused(`${flag}: this repair takes no value.`, `Write ${given.id}.`);
      continue;
    }
    if (given.value === null)
      throw refused(`${flag} needs a value. ${input.prompt}`, `Write --repair ${given.id}=VALUE.`);
    const why = whyNotValue(input, given.value);
    if (why !== null) throw refused(`${flag}: ${why}`, input.prompt);
  }
}

const refused = (message: string, advice: string): UserError =>
  new UserError(message, `${NOTHING_RUN} ${advice}`, EXIT.usage);

/** SQLSTATEs of a search that may go well later: a lock, its own time limit, a deadlock. */
const LATER = ['55P03', '57014', '40P01'];

/**
 * What was asked for could not be looked for: that it was not needed may not be said.
 * @throws {UserError} 75 where somebody is in the way, else 10
 */
export function searchFailed({ error }: Pick<State['repairs'], 'error'>): never {
  const later = LATER.includes(error?.sqlstate ?? '');
  throw new UserError(
    `What could be mended could not be looked for, so nothing of --repair was carried out: ${error?.message ?? ''}`,
    `${NOTHING_RUN} ${error?.advice ?? ''} ${later ? 'Try again once that is over.' : 'Mend that first, then try again.'}`,
    later ? EXIT.busy : EXIT.prerequisiteFailed,
  );
}

/** What the command line chose to mend before a rollback, as far as it matters where nobody answers. */
export type Mending = Pick<State, 'repairs' | 'mending'>;

/** At what stands in the way of a rollback: to the repairs that were given, then on; null where none were. */
export function mendAnswer(
  offered: (value: string) => boolean,
  texts: readonly string[],
  { repairs, mending }: Mending,
): { value: string; from: string } | null {
  if (texts.length === 0) return null;
  if (mending) return { value: 'go', from: '--repair' };
  if (repairs.status === 'failed') return searchFailed(repairs);
  if (!offered('mend')) return null;
  checkGiven(repairs.found, texts);
  return { value: 'mend', from: '--repair' };
}
