/** What a check in the middle of a run found differently from the one before it. Pure. */
import type { Prerequisite } from '../postgres/types.ts';

const RANK: Record<Prerequisite['status'], number> = { pass: 0, warn: 1, fail: 2 };

/** Their items are objects of the database; those of other checks are of the moment: sessions, bytes, ages. */
const ABOUT_OBJECTS: ReadonlySet<string> = new Set(['hostile-code', 'privileges']);

const SHOWN = 5;

/** A sentence for each prerequisite that got worse, and for what is new in one that was a warning already. */
export function findingChanges(before: readonly Prerequisite[], fresh: readonly Prerequisite[]): string[] {
  return fresh.flatMap((result) => {
    const was = before.find(({ id }) => id === result.id);
    const worse = RANK[result.status] > RANK[was?.status ?? 'pass'];
    const added = ABOUT_OBJECTS.has(result.id)
      ? result.items.filter((item) => !was?.items.includes(item))
      : [];
    if (!worse && (result.status === 'pass' || added.length === 0)) return [];
    const what = !worse ? 'warns of more' : result.status === 'fail' ? 'is not met any more' : 'warns now';
    const items = (worse ? result.items : added).slice(0, SHOWN).map((item) => ` ${item}`);
    return [`The prerequisite ${result.id} ${what}: ${result.detail}${items.join(';')}`];
  });
}
