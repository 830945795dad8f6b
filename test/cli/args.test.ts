import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, nearest, parseCommandLine, type Parsed } from '../../src/commands/args.ts';
import { COMMANDS, OPTIONS, optionsOf } from '../../src/commands/table.ts';
import { EXIT, UserError } from '../../src/exit.ts';

const parse = (line: string): Parsed => parseCommandLine(line === '' ? [] : line.split(' '));

function refusal(argv: string[]): UserError {
  try {
    parseCommandLine(argv);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
}

const OPTIONS_OF_NOTHING = {
  takeBackup: false,
  proveBackup: false,
  cleanUp: false,
  accept: [],
  answers: {},
  forms: {},
  checks: {},
  allowCommands: false,
  repairs: [],
  wholePlan: false,
  withoutArchive: false,
  json: false,
  plain: false,
};

/** Of options whose values are read; any other takes any text. */
const TEXTS: Record<string, string> = {
  way: 'embedded',
  sample: '5',
  'time-limit': '10m',
  'size-limit': '2GB',
  answer: 'a=yes',
  form: 'step-1=rewrite',
  check: 'a=done',
  command: '1',
  seed: '7',
  set: 'a=b',
};

describe('what is understood', () => {
  const good: [line: string, command: string, positional: string | null, options: Record<string, unknown>][] =
    [
      ['', 'wizard', null, {}],
      ['my-runbook.md', 'wizard', 'my-runbook.md', {}],
      ['./runs', 'wizard', './runs', {}],
      ['--database postgresql://h/db', 'wizard', null, { database: 'postgresql://h/db' }],
      ['--database=postgresql://h/db a.md', 'wizard', 'a.md', { database: 'postgresql://h/db' }],
      ['practice', 'practice', null, {}],
      ['practice --plain', 'practice', null, { plain: true }],
      ['plan --json --backup /b.dump', 'plan', null, { json: true, backup: '/b.dump' }],
      ['--json plan', 'plan', null, { json: true }],
      ['status --schema app --runbook r.md', 'status', null, { schema: 'app', runbook: 'r.md' }],
      ['verify --no-color', 'verify', null, {}],
      ['report', 'report', null, {}],
      ['report 20261122 --json', 'report', '20261122', { json: true }],
      ['runs', 'runs', null, {}],
      ['lint a.md', 'lint', 'a.md', {}],
      [
        'run --confirm db --choose rollback --accept a --accept b --accept a',
        'run',
        null,
        { confirm: 'db', choose: 'rollback', accept: ['a', 'b'] },
      ],
      [
        'run --confirm db --choose rollback --form step-1=rewrite --form step-2=as-written --whole-plan --without-archive',
        'run',
        null,
        {
          confirm: 'db',
          choose: 'rollback',
          forms: { 'step-1': 'rewrite', 'step-2': 'as-written' },
          wholePlan: true,
          withoutArchive: true,
        },
      ],
      ['undo', 'undo', null, {}],
      ['undo 20261122 --plain', 'undo', '20261122', { plain: true }],
      [
        'undo --confirm db --json --accept backup --whole-plan',
        'undo',
        null,
        { confirm: 'db', json: true, accept: ['backup'], wholePlan: true },
      ],
      ['resume', 'resume', null, {}],
      ['resume 20261122-1549-k3f9 --runbook r.md', 'resume', '20261122-1549-k3f9', { runbook: 'r.md' }],
      ['purge 20261122 --database d', 'purge', '20261122', { database: 'd' }],
      ['purge 20261122 --confirm 20261122 --json', 'purge', '20261122', { confirm: '20261122', json: true }],
      ['runs --database d --json', 'runs', null, { database: 'd', json: true }],
      [
        'run --confirm db --choose fix-forward --answer simple=yes --answer a=b=no --reason late',
        'run',
        null,
        { confirm: 'db', choose: 'fix-forward', answers: { simple: 'yes', 'a=b': 'no' }, reason: 'late' },
      ],
    ];

  it.each(good)('backout %s', (line, command, positional, options) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: 'command', command, positional });
    if (parsed.kind !== 'command') throw new Error('not a command');
    const given = Object.fromEntries(
      Object.entries(parsed.options).filter(([, value]) => value !== undefined),
    );
    const { answers, forms } = parsed.options;
    expect({ ...given, answers: { ...answers }, forms: { ...forms } }).toEqual({
      ...OPTIONS_OF_NOTHING,
      ...options,
    });
  });

  it.each([
    ['--help', null],
    ['-h', null],
    ['help', null],
    ['help run', 'run'],
    ['run --help', 'run'],
    ['--help lint', 'lint'],
    ['plan -h --json', 'plan'],
    ['my.md --help', 'wizard'],
  ])('backout %s is help', (line, command) => {
    expect(parse(line)).toEqual({ kind: 'help', command });
  });

  it('shows the version whatever else is asked', () => {
    expect(parse('--version')).toEqual({ kind: 'version' });
    expect(parse('run --version')).toEqual({ kind: 'version' });
  });

  it('takes each option of the table exactly where the table says', () => {
    for (const command of COMMANDS) {
      const words = command.word === '' ? [] : [command.word];
      if (command.positional?.required) words.push('a.md');
      const taken = optionsOf(command).map(({ name }) => name);
      for (const { name, value } of OPTIONS) {
        if (['help', 'version', 'confirm', 'choose'].includes(name)) continue;
        const text = TEXTS[name] ?? 'x';
        // What answers questions wants nobody to ask; what asks wants somebody.
        const confirmed = taken.includes('confirm') && name !== 'plain' ? ['--confirm=db'] : [];
        const together = !taken.includes(name) ? [] : name === 'prove-backup' ? ['--backup=b.dump'] : [];
        if (command.name === 'run') {
          together.push(
            `--choose=${['repair', 'write-migration'].includes(name) ? 'fix-forward' : 'rollback'}`,
          );
        }
        if (command.name === 'practice' && name === 'json') together.push('--list');
        if (command.name === 'practice' && name === 'seed') together.push('--random');
        const argv = [
          ...words,
          ...confirmed,
          ...together,
          value === undefined ? `--${name}` : `--${name}=${text}`,
        ];
        if (taken.includes(name)) expect(parseCommandLine(argv).kind).toBe('command');
        else expect(refusal(argv).message).toContain(`--${name}`);
      }
    }
  });
});

