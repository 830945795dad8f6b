/** `keyword=value` connection strings (manual, libpq-connect, "Keyword/Value Connection Strings"). */
import { isKnown, settingError } from './names.ts';

const ADVICE =
  "Write it as host=db.example user=app dbname=orders, with values that hold spaces in 'quotes'.";

/**
 * The settings in the string, by libpq's names.
 * @throws {UserError} exit 64 when it is malformed; no value is repeated in the message.
 */
export function parseKeywords(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const name = /^[A-Za-z_]+/.exec(text.slice(at))?.[0];
    if (!name) throw settingError('The connection string is malformed: a keyword was expected.', ADVICE);
    at = skipSpace(text, at + name.length);
    if (text[at] !== '=') {
      throw settingError('The connection string is malformed: there is no "=" after a keyword.', ADVICE);
    }
    if (!isKnown(name))
      throw settingError('The connection string has a keyword that libpq does not know.', ADVICE);
    const { value, end } = readValue(text, skipSpace(text, at + 1));
    settings.set(name, value);
    at = skipSpace(text, end);
  }
  return settings;
}

function readValue(text: string, start: number): { value: string; end: number } {
  const quoted = text[start] === "'";
  let value = '';
  let at = quoted ? start + 1 : start;
  for (; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\' && at + 1 < text.length) {
      at += 1;
      value += text[at];
    } else if (quoted ? character === "'" : /\s/.test(character)) {
      return { value, end: at + 1 };
    } else value += character;
  }
  if (quoted) throw settingError('The connection string is malformed: a quote is not closed.', ADVICE);
  return { value, end: at };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}
