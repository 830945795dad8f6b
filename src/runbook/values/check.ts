/** What was given against what a runbook leaves open. Pure. */
import { EXIT, UserError } from '../../exit.ts';
import type { Runbook } from '../types.ts';
import type { OpenValue, Values } from './types.ts';

/** Values that are needed and were not given. An operator can be asked for them. */
export class MissingValues extends UserError {
  constructor(
    readonly open: readonly OpenValue[],
    readonly path: string,
  ) {
    super(
      `${path} leaves open ${open.map(placeWords).join(', ')}.`,
      `Nothing was run. Give ${open.length === 1 ? 'it' : 'each'}: ${open.map(flagFor).join(' ')}.`,
      EXIT.usage,
    );
  }
}

const placeWords = ({ written, lines }: OpenValue): string =>
  `${written} (${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')})`;

/** The variable of the environment that a secret is given by: arguments of a program are seen by everybody. */
export const secretVariable = (name: string): string =>
  `BACKOUT_SET_${name.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()}`;

const shellSafe = (word: string): string =>
  /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** How a value is given without an operator. */
export const flagFor = ({ name, secret }: Pick<OpenValue, 'name' | 'secret'>): string =>
  secret ? `${secretVariable(name)} in the environment` : `--set ${shellSafe(`${name}=VALUE`)}`;

/** Why this cannot be a value; null when it can. */
export function whyNotValue(value: string, secret: boolean): string | null {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return 'A value is one line, without tabs and other controls.';
  if (/^\s*(```|~~~)/.test(value))
    return 'A value that begins like the end of a code block cannot be put into one.';
  if (secret && value.length < SHORTEST_SECRET)
    return `A secret of fewer than ${SHORTEST_SECRET} characters cannot be told from other text, and so not be kept off the screen.`;
  return null;
}

const SHORTEST_SECRET = 4;

/** @throws {UserError} 64: a value is of no use, or one is missing */
export function checkValues(runbook: Runbook, values: Values, path: string): void {
  const { names = [], own = [], missing = [] } = runbook.values ?? {};
  for (const name of Object.keys(values)) {
    const line = own.find(([set]) => set === name)?.[1];
    if (line !== undefined) {
      throw new UserError(
        `--set ${name}: ${path} gives ${name} a value itself, with \\set in line ${line}.`,
        'Nothing was run. Leave the option out, or take that line out of the runbook.',
        EXIT.usage,
      );
    }
    if (names.includes(name)) continue;
    const open = names.length === 0 ? 'It leaves nothing open.' : `It leaves open: ${names.join(', ')}.`;
    throw new UserError(
      `--set ${name}: nothing in ${path} is called so.`,
      `Nothing was run. ${open}`,
      EXIT.usage,
    );
  }
  if (missing.length > 0) throw new MissingValues(missing, path);
}
