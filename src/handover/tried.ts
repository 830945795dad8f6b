/** What a journal says was tried, a line each, in order. Pure. */
import type { JournalEvent } from '../journal/types.ts';
import { toLine } from '../terminal/sanitize.ts';

export function triedLines(events: readonly JournalEvent[]): string[] {
  return events.flatMap((event) => {
    const words = wordsOf(event);
    return words === null ? [] : [toLine(`${event.at.slice(0, 19)}Z ${words}`, 400)];
  });
}

/** Null: it says nothing about what was tried. */
function wordsOf(event: JournalEvent): string | null {
  switch (event.type) {
    case 'run-started':
      return `${event.kind ?? 'rollback'} begun by ${event.operator.user} on ${event.operator.host}`;
    case 'resumed':
      return 'the run was gone on with';
    case 'decision':
      return `decided: ${event.choice}${event.reason === null ? '' : ` (${event.reason})`}`;
    case 'step-confirmed':
      return `${event.title} confirmed`;
    case 'step-finished': {
      const error = event.error;
      const state = error?.sqlstate === undefined ? '' : ` (SQLSTATE ${error.sqlstate})`;
      return `${event.step}: ${event.outcome}${error ? `: ${error.message}${state}` : ''}`;
    }
    case 'step-found':
      return `${event.step}: the database says ${event.found}`;
    case 'lock-waiting':
      return `${event.step} waited for ${event.level} on ${event.table}, try ${event.attempt}: ${event.blockers.join('; ')}`;
    case 'lock-acted':
      return event.text;
    case 'verification':
      return `verification: ${event.verification.ok ? 'everything holds' : 'not everything holds'}`;
    case 'escalated':
      return `escalation${event.ok ? '' : ', without success'}: ${event.text}`;
    case 'note':
      return event.text;
    case 'result':
      return `ended: ${event.outcome} (exit status ${event.exitStatus})`;
    default:
      return null;
  }
}

/** The last word on a step is that nothing is known of it. */
export function isUnknown(events: readonly JournalEvent[]): boolean {
  const last = events.findLast(
    ({ type }) => type === 'step-finished' || type === 'step-found' || type === 'step-started',
  );
  if (last?.type === 'step-finished') return last.outcome === 'unknown';
  return last?.type === 'step-found' && last.found === 'still-running';
}
