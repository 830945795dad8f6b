/** A command of the checklist, with what it leaves open asked for and put in. Pure; nothing is run. */
import { commandConsent, confirmationWord, whyNever, type CommandAsked } from '../shell/consent.ts';
import { filled } from '../shell/placeholders.ts';
import type { PreparedCommand } from './types.ts';

/** @param answers by the placeholder's id; what is blank counts as not answered */
export function prepareCommand(
  asked: CommandAsked,
  answers: Readonly<Record<string, string>>,
): PreparedCommand {
  const { command } = asked;
  const prepared = { command, word: null, why: null, questions: [], answers: { ...answers } };
  const consent = commandConsent(asked);
  switch (consent.kind) {
    case 'confirm':
      return { ...prepared, word: consent.word };
    case 'ask': {
      const missing = consent.placeholders.filter(({ id }) => (answers[id] ?? '').trim() === '');
      const once = missing.filter(({ id }, at) => missing.findIndex((one) => one.id === id) === at);
      if (once.length > 0)
        return { ...prepared, questions: once.map(({ id, text, why }) => ({ id, text, why })) };
      const whole = filled(command, consent.placeholders, answers);
      const why = whyNever(whole);
      return { ...prepared, command: whole, why, word: why === null ? confirmationWord(whole) : null };
    }
    default:
      return { ...prepared, why: consent.why };
  }
}
