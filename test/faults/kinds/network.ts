/** Connections of which one end does not know that the other has gone. */
import type { Fault } from '../support/point.ts';
import type { Wire } from '../support/proxy.ts';
import type { Reference, Traced } from '../support/reference.ts';

/** The program's end is gone; the server keeps the transaction and its locks until somebody tells it. */
export function partitions(reference: Reference): Fault[] {
  return reference.trace.flatMap((at) =>
    (['before', 'after'] as const).map((side) => {
      let wire: Wire | null = null;
      return {
        kind: 'half-open',
        at,
        side,
        strike: (strike) => {
          wire = strike.wire;
          wire.partition();
          return 'drop';
        },
        settle: () => wire?.cut(),
      } satisfies Fault;
    }),
  );
}

/** What the program may have asked by then, it has asked: it looks again at once. */
const LATE_MS = 1500;

/**
 * COMMIT reaches the server long after the program lost the connection, and while it may be asking what became of it:
 * whoever concludes from a missing journal row that nothing was committed is wrong a moment later.
 */
export function lateCommits(reference: Reference): Fault[] {
  const { steps } = reference.scenario;
  return reference.trace
    .filter((at) => at.commits)
    .map((at: Traced) => {
      let delivered: Promise<void> = Promise.resolve();
      let wire: Wire | null = null;
      return {
        kind: 'late-commit',
        at,
        side: 'before',
        allowed: steps.map((_, step) => step + 1).filter((whole) => whole > at.before),
        strike: (strike) => {
          wire = strike.wire;
          wire.partition();
          const due = new Promise((resolve) => setTimeout(resolve, LATE_MS));
          delivered = Promise.race([due, strike.child.ended]).then(() => strike.wire.deliverLate());
          return 'drop';
        },
        settle: async () => {
          await delivered;
          wire?.cut();
        },
      } satisfies Fault;
    });
}
