/** What the rows say of a statement that does several things at once: all of them have happened, or none. */
import type { Node } from '@pgsql/types';
import type { RowPart } from '../parts/types.ts';
import type { Evidence } from './evidence.ts';

/** Rows that it adds and that are there may be there twice when it runs again. */
const addsValues = ({ tree }: RowPart): boolean => {
  const query = tree !== null && 'InsertStmt' in tree ? tree.InsertStmt.selectStmt : undefined;
  return query !== undefined && 'SelectStmt' in query && query.SelectStmt.valuesLists !== undefined;
};

const placesOf = ({ effects }: RowPart, kind: 'delete' | 'insert'): string[] =>
  effects.flatMap((effect) =>
    effect.kind === kind && 'table' in effect ? [`${effect.schema ?? ''}.${effect.table}`] : [],
  );

/**
 * One part that still has something to do shows that the statement has not run, where the others do no harm then: they
 * find nothing to do, or hang on that part.
 *
 * @param ask the evidence of one part by itself
 */
export async function partsEvidence(
  parts: readonly RowPart[],
  passed: boolean,
  ask: (tree: Node) => Promise<Evidence>,
): Promise<Evidence> {
  const found: { part: RowPart; evidence: Evidence }[] = [];
  for (const part of parts) {
    const unknown: Evidence = { state: 'unknown', reason: 'It reads rows that the statement itself makes.' };
    found.push({ part, evidence: part.tree === null ? unknown : await ask(part.tree) });
  }
  const open = found.find(({ evidence }) => evidence.state === 'pending');
  const adding = found.filter(({ evidence }) => evidence.state === 'pending').map(({ part }) => part);
  // Rows that a MERGE has deleted have no counterpart any more, and look like those that it adds.
  const mayBeGone = ({ part, evidence }: (typeof found)[number]): boolean =>
    evidence.state === 'applied' &&
    !part.linked &&
    placesOf(part, 'delete').some((place) => adding.some((one) => placesOf(one, 'insert').includes(place)));
  const harmless = ({ part, evidence }: (typeof found)[number]): boolean =>
    evidence.state === 'pending' ||
    (evidence.state === 'applied' && !addsValues(part)) ||
    (part.linked && evidence.state === 'unknown');
  if (open && found.every(harmless) && !found.some(mayBeGone)) return open.evidence;
  const sure = found.filter(({ part, evidence }) => evidence.state !== 'unknown' || !part.linked);
  if (!open && sure.length > 0 && sure.every(({ evidence }) => evidence.state === 'applied'))
    return { state: 'applied', reason: sure.map(({ evidence }) => evidence.reason).join(' ') };
  if (passed) return { state: 'applied', reason: 'A later statement of the step has taken effect.' };
  const doubt = found.find(({ evidence }) => evidence.state === 'unknown')?.evidence.reason;
  return {
    state: 'unknown',
    reason: doubt ?? 'Of what it does a part is there and a part is not, although it does all at once.',
  };
}
