/**
 * Every command and every option, once. The parser, the help texts and the README's table are read off this table,
 * so that none of them can say what another does not know.
 */
import { EXIT } from '../exit.ts';

export type CommandName =
  'wizard' | 'practice' | 'plan' | 'status' | 'run' | 'verify' | 'report' | 'runs' | 'lint';

export type OptionName =
  | 'database'
  | 'runbook'
  | 'schema'
  | 'backup'
  | 'confirm'
  | 'choose'
  | 'reason'
  | 'accept'
  | 'answer'
  | 'json'
  | 'plain'
  | 'color'
  | 'no-color'
  | 'help'
  | 'version';

export interface OptionSpec {
  name: OptionName;
  /** What stands for the value in help texts; absent for a switch. */
  value?: string;
  /** May be given more than once. */
  repeatable?: boolean;
  short?: string;
  help: string;
}

export const OPTIONS: readonly OptionSpec[] = [
  {
    name: 'database',
    value: 'URL',
    help:
      'The database: a postgresql:// URL or a "key=value" string. Otherwise DATABASE_URL, then the PG* variables. ' +
      'Keep the password out of it: use PGPASSWORD, a passfile or a service file.',
  },
  {
    name: 'runbook',
    value: 'FILE',
    help: 'The runbook, a Markdown file. Without it, the one that ships with backout.',
  },
  {
    name: 'schema',
    value: 'NAME',
    help: 'The schema that holds the tables. Without it, the first of your search_path that has one of them.',
  },
  {
    name: 'backup',
    value: 'PATH',
    help: 'A backup file or folder; its age and size are checked and written down.',
  },
  {
    name: 'confirm',
    value: 'NAME',
    help: 'Confirms every step. Must be the name of the database that is connected.',
  },
  { name: 'choose', value: 'CHOICE', help: 'The decision: rollback or fix-forward.' },
  {
    name: 'reason',
    value: 'TEXT',
    help: 'Why, when the decision goes against the recommendation. It is written into the report.',
  },
  {
    name: 'accept',
    value: 'ID',
    repeatable: true,
    help: 'Consents to the warning of the prerequisite ID. Once for each.',
  },
  {
    name: 'answer',
    value: 'ID=yes|no|unknown',
    repeatable: true,
    help: 'Answers a criterion that the database cannot answer; without it, it counts as not known. Once for each.',
  },
  { name: 'json', help: 'Writes JSON on standard output; everything else goes to standard error.' },
  { name: 'plain', help: 'Asks in plain lines instead of full screens.' },
  { name: 'color', help: 'Colour, whatever the terminal and the environment say.' },
  { name: 'no-color', help: 'No colour. NO_COLOR in the environment does the same.' },
  { name: 'help', short: 'h', help: 'Shows help and leaves.' },
  { name: 'version', help: 'Shows the version and leaves.' },
];

export interface CommandSpec {
  name: CommandName;
  /** As typed after `backout`; '' for the wizard. */
  word: string;
  positional: { name: string; required: boolean } | null;
  summary: string;
  /** Beside {@link COMMON}. */
  options: readonly OptionName[];
  examples: readonly string[];
  /** What the exit status says, where it says more than 0 and an error. */
  exits: readonly [status: number, meaning: string][];
}

export const COMMON: readonly OptionName[] = ['color', 'no-color', 'help', 'version'];

