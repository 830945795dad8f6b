/** Performs what the escalation wants: on sessions of its own, so that a step that runs is not disturbed. */
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { NO_CONFIG, type Config } from '../config/types.ts';
import { createActs, type Acts } from '../escalate/acts.ts';
import { escalationCommands } from '../escalate/commands.ts';
import { writeLog, type LogLine } from '../escalate/log.ts';
import { databaseOf, type EscalationPlace } from '../escalate/place.ts';
import { gatherHandOver } from '../handover/gather.ts';
import { safeToDo } from '../handover/safe.ts';
import { writeHandOver } from '../handover/write.ts';
import { readJournal } from '../journal/file.ts';
import { loadParser } from '../sql/parse.ts';
import { explainError } from '../postgres/explain.ts';
import type { Connection } from '../postgres/settings.ts';
import type { Runbook } from '../runbook/types.ts';
import type { CommandsAllowed } from '../shell/consent.ts';
import type { Session } from '../sql/session.ts';
import { tablesOf } from '../sql/tables-of.ts';
import type { Plan } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import { stepName } from '../wizard/judge.ts';
import type { EscalationTask, Event } from '../wizard/types.ts';
import type { Course } from './course.ts';
import { positionNow, schemaFor } from './look.ts';
import type { RuntimeOptions } from './types.ts';

export interface EscalationsOptions {
  runbook: Runbook;
  plan: Plan;
  config: Config;
  allowed: CommandsAllowed;
  environment: 'PRACTICE' | 'PRODUCTION';
  /** Of an undo nothing can be told by the SQL of its plan. */
  hasPosition: boolean;
  /** `--schema`. */
  schema: string | undefined;
  /** Set in the first place by the operator; the connection that stands or was last tried. */
  connection: () => Connection;
  by: string;
  /** The folder of all that backout keeps on this machine; null: nothing is kept. */
  stateDir: string | null;
  /** Of the run on this machine; null before anything was recorded. */
  runFolder: () => Promise<{ run: string; folder: string } | null>;
  release: () => Promise<void>;
  env: NodeJS.ProcessEnv;
  /** Hears every line of the log of acts once it is written; never waits. */
  onLog?: (line: LogLine) => void;
}

export const NOBODY = 'No command is run from here.';

/** From what a runtime is made of. */
export function escalationsOf(
  options: RuntimeOptions,
  running: {
    course: Pick<Course, 'kind'>;
    connection: () => Connection;
    folder: () => string | null;
    run: () => string;
    release: () => Promise<void>;
  },
): EscalationWorker {
  const { runbook, plan, schema, operator, connection, runsDir, embedded } = options;
  return createEscalations({
    runbook,
    plan,
    config: options.config ?? NO_CONFIG,
    allowed: options.commandsAllowed ?? { runbook: NOBODY, config: NOBODY },
    environment: embedded ? 'PRACTICE' : 'PRODUCTION',
    hasPosition: running.course.kind !== 'undo',
    schema,
    connection: running.connection,
    by: `${operator?.user ?? connection.osUser}@${operator?.host ?? hostname()}`,
    stateDir: runsDir === null ? null : dirname(runsDir),
    runFolder: () => {
      const folder = running.folder();
      return Promise.resolve(folder === null ? null : { run: running.run(), folder });
    },
    release: running.release,
    env: connection.env,
  });
}

/** @returns the acts, over everything they need */
export function actsOf(options: EscalationsOptions): Acts {
  const { runbook, plan, config, schema, env, by } = options;
  const place = (): EscalationPlace => ({
    connection: options.connection(),
    env,
    now: () => new Date(),
    by,
    tables: tablesOf(plan),
    ...(schema === undefined ? {} : { schema }),
  });
  const position = async (session: Session): Promise<{ title: string; state: string }[]> => {
    if (!options.hasPosition) return [];
    await loadParser();
    const { position: found } = await positionNow(session, await schemaFor(session, plan, schema), plan);
    const titles = new Map(plan.steps.map(({ id, title }) => [id, title]));
    return found.steps.map(({ id, state }) => ({
      title: `${stepName(id)}: ${titles.get(id) ?? id}`,
      state,
    }));
  };
  return createActs({
    place,
    commands: escalationCommands(runbook.escalation, config),
    allowed: options.allowed,
    projectFolder: config.project.folder ?? null,
    status: { runbook, plan, position: options.hasPosition ? position : null },
    release: options.release,
    async log(line) {
      if (options.stateDir !== null) await writeLog(options.stateDir, line);
      options.onLog?.(line);
    },
    async handOver(folder) {
      const found = await options.runFolder();
      const journal = found && {
        run: found.run,
        events: (await readJournal(found.folder).catch(() => ({ events: [] }))).events,
      };
      const { environment } = options;
      const facts = await gatherHandOver({
        place: place(),
        environment,
        runbook: runbook.title,
        contacts: config.contacts,
        position,
        journal,
      });
      const stamp = new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
      const name = `${databaseOf(place()).replaceAll(/[^\w.-]/g, '_')}-${stamp}`;
      const into = folder ?? join(options.stateDir ?? '.', 'handover', name);
      return [await writeHandOver(facts, into, found?.folder ?? null), ...safeToDo(facts)];
    },
  });
}

export interface EscalationWorker {
  perform(task: EscalationTask, emit: (event: Event) => void): Promise<void>;
  cancel(): void;
}

/** Failures become events of its own: nothing of it ends a run. */
export function createEscalations(options: EscalationsOptions): EscalationWorker {
  const acts = actsOf(options);

  async function done(task: EscalationTask, emit: (event: Event) => void): Promise<void> {
    switch (task.do) {
      case 'look':
        return emit({ type: 'escalate-looked', facts: await acts.look() });
      case 'prepare':
        return emit({ type: 'escalate-prepared', prepared: await acts.prepare(task.act, task.answers) });
      case 'carry-out':
        emit({ type: 'escalate-begun', at: Date.now() });
        return emit({
          type: 'escalate-done',
          done: await acts.carryOut(task.token, (line) =>
            emit({ type: 'escalate-output', line: toLine(line) }),
          ),
        });
      case 'cancel':
        return acts.cancel();
    }
  }

  return {
    perform: (task, emit) =>
      done(task, emit).catch((error: unknown) => {
        const explained = explainError(error, options);
        emit(
          task.do === 'look'
            ? { type: 'escalate-blind', why: explained.message }
            : { type: 'escalate-failed', error: explained },
        );
      }),
    cancel: () => acts.cancel(),
  };
}
