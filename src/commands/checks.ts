/** `--check ITEM=done|open[:NOTE]`: what is known of items of the checklist where nobody is asked. */
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';

export interface GivenCheck {
  done: boolean;
  note: string;
}

const FORM = /^([^=]+)=(done|open)(?::(.*))?$/s;

/** By the item's id; each once. @throws {UserError} 64 */
export function parseChecks(given: readonly string[]): Record<string, GivenCheck> {
  const checks: Record<string, GivenCheck> = Object.create(null) as Record<string, GivenCheck>;
  for (const text of given) {
    const [, id = '', value = '', note = ''] = FORM.exec(text) ?? [];
    if (id === '') {
      throw new UserError(
        `--check ${toLine(text, 80)} cannot be read.`,
        'Write --check ITEM=done or --check ITEM=open, with a note behind a colon if there is one.',
        EXIT.usage,
      );
    }
    if (id in checks) {
      throw new UserError(
        `--check ${toLine(id, 60)} was given more than once.`,
        'Give each item once.',
        EXIT.usage,
      );
    }
    checks[id] = { done: value === 'done', note: note.trim() };
  }
  return checks;
}
