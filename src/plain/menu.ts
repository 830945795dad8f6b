/** Which answers and actions a prompt of lines offers, as plain choices. Pure. */
import type { Action, ActionId, Event, Question, Screen } from '../wizard/types.ts';

export interface MenuEntry {
  label: string;
  detail?: string;
  disabled?: string;
  event: Event;
}

export interface Menu {
  entries: MenuEntry[];
  /** Index of the entry that Enter takes: never one that changes the database. */
  default: number;
}

/** Keys that only make sense on a full screen. */
const SCREEN_ONLY: ReadonlySet<ActionId> = new Set(['up', 'down', 'help', 'next', 'cancel']);

const answer = (question: Question, value: string): Event => ({
  type: 'answer',
  question: question.id,
  value,
});

function answers(question: Question): MenuEntry[] {
  switch (question.kind) {
    case 'choice':
      return question.options.map(({ label, detail, group, disabled, value }) => ({
        label,
        // A list of lines has no headings in between: each would be counted as an entry.
        ...(group || detail ? { detail: [group, detail].filter(Boolean).join(', ') } : {}),
        ...(disabled ? { disabled } : {}),
        event: answer(question, value),
      }));
    case 'confirm':
      return [
        { label: `No: ${question.no}`, event: answer(question, 'no') },
        { label: `Yes: ${question.yes}`, event: answer(question, 'yes') },
      ];
    case 'continue':
      return [{ label: 'Go on', event: answer(question, 'next') }];
    default:
      return [];
  }
}

/** The actions beside the question; a disabled one stays visible with its reason. */
export function actionEntries(actions: readonly Action[]): MenuEntry[] {
  // Two keys for the same are one entry of a list.
  const isFirst = ({ label }: Action, at: number): boolean =>
    actions.findIndex((other) => other.label === label) === at;
  return actions
    .filter((action, at) => !SCREEN_ONLY.has(action.id) && isFirst(action, at))
    .map(({ id, label, enabled, reason }) => ({
      label,
      ...(enabled ? {} : { disabled: reason ?? 'not now' }),
      event: { type: 'action', action: id } as const,
    }));
}

/** Everything that can be said to a question that is answered by picking. */
export function menuOf(screen: Pick<Screen, 'question' | 'actions'>): Menu {
  const { question } = screen;
  // What the question itself asks, such as whether to leave, is not offered beside it again.
  const beside = question.kind === 'confirm' && question.id.startsWith('leave:') ? [] : screen.actions;
  const entries = [...answers(question), ...actionEntries(beside)];
  if (question.kind !== 'choice') return { entries, default: 0 };
  const index = question.options.findIndex(({ value }) => value === question.default);
  return { entries, default: Math.max(0, index) };
}

/**
 * Typed in place of an answer, `:leave` and its like are actions. Null for an ordinary answer.
 * A word after the colon that is no action is taken for text.
 */
export function typedAction(line: string, actions: readonly Action[]): Event | null {
  const word = /^:([a-z-]+)$/.exec(line.trim())?.[1];
  const action = actions.find(({ id, enabled }) => id === word && enabled && !SCREEN_ONLY.has(id));
  return action ? { type: 'action', action: action.id } : null;
}

/** The line that names those actions, or null when there is none. */
export function typedActionsHint(actions: readonly Action[]): string | null {
  const able = actions.filter(({ id, enabled }) => enabled && !SCREEN_ONLY.has(id));
  if (able.length === 0) return null;
  return `Instead of an answer: ${able.map(({ id, label }) => `:${id} (${label})`).join(', ')}.`;
}
