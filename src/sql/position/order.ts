/**
 * Whether the verdicts fit together. Each is found for itself; running what is pending must then be possible in its
 * order, end where the whole plan ends, and repeat nothing that a later statement has already built on.
 */
import { applyEffects } from '../symbolic.ts';
import type { Catalog, Statement } from '../types.ts';
import type { Decided } from './doubt.ts';
import { mayRunAgain } from './evidence.ts';
import { holds, keyOf, realValue, say } from './facts.ts';
import { missingFor, sayMissing } from './missing.ts';
import { isConditional, requirementsOf } from './requirements.ts';
import { interfere, touchesOf } from './touch.ts';
import { trajectoryOf } from './trajectory.ts';

type Trouble = Map<Decided, string>;

const place = ({ step, statement }: Decided): string => `statement ${statement.index} of ${step}`;

/** Carries out what is pending in the symbolic catalog, and finds what could not run in its turn. */
function simulate(pending: readonly Decided[], catalog: Catalog, trouble: Trouble): Catalog {
  let now = catalog;
  for (const one of pending) {
    const [gone] = missingFor(one.statement, now);
    if (gone) trouble.set(one, `It cannot run in its turn: it needs ${sayMissing(gone)}.`);
    for (const effect of one.statement.effects) {
      const { before } = requirementsOf(effect, now);
      const missing = before.find((fact) => !holds(now, fact));
      if (missing && !isConditional(effect)) {
        trouble.set(one, `It cannot run in its turn: ${say(missing, realValue(now, missing))} then.`);
      }
      now = applyEffects(now, [effect]);
    }
  }
  return now;
}

/** The last statement that leaves something said about the fact's subject. */
function lastAbout(all: readonly Decided[], key: string, catalog: Catalog): Decided | undefined {
  return all.findLast(({ statement }) =>
    statement.effects.some((effect) =>
      requirementsOf(effect, catalog).after.some((fact) => keyOf(fact) === key),
    ),
  );
}

function compareEnds(all: readonly Decided[], end: Catalog, catalog: Catalog, trouble: Trouble): void {
  const last = trajectoryOf(
    all.map(({ statement }) => statement),
    catalog,
  ).at(-1);
  for (const fact of last?.values() ?? []) {
    if (holds(end, fact)) continue;
    const cause = lastAbout(all, keyOf(fact), catalog);
    if (!cause || trouble.has(cause)) continue;
    trouble.set(
      cause,
      `Going on from here would not end where the plan ends: ${say(fact, realValue(end, fact))} then.`,
    );
  }
}

function compareOrder(all: readonly Decided[], catalog: Catalog, trouble: Trouble): void {
  const touches = touchesOf(
    all.map(({ statement }) => statement),
    catalog,
  );
  all.forEach((one, at) => {
    const early = touches[at];
    if (one.state !== 'pending' || !one.fits || !early || trouble.has(one)) return;
    // It looks for itself at what is left for it, and may: another edition may have made what comes after it.
    if (mayRunAgain(one.statement)) return;
    const builder = all.findIndex((later, place) => {
      const late = touches[place];
      return place > at && later.state === 'applied' && late !== undefined && interfere(early, late);
    });
    const later = all[builder];
    if (later) {
      trouble.set(
        one,
        `${place(later)} has changed or read the same rows after it, and has run: nothing shows what running it now would do.`,
      );
    }
  });
}

/** The statements whose verdicts do not fit with the others, and why: they are in conflict. */
export function misfits(all: readonly Decided[], catalog: Catalog): Map<Statement, string> {
  const trouble: Trouble = new Map();
  const pending = all.filter(({ state }) => state === 'pending');
  const end = simulate(pending, catalog, trouble);
  compareEnds(all, end, catalog, trouble);
  compareOrder(all, catalog, trouble);
  return new Map([...trouble].map(([one, why]) => [one.statement, why]));
}
