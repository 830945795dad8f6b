/** Does what helps with the items of a checklist: commands, an application that is watched, logs, probes. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCommand } from '../checklist/prepare.ts';
import { probe } from '../checklist/probe.ts';
import { scanLog } from '../checklist/scan.ts';
import type { PlanTables } from '../checklist/errors.ts';
import type { ItemCheck } from '../checklist/types.ts';
import { watchCommand, type Watching } from '../checklist/watch.ts';
import type { Runbook } from '../runbook/types.ts';
import { commandConsent, commandsAllowed, type CommandsAllowed } from '../shell/consent.ts';
import { startCommand, type RunningCommand } from '../shell/run.ts';
import type { Session } from '../sql/session.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { ChecklistTask, Event } from '../wizard/types.ts';

type Emit = (event: Event) => void;
type Of<T extends ChecklistTask['type']> = Extract<ChecklistTask, { type: T }>;

export interface ChecklistWork {
  runbook: Runbook;
  embedded: boolean;
  request(): Promise<{ session: Session; schema: string; server: { database: string } }>;
  /** Whose commands may be run. */
  allowed: CommandsAllowed;
  /** The run's folder, once it is there: output of applications goes into it. */
  folder(): string | null;
  now(): number;
}

/** What the rollback took away and what it brought back, as the runbook's verification says it. */
export function tablesOfRunbook({ expectations }: Pick<Runbook, 'expectations'>): PlanTables {
  const tables = expectations.flatMap((one) => (one.kind === 'table' ? [one] : []));
  const named = (exists: boolean): string[] =>
    tables
      .filter((table) => table.exists === exists)
      .map(({ name }) => name.slice(name.lastIndexOf('.') + 1));
  return { gone: named(false), there: named(true) };
}

