/** Where the values come from that a runbook leaves open: `--set`, the environment for secrets, the run that is gone on with. */
import { EXIT, UserError } from '../exit.ts';
import { secretVariable, whyNotValue } from '../runbook/values/check.ts';
import { looksSecret } from '../runbook/values/secret.ts';
import type { GivenValue, OpenValue, Values } from '../runbook/values/types.ts';
import { toLine } from '../terminal/sanitize.ts';

/** What is given beside the document. */
export interface Given {
  set?: Values;
  env?: NodeJS.ProcessEnv;
  /** Nothing is run by it: what has no value stands as a name, and nothing is refused for want of one. */
  lenient?: true;
}

const usage = (message: string, advice: string): UserError => new UserError(message, advice, EXIT.usage);

/** `NAME=VALUE`, each name once. @throws {UserError} 64 */
export function parseSet(given: readonly string[]): Record<string, string> {
  const values = Object.create(null) as Record<string, string>;
  for (const text of given) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(at, 0)).trim();
    const value = text.slice(at + 1);
    if (name === '') throw usage(`--set ${toLine(text, 80)} cannot be read.`, 'Write --set NAME=VALUE.');
    if (name in values)
      throw usage(`--set ${toLine(name, 60)} was given more than once.`, 'Give each name once.');
    if (looksSecret(name)) {
      throw usage(
        `--set ${toLine(name, 60)}: by its name this is a secret, and arguments are seen by everybody on this machine.`,
        `Nothing was run. Put it into the environment as ${secretVariable(name)}.`,
      );
    }
    const why = whyNotValue(value, false);
    if (why !== null) throw usage(`--set ${toLine(name, 60)}: ${why}`, 'Nothing was run.');
    values[name] = value;
  }
  return values;
}

/** Secrets that are missing and stand in the environment. @throws {UserError} 64 */
export function secretsFor(
  missing: readonly OpenValue[],
  env: NodeJS.ProcessEnv = {},
): Record<string, string> {
  const found = missing.flatMap(({ name, secret }): [string, string][] => {
    const value = env[secretVariable(name)];
    if (!secret || value === undefined) return [];
    const why = whyNotValue(value, true);
    if (why !== null) throw usage(`${secretVariable(name)}: ${why}`, 'Nothing was run.');
    return [[name, value]];
  });
  return Object.fromEntries(found);
}

/**
 * The values of a run that is gone on with are its own. Secret ones were not written down: they are asked for again.
 * @throws {UserError} 64: another value was given
 */
export function withRecorded(set: Values, recorded: readonly GivenValue[]): Values {
  const own = recorded.flatMap(({ name, value }): [string, string][] =>
    value === null ? [] : [[name, value]],
  );
  for (const [name, value] of own) {
    if (set[name] === undefined || set[name] === value) continue;
    throw usage(
      `--set ${toLine(name, 60)}: the run began with another value, ${toLine(value, 60)}.`,
      'Nothing was run. Leave the option out to go on with it.',
    );
  }
  return { ...set, ...Object.fromEntries(own) };
}
