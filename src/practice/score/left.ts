/** An attempt that was left before anything was decided is not judged: else walking away would earn what nobody lost. Pure. */
import type { JournalEvent } from '../../journal/types.ts';
import { actedAt, endedAs, firstOf, type Events } from './read.ts';
import type { JudgedDrill } from './types.ts';

/** What stands in place of the points. */
export const NOT_JUDGED = 'Left before a decision: not judged.';

type Answered = Extract<JournalEvent, { type: 'answered' }>;

const isRefusal = ({ asked, value }: Answered): boolean =>
  (asked === 'accept' && value === 'no') || (asked === 'declined' && value === 'leave');

/** The run cannot start as things stand, or a warning was not accepted: leaving it at that is a decision to stop. */
function stoppedOnFinding(events: Events): boolean {
  const outcome = endedAs(events)?.outcome;
  if (outcome === 'prerequisite-failed' || outcome === 'nothing-to-do') return true;
  const last = events.findLast(
    (event) => event.type === 'answered' && (event.asked === 'accept' || event.asked === 'declined'),
  );
  return last?.type === 'answered' && isRefusal(last);
}

/** A backup that was brought back or a command that was run is judged, whatever was said before. */
const DECIDES: ReadonlySet<JournalEvent['type']> = new Set(['decision', 'repairs', 'escalated']);

/**
 * Whether the run ended with nothing decided and nothing run. Where to stop is right, who has met the fault and leaves
 * has decided; where it is not, who leaves because of what was found.
 */
export function leftUndecided(
  { right, fault }: Pick<JudgedDrill, 'right' | 'fault'>,
  events: Events,
): boolean {
  if (endedAs(events) === null || actedAt(events) < events.length) return false;
  if (events.some(({ type }) => DECIDES.has(type))) return false;
  const toStopIsRight = [right.decision, ...right.alsoRight].includes('stop');
  return toStopIsRight ? firstOf(events, [fault.met]) === null : !stoppedOnFinding(events);
}
