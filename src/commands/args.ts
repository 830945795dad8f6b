/** The command line as data: which command, with which options. Pure: nothing is read but the words given. */
import { parseArgs } from 'node:util';
import { EXIT, UserError } from '../exit.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { EscalationAct } from '../wizard/types.ts';
import { escalationOf } from './escalation-flags.ts';
import type { Form } from '../sql/procedure/types.ts';
import { didYouMean, instead } from './suggest.ts';
import { checkPractice, drillsFrom } from './practice-flags.ts';
import { parseChecks, type GivenCheck } from './checks.ts';
import { parseSet } from './values.ts';
import { rehearsalFrom } from './rehearse-flags.ts';
import type { RehearsalOptions } from '../rehearse/types.ts';
import { COMMANDS, OPTIONS, commandSpec, optionsOf, type CommandName, type OptionSpec } from './table.ts';

export { distance, nearest } from './suggest.ts';

export type CriterionAnswer = 'yes' | 'no' | 'unknown';

export interface Options {
  database?: string;
  runbook?: string;
  /** Of a migration tool's file. */
  format?: string;
  /** Where its tool keeps its records. */
  recordTable?: string;
  /** What the runbook leaves open, by name. */
  set?: Record<string, string>;
  schema?: string;
  config?: string;
  backup?: string;
  takeBackup: boolean;
  proveBackup: boolean;
  /** Of `backout backup`. */
  inspect?: string;
  prove?: string;
  cleanUp: boolean;
  confirm?: string;
  choose?: 'rollback' | 'quick' | 'fix-forward';
  project?: string;
  reason?: string;
  accept: string[];
  answers: Record<string, CriterionAnswer>;
  /** By step id. */
  forms: Record<string, Form>;
  /** By item id. */
  checks: Record<string, GivenCheck>;
  /** Commands in steps that are seen to. */
  done?: string[];
  allowCommands: boolean;
  /** `ID` or `ID=VALUE`: what is carried out when the decision is to fix forward, or before a rollback. */
  repairs?: string[];
  /** Where the skeleton of a forward migration goes. */
  writeMigration?: string;
  wholePlan: boolean;
  withoutArchive: boolean;
  /** Of `backout escalate`: the one thing to do. */
  escalation?: EscalationAct;
  /** Of `backout rehearse`. */
  rehearsal?: Omit<RehearsalOptions, 'forms'>;
  /** Of --restore. */
  restore?: string;
  json: boolean;
  /** Of `backout lint`. */
  strict?: boolean;
  github?: boolean;
  /** Of `backout init`. */
  from?: string;
  /** Of `backout practice`: the table, over the files and folders that were handed over as well. */
  record?: { handedOver: string[] };
  /** Who practises, or whose records are shown. */
  person?: string;
  /** Of `backout practice`. */
  instructor?: boolean;
  list?: boolean;
  random?: boolean;
  /** Of --random. */
  seed?: number;
  /** The file of the drill that is looked at. */
  checkDrill?: string;
  plain: boolean;
}

export type Parsed =
  | { kind: 'version' }
  /** `command` null: the overview. */
  | { kind: 'help'; command: CommandName | null }
  | { kind: 'command'; command: CommandName; positional: string | null; options: Options };

interface Token {
  kind: string;
  name?: string;
  rawName?: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

const usage = (message: string, advice = 'Run "backout --help" to see what there is.'): UserError =>
  new UserError(message, advice, EXIT.usage);

/** A word that can only be a file: commands hold neither a slash nor a dot. */
const looksLikeFile = (word: string): boolean => /[/\\.]/.test(word);

function tokensOf(argv: readonly string[]): Token[] {
  const options = Object.fromEntries(
    OPTIONS.map(({ name, value, short }) => [
      name,
      // parseArgs refuses a `short` that is undefined.
      { type: value ? ('string' as const) : ('boolean' as const), ...(short ? { short } : {}) },
    ]),
  );
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function pickCommand(words: string[]): { command: CommandName; rest: string[] } {
  const [first, ...rest] = words;
  if (first === undefined) return { command: 'wizard', rest: [] };
  const named = COMMANDS.find(({ word }) => word === first && word !== '');
  if (named) return { command: named.name, rest };
  if (looksLikeFile(first)) return { command: 'wizard', rest: words };
  const names = COMMANDS.map(({ word }) => word).filter((word) => word !== '');
  throw usage(
    `There is no command "${toLine(first, 60)}".`,
    `${didYouMean(first, names)} A runbook is given by its path, for example ./${toLine(first, 60)}.md.`,
  );
}

/** What the command that was named takes; any option where none was. */
function optionNames(command: CommandName | null): string[] {
  const specs = command === null ? OPTIONS : optionsOf(commandSpec(command));
  return specs.map(({ name }) => `--${name}`);
}

function specOf(token: Token, command: CommandName | null): OptionSpec {
  const spec = OPTIONS.find(({ name }) => name === token.name);
  if (spec) return spec;
  const given = token.rawName ?? '';
  const advice = command === null ? null : instead(command, given);
  throw usage(`There is no option ${toLine(given, 60)}.`, advice ?? didYouMean(given, optionNames(command)));
}

/** Values by option, in the order given; every value present exactly where one belongs. */
function collect(tokens: readonly Token[], command: CommandName | null): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = specOf(token, command);
    const flag = `--${spec.name}`;
    if (spec.value === undefined && token.value !== undefined) throw usage(`${flag} takes no value.`);
    if (spec.value !== undefined && !token.value)
      throw usage(`${flag} needs a value: ${flag} ${spec.value}.`);
    // `--confirm --json` would take "--json" for the name: parseArgs hands it over, a person meant two options.
    if (spec.value !== undefined && !token.inlineValue && token.value?.startsWith('-')) {
      throw usage(
        `${flag} needs a value, but ${toLine(token.value, 60)} follows it.`,
        `Write ${flag}=VALUE.`,
      );
    }
    const given = values.get(spec.name) ?? [];
    if (given.length > 0 && spec.value !== undefined && !spec.repeatable) {
      throw usage(`${flag} was given more than once.`, `Give ${flag} once.`);
    }
    values.set(spec.name, [...given, token.value ?? '']);
  }
  return values;
}

