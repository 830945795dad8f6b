/** The `?` help: every key that works on the screen at hand, from the same table as the footer. */
import type { Screen } from '../wizard/types.ts';
import { keyName } from './keymap.ts';
import { keysNow } from './meaning.ts';
import { line, pad, span, widthOf, wrap, type Line } from './spans.ts';

const GAP = '  ';

/** The help's lines; a disabled key says why. */
export function helpLines(screen: Screen, width: number): Line[] {
  const shown = keysNow(screen);
  const names = shown.map(({ keys }) => keys.map(keyName).join(' '));
  const column = Math.min(Math.max(...names.map(widthOf)), Math.floor(width / 3));
  const rows = shown.flatMap(({ does, enabled, reason, label }, index) => {
    const key = span(pad(names[index] ?? '', column) + GAP, 'key');
    const why = enabled ? [] : [span(` Not now: ${reason ?? 'it cannot be used here.'}`, 'warn')];
    return wrap([key, span(`${label}: `, 'strong'), span(does), ...why], width, column + GAP.length);
  });
  return [line(span(`Keys on "${screen.title}"`, 'strong')), line(), ...rows];
}
