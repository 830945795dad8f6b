/** Help texts and the README's command table, read off the command table. Pure. */
import {
  COMMANDS,
  COMMON_EXITS,
  commandSpec,
  optionsOf,
  type CommandName,
  type CommandSpec,
  type OptionSpec,
} from './table.ts';

const WIDTH = 90;

/** Words broken into lines of at most `width`, each after the first set in by `indent`. */
function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}

function columns(rows: readonly [string, string][]): string[] {
  const left = Math.min(30, Math.max(...rows.map(([term]) => term.length)) + 2);
  const indent = ' '.repeat(left + 2);
  return rows.map(([term, text]) => {
    const gap = term.length + 2 > left ? `\n${indent}` : ' '.repeat(left - term.length);
    return `  ${term}${gap}${wrap(text, WIDTH - left - 2, indent)}`;
  });
}

/** `backout practice`, with what may follow. */
export function synopsis(command: CommandSpec): string {
  const words = ['backout', command.word].filter((word) => word !== '');
  if (command.positional) {
    words.push(command.positional.required ? command.positional.name : `[${command.positional.name}]`);
  }
  return words.join(' ');
}

function optionTerm(option: OptionSpec): string {
  const long = `--${option.name}${option.value ? ` ${option.value}` : ''}`;
  return option.short ? `-${option.short}, ${long}` : long;
}

const exitRows = (rows: readonly [number, string][]): [string, string][] =>
  rows.map(([status, meaning]) => [String(status), meaning]);

function overview(): string {
  return [
    'backout: a guided rollback of a PostgreSQL schema migration.',
    '',
    'Examples:',
    '  backout practice                                   learn it on an embedded database',
    '  backout plan --database postgresql://app@db1/orders   look, change nothing',
    '  backout --database postgresql://app@db1/orders        be walked through the rollback',
    '',
    'Commands:',
    ...columns(COMMANDS.map((command) => [synopsis(command), command.summary])),
    '',
    'Options of all commands:',
    ...columns(
      optionsOf({ ...commandSpec('wizard'), options: [] }).map((option) => [optionTerm(option), option.help]),
    ),
    '',
    'Exit status: 0 when what was asked for is done; otherwise see "backout COMMAND --help".',
    'Nothing in a database changes before you have seen and confirmed exactly that SQL.',
    '',
  ].join('\n');
}

function commandHelp(command: CommandSpec): string {
  return [
    `Usage: ${synopsis(command)} [OPTIONS]`,
    '',
    wrap(command.summary, WIDTH, ''),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    'Options:',
    ...columns(optionsOf(command).map((option) => [optionTerm(option), option.help])),
    '',
    'Exit status:',
    ...columns(exitRows([...command.exits, ...COMMON_EXITS])),
    '',
  ].join('\n');
}

/** The help text of a command, or the overview for null. Ends in a newline. */
export function helpText(command: CommandName | null): string {
  return command === null ? overview() : commandHelp(commandSpec(command));
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The commands and options as Markdown tables, for the README. Ends in a newline. */
export function commandTable(): string {
  const commands = COMMANDS.map((command) => `| \`${synopsis(command)}\` | ${cell(command.summary)} |`);
  // An option that means something of its own in a command has a row of its own.
  const options = new Set(COMMANDS.flatMap((command) => optionsOf(command)));
  const rows = [...options].map((option) => {
    const takers = COMMANDS.filter((command) => optionsOf(command).includes(option));
    const who = takers.length === COMMANDS.length ? 'all' : takers.map((c) => c.word || 'wizard').join(', ');
    return `| \`${cell(optionTerm(option))}\` | ${cell(option.help)} | ${who} |`;
  });
  return [
    '| command | does |',
    '|---|---|',
    ...commands,
    '',
    '| option | means | commands |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
