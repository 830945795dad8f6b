/** Whether the quick rollback is sound here: what was found before it, each in a sentence. Pure. */
import type { Position } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import { commandLine, type EctoRollback } from './command.ts';
import type { Project } from './project.ts';
import type { TableDifference } from './tables.ts';
import { recordedMigrations, takenBy } from './takes.ts';
import type { QuickCommand, QuickFinding, RecordedMigration } from './types.ts';

export interface QuickFacts {
  command: EctoRollback;
  /** The runbook's migration. */
  version: string;
  /** Where `mix` is; null: not on the PATH. */
  mix: string | null;
  /** What the folder was to be, when it is not there. */
  folder: string | null;
  project: Project | null;
  /** Recorded versions; null where there is no table of them. */
  recorded: string[] | null;
  position: Position;
  /** Of the migration's file; null where that is not there. */
  tables: TableDifference | null;
  /** Why nothing can be kept, or null. */
  noArchive: string | null;
  /** The operator typed that nothing is kept. */
  withoutArchive: boolean;
  embedded: boolean;
  /** Tables of other schemas that the plan names. */
  elsewhere?: readonly string[];
}

type Status = QuickFinding['status'];

const finding = (
  id: string,
  title: string,
  status: Status,
  detail: string,
  items: string[] = [],
): QuickFinding => ({
  id,
  title,
  status,
  detail: toLine(detail),
  items: items.map((item) => toLine(item)),
});

const named = ({ version, file }: RecordedMigration): string =>
  file === null ? `${version} (its file is gone)` : file.replace(/\.exs$/, '');

function tool({ mix, embedded }: QuickFacts): QuickFinding {
  const title = 'mix is on this machine';
  if (embedded)
    return finding(
      'mix',
      title,
      'fail',
      'Practice runs on its own embedded database, which mix does not reach.',
    );
  return mix === null
    ? finding('mix', title, 'fail', 'The shell does not find mix on the PATH.')
    : finding('mix', title, 'pass', `The shell finds it: ${mix}.`);
}

function place({ project, folder }: QuickFacts): QuickFinding {
  const title = 'The project is there';
  if (!project) return finding('project', title, 'fail', `There is no folder ${folder ?? ''}.`);
  return project.isMix
    ? finding('project', title, 'pass', `${project.folder} has a mix.exs.`)
    : finding('project', title, 'fail', `${project.folder} has no mix.exs.`);
}

function ofOurs({ project, version }: QuickFacts) {
  return (project?.files ?? []).filter((one) => BigInt(one.version) === BigInt(version));
}

function file(facts: QuickFacts): QuickFinding {
  const title = "The migration's file is there";
  const found = ofOurs(facts);
  const [first] = found;
  if (!first) {
    const where = facts.project?.folders.join(', ') ?? '';
    return finding(
      'file',
      title,
      'fail',
      `No file of ${facts.version} is in ${where === '' ? 'a folder of migrations' : where}: mix would pass it over without a word and take an older one back.`,
    );
  }
  if (found.length > 1) {
    return finding(
      'file',
      title,
      'fail',
      `There are ${found.length} files of ${facts.version}.`,
      found.map(({ path }) => path),
    );
  }
  return finding('file', title, 'pass', `${first.folder}/${first.file}.`);
}

function text({ tables }: QuickFacts): QuickFinding[] {
  if (!tables) return [];
  const title = 'The file speaks of the same tables as this runbook';
  const { missing, strange } = tables;
  if (missing.length + strange.length === 0)
    return [finding('text', title, 'pass', 'Its down names every table of the plan, and no other.')];
  return [
    finding('text', title, 'warn', 'The file may be another text of this migration than the one that ran.', [
      ...(missing.length > 0 ? [`Its down does not name: ${missing.join(', ')}.`] : []),
      ...(strange.length > 0 ? [`Its down names tables that the plan does not: ${strange.join(', ')}.`] : []),
    ]),
  ];
}

function repos({ project, command }: QuickFacts): QuickFinding[] {
  const folders = project?.folders ?? [];
  if (folders.length < 2 || command.more.some((word) => ['-r', '--repo'].includes(word))) return [];
  return [
    finding(
      'repositories',
      'It is about one repository',
      'warn',
      'The project has several folders of migrations. Without -r, mix takes migrations back in every repository that the project names.',
      folders,
    ),
  ];
}

