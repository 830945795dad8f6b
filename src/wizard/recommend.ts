/** Rolling back or fixing forward: the recommendation that follows from the evidence. */
import type { Evidence, Recommendation } from '../postgres/types.ts';

export interface Facts {
  /** The plan can be carried out on this database. */
  possible: boolean;
  /** Why not, one sentence each. */
  impossible?: string[];
  /** Whether the runbook says when to roll back; absent: it does. */
  criteria?: boolean;
  /** What a rollback would cost, one sentence each: said where there are no criteria. */
  stakes?: string[];
}

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

const reasonFor = (side: string, { title, detail }: Evidence): string =>
  `For ${side}: ${sentence(title)}${detail.trim() === '' ? '' : ` ${sentence(detail)}`}`;

/**
 * Recommends one of the two, with its reasons in sentences.
 * Where the rollback cannot work, fixing forward is all there is. A runbook without criteria, such as a down migration,
 * recommends nothing. Otherwise the side that more of the criteria speak for wins; a tie goes to fixing forward, because
 * it loses nothing.
 */
export function recommend(evidence: Evidence[], facts: Facts): Recommendation {
  const back = evidence.filter((entry) => entry.supports === 'rollback');
  const forward = evidence.filter((entry) => entry.supports === 'fix-forward');
  if (!facts.possible) {
    const reasons = [
      'The rollback cannot be carried out on this database as it is.',
      ...(facts.impossible ?? []),
    ];
    return { choice: 'fix-forward', reasons, evidence };
  }
  if (facts.criteria === false) {
    const reasons = [NO_CRITERIA, ...(facts.stakes ?? [])];
    return { choice: 'none', reasons, evidence };
  }
  const choice = back.length > forward.length ? 'rollback' : 'fix-forward';
  const reasons = [
    verdict(back.length, forward.length),
    ...back.map((entry) => reasonFor('rolling back', entry)),
    ...forward.map((entry) => reasonFor('fixing forward', entry)),
  ];
  return { choice, reasons, evidence };
}

const NO_CRITERIA =
  'No criteria say when this is to be rolled back and when to be fixed forward, so nothing is recommended: the choice is yours.';

function verdict(back: number, forward: number): string {
  if (back === 0 && forward === 0) {
    return 'Nothing speaks for either side. Fixing forward loses nothing, so it is recommended.';
  }
  const counted = `${back} ${back === 1 ? 'finding speaks' : 'findings speak'} for rolling back, ${forward} for fixing forward.`;
  return back === forward
    ? `${counted} On a tie fixing forward is recommended, because it loses nothing.`
    : counted;
}