const ANSWERS: readonly CriterionAnswer[] = ['yes', 'no', 'unknown'];
const FORMS: readonly Form[] = ['as-written', 'rewrite', 'copy-and-swap'];

/** `NAME=VALUE`, each name once, each value one of those there are. */
function parsePairs<T extends string>(
  flag: string,
  given: readonly string[],
  values: readonly T[],
): Record<string, T> {
  const pairs: Record<string, T> = Object.create(null) as Record<string, T>;
  for (const text of given) {
    const at = text.lastIndexOf('=');
    const [id, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
    const known = values.find((one) => one === value);
    if (id === '' || known === undefined) {
      const ways = values.map((one) => `${flag} ${flag === '--form' ? 'STEP' : 'ID'}=${one}`);
      throw usage(
        `${flag} ${toLine(text, 80)} cannot be read.`,
        `Write ${ways.slice(0, -1).join(', ')} or ${ways.at(-1) ?? ''}.`,
      );
    }
    if (id in pairs) throw usage(`${flag} ${toLine(id, 60)} was given more than once.`, 'Give each ID once.');
    pairs[id] = known;
  }
  return pairs;
}

function parseChoice(text: string | undefined): Options['choose'] {
  if (text === undefined || text === 'rollback' || text === 'quick' || text === 'fix-forward') return text;
  throw usage(
    `--choose ${toLine(text, 60)} is not a choice.`,
    'Write --choose rollback, --choose quick or --choose fix-forward.',
  );
}

function optionsFrom(command: CommandName, values: Map<string, string[]>): Options {
  const one = (name: string): string | undefined => values.get(name)?.[0];
  return {
    database: one('database'),
    runbook: one('runbook'),
    format: one('format'),
    recordTable: one('record-table'),
    ...(values.has('set') ? { set: parseSet(values.get('set') ?? []) } : {}),
    schema: one('schema'),
    config: one('config'),
    backup: one('backup'),
    takeBackup: values.has('take-backup'),
    proveBackup: values.has('prove-backup'),
    inspect: one('inspect'),
    prove: one('prove'),
    cleanUp: values.has('clean-up'),
    confirm: one('confirm'),
    choose: parseChoice(one('choose')),
    project: one('project'),
    reason: one('reason'),
    accept: [...new Set(values.get('accept') ?? [])],
    answers: parsePairs('--answer', values.get('answer') ?? [], ANSWERS),
    forms: parsePairs('--form', values.get('form') ?? [], FORMS),
    checks: parseChecks(command === 'practice' ? [] : (values.get('check') ?? [])),
    ...(values.has('done') ? { done: [...new Set(values.get('done'))] } : {}),
    allowCommands: values.has('allow-commands'),
    repairs: [...new Set(values.get('repair') ?? [])],
    writeMigration: one('write-migration'),
    wholePlan: values.has('whole-plan'),
    withoutArchive: values.has('without-archive'),
    escalation: escalationOf(values),
    restore: one('restore'),
    json: values.has('json'),
    from: one('from'),
    ...(values.has('strict') ? { strict: true } : {}),
    ...(values.has('github') ? { github: true } : {}),
    person: one('person'),
    ...(values.has('instructor') ? { instructor: true } : {}),
    ...(command === 'practice' ? drillsFrom(values) : {}),
    ...(command === 'rehearse' ? { rehearsal: rehearsalFrom(values) } : {}),
    plain: values.has('plain'),
  };
}

/** Commands with an operator, unless --confirm answers for them. */
const asksUnlessConfirmed = (command: CommandName): boolean => ['undo', 'resume', 'purge'].includes(command);

/** The first option given that only says something when nobody is asked. */
function forNobody(options: Options): string | undefined {
  const given: [string, boolean][] = [
    ['--json', options.json],
    ['--accept', options.accept.length > 0],
    ['--answer', Object.keys(options.answers).length > 0],
    ['--form', Object.keys(options.forms).length > 0],
    ['--check', Object.keys(options.checks).length > 0],
    ['--done', (options.done ?? []).length > 0],
    ['--repair', (options.repairs ?? []).length > 0],
    ['--whole-plan', options.wholePlan],
    ['--without-archive', options.withoutArchive],
  ];
  return given.find(([, is]) => is)?.[0];
}

/** Those that take the runbook as a word as well. */
const RUNBOOK_AS_WORD: readonly CommandName[] = ['wizard', 'plan', 'status', 'rehearse', 'run', 'verify'];

/** What one option says about another: refused together, or useless alone. */
function checkTogether(command: CommandName, positional: string | null, options: Options): void {
  if (RUNBOOK_AS_WORD.includes(command) && positional !== null && options.runbook !== undefined) {
    throw usage('The runbook is given twice: as a word and by --runbook.', 'Give it once.');
  }
  if (command === 'practice') checkPractice(positional, options);
  if (options.plain && options.confirm !== undefined) {
    throw usage('--plain asks, and with --confirm nobody is asked.', 'Give one of them.');
  }
  const alone =
    asksUnlessConfirmed(command) && options.confirm === undefined ? forNobody(options) : undefined;
  if (alone !== undefined) {
    throw usage(
      `${alone} is for when nobody is asked: backout ${command} then needs --confirm ${command === 'purge' ? 'RUN' : 'NAME'} as well.`,
      `Nothing was run. Without ${alone} you are asked.`,
    );
  }
  if (options.proveBackup && options.backup === undefined && !options.takeBackup) {
    throw usage('--prove-backup needs a backup: --backup PATH or --take-backup.', 'Nothing was run.');
  }
  const ways = [options.inspect, options.prove, options.cleanUp || undefined, positional ?? undefined];
  if (command === 'backup' && ways.filter((way) => way !== undefined).length > 1) {
    throw usage(
      'backout backup does one thing at a time.',
      'Give one of PATH, --inspect, --prove and --clean-up.',
    );
  }
  if (command !== 'run') return;
  if (options.confirm === undefined) {
    throw usage(
      'backout run needs --confirm NAME, the name of the database that is to be rolled back.',
      'Nothing was run. Look at "backout plan" first.',
    );
  }
  if (options.writeMigration !== undefined && options.choose !== 'fix-forward') {
    throw usage(
      '--write-migration goes with --choose fix-forward.',
      'Nothing was run. Give both, or neither.',
    );
  }
  if (options.choose === undefined) {
    throw usage(
      'backout run needs the decision: --choose rollback, --choose quick or --choose fix-forward.',
      'Nothing was run. "backout plan" shows the evidence and what backout recommends.',
    );
  }
}

/** The commands that an option is for, as a sentence. */
function takersOf(name: string): string {
  const takers = COMMANDS.filter((spec) => optionsOf(spec).some((option) => option.name === name));
  const words = takers.map(({ word }) => (word === '' ? 'backout' : `backout ${word}`));
  return `--${name} goes with ${words.join(', ')}.`;
}

/**
 * The command line, understood or refused.
 * @throws {UserError} with exit status 64, naming the word or option that is wrong
 */
export function parseCommandLine(argv: readonly string[]): Parsed {
  const tokens = tokensOf(argv);
  const words = tokens.filter(({ kind }) => kind === 'positional').map(({ value }) => value ?? '');
  const named = COMMANDS.find(({ word }) => word === words[0] && word !== '');
  const values = collect(tokens, named?.name ?? null);
  if (values.has('version')) return { kind: 'version' };
  const asksHelp = values.has('help');
  if (words[0] === 'help') {
    return { kind: 'help', command: words[1] === undefined ? null : pickCommand([words[1]]).command };
  }
  const { command, rest } = pickCommand(words);
  if (asksHelp) return { kind: 'help', command: words.length === 0 ? null : command };

  const spec = commandSpec(command);
  const title = spec.word === '' ? 'backout' : `backout ${spec.word}`;
  const allowed: string[] = optionsOf(spec).map(({ name }) => name);
  for (const name of values.keys()) {
    if (!allowed.includes(name)) {
      throw usage(
        `${title} does not take --${name}.`,
        instead(command, `--${name}`) ?? `${takersOf(name)} Run "${title} --help" to see its options.`,
      );
    }
  }
  if (values.has('color') && values.has('no-color')) {
    throw usage('--color and --no-color contradict each other.', 'Give one of them.');
  }
  const record = values.has('record') ? { handedOver: rest } : undefined;
  const most = record ? rest.length : spec.positional ? 1 : 0;
  const extra = rest[most];
  if (extra !== undefined)
    throw usage(`${title} cannot use the word "${toLine(extra, 60)}".`, `Run "${title} --help".`);
  const positional = record ? null : (rest[0] ?? null);
  if (spec.positional?.required && positional === null) {
    throw usage(`${title} needs ${spec.positional.name}.`, `For example: ${spec.examples[0] ?? title}`);
  }
  const options: Options = { ...optionsFrom(command, values), ...(record ? { record } : {}) };
  checkTogether(command, positional, options);
  if (RUNBOOK_AS_WORD.includes(command) && command !== 'wizard' && positional !== null)
    options.runbook = positional;
  return { kind: 'command', command, positional, options };
}
