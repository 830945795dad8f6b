/** How a play answers: by what it says of a question, else as practice answers by itself. Pure. */
import type { Asked, Reply } from '../../plain/driver.ts';
import type { JournalBody } from '../../journal/types.ts';
import { askedOf } from '../../wizard/asked.ts';
import { practiceAnswers } from '../script.ts';
import { momentMatches } from './moment.ts';
import type { Play } from './types.ts';
import { ESCALATION } from './vocabulary.ts';

/** A play cannot go on as it is written. */
export class BadPlay extends Error {
  override name = 'BadPlay';
}

export interface Player {
  answer(asked: Asked): Promise<Reply | null>;
  /** Answers that were never asked for, as they are written. */
  unused(): string[];
}

/** The word that stands for what has to be typed; any other is typed as it is. */
const RIGHT = 'right';

const ENOUGH = 400;

export function playerOf(play: Pick<Play, 'answers'>): Player {
  const left = [...play.answers];
  const given = new Set<string>();
  let turns = 0;

  return {
    async answer({ screen, state }) {
      const { question } = screen;
      turns += 1;
      if (turns > ENOUGH)
        throw new BadPlay(`it does not come to an end: ${question.id} is asked again and again`);
      const asked = askedOf(state);
      const shown: JournalBody = {
        type: 'shown',
        screen: state.escalating ? ESCALATION : state.screen,
        asked: asked.name,
        subject: asked.subject ?? null,
      };
      const at = left.findIndex((one) => momentMatches(one.at, shown));
      const [found] = at === -1 ? [] : left.splice(at, 1);
      if (found && typeof found.say !== 'string') {
        const { action } = found.say;
        const key = screen.actions.find(({ id }) => id === action);
        if (key?.enabled !== true) {
          const why = key?.reason === undefined ? 'it is not offered there' : key.reason;
          throw new BadPlay(
            `"press: ${action}" at ${found.at.text.replace(/^at /, '')} does nothing: ${why}`,
          );
        }
        return { event: { type: 'action', action: key.id }, said: `${action} (key)` };
      }
      // Each run of the drill asks its own: a repair, and the rollback that it cleared the way for.
      const once = `${state.run} ${question.id}`;
      if (!found && given.has(once)) {
        throw new BadPlay(`${question.id} is asked again, and the play has no other answer for it`);
      }
      given.add(once);
      const said = typeof found?.say === 'string' ? found.say : null;
      const meant = said === RIGHT && question.kind === 'typed' ? question.expected : said;
      const value = meant === null ? practiceAnswers(question, state) : offered(question, meant);
      checkOffered(question, value, found?.at.text);
      return {
        event: { type: 'answer', question: question.id, value },
        ...(question.kind === 'continue' ? {} : { said: `${value} (scripted)` }),
      };
    },
    unused: () =>
      left.map(
        ({ at, say }) => `${at.text.replace(/^at /, '')}: ${typeof say === 'string' ? say : say.action}`,
      ),
  };
}

/** `terminate` stands for `terminate:4301` where only one answer begins so: nobody knows a pid beforehand. */
function offered(question: Asked['screen']['question'], said: string): string {
  if (question.kind !== 'choice' || question.options.some(({ value }) => value === said)) return said;
  const [only, ...more] = question.options.filter(({ value }) => value.startsWith(`${said}:`));
  return only !== undefined && more.length === 0 ? only.value : said;
}

function checkOffered(question: Asked['screen']['question'], value: string, at: string | undefined): void {
  const words = at === undefined ? question.id : at.replace(/^at /, '');
  if (question.kind === 'confirm' && value !== 'yes' && value !== 'no') {
    throw new BadPlay(`"say: ${value}" at ${words} is no answer: write yes or no`);
  }
  if (question.kind !== 'choice') return;
  const option = question.options.find((one) => one.value === value);
  if (option?.disabled !== undefined) {
    throw new BadPlay(`"say: ${value}" at ${words} cannot be chosen: ${option.disabled}`);
  }
  if (option) return;
  const values = question.options.map((one) => one.value).join(', ');
  throw new BadPlay(`"say: ${value}" at ${words} is not offered: there is ${values}`);
}
