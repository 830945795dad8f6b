/** A line of a drill's journal in a few words, for its instructor. Pure. */
import type { JournalEvent } from '../../journal/types.ts';

const about = (subject: string | null): string => (subject === null ? '' : ` (${subject})`);

/** Null: it says nothing that the instructor has to see. */
export function wordsOf(event: JournalEvent): string | null {
  switch (event.type) {
    case 'shown':
      return `sees ${event.screen}: ${event.asked}${about(event.subject)}`;
    case 'answered':
      return `answers ${event.asked}${about(event.subject)}: ${event.value}`;
    case 'action-used':
      return `presses the key for ${event.action}`;
    case 'coach':
      return ofCoach(event);
    case 'injected':
      return `HAPPENED: ${event.title}${event.by === 'instructor' ? ' (at your key)' : ''}${event.simulated ? ', simulated' : ''}`;
    case 'decision':
      return `decides: ${event.choice}; recommended was ${event.recommendation.choice}`;
    case 'consent':
      return `consents to ${event.id}`;
    case 'step-started':
      return `${event.step} begins`;
    case 'step-finished':
      return `${event.step}: ${event.outcome}${event.error ? `, ${event.error.message}` : ''}`;
    case 'lock-waiting':
      return `${event.step} waits for a lock on ${event.table}`;
    case 'lock-acted':
      return event.text;
    case 'result':
      return `ended: ${event.outcome}`;
    default:
      return null;
  }
}

function ofCoach({ what, id, right, cost }: Extract<JournalEvent, { type: 'coach' }>): string {
  if (what === 'hint') return `takes hint ${id}, for ${cost} points`;
  if (what === 'opened') return 'asks the coach';
  const how = right === null ? 'does not answer' : right ? 'answers rightly' : 'answers wrongly';
  return `${how} the coach's question ${id}`;
}
