/** Options of `backout rehearse`: way, sample, limits. */
import { EXIT, UserError } from '../exit.ts';
import { DEFAULT_LIMITS, WAYS, type RehearsalOptions } from '../rehearse/types.ts';
import { toLine } from '../terminal/sanitize.ts';

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };
const BYTES: Readonly<Record<string, number>> = { MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

function refused(flag: string, text: string, advice: string): UserError {
  return new UserError(`${flag} ${toLine(text, 60)} cannot be read.`, advice, EXIT.usage);
}

function number(flag: string, text: string, units: Readonly<Record<string, number>>, advice: string): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  const value = Number(count) * (factor ?? NaN);
  if (count === '' || !Number.isFinite(value) || value <= 0) throw refused(flag, text, advice);
  return value;
}

/** @param values by option, as given. @throws {UserError} 64 */
export function rehearsalFrom(
  values: ReadonlyMap<string, readonly string[]>,
): Omit<RehearsalOptions, 'forms'> {
  const one = (name: string): string | undefined => values.get(name)?.[0];
  const [way, sample, time, size] = ['way', 'sample', 'time-limit', 'size-limit'].map(one);
  const known = WAYS.find((name) => name === way);
  if (way !== undefined && !known)
    throw refused('--way', way, `Write ${WAYS.map((name) => `--way ${name}`).join(' or ')}.`);
  const percent =
    sample === undefined
      ? undefined
      : number('--sample', sample.replace(/ ?%$/, ''), { '': 1 }, 'Write a percentage: --sample 5.');
  if (percent !== undefined && percent > 100)
    throw refused('--sample', sample ?? '', 'Write a percentage up to 100.');
  return {
    ...(known ? { way: known } : {}),
    ...(percent === undefined ? {} : { sample: percent }),
    timeLimitSeconds:
      time === undefined
        ? DEFAULT_LIMITS.timeLimitSeconds
        : number(
            '--time-limit',
            time,
            SECONDS,
            'Write seconds, minutes or hours: --time-limit 90s, 10m, 1h.',
          ),
    sizeLimit:
      size === undefined
        ? DEFAULT_LIMITS.sizeLimit
        : number('--size-limit', size, BYTES, 'Write a size with its unit: --size-limit 500MB, 2GB.'),
  };
}
