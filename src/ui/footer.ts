/** The last rows of a frame: the keys that work now, and why the last one did not. */
import type { Screen } from '../wizard/types.ts';
import { keyName } from './keymap.ts';
import { keysNow, type Shown } from './meaning.ts';
import { line, lineWidth, span, wrap, type Line, type UiSpan } from './spans.ts';
import type { View } from './view.ts';

const GAP = '  ';
const NOTICE_ROWS = 3;
/** What stands here before the question takes keys. */
export const NOT_YET = '…';

function shownSpans({ keys, label, enabled }: Shown): UiSpan[] {
  const key = span(keyName(keys[0] ?? ''), enabled ? 'key' : 'plain');
  // A disabled key stays where it was, in parentheses, and answers with its reason.
  return enabled ? [key, span(` ${label}`)] : [span('('), key, span(` ${label})`)];
}

const HELP: UiSpan[] = [span('?', 'key'), span(' help')];

function pack(groups: readonly UiSpan[][], width: number, rows: number): Line[] {
  const lines: Line[] = [line()];
  for (const group of groups) {
    const last = lines.at(-1) ?? line();
    const joined = line(...last.spans, ...(last.spans.length > 0 ? [span(GAP)] : []), ...group);
    if (lineWidth(joined) <= width || last.spans.length === 0) lines[lines.length - 1] = joined;
    else if (lines.length < rows) lines.push(line(...group));
    else return lines;
  }
  return lines;
}

/** The help's key is the last that may be left out: the row keeps room for it. */
function keyRows(shown: readonly Shown[], width: number, rows: number): Line[] {
  const inFooter = shown.filter(({ footer }) => footer !== null);
  const help = inFooter.some(({ keys }) => keys.includes('?'));
  const groups = inFooter.filter(({ keys }) => !keys.includes('?')).map(shownSpans);
  if (!help) return pack(groups, width, rows);
  const all = pack([...groups, HELP], width, rows);
  const lastText = all.at(-1)?.spans.at(-1)?.text;
  if (lastText === ' help') return all;
  const short = pack(groups, width - GAP.length - '? help'.length, rows);
  const last = short.at(-1) ?? line();
  return [...short.slice(0, -1), line(...last.spans, span(GAP), ...HELP)];
}

/**
 * The footer: a row or two of keys, above them the reason why a key did nothing.
 */
export function footerLines(screen: Screen, view: View, width: number, rows: number): Line[] {
  const notice = view.notice === '' ? [] : wrap([span(view.notice, 'warn')], width).slice(0, NOTICE_ROWS);
  if (view.help)
    return [
      ...notice,
      line(span('Esc', 'key'), span(' close the help'), span(`${GAP}PgUp PgDn`, 'key'), span(' scroll')),
    ];
  if (!view.armed) return [...notice, line(span(NOT_YET, 'quiet'))];
  return [...notice, ...keyRows(keysNow(screen), width, rows)];
}