/** Nothing is under way yet; {@link close} ends what is then. */
export function createChecklist(work: ChecklistWork) {
  const { runbook, now } = work;
  const began = now();
  const tables = tablesOfRunbook(runbook);
  let command: RunningCommand | null = null;
  let watching: Watching | null = null;
  let stopped = false;
  let watched = 0;

  /** What was typed is held to the same rule as what is written: some commands are never run, others must be whole. */
  async function refusal({
    command: text,
    from,
  }: Of<'run-command'> | Of<'watch-command'>): Promise<string | null> {
    if (from !== 'operator') return null;
    const { server } = await work.request();
    const allowed = commandsAllowed({
      environment: work.embedded ? 'PRACTICE' : 'PRODUCTION',
      allowCommands: false,
      runbookSha256: runbook.sha256,
      shippedSha256: null,
    });
    const consent = commandConsent({
      command: text,
      from,
      allowed,
      database: server.database,
      env: process.env,
    });
    if (consent.kind === 'confirm') return null;
    if (consent.kind === 'ask')
      return consent.placeholders.map(({ text: open, why }) => `${open}: ${why}`).join(' ');
    return consent.why;
  }

  /** Without a database every name of one is asked for. */
  async function prepare(
    { item, command: text, from, answers }: Of<'prepare-command'>,
    emit: Emit,
  ): Promise<void> {
    const database = await work.request().then(
      ({ server }) => server.database,
      () => null,
    );
    const asked = { command: text, from, allowed: work.allowed, database, env: process.env };
    emit({ type: 'command-prepared', item, prepared: prepareCommand(asked, answers) });
  }

  async function refused(task: Of<'run-command'> | Of<'watch-command'>, emit: Emit): Promise<boolean> {
    const why = await refusal(task);
    if (why === null) return false;
    const check: ItemCheck = {
      kind: 'command',
      title: toLine(task.command),
      verdict: 'unclear',
      words: toLine(`Not run. ${why}`, 1000),
      seconds: 0,
      lines: [],
    };
    emit({ type: 'item-checked', item: task.item, check, over: true });
    return true;
  }

  async function run(task: Of<'run-command'>, emit: Emit): Promise<void> {
    if (await refused(task, emit)) return;
    command = startCommand(
      { command: task.command, ...(task.folder ? { cwd: task.folder } : {}) },
      (line) => emit({ type: 'command-output', item: task.item, line }),
      now,
    );
    const result = await command.result;
    command = null;
    emit({ type: 'command-done', item: task.item, result });
  }

  async function watch(task: Of<'watch-command'>, emit: Emit): Promise<void> {
    if (await refused(task, emit)) return;
    const { item } = task;
    const folder = work.folder() ?? (await mkdtemp(join(tmpdir(), 'backout-')));
    watched += 1;
    const title = toLine(task.command);
    watching = await watchCommand({
      command: task.command,
      folder: task.folder ?? null,
      file: join(folder, `application-${watched}.log`),
      seconds: task.seconds,
      now,
      onLine: (line) => emit({ type: 'command-output', item, line }),
      onStays(stays) {
        const { errors, unread } = stays;
        const whole = unread === null ? '' : ` Not all of it could be read: ${toLine(unread, 200)}.`;
        const words = `It is running after ${Math.round(stays.seconds)} s; ${errorWords(errors)}.${whole}`;
        const verdict = errors > 0 ? 'failed' : unread === null ? 'ok' : 'unclear';
        const check: ItemCheck = { kind: 'watch', title, verdict, words, seconds: stays.seconds, lines: [] };
        emit({ type: 'item-checked', item, check, over: false });
        emit({ type: 'command-stays', item, stays });
      },
    });
    const mine = watching;
    const result = await mine.result;
    watching = null;
    if (result === null) return;
    emit({ type: 'command-done', item, result });
  }

  async function scan({ item, files }: Of<'scan-logs'>, emit: Emit): Promise<void> {
    const onLine = (line: string): void => emit({ type: 'command-output', item, line });
    for (const [at, file] of files.entries()) {
      const check = await scanLog({ file, since: began, tables, now, onLine });
      emit({ type: 'item-checked', item, check, over: at === files.length - 1 || stopped });
      if (stopped) return;
    }
  }

  async function ask({ item, probes }: Of<'run-probes'>, emit: Emit): Promise<void> {
    for (const [at, one] of probes.entries()) {
      const check = await asked(one);
      emit({ type: 'item-checked', item, check, over: at === probes.length - 1 || stopped });
      if (stopped) return;
    }
  }

  /** Without the database nothing is known: that is a verdict as well, and the run goes on. */
  async function asked(one: Of<'run-probes'>['probes'][number]): Promise<ItemCheck> {
    try {
      const { session, schema } = await work.request();
      return await probe(session, schema, one, now);
    } catch (error) {
      const words = `The database could not be asked: ${error instanceof Error ? error.message : String(error)}`;
      return {
        kind: 'probe',
        title: toLine(one.title),
        verdict: 'unclear',
        words: toLine(words),
        seconds: 0,
        lines: [],
      };
    }
  }

  return {
    async perform(task: ChecklistTask, emit: Emit): Promise<void> {
      if (task.type !== 'cancel-command') stopped = false;
      switch (task.type) {
        case 'prepare-command':
          return prepare(task, emit);
        case 'run-command':
          return run(task, emit);
        case 'watch-command':
          return watch(task, emit);
        case 'watch-on':
          return watching?.on(task.seconds);
        case 'end-watch':
          return watching?.end();
        case 'leave-command':
          return watching?.leave();
        case 'scan-logs':
          return scan(task, emit);
        case 'run-probes':
          return ask(task, emit);
        case 'cancel-command':
          stopped = true;
          command?.cancel();
          watching?.stop();
      }
    },
    /** What was not left running is ended. */
    close(): void {
      stopped = true;
      command?.cancel();
      watching?.stop();
    },
  };
}

const errorWords = (errors: number): string =>
  errors === 0
    ? 'no line of its output speaks of an error'
    : `${errors} ${errors === 1 ? 'line' : 'lines'} of its output speak of errors`;
