/** The options of practice: which drill, or what else. Pure. */
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Options } from './args.ts';

const usage = (message: string, advice: string): UserError => new UserError(message, advice, EXIT.usage);

function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`--seed ${toLine(text, 60)} is no number.`, 'Write for example --seed 7.');
}

/** What practice is asked for, in place of the list. @throws {UserError} 64 */
export function drillsFrom(values: ReadonlyMap<string, string[]>): Partial<Options> {
  const [seed] = values.get('seed') ?? [];
  const [checkDrill, second] = values.get('check') ?? [];
  if (second !== undefined) throw usage('--check was given more than once.', 'Give it once.');
  return {
    ...(values.has('list') ? { list: true } : {}),
    ...(values.has('random') ? { random: true } : {}),
    ...(seed === undefined ? {} : { seed: parseSeed(seed) }),
    ...(checkDrill === undefined ? {} : { checkDrill }),
  };
}

/** Practice does one thing at a time. @throws {UserError} 64 */
export function checkPractice(positional: string | null, options: Options): void {
  const { list, random, record, instructor, checkDrill, seed } = options;
  const ways: [string, boolean][] = [
    ['DRILL', positional !== null],
    ['--list', list === true],
    ['--random', random === true],
    ['--check', checkDrill !== undefined],
    ['--record', record !== undefined],
    ['--instructor', instructor === true],
  ];
  const given = ways.filter(([, is]) => is).map(([name]) => name);
  if (given.length > 1) {
    throw usage(
      `backout practice does one thing at a time: ${given.join(' and ')} do not go together.`,
      'Give one of them.',
    );
  }
  if (seed !== undefined && random !== true)
    throw usage('--seed goes with --random.', 'Give both, or neither.');
  if (options.json && !record && !list && checkDrill === undefined) {
    throw usage('--json goes with --list, --check or --record here.', 'Practice itself is for people.');
  }
}
