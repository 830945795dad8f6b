/**
 * Text from a database, a file, the environment or a child process is data. Before it may be stored in state,
 * written to a journal or shown, everything in it that a terminal would obey, or that a reader could not see,
 * is turned into visible text. Nothing is dropped in silence.
 */

import { withoutSecrets } from './secrets.ts';

/**
 * Controls, formats (bidirectional overrides, zero-width characters, BOM, soft hyphen, Arabic number signs that
 * terminals measure as nothing), line and paragraph separators, lone surrogates, and what Unicode asks
 * renderers to leave invisible (variation selectors, Hangul fillers, tags).
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const TAB_STOP = 8;
const ELLIPSIS = '…';
const NEWLINE_SIGN = ' ⏎ ';

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex.padStart(4, '0')}}`;
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let out = '';
  for (const character of line) {
    out += character === '\t' ? ' '.repeat(TAB_STOP - (out.length % TAB_STOP)) : character;
  }
  return out;
}

/** At most `cap` UTF-16 units, the last of them an ellipsis when something was cut; never half a surrogate pair. */
function cut(text: string, cap: number): string {
  if (text.length <= cap) return text;
  let end = Math.max(0, cap - ELLIPSIS.length);
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return text.slice(0, end) + ELLIPSIS;
}

function clean(text: string, cap: number, newline: string): string {
  // Making text visible only lengthens it, but for CR LF: twice the cap is more than can survive the cut.
  const near = cut(withoutSecrets(text), 2 * cap + 2);
  const lines = near.replaceAll('\r\n', '\n').split('\n');
  const safe = lines.map((line) => expandTabs(line).replace(UNSAFE, visible));
  return cut(safe.join(newline), cap);
}

/**
 * Untrusted text as text that may be shown: newlines stay (CR LF counts as one), tabs become spaces, every other
 * control, format, invisible or broken character becomes `\xNN` or `\u{NNNN}`.
 * @param cap most UTF-16 units to return; what is cut shows as `…`
 */
export function toDisplay(text: string, cap = 4096): string {
  return clean(text, cap, '\n');
}

/**
 * As {@link toDisplay}, on one line: a newline becomes ` ⏎ `.
 * @param cap most UTF-16 units to return; what is cut shows as `…`
 */
export function toLine(text: string, cap = 500): string {
  return clean(text, cap, NEWLINE_SIGN);
}