const CONNECTED: readonly OptionName[] = ['database', 'runbook', 'schema'];

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'wizard',
    word: '',
    positional: { name: 'RUNBOOK', required: false },
    summary: 'Walks you through the rollback. Without a database, offers practice.',
    options: [...CONNECTED, 'backup', 'plain'],
    examples: [
      'backout --database postgresql://app@db1/orders',
      'PGSERVICE=orders backout runbooks/my-migration.md --backup /backups/orders.dump',
    ],
    exits: [],
  },
  {
    name: 'practice',
    word: 'practice',
    positional: null,
    summary: 'The same wizard on an embedded database. Without a terminal it plays itself, and says so.',
    options: ['runbook', 'plain'],
    examples: ['backout practice', 'backout practice --plain'],
    exits: [[EXIT.ok, 'the rollback was done and verified']],
  },
  {
    name: 'plan',
    word: 'plan',
    positional: null,
    summary: 'Read only: prerequisites, evidence and recommendation, position, locks, data at risk.',
    options: [...CONNECTED, 'backup', 'json'],
    examples: ['backout plan --database postgresql://app@db1/orders', 'backout plan --json | jq .dataAtRisk'],
    exits: [
      [EXIT.ok, 'no prerequisite fails'],
      [EXIT.prerequisiteFailed, 'a prerequisite fails'],
    ],
  },
  {
    name: 'status',
    word: 'status',
    positional: null,
    summary: 'Read only: where the database stands, for each step and statement.',
    options: [...CONNECTED, 'json'],
    examples: ['backout status --database postgresql://app@db1/orders'],
    exits: [],
  },
  {
    name: 'run',
    word: 'run',
    positional: null,
    summary: 'Unattended: every answer is an option, and a missing one stops it.',
    options: [...CONNECTED, 'backup', 'confirm', 'choose', 'reason', 'accept', 'answer', 'json'],
    examples: [
      'backout run --database postgresql://app@db1/orders --confirm orders --choose rollback --accept backup',
    ],
    exits: [
      [EXIT.ok, 'done and verified'],
      [EXIT.prerequisiteFailed, 'a prerequisite failed, nothing was run'],
      [EXIT.declined, 'fix-forward was chosen, nothing was run'],
      [EXIT.sqlFailed, 'SQL failed, the step is rolled back'],
      [EXIT.stopped, 'stopped between steps'],
      [EXIT.verificationFailed, 'everything ran, the verification failed'],
      [EXIT.unknown, 'the connection was lost at a commit, the outcome is unknown'],
    ],
  },
  {
    name: 'verify',
    word: 'verify',
    positional: null,
    summary: 'Read only: the verification alone.',
    options: [...CONNECTED, 'json'],
    examples: ['backout verify --database postgresql://app@db1/orders --json'],
    exits: [
      [EXIT.ok, 'every check holds'],
      [EXIT.verificationFailed, 'at least one does not'],
    ],
  },
  {
    name: 'report',
    word: 'report',
    positional: { name: 'RUN', required: false },
    summary: 'The report of a run, by default the last one.',
    options: ['json'],
    examples: ['backout report', 'backout report 20261122-1549-k3f9 --json'],
    exits: [],
  },
  {
    name: 'runs',
    word: 'runs',
    positional: null,
    summary: 'The runs made on this machine, newest first.',
    options: ['json'],
    examples: ['backout runs'],
    exits: [],
  },
  {
    name: 'lint',
    word: 'lint',
    positional: { name: 'RUNBOOK', required: true },
    summary: 'What a runbook would do, and what is wrong with it. Needs no database.',
    options: ['json'],
    examples: ['backout lint runbooks/my-migration.md'],
    exits: [
      [EXIT.ok, 'no errors'],
      [EXIT.badRunbook, 'the runbook has errors'],
    ],
  },
];

/** What every command may leave with. */
export const COMMON_EXITS: readonly [status: number, meaning: string][] = [
  [EXIT.usage, 'usage: an option is wrong or missing'],
  [EXIT.badRunbook, 'the runbook cannot be used'],
  [EXIT.cannotConnect, 'no connection to the database'],
  [EXIT.bug, 'a bug in backout'],
  [EXIT.busy, 'a lock or another run is in the way, try later'],
  [EXIT.notPermitted, 'not permitted'],
];

/** The row of one command. */
export function commandSpec(name: CommandName): CommandSpec {
  const spec = COMMANDS.find((command) => command.name === name);
  if (!spec) throw new Error(`no such command: ${name}`);
  return spec;
}

/** The options that a command takes, in the order of {@link OPTIONS}. */
export function optionsOf(command: CommandSpec): OptionSpec[] {
  return OPTIONS.filter(({ name }) => command.options.includes(name) || COMMON.includes(name));
}
