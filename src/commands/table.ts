/**
 * Every command and every option, once. The parser, the help texts and the README's table are read off this table,
 * so that none of them can say what another does not know.
 */
import { EXIT } from '../exit.ts';
import { OPTIONS, type OptionName, type OptionSpec } from './options.ts';
import type { CommandName, CommandSpec } from './spec.ts';

export type { CommandName, CommandSpec } from './spec.ts';
export { OPTIONS, type OptionName, type OptionSpec } from './options.ts';

export const COMMON: readonly OptionName[] = ['color', 'no-color', 'help', 'version'];

/** How a run may end, beside well. */
const RUN_EXITS: CommandSpec['exits'] = [
  [EXIT.prerequisiteFailed, 'a prerequisite failed, nothing was run'],
  [EXIT.sqlFailed, 'SQL failed, the step is rolled back'],
  [EXIT.stopped, 'stopped between steps'],
  [EXIT.verificationFailed, 'everything ran, the verification failed'],
  [EXIT.unknown, 'the connection was lost at a commit, the outcome is unknown'],
];

const CONNECTED: readonly OptionName[] = [
  'database',
  'runbook',
  'format',
  'record-table',
  'schema',
  'set',
  'config',
];

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'wizard',
    word: '',
    positional: { name: 'RUNBOOK', required: false },
    summary: 'Walks you through the rollback. Without a database, offers practice.',
    options: [...CONNECTED, 'backup', 'take-backup', 'prove-backup', 'project', 'allow-commands', 'plain'],
    examples: [
      'backout --database postgresql://app@db1/orders',
      'PGSERVICE=orders backout runbooks/my-migration.md --backup /backups/orders.dump',
    ],
    exits: [],
  },
  {
    name: 'practice',
    word: 'practice',
    positional: { name: 'DRILL', required: false },
    summary:
      'Drills in the same wizard, on a database of their own; without a name, from a list. Without a terminal it plays itself, and says so.',
    options: [
      'runbook',
      'set',
      'config',
      'list',
      'random',
      'seed',
      'check',
      'instructor',
      'record',
      'person',
      'json',
      'plain',
    ],
    own: [
      {
        name: 'check',
        value: 'FILE',
        help: 'Reads a drill, prepares it, plays all of its plays, and says everything that is wrong with it.',
      },
    ],
    examples: [
      'backout practice',
      'backout practice --list',
      'backout practice calm',
      'backout practice --check runbooks/my-migration/drills/01-first.md',
      'backout practice --plain',
      'backout practice --instructor',
      'backout practice --record /srv/handed-over',
    ],
    exits: [
      [EXIT.ok, 'the rollback was done and verified'],
      [EXIT.badRunbook, 'a drill cannot be used'],
      [EXIT.badRunbook, 'with --record: a record could not be read, and was passed over'],
    ],
  },
  {
    name: 'plan',
    word: 'plan',
    positional: { name: 'RUNBOOK', required: false },
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
    positional: { name: 'RUNBOOK', required: false },
    summary: 'Read only: where the database stands, for each step and statement.',
    options: [...CONNECTED, 'json'],
    examples: ['backout status --database postgresql://app@db1/orders'],
    exits: [],
  },
  {
    name: 'rehearse',
    word: 'rehearse',
    positional: { name: 'RUNBOOK', required: false },
    summary: 'The plan on a copy of the tables: errors, locks and times beforehand. Leaves nothing behind.',
    options: [...CONNECTED, 'form', 'without-archive', 'way', 'sample', 'time-limit', 'size-limit', 'json'],
    examples: [
      'backout rehearse --database postgresql://app@db1/orders',
      'backout rehearse --sample 5 --time-limit 5m --json | jq .steps',
    ],
    exits: [
      [EXIT.ok, 'every step ran on the copy, and its verification holds'],
      [EXIT.prerequisiteFailed, 'it cannot be rehearsed, and why'],
      [EXIT.sqlFailed, 'a step fails on the copy'],
      [
        EXIT.verificationFailed,
        'the verification does not hold on the copy, or its undo does not bring everything back',
      ],
      [EXIT.busy, 'a limit of time or size was reached, or the disk has too little room'],
    ],
  },
  {
    name: 'run',
    word: 'run',
    positional: { name: 'RUNBOOK', required: false },
    summary: 'Unattended: every answer is an option, and a missing one stops it.',
    options: [
      ...CONNECTED,
      'backup',
      'take-backup',
      'prove-backup',
      'confirm',
      'choose',
      'project',
      'reason',
      'accept',
      'answer',
      'form',
      'check',
      'done',
      'repair',
      'write-migration',
      'whole-plan',
      'without-archive',
      'json',
    ],
    examples: [
      'backout run --database postgresql://app@db1/orders --confirm orders --choose rollback --accept backup',
      'backout run db/migrations/000012_orders.down.sql --database postgresql://app@db1/orders --confirm orders --choose rollback',
    ],
    exits: [
      [EXIT.ok, 'done and verified'],
      ...RUN_EXITS,
      [EXIT.declined, 'fix-forward was chosen and no repair given, nothing was run'],
    ],
  },
  {
    name: 'verify',
    word: 'verify',
    positional: { name: 'RUNBOOK', required: false },
    summary: 'Read only: the verification alone.',
    options: [...CONNECTED, 'json'],
    examples: ['backout verify --database postgresql://app@db1/orders --json'],
    exits: [
      [EXIT.ok, 'every check holds'],
      [EXIT.verificationFailed, 'at least one does not'],
    ],
  },
  {
    name: 'resume',
    word: 'resume',
    positional: { name: 'RUN', required: false },
    summary:
      'Goes on with a run that was broken off, from where the database stands. With --confirm, unattended.',
    options: [
      'database',
      'runbook',
      'format',
      'record-table',
      'set',
      'config',
      'backup',
      'take-backup',
      'prove-backup',
      'plain',
      'confirm',
      'accept',
      'answer',
      'form',
      'check',
      'done',
      'repair',
      'allow-commands',
      'whole-plan',
      'without-archive',
      'json',
    ],
    examples: [
      'backout resume --database postgresql://app@db1/orders',
      'backout resume 20261122-1549-k3f9 --confirm orders --accept backup',
    ],
    exits: [[EXIT.ok, 'done and verified'], ...RUN_EXITS],
  },
  {
    name: 'undo',
    word: 'undo',
    positional: { name: 'RUN', required: false },
    summary:
      'Takes a run back, step by step in reverse, from its archive; by default the last run. With --confirm, unattended.',
    options: [
      'database',
      'config',
      'backup',
      'take-backup',
      'prove-backup',
      'plain',
      'confirm',
      'accept',
      'whole-plan',
      'json',
    ],
    examples: [
      'backout undo --database postgresql://app@db1/orders',
      'backout undo 20261122-1549-k3f9 --confirm orders --accept backup',
    ],
    exits: [[EXIT.ok, 'undone and verified'], ...RUN_EXITS],
  },
  {
    name: 'escalate',
    word: 'escalate',
    positional: { name: 'DIR', required: false },
    summary:
      'When it has gone wrong: whom to call, stop all writes, restore beside and exchange, hand over. Does nothing unasked.',
    options: [
      ...CONNECTED,
      'stop-writes',
      'allow-writes',
      'restore',
      'swap',
      'swap-back',
      'status',
      'command',
      'hand-over',
      'confirm',
      'project',
      'allow-commands',
      'plain',
      'json',
    ],
    examples: [
      'backout escalate --database postgresql://app@db1/orders',
      'backout escalate --database postgresql://app@db1/orders --stop-writes --confirm orders',
      'backout escalate --database postgresql://app@db1/orders --restore /backups/orders.dump --confirm orders',
      'backout escalate --database postgresql://app@db1/orders --hand-over /tmp/for-ada',
    ],
    exits: [
      [EXIT.ok, 'done, or only shown'],
      [EXIT.prerequisiteFailed, 'it cannot be done, nothing was changed'],
      [EXIT.verificationFailed, 'it was done, and not everything is as it should be'],
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
    summary: 'The runs made on this machine and, where a database is named, those it knows of; newest first.',
    options: ['database', 'json'],
    examples: ['backout runs', 'backout runs --database postgresql://app@db1/orders'],
    exits: [],
  },
  {
    name: 'purge',
    word: 'purge',
    positional: { name: 'RUN', required: true },
    summary: 'Shows what is kept of a run, then drops it for good. The run cannot be undone after that.',
    options: ['database', 'confirm', 'json'],
    examples: ['backout purge 20261122-1549-k3f9 --database postgresql://app@db1/orders'],
    exits: [
      [EXIT.ok, 'dropped, or there was nothing to drop'],
      [EXIT.declined, 'declined, nothing was dropped'],
    ],
  },
  {
    name: 'backup',
    word: 'backup',
    positional: { name: 'PATH', required: false },
    summary:
      'Takes a backup with pg_dump and checks it; or checks one that is there, or proves it by restoring it.',
    options: [...CONNECTED, 'inspect', 'prove', 'clean-up', 'json'],
    examples: [
      'backout backup --database postgresql://app@db1/orders /backups',
      'backout backup --inspect /backups/orders.dump',
      'backout backup --database postgresql://app@db1/orders --prove /backups/orders.dump',
    ],
    exits: [
      [EXIT.ok, 'taken and checked; or nothing is wrong with it'],
      [EXIT.prerequisiteFailed, 'it could not be taken, or there is no room for a proof'],
      [EXIT.stopped, 'stopped on request, nothing of it is left'],
      [EXIT.verificationFailed, 'it does not hold'],
    ],
  },
  {
    name: 'init',
    word: 'init',
    positional: { name: 'FILE', required: false },
    summary:
      'Writes a runbook to fill in (rollback.md), from a down migration where one is named. Never over a file.',
    options: ['from', 'format'],
    examples: [
      'backout init runbooks/my-migration.md',
      'backout init --from db/migrations/000012_orders.down.sql',
    ],
    exits: [[EXIT.ok, 'written']],
  },
  {
    name: 'lint',
    word: 'lint',
    positional: { name: 'RUNBOOK', required: true },
    summary: 'What a runbook would do, and what is wrong with it. Needs no database.',
    options: ['set', 'format', 'strict', 'github', 'json'],
    examples: [
      'backout lint runbooks/my-migration.md',
      'backout lint db/migrations/000012_orders.down.sql',
      'backout lint runbooks/my-migration.md --strict --github',
    ],
    exits: [
      [EXIT.ok, 'no errors'],
      [EXIT.badRunbook, 'the runbook has errors; with --strict, or warnings'],
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
  return OPTIONS.filter(({ name }) => command.options.includes(name) || COMMON.includes(name)).map(
    (option) => command.own?.find(({ name }) => name === option.name) ?? option,
  );
}
