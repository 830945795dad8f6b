/** Which one thing `backout escalate` is to do, read off its flags. Pure. */
import { EXIT, UserError } from '../exit.ts';
import type { EscalationAct } from '../wizard/types.ts';

const FLAGS: readonly EscalationAct[] = [
  'stop-writes',
  'allow-writes',
  'restore',
  'swap',
  'swap-back',
  'status',
  'hand-over',
];

/** Undefined: nothing, only to show what can be done. @throws {UserError} 64 */
export function escalationOf(values: ReadonlyMap<string, readonly string[]>): EscalationAct | undefined {
  const number = values.get('command')?.at(-1);
  if (number !== undefined && !/^[1-9]\d?$/.test(number)) {
    throw new UserError(
      '--command takes the number of a command.',
      '"backout escalate" without flags lists them. Nothing was run.',
      EXIT.usage,
    );
  }
  const given: EscalationAct[] = [
    ...FLAGS.filter((flag) => values.has(flag)),
    ...(number === undefined ? [] : [`command-${Number(number)}` as const]),
  ];
  if (given.length > 1) {
    throw new UserError(
      'backout escalate does one thing at a time.',
      `Give one of ${given.map((act) => `--${act.replace(/^command-\d+/, 'command')}`).join(', ')}. Nothing was run.`,
      EXIT.usage,
    );
  }
  return given[0];
}
