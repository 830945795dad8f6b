/** The road that was taken, in sentences, from the journal. Pure. */
import { counted, duration, outcomeWords, STEP_WORDS } from '../../journal/words.ts';
import type { JournalEvent } from '../../journal/types.ts';
import type { Prerequisite } from '../../postgres/types.ts';
import { DECISION_WORDS } from '../../wizard/debrief-words.ts';
import { markOf, type Events } from './read.ts';
import type { RoadLine } from './types.ts';

type Told = Pick<RoadLine, 'text' | 'tone'>;

const told = (text: string, tone: RoadLine['tone'] = 'plain'): Told => ({ text, tone });

function prerequisitesWords(results: readonly Prerequisite[]): Told {
  const many = (status: Prerequisite['status']): number =>
    results.filter((result) => result.status === status).length;
  const [fails, warns] = [many('fail'), many('warn')];
  const words = `Prerequisites: ${many('pass')} passed, ${counted(warns, 'warning')}, ${fails} failed.`;
  return told(words, fails > 0 ? 'bad' : 'plain');
}

function coachWords(event: Extract<JournalEvent, { type: 'coach' }>): Told {
  if (event.what === 'hint') return told(`Took a hint, for ${counted(event.cost, 'point')}.`, 'bad');
  if (event.what === 'opened') return told('Asked the coach.', 'quiet');
  if (event.right === null) return told('Had the coach tell.', 'quiet');
  return event.right
    ? told("Answered the coach's question rightly.", 'good')
    : told("Answered the coach's question wrongly.", 'bad');
}

function answeredWords({ asked, subject, value }: Extract<JournalEvent, { type: 'answered' }>): Told | null {
  if (value === 'wrong') return told('Typed something else than was asked for.', 'bad');
  if (asked === 'accept' && value === 'no') return told(`Did not accept the warning ${subject ?? ''}.`);
  if (asked === 'criterion') return told(`Answered ${subject ?? 'a criterion'}: ${value}.`);
  if (
    ['blocked', 'declined', 'conflict', 'not-met', 'stale', 'failed', 'paused', 'unknown', 'lock'].includes(
      asked,
    )
  ) {
    return told(`Asked what now, answered: ${value}.`);
  }
  return null;
}

const KIND_WORDS = { rollback: 'Began.', undo: 'Began to undo the run.', repair: 'Began the repairs.' };

/** What stands in the journal for the machine, and what comes in numbers, is left out. */
function wordsOf(event: JournalEvent): Told | null {
  switch (event.type) {
    case 'run-started':
      return told(KIND_WORDS[event.kind ?? 'rollback'], 'quiet');
    case 'resumed':
      return told('Went on with the run.');
    case 'prerequisites':
      return prerequisitesWords(event.results);
    case 'consent':
      return told(`Accepted ${event.id}: ${event.detail}`);
    case 'answered':
      return answeredWords(event);
    case 'coach':
      return coachWords(event);
    case 'injected':
      return told(`Meanwhile: ${event.title}`, 'bad');
    case 'backup':
      return told(event.words[0] ?? `A backup was ${event.what}.`);
    case 'rehearsal':
      return told(event.words[0] ?? 'The plan was rehearsed.');
    case 'decision': {
      const choice = event.path === 'quick' ? 'quick' : event.choice;
      const against = event.recommendation.choice === event.choice ? '' : ' Against the recommendation.';
      return told(`Decided to ${DECISION_WORDS[choice]}.${against}`);
    }
    case 'step-confirmed':
      return told(`Confirmed ${event.title}.`);
    case 'step-found':
      return told(
        `After the lost connection: ${event.step} was found ${event.found === 'done' ? 'done' : event.found === 'not-done' ? 'not done' : 'still running'}.`,
      );
    case 'lock-acted':
      return told(event.text);
    case 'step-finished': {
      const words = `${event.step}: ${STEP_WORDS[event.outcome]}, ${duration(event.seconds)}.`;
      return told(
        event.error ? `${words} ${event.error.message}` : words,
        event.outcome === 'done' ? 'good' : 'bad',
      );
    }
    case 'quick-started':
      return told(`Ran ${event.command}, with ${counted(event.kept, 'table')} copied before.`);
    case 'quick':
      return told(event.found.words[0] ?? 'The command has ended.');
    case 'verification': {
      const { ok, checks } = event.verification;
      const held = checks.filter((check) => check.ok).length;
      return told(`Verified: ${held} of ${checks.length} checks as expected.`, ok ? 'good' : 'bad');
    }
    case 'escalated':
      return told(`Escalated: ${event.text}`, event.ok ? 'plain' : 'bad');
    case 'note':
      return told(event.text, 'quiet');
    case 'result': {
      return told(`Ended: ${outcomeWords(event.outcome, event.exitStatus)}.`, 'plain');
    }
    default:
      return null;
  }
}

/** A lock that is waited for is written down at each try: told once a step and table, with the first. */
function waits(events: Events): RoadLine[] {
  const seen = new Set<string>();
  return events.flatMap((event) => {
    if (event.type !== 'lock-waiting') return [];
    const key = `${event.step} ${event.table}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const who = event.blockers[0] === undefined ? '' : ` Blocked by: ${event.blockers[0]}`;
    return [
      { ...markOf(event), text: `${event.step} waits for ${event.table}.${who}`, tone: 'bad' as const },
    ];
  });
}

/** In the order of the journal, without saying the same thing twice in a row. */
export function roadTaken(events: Events): RoadLine[] {
  const waiting = waits(events);
  return events
    .flatMap((event): RoadLine[] => {
      const words = wordsOf(event);
      if (words) return [{ ...markOf(event), ...words }];
      return event.type === 'lock-waiting'
        ? waiting.filter(({ seq, at }) => seq === event.seq && at === event.at)
        : [];
    })
    .filter((line, at, lines) => at === 0 || lines[at - 1]?.text !== line.text);
}
