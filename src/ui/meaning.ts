/** What a key means on the screen at hand, and which keys work there: read off the table of keys. */
import type { Action, Option, Question, Screen } from '../wizard/types.ts';
import { ACTIONS, KEYMAP, type Binding, type Command, type Where } from './keymap.ts';

export function isTyping(question: Question): boolean {
  return question.kind === 'typed' || question.kind === 'text';
}

function worksOn(where: Where, question: Question): boolean {
  if (where === 'everywhere') return true;
  if (where === 'typing') return isTyping(question);
  if (where === 'reading') return !isTyping(question);
  return where === question.kind;
}

/** What a key means on a screen. */
export type Meaning =
  | { kind: 'option'; option: Option }
  | { kind: 'action'; action: Action }
  | { kind: 'command'; command: Command };

/**
 * What the key does now: an option's letter first, then the question's own keys, then the screen's actions, then
 * moving about and the rest. While text is typed, single characters belong to the text and never mean an action.
 */
export function meaningOf(name: string, screen: Screen): Meaning | null {
  const { question, actions } = screen;
  const typing = isTyping(question);
  if (typing && Array.from(name).length === 1) return null;
  if (question.kind === 'choice') {
    const option = question.options.find(({ key }) => key === name);
    if (option !== undefined) return { kind: 'option', option };
  }
  const bindings = KEYMAP.filter(({ keys, where }) => keys.includes(name) && worksOn(where, question));
  const own = bindings.find(
    ({ moves, where }) => moves !== true && where !== 'reading' && where !== 'everywhere',
  );
  if (own !== undefined) return { kind: 'command', command: own.command };
  const action = actions.find(({ keys }) => keys.includes(name));
  if (action?.id === 'help') return { kind: 'command', command: 'help' };
  if (action !== undefined) return { kind: 'action', action };
  const binding = bindings[0];
  return binding === undefined ? null : { kind: 'command', command: binding.command };
}

/** A key that works on the screen at hand. */
export interface Shown {
  keys: string[];
  label: string;
  does: string;
  enabled: boolean;
  reason?: string;
  /** Place in the footer, or null. */
  footer: number | null;
}

/** Keys of a binding that are not taken by an option or an action in front of it. */
function freeKeys(binding: Binding, screen: Screen): string[] {
  return binding.keys.filter((name) => {
    const meaning = meaningOf(name, screen);
    return meaning?.kind === 'command' && meaning.command === binding.command;
  });
}

/** Every key that works on the screen, the disabled ones with their reason, in the order of their importance. */
export function keysNow(screen: Screen): Shown[] {
  const bindings = KEYMAP.filter(({ where }) => worksOn(where, screen.question)).map((binding): Shown => {
    const { label, does, footer = null } = binding;
    return { keys: freeKeys(binding, screen), label, does, enabled: true, footer };
  });
  const options = screen.question.kind === 'choice' ? screen.question.options : [];
  const picks = options.map((option): Shown => ({
    keys: [option.key],
    label: option.label,
    does: option.detail ?? `Chooses "${option.label}".`,
    enabled: option.disabled === undefined,
    reason: option.disabled,
    footer: null,
  }));
  const actions = screen.actions
    .filter(({ id }) => id !== 'help')
    .map((action): Shown => {
      const keys = action.keys.filter((name) => meaningOf(name, screen)?.kind === 'action');
      return {
        keys,
        label: action.label,
        does: ACTIONS[action.id].does,
        enabled: action.enabled,
        reason: action.reason,
        footer: 4,
      };
    });
  return [...picks, ...bindings, ...actions]
    .filter(({ keys }) => keys.length > 0)
    .sort((one, other) => (one.footer ?? 9) - (other.footer ?? 9));
}
