/** `backout escalate`: what can be done when it has gone wrong; on a terminal the wizard with that screen in front. */
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/types.ts';
import { createEscalationActs } from './escalation-acts.ts';
import { EXIT, UserError } from '../exit.ts';
import { explainError } from '../postgres/explain.ts';
import { resolveSettings, type Connection } from '../postgres/settings.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Plan } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Acts } from '../escalate/acts.ts';
import type { EscalationAct, EscalationCommand, EscalationFacts, Prepared } from '../wizard/types.ts';
import type { Options } from './args.ts';
import { MissingValues } from '../runbook/values/check.ts';
import { rollbackBy, type Subject } from './begin.ts';
import { configOf } from './config.ts';
import { toJson } from './document.ts';
import { doneBlocks, overviewBlocks, preparedBlocks } from './escalate-text.ts';
import type { Io } from './io.ts';
import { connectionOf, runbookPath } from './load.ts';
import { loadPlanAs } from './record-table.ts';
import { checkProject } from './quick-options.ts';
import { textOf } from './text.ts';
import type { ToldOfActs } from './told.ts';
import { walk } from './walk.ts';

export async function escalateCommand(io: Io, options: Options, folder: string | null): Promise<number> {
  if (folder !== null && options.escalation !== 'hand-over') {
    throw new UserError('A folder goes with --hand-over.', 'Nothing was done.', EXIT.usage);
  }
  const asks = (options.plain || io.dumb ? io.keyboard : io.interactive) && !options.json;
  if (options.escalation === undefined && asks) {
    const connection = Promise.resolve(connectionOf(io, options));
    const subject = escalatedFrom(io, options);
    return walk(io, { options, subject, place: { connection, embedded: false }, escalating: true });
  }
  const at = await prepared(io, options);
  return options.escalation === undefined
    ? overview(io, options, at)
    : perform(io, options, at, { act: options.escalation, folder });
}

/**
 * Values that the runbook leaves open keep nobody from escalating: without them there is no plan, and so nothing that
 * could be run, or be said of where a step stands.
 */
async function withoutPlan(
  io: Io,
  options: Options,
  error: unknown,
): Promise<{ runbook: Runbook; plan: Plan }> {
  if (!(error instanceof MissingValues)) throw error;
  const { runbook } = await loadPlanAs(io, options, runbookPath(io, options, null), true);
  return { runbook: { ...runbook, steps: [] }, plan: { steps: [], hash: '' } };
}

/** The rollback behind the escalation. */
function escalatedFrom(io: Io, options: Options): () => Promise<Subject> {
  const strict = rollbackBy(io, options, null);
  return () =>
    strict().catch(async (error: unknown): Promise<Subject> => {
      return { kind: 'rollback', ...(await withoutPlan(io, options, error)), undoes: null, resume: null };
    });
}

export interface At {
  acts: Acts;
  /** Webhooks, beside the acts. */
  told: ToldOfActs;
  commands: EscalationCommand[];
  config: Config;
  runbook: Runbook;
  connection: Connection;
}

async function prepared(io: Io, options: Options): Promise<At> {
  const path = runbookPath(io, options, null);
  const [{ runbook, plan }, { config }, { runsDirectory }, connection] = await Promise.all([
    loadPlanAs(io, options, path).catch((error: unknown) => withoutPlan(io, options, error)),
    configOf(io, options, { runbook: path }),
    import('../journal/folder.ts'),
    resolveSettings(connectionOf(io, options)),
  ]);
  for (const warning of connection.warnings) await io.err(`Warning: ${warning}\n`);
  const runsDir = runsDirectory(io.env, io.home);
  return createEscalationActs(io, options, {
    runbook,
    plan,
    config,
    connection,
    runsDir,
    stateDir: dirname(runsDir),
  });
}

/** Nothing is changed; contacts are told even where the server cannot be reached. */
async function overview(io: Io, options: Options, at: At): Promise<number> {
  let facts: EscalationFacts | null = null;
  let blind: string | null = null;
  try {
    facts = await at.acts.look();
  } catch (error) {
    blind = explainError(error).message;
  }
  const database = toLine(at.connection.parameters.dbname, 100);
  const { contacts } = at.config;
  if (options.json) {
    const { commands } = at;
    await io.out(
      toJson({ schema: 'backout.escalate/1', database, contacts, commands, facts, unread: blind }),
    );
  } else {
    await io.out(textOf(overviewBlocks({ ...at, facts, blind, database })));
  }
  return EXIT.ok;
}

async function perform(
  io: Io,
  options: Options,
  at: At,
  { act, folder }: { act: EscalationAct; folder: string | null },
): Promise<number> {
  checkProject(options);
  const answers: Record<string, string> = {
    ...(options.restore === undefined ? {} : { path: resolve(options.restore) }),
    ...(folder === null ? {} : { folder: resolve(folder) }),
    ...(options.project === undefined ? {} : { folder: resolve(options.project) }),
  };
  if (act.startsWith('command-') && !at.commands.some((command) => command.act === act)) {
    throw new UserError(
      'There is no command with that number.',
      '"backout escalate" lists them.',
      EXIT.usage,
    );
  }
  const shown = await at.acts.prepare(act, answers);
  const say = options.json ? io.err : io.out;
  await say(textOf(preparedBlocks(shown)));
  const tell = async (more: object): Promise<void> => {
    if (options.json)
      await io.out(
        toJson({ schema: 'backout.escalate/1', database: at.connection.parameters.dbname, act, ...more }),
      );
  };
  if (shown.confirm === null) {
    refuseOpen(shown);
    await tell({ words: shown.words, table: shown.tables, done: null });
    return act === 'status' || act === 'hand-over' ? EXIT.ok : EXIT.prerequisiteFailed;
  }
  checkConfirmed(options, shown.confirm);
  const stop = io.onSignal(() => at.acts.cancel());
  try {
    const done = await at.acts.carryOut(shown.token, (line) => void io.err(`${toLine(line)}\n`));
    await say(textOf(doneBlocks(done)));
    await tell({
      words: shown.words,
      statements: shown.statements,
      done: { ok: done.ok, lines: done.lines, table: done.tables },
    });
    return done.ok ? EXIT.ok : EXIT.verificationFailed;
  } finally {
    stop();
    for (const untold of await at.told.settle()) await io.err(`${toLine(untold, 1000)}\n`);
  }
}

function refuseOpen({ questions }: Prepared): void {
  if (questions.length === 0) return;
  const open = questions.map(({ text, why }) => `${toLine(text, 100)}: ${toLine(why, 300)}`).join(' ');
  throw new UserError(
    `The command leaves something open, so it was not run. ${open}`,
    'Give --project DIR for its folder; what else is open is asked for on a terminal, or run it by hand.',
    EXIT.usage,
  );
}

function checkConfirmed(options: Options, expected: string): void {
  if (options.confirm === expected) return;
  const given = options.confirm === undefined ? 'is missing' : `says ${toLine(options.confirm, 100)}`;
  throw new UserError(
    `--confirm ${given}, and this is confirmed by ${toLine(expected, 100)}.`,
    'Nothing was done. What would be done stands above.',
    EXIT.usage,
  );
}
