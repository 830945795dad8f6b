/** Whether there is colour, decided once. Sixteen colours at most: those the operator's own theme defines. */
import chalk from 'chalk';

export type ColourFlag = 'auto' | 'always' | 'never';

export interface ColourQuestion {
  /** `--color`, `--no-color`; absent means `auto`. */
  flag?: ColourFlag;
  env: Record<string, string | undefined>;
  isTTY: boolean;
}

function forced(value: string | undefined): boolean | null {
  if (value === undefined) return null;
  return value !== '0' && value !== 'false';
}

/**
 * Flag, then NO_COLOR (any value but the empty one, no-color.org), then FORCE_COLOR, then TERM=dumb, then whether
 * the output is a terminal.
 */
export function wantsColour({ flag = 'auto', env, isTTY }: ColourQuestion): boolean {
  if (flag !== 'auto') return flag === 'always';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = forced(env['FORCE_COLOR']);
  if (force !== null) return force;
  return isTTY && env['TERM'] !== 'dumb';
}

/**
 * Sets the one switch that Ink's colours hang on: chalk 5 reads neither NO_COLOR nor our flag by itself.
 * Call it before the first frame.
 */
export function applyColour(question: ColourQuestion): boolean {
  const wanted = wantsColour(question);
  chalk.level = wanted ? 1 : 0;
  return wanted;
}
