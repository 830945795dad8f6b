/** Every option, once: what stands for its value, and what it means. */
import { FORMATS } from '../migrations/types.ts';

export type OptionName =
  | 'database'
  | 'runbook'
  | 'format'
  | 'record-table'
  | 'set'
  | 'schema'
  | 'config'
  | 'backup'
  | 'take-backup'
  | 'prove-backup'
  | 'inspect'
  | 'prove'
  | 'clean-up'
  | 'confirm'
  | 'choose'
  | 'project'
  | 'reason'
  | 'accept'
  | 'answer'
  | 'form'
  | 'check'
  | 'done'
  | 'allow-commands'
  | 'repair'
  | 'write-migration'
  | 'whole-plan'
  | 'without-archive'
  | 'way'
  | 'sample'
  | 'time-limit'
  | 'size-limit'
  | 'stop-writes'
  | 'allow-writes'
  | 'restore'
  | 'swap'
  | 'swap-back'
  | 'status'
  | 'command'
  | 'hand-over'
  | 'json'
  | 'strict'
  | 'from'
  | 'github'
  | 'record'
  | 'person'
  | 'instructor'
  | 'list'
  | 'random'
  | 'seed'
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
    help: 'The runbook: a Markdown file, or the down migration of a tool. Without it, the one that ships with backout.',
  },
  {
    name: 'format',
    value: 'NAME',
    help:
      `Whose file the runbook is, where its name and its text do not say: ${FORMATS.join(', ')}. ` +
      'With sql, no record of a migration tool is changed.',
  },
  {
    name: 'record-table',
    value: '[SCHEMA.]TABLE',
    help:
      'Where the migration tool keeps its records, when it was told to use another table than its own. For sqitch, the ' +
      'table changes of its registry.',
  },
  {
    name: 'set',
    value: 'NAME=VALUE',
    repeatable: true,
    help:
      'The value of something that the runbook leaves open: :NAME, <NAME>, /path/to/… Once for each. ' +
      'Secrets go into the environment, as BACKOUT_SET_NAME.',
  },
  {
    name: 'schema',
    value: 'NAME',
    help: 'The schema that holds the tables. Without it, the first of your search_path that has one of them.',
  },
  {
    name: 'config',
    value: 'FILE',
    help:
      'The configuration: contacts, commands, webhooks. Otherwise BACKOUT_CONFIG, then backout.toml here, beside the ' +
      'runbook, or in ~/.config/backout.',
  },
  {
    name: 'backup',
    value: 'PATH',
    help:
      'A backup file or folder to fall back on. It is looked into: whole, of this database, with the tables, how old. ' +
      'With --take-backup, where to put the new one.',
  },
  { name: 'take-backup', help: 'Takes a backup of the database (pg_dump -Fc) before anything is looked at.' },
  {
    name: 'prove-backup',
    help: 'Restores the backup into a scratch database on the same server, compares row by row, and drops that again.',
  },
  { name: 'inspect', value: 'PATH', help: 'Looks into that backup, reading all of it. Changes nothing.' },
  {
    name: 'prove',
    value: 'PATH',
    help: 'Restores that backup into a scratch database on the same server, compares row by row, drops that again.',
  },
  {
    name: 'clean-up',
    help: 'Drops the scratch databases that were left over by proofs that were broken off.',
  },
  {
    name: 'confirm',
    value: 'NAME',
    help:
      'Confirms every step, unattended. Must be the name of the database that is connected; ' +
      'for purge, the id of the run.',
  },
  {
    name: 'choose',
    value: 'CHOICE',
    help: 'The decision: rollback, quick (a rollback by the command of the quick rollback, where it is sound) or fix-forward.',
  },
  {
    name: 'project',
    value: 'DIR',
    help: 'The folder of the application, with its mix.exs: where the command of the quick rollback is run.',
  },
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
  {
    name: 'form',
    value: 'STEP=FORM',
    repeatable: true,
    help:
      'Carries a step out in another form than the recommended one: as-written, rewrite or copy-and-swap. ' +
      'Once for each step.',
  },
  {
    name: 'check',
    value: 'ITEM=done|open[:NOTE]',
    repeatable: true,
    help: 'What is known of an item of the checklist; without it, the item stays open. Its probes are asked in any case.',
  },
  {
    name: 'done',
    value: 'STEP:N',
    repeatable: true,
    help: 'Says of the Nth command in a step of the runbook that it is seen to: backout does not run it. Once for each.',
  },
  {
    name: 'allow-commands',
    help: 'Allows the commands of a runbook that is not the one that ships. Each is still shown and confirmed by itself.',
  },
  {
    name: 'repair',
    value: 'ID[=VALUE]',
    repeatable: true,
    help:
      'Carries out this repair, as a run of its own: with --choose fix-forward, or before a rollback in whose way ' +
      'something stands, which then goes on. Once for each, by the ids that "backout plan" lists; VALUE where it asks for one.',
  },
  {
    name: 'write-migration',
    value: 'FILE',
    help:
      'With --choose fix-forward: writes the skeleton of a forward migration to FILE.exs and FILE.sql, and over neither. ' +
      'It holds the repairs given by --repair, else those that are recommended.',
  },
  { name: 'whole-plan', help: 'All steps in one transaction: all or nothing.' },
  {
    name: 'without-archive',
    help: 'Consents to going without the archive where none can be kept. Such a run cannot be undone.',
  },
  {
    name: 'way',
    value: 'WAY',
    help:
      'schema: a copy in a scratch schema of the database, in a transaction that is rolled back. database: a copy in a ' +
      'scratch database of the same server, by pg_dump. embedded: a copy in an embedded PostgreSQL of this machine, and ' +
      'the database is only read. Without it, the first that is possible.',
  },
  {
    name: 'sample',
    value: 'PERCENT',
    help: 'Of the rows of large tables. Without it all of them, or as many as --size-limit allows.',
  },
  {
    name: 'time-limit',
    value: 'TIME',
    help: 'The rehearsal stops then: 90s, 10m (the default), 1h.',
  },
  {
    name: 'size-limit',
    value: 'SIZE',
    help: 'What the rehearsal may write of tables and indexes: 500MB, 2GB (the default).',
  },
  {
    name: 'stop-writes',
    help: 'Takes the right to connect from everybody and ends the sessions of the application. Needs --confirm DATABASE_NAME.',
  },
  {
    name: 'allow-writes',
    help: 'Lets writes in again, exactly as it was before --stop-writes. Needs --confirm DATABASE_NAME.',
  },
  {
    name: 'restore',
    value: 'PATH',
    help: 'Restores a backup into a new database beside this one, and counts there. Needs --confirm DATABASE_NAME.',
  },
  {
    name: 'swap',
    help: 'Puts the restored database in place of the damaged one, which is kept. Needs --confirm DATABASE_NAME.',
  },
  { name: 'swap-back', help: 'Puts the damaged database back in its place. Needs --confirm DATABASE_NAME.' },
  {
    name: 'status',
    help: "Asks what the runbook asks about the migration's status, and tells where every step stands.",
  },
  {
    name: 'command',
    value: 'N',
    help: 'Runs the command with that number, as "backout escalate" lists them. Needs --confirm with the name of its program.',
  },
  {
    name: 'hand-over',
    help: 'Writes the hand-over for the next person: state, what was tried, what is safe to do, journal and report.',
  },
  { name: 'json', help: 'Writes JSON on standard output; everything else goes to standard error.' },
  { name: 'from', value: 'FILE', help: 'The down migration whose statements become the first step.' },
  { name: 'strict', help: 'Warnings count as errors.' },
  { name: 'github', help: 'Writes what is found as annotations of GitHub Actions, without the notes.' },
  {
    name: 'record',
    help:
      'The table over people and drills: attempts, best, last, hints. Files and folders named after it are records that ' +
      'were handed over. Sends nothing anywhere.',
  },
  {
    name: 'person',
    value: 'NAME',
    help: 'Who practises; without it, the account that runs backout. With --record, the records of that person alone.',
  },
  { name: 'list', help: 'The drills of the runbook.' },
  { name: 'random', help: 'Draws a drill and tells the story alone, not its name.' },
  { name: 'seed', value: 'N', help: 'Of --random: the same number draws the same drill.' },
  {
    name: 'instructor',
    help: 'Watches a drill of yours that runs in another terminal, and makes its events happen.',
  },
  { name: 'plain', help: 'Asks in plain lines instead of full screens.' },
  { name: 'color', help: 'Colour, whatever the terminal and the environment say.' },
  { name: 'no-color', help: 'No colour. NO_COLOR in the environment does the same.' },
  { name: 'help', short: 'h', help: 'Shows help and leaves.' },
  { name: 'version', help: 'Shows the version and leaves.' },
];