function record(facts: QuickFacts, recorded: readonly RecordedMigration[]): QuickFinding {
  const title = 'The migration is the latest that is recorded';
  if (facts.recorded === null)
    return finding('latest', title, 'fail', 'There is no table of applied versions.');
  const ours = recorded.find(({ version }) => BigInt(version) === BigInt(facts.version));
  if (!ours) {
    return finding(
      'latest',
      title,
      'fail',
      `${facts.version} is not recorded as applied: mix would leave it and take another one back.`,
    );
  }
  const later = recorded.filter(({ version }) => BigInt(version) > BigInt(facts.version));
  if (later.length === 0)
    return finding('latest', title, 'pass', `${facts.version} is the latest version recorded.`);
  return finding(
    'latest',
    title,
    'warn',
    `${later.length === 1 ? 'A later migration is' : `${later.length} later migrations are`} recorded.`,
    later.map(named),
  );
}

function untouched({ position }: QuickFacts): QuickFinding {
  const title = 'Nothing of it is rolled back yet';
  const begun = position.steps.filter(({ state }) => state !== 'pending').map(({ id }) => id);
  return begun.length === 0
    ? finding('position', title, 'pass', 'Every step is still to be done.')
    : finding(
        'position',
        title,
        'fail',
        `Not so for ${begun.join(', ')}: down skips without a word what it does not find as it expects. The steps go on from there.`,
      );
}

function archive({ noArchive, withoutArchive }: QuickFacts): QuickFinding {
  const title = 'The tables can be copied before it';
  if (withoutArchive)
    return finding(
      'kept',
      title,
      'warn',
      'You go without an archive: nothing is copied, and it cannot be undone.',
    );
  return noArchive === null
    ? finding(
        'kept',
        title,
        'pass',
        'Every table that the plan changes or drops is copied whole into backout_archive first.',
      )
    : finding('kept', title, 'fail', `Nothing can be kept: ${noArchive}.`);
}

/** What it would take back, said of the command that is meant. */
function others(facts: QuickFacts, commands: readonly QuickCommand[], written: QuickCommand): QuickFinding {
  const title = 'It takes back this migration alone';
  const [meant] = commands;
  const isOurs = ({ version }: RecordedMigration): boolean => BigInt(version) === BigInt(facts.version);
  const instead = written.takes.length === 0 ? 'nothing' : written.takes.map(named).join(', ');
  const astray = written.takes.some(isOurs)
    ? ''
    : `As the runbook writes it, it would take back ${instead}. `;
  if (!meant) return finding('takes', title, 'fail', `${astray}No form of it takes ${facts.version} back.`);
  const more = meant.takes.filter((one) => !isOurs(one));
  const passed = meant.passedOver.map((one) => `passed over: ${named(one)}`);
  if (more.length === 0) {
    return finding(
      'takes',
      title,
      astray === '' && passed.length === 0 ? 'pass' : 'warn',
      `${astray}"${meant.command}" takes back ${facts.version} alone.`,
      passed,
    );
  }
  return finding(
    'takes',
    title,
    'warn',
    `${astray}"${meant.command}" takes back ${meant.takes.length} migrations. What the others change is not copied, and no undo of backout brings it back.`,
    [...meant.takes.map(named), ...passed],
  );
}

export interface QuickJudgement {
  findings: QuickFinding[];
  commands: QuickCommand[];
}

/** `facts.project` null: the folder is not there. */
/** What the command does to them could not be taken back: the copies are of one schema. */
function schemas({ elsewhere = [] }: QuickFacts): QuickFinding[] {
  if (elsewhere.length === 0) return [];
  const detail =
    'The plan names tables of other schemas, of which nothing is copied before the command runs.';
  return [finding('schemas', 'All tables are in one schema', 'fail', detail, [...elsewhere])];
}

export function judgeQuick(facts: QuickFacts): QuickJudgement {
  const { command, version } = facts;
  const recorded = recordedMigrations(facts.recorded ?? [], facts.project?.files ?? []);
  const written: QuickCommand = {
    id: 'written',
    command: commandLine(command, command.target),
    ...takenBy(command.target, recorded),
  };
  const target = { to: version };
  const down: QuickCommand = {
    id: 'to',
    command: commandLine(command, target),
    ...takenBy(target, recorded),
  };
  const hits = ({ takes }: QuickCommand): boolean =>
    takes.some((one) => BigInt(one.version) === BigInt(version));
  const same = written.command === down.command;
  const commands = [
    written,
    ...(same || JSON.stringify(written.takes) === JSON.stringify(down.takes) ? [] : [down]),
  ].filter(hits);
  const before = [tool(facts), place(facts)];
  const known = facts.project?.isMix === true;
  return {
    findings: [
      ...before,
      ...(known ? [file(facts), ...text(facts), ...repos(facts)] : []),
      record(facts, recorded),
      ...(known ? [others(facts, commands, written)] : []),
      untouched(facts),
      archive(facts),
      ...schemas(facts),
    ],
    commands,
  };
}
