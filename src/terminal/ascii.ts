/** Frames are drawn with a few signs beyond ASCII. On a terminal that cannot show them, each becomes one that it can. */

const REPLACEMENTS: Record<string, string> = {
  '─': '-',
  '│': '|',
  '✓': '+',
  '✗': 'x',
  '•': '*',
  '·': '.',
  '▸': '>',
  '›': '>',
  '▲': '^',
  '▼': 'v',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '≠': '#',
  '≈': '~',
  '≥': '>',
  '≤': '<',
  '×': 'x',
  '…': '~',
  '–': '-',
  '—': '-',
  '⏎': '|',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '\u00a0': ' ',
};

/** True when the locale says that the terminal does not speak UTF-8. Silence (no locale at all) means it does. */
export function needsAscii(env: Record<string, string | undefined>): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale !== undefined && !/utf-?8/i.test(locale);
}

/** The text with every character outside ASCII replaced by one that is inside, column for column. */
export function toAscii(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, (character) => REPLACEMENTS[character] ?? '?');
}