describe('what is refused, with 64 and the word that is wrong', () => {
  const bad: [argv: string[], message: RegExp][] = [
    [['statsu'], /no command "statsu"/],
    [['rehearse', '--sample', '200'], /--sample 200 cannot be read/],
    [['rehearse', '--way', 'wild'], /--way wild cannot be read/],
    [['practise'], /no command "practise"/],
    [['plan', '--databse', 'x'], /no option --databse/],
    [['plan', '-x'], /no option -x/],
    [['plan', '--database'], /--database needs a value/],
    [['plan', '--database='], /--database needs a value/],
    [['plan', '--database', '--json'], /--database needs a value, but --json follows/],
    [['plan', '--json=yes'], /--json takes no value/],
    [['plan', '--schema', 'a', '--schema', 'b'], /--schema was given more than once/],
    [['plan', '--confirm', 'db'], /backout plan does not take --confirm/],
    [['--json'], /backout does not take --json/],
    [['practice', '--database', 'x'], /backout practice does not take --database/],
    [['practice', 'one', 'two'], /backout practice cannot use the word "two"/],
    [['practice', '--list', '--random'], /one thing at a time: --list and --random/],
    [['practice', 'calm', '--check', 'a.md'], /one thing at a time: DRILL and --check/],
    [['practice', '--check', 'a.md', '--check', 'b.md'], /--check was given more than once/],
    [['practice', '--seed', '7'], /--seed goes with --random/],
    [['practice', '--random', '--seed', 'x'], /--seed x is no number/],
    [['practice', '--json'], /--json goes with --list, --check or --record/],
    [['practice', '--database', 'x'], /backout practice does not take --database/],
    [['report', 'a', 'b'], /cannot use the word "b"/],
    [['a.md', 'b.md'], /cannot use the word "b.md"/],
    [['lint'], /backout lint needs RUNBOOK/],
    [['a.md', '--runbook', 'b.md'], /runbook is given twice/],
    [['plan', '--color', '--no-color'], /contradict each other/],
    [['run'], /--confirm NAME/],
    [['run', '--confirm', 'db'], /--choose rollback, --choose quick or --choose fix-forward/],
    [['run', '--choose', 'rollback'], /--confirm NAME/],
    [['run', '--confirm', 'db', '--choose', 'yes'], /--choose yes is not a choice/],
    [['run', '--confirm', 'db', '--choose', 'rollback', '--answer', 'a'], /--answer a cannot be read/],
    [['run', '--confirm', 'db', '--choose', 'rollback', '--answer', 'a=maybe'], /--answer a=maybe cannot/],
    [
      ['run', '--confirm', 'db', '--choose', 'rollback', '--answer', 'a=no', '--answer', 'a=yes'],
      /--answer a was/,
    ],
    [['run', '--confirm', 'db', '--choose', 'rollback', '--form', 'step-1'], /--form step-1 cannot be read/],
    [
      ['run', '--confirm', 'db', '--choose', 'rollback', '--form', 'step-1=fast'],
      /--form step-1=fast cannot/,
    ],
    [['run', '--confirm', 'db', '--choose', 'rollback', '--form', '=rewrite'], /--form =rewrite cannot/],
    [['undo', '--json'], /--json is for when nobody is asked: backout undo then needs --confirm NAME/],
    [['undo', '--accept', 'backup'], /--accept is for when nobody is asked/],
    [['undo', '--plain', '--confirm', 'db'], /--plain asks/],
    [['undo', '--choose', 'rollback'], /backout undo does not take --choose/],
    [['resume', '--whole-plan'], /--whole-plan is for when nobody is asked/],
    [['purge'], /backout purge needs RUN/],
    [['purge', '20261122', '--json'], /backout purge then needs --confirm RUN/],
    [['run', '--confirm', 'db', '--confirm', 'other', '--choose', 'rollback'], /--confirm was given more/],
  ];

  it.each(bad)('backout %j', (argv, message) => {
    const error = refusal(argv);
    expect(error.message).toMatch(message);
    expect(error.exitStatus).toBe(EXIT.usage);
    expect(error.advice).not.toBe('');
  });

  it('names the nearest commands and options', () => {
    expect(refusal(['statsu']).advice).toContain('Did you mean status?');
    expect(refusal(['verfiy']).advice).toContain('verify');
    expect(refusal(['plan', '--databse', 'x']).advice).toContain('--database');
    expect(refusal(['--accept', 'backup']).advice).toContain('--accept goes with backout run, backout');
    expect(refusal(['xylophone']).advice).toContain('practice, plan, status');
  });

  it.each([
    ['backup', '--take'],
    ['backup', '--take-backup'],
    ['backup', '--backup=x'],
  ])('suggests nothing that backout %s does not have: %s', (...argv) => {
    const { advice } = refusal(argv);
    expect(advice).toContain('"backout backup');
    expect(advice).not.toContain('--take-backup');
    expect(refusal(['lint', '--take', 'a.md']).advice).not.toContain('--take-backup');
  });

  it('shows no control characters of what was typed', () => {
    expect(refusal(['\u001b]0;title\u0007']).message).toContain('\\x1B]0;title\\x07');
    expect(refusal(['plan', '--\u001b[2J']).message).not.toContain('\u001b');
  });

  it('answers every command line with a command, help, a version or exit 64', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...COMMANDS.map((c) => c.word),
        ...OPTIONS.map((o) => `--${o.name}`),
        '--',
        '-',
        '=',
        'a.md',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        try {
          parseCommandLine(argv);
        } catch (error) {
          if (!(error instanceof UserError) || error.exitStatus !== EXIT.usage) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('nearness', () => {
  it('counts single changes', () => {
    expect(distance('kitten', 'sitting')).toBe(3);
    expect(distance('', 'abc')).toBe(3);
    expect(distance('same', 'same')).toBe(0);
  });

  it('puts the nearest first and leaves out the far', () => {
    expect(nearest('rum', ['practice', 'runs', 'run'])).toEqual(['run', 'runs']);
    expect(nearest('prac', ['plan', 'practice'])[0]).toBe('practice');
  });
});
