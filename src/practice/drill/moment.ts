/** Moments: the one-line language in which a drill names what happens in a run. Pure. */
import type { JournalBody } from '../../journal/types.ts';
import { nearest } from '../../commands/args.ts';
import type { Moment } from './types.ts';
import { ACTIONS, COACH_WHAT, OUTCOMES, QUESTIONS, SCREENS, STEP_OUTCOMES } from './vocabulary.ts';

/** A moment that cannot be read: what is wrong, and what to write instead. */
export class BadMoment extends Error {
  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
    this.name = 'BadMoment';
  }
}

const EXAMPLE =
  'Write for example: at step/confirm:step-1, answered decision/choose=rollback, started step-2.';

type Parts = Omit<Moment, 'kind' | 'text'>;

function known(word: string, what: string, names: readonly string[]): string {
  if (names.includes(word)) return word;
  const near = nearest(word, names);
  throw new BadMoment(
    `there is no ${what} "${word}"`,
    near.length > 0 ? `Is ${near.join(' or ')} meant?` : `There is: ${names.join(', ')}.`,
  );
}

/** `a:b` at its first colon; the subject may hold more of them. */
function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** `screen/name:subject=value` */
function place(text: string, withValue: boolean): Parts {
  const [where, value] = withValue ? split(text, '=') : [text, undefined];
  const [screen, rest] = split(where, '/');
  const parts: Parts = screen === '' ? {} : { screen: known(screen, 'screen', SCREENS) };
  if (value !== undefined) parts.value = value;
  if (rest === undefined) return parts;
  const [name, subject] = split(rest, ':');
  parts.name = known(name, 'question', QUESTIONS);
  if (subject !== undefined) parts.subject = subject;
  return parts;
}

function action(text: string): Parts {
  const [before, after] = split(text, '/');
  const name = known(after ?? before, 'key', ACTIONS);
  return after === undefined ? { name } : { screen: known(before, 'screen', SCREENS), name };
}

function coach(text: string): Parts {
  const [word = '', how] = text.split(/\s+/);
  const [what, subject] = split(word, ':');
  const parts: Parts = what === '' ? {} : { name: known(what, 'act of the coach', COACH_WHAT) };
  if (subject !== undefined) parts.subject = subject;
  if (how !== undefined) parts.value = known(how, 'answer', ['right', 'wrong']);
  return parts;
}

const about = (text: string): Parts => (text === '' ? {} : { subject: text });

function valued(text: string, mark: string, values: readonly string[] | null): Parts {
  const [subject, value] = split(text, mark);
  const parts = about(subject);
  if (value === undefined) return parts;
  return { ...parts, value: values === null ? value : known(value, 'outcome', values) };
}

const READERS: Record<Moment['kind'], (rest: string) => Parts> = {
  at: (rest) => place(rest, false),
  answered: (rest) => place(rest, true),
  action,
  coach,
  started: about,
  statement: (rest) => valued(rest, ':', null),
  committing: about,
  finished: (rest) => valued(rest, '=', STEP_OUTCOMES),
  waiting: about,
  consent: about,
  injected: about,
  result: (rest) => (rest === '' ? {} : { value: known(rest, 'outcome', OUTCOMES) }),
};

export const MOMENT_KINDS = Object.keys(READERS) as Moment['kind'][];

/**
 * Reads a moment as {@link Moment} describes it.
 * @throws {BadMoment} naming the word, and what may stand there
 */
export function parseMoment(text: string): Moment {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(text) ?? [];
  const kind = MOMENT_KINDS.find((one) => one === word);
  if (kind === undefined) {
    const near = nearest(word, MOMENT_KINDS);
    const meant = near.length > 0 ? `Is ${near.join(' or ')} meant?` : EXAMPLE;
    throw new BadMoment(`"${text.trim()}" is no moment`, meant);
  }
  return { kind, text: text.trim(), ...READERS[kind](rest) };
}

/** What of an event the parts of a moment are compared with; absent: the event says nothing of it. */
function partsOf(event: JournalBody): { kind: Moment['kind']; parts: Parts } | null {
  const with_ = (kind: Moment['kind'], parts: Parts) => ({ kind, parts });
  const subject = (of: string | null): Parts => (of === null ? {} : { subject: of });
  switch (event.type) {
    case 'shown':
      return with_('at', { screen: event.screen, name: event.asked, ...subject(event.subject) });
    case 'answered':
      return with_('answered', {
        screen: event.screen,
        name: event.asked,
        value: event.value,
        ...subject(event.subject),
      });
    case 'action-used':
      return with_('action', { screen: event.screen, name: event.action });
    case 'coach': {
      const value: Parts = event.right === null ? {} : { value: event.right ? 'right' : 'wrong' };
      return with_('coach', { name: event.what, subject: event.id, ...value });
    }
    case 'step-started':
      return with_('started', { subject: event.step });
    case 'statement':
      return with_('statement', { subject: event.step, value: String(event.index) });
    case 'step-committing':
      return with_('committing', { subject: event.step });
    case 'step-finished':
      return with_('finished', { subject: event.step, value: event.outcome });
    case 'lock-waiting':
      return with_('waiting', { subject: event.step });
    case 'consent':
      return with_('consent', { subject: event.id });
    case 'injected':
      return with_('injected', { subject: event.id });
    case 'result':
      return with_('result', { value: event.outcome });
    default:
      return null;
  }
}

/** Whether this line of a journal is that moment: every part that the moment names is as the line says. */
export function momentMatches(moment: Moment, event: JournalBody): boolean {
  const of = partsOf(event);
  if (of === null || of.kind !== moment.kind) return false;
  const { parts } = of;
  const fits = (key: keyof Parts): boolean => moment[key] === undefined || moment[key] === parts[key];
  if (event.type === 'step-committing' && moment.subject !== undefined && event.steps !== undefined) {
    return event.steps.includes(moment.subject);
  }
  return fits('screen') && fits('name') && fits('subject') && fits('value');
}
