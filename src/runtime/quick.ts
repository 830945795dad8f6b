/** The quick rollback, performed: looked at before, copied, run as a child, looked at after. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { explainError } from '../postgres/explain.ts';
import { storeState } from '../postgres/store.ts';
import type { ExplainedError } from '../postgres/types.ts';
import type { Runbook } from '../runbook/types.ts';
import { quickCommandOf, type EctoRollback } from '../quick/command.ts';
import { judgeQuick } from '../quick/judge.ts';
import {
  projectFolder,
  readProject,
  rememberedProject,
  rememberProject,
  type FolderSource,
} from '../quick/project.ts';
import { tableDifference } from '../quick/tables.ts';
import type { QuickLook } from '../quick/types.ts';
import { startCommand, type RunningCommand } from '../shell/run.ts';
import type { CommandResult, JournalBody } from '../journal/types.ts';
import { tablesOf } from '../sql/tables-of.ts';
import type { Plan } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Event, QuickTask, Resumed, Survey } from '../wizard/types.ts';
import { archivedOf } from './archived.ts';
import type { CourseRequest } from './course.ts';
import { positionNow } from './look.ts';
import type { Ownership } from './ownership.ts';
import { keptTables, makeCopies, openCopies, QUICK } from './quick/copies.ts';
import { settle } from './quick/settle.ts';
import { recordedVersions } from './quick/versions.ts';
import { quickTitle } from './quick/write-down.ts';

type Emit = (event: Event) => void;

/** What is known of the project and of the machine; the command line says it. */
export interface QuickOptions {
  /** First to last: --project, backout.toml, what was said the last time. */
  folders: FolderSource[];
  cwd: string;
  /** `$XDG_STATE_HOME/backout/remembered.json`; null: nothing is remembered. */
  memory: string | null;
  /** For the child, on top of this process's own. */
  env: Record<string, string>;
  /** What the run connects with, where it is a URL: given to the child only when the operator says so. */
  url: string | null;
  /** Practice runs no command, on whatever server. */
  practice?: boolean;
}

export interface QuickParts {
  options: QuickOptions;
  runbook: Runbook;
  plan: Plan;
  owner: Ownership;
  request(): Promise<CourseRequest>;
  /** Everything, counted anew. */
  survey(open: CourseRequest): Promise<Survey>;
  record(body: JournalBody): Promise<void>;
  now(): number;
}

export interface QuickRuntime {
  perform(task: QuickTask, emit: Emit): Promise<void>;
  failed(task: QuickTask, explained: (error: unknown) => ExplainedError): (error: unknown) => Event;
  /** Of a run that is gone on with: what its quick rollback did is looked at and written down, where that is not done yet. */
  resume(open: CourseRequest, resumed: Resumed): Promise<Resumed>;
  /** For a program that is being ended: asks at once, and then again with more force. */
  close(): void;
}

/** How long whoever was asked to stop may take before it is not asked any more. Milliseconds. */
const GRACE_MS = 5_000;

/** What a confirmation is bound to, beside the database. */
const lookHash = (look: QuickLook): string =>
  createHash('sha256')
    .update(JSON.stringify([look.written, look.folder, look.findings, look.commands]))
    .digest('hex');

/** Nothing is started yet. */
export function createQuick(parts: QuickParts): QuickRuntime {
  const { options, runbook, plan, owner, record, now } = parts;
  let child: RunningCommand | null = null;
  let stopAsked = 0;
  let keeping: CourseRequest | null = null;
  let typed: string | null = null;
  let last: {
    result: CommandResult;
    command: string;
    recordedBefore: string[] | null;
    before: Survey;
  } | null = null;

  const shell = (
    command: string,
    cwd: string | null,
    onLine: (line: string) => void,
    env = options.env,
  ): RunningCommand => startCommand({ command, env, ...(cwd === null ? {} : { cwd }) }, onLine, now);

  async function whereIsMix(folder: string | null): Promise<string | null> {
    let found = '';
    const { exitStatus } = await shell('command -v mix', folder, (line) => (found = line)).result;
    return exitStatus === 0 && found !== '' ? found : null;
  }

  async function foundFolder(command: EctoRollback): Promise<FolderSource | null> {
    const remembered = options.memory === null ? null : await rememberedProject(options.memory, runbook.path);
    const sources: FolderSource[] = [
      ...(typed === null ? [] : [{ path: typed, from: 'as you said', said: true }]),
      ...options.folders,
      ...(remembered === null ? [] : [{ path: remembered, from: 'said the last time', said: false }]),
      ...(command.folder === null ? [] : [{ path: command.folder, from: 'the runbook', said: false }]),
      { path: '.', from: 'the current folder', said: false },
    ];
    return projectFolder(sources, options.cwd);
  }

  async function look(): Promise<QuickLook | null> {
    const command = quickCommandOf(runbook);
    if (!command) return null;
    const nothing = {
      folder: null,
      folderFrom: '',
      commands: [],
      asksFolder: false,
      keeps: [],
      mayGiveUrl: false,
    };
    const written = toLine(command.written);
    const version = runbook.migration?.version;
    if (command.kind === 'other' || version === undefined) {
      const detail =
        command.kind === 'other'
          ? 'backout knows what to look at before "mix ecto.rollback", and not before this command.'
          : 'The runbook does not say which migration it is about.';
      const finding = {
        id: 'command',
        title: 'The command is understood',
        status: 'fail' as const,
        detail,
        items: [],
      };
      return { ...nothing, written, findings: [finding] };
    }
    const open = await parts.request();
    const { session, schema, server } = open;
    const practice = server.embedded || parts.options.practice === true;
    const { catalog, position } = await positionNow(session, schema, plan);
    const source = await foundFolder(command);
    const project = source === null ? null : await readProject(source.path, command.path);
    const recorded = await recordedVersions(session, plan, catalog);
    const file = project?.files.find((one) => BigInt(one.version) === BigInt(version));
    const text = file ? await readFile(file.path, 'utf8').catch(() => null) : null;
    const store = await storeState(session);
    const { findings, commands } = judgeQuick({
      command,
      version,
      mix: practice ? null : await whereIsMix(project?.folder ?? null),
      folder: source?.path ?? null,
      project,
      recorded: recorded?.versions ?? null,
      position,
      tables: text === null ? null : tableDifference(text, tablesOf(plan), recorded?.table ?? null),
      noArchive: ['ready', 'absent'].includes(store.state) ? null : store.words.join('; '),
      withoutArchive: open.withoutArchive,
      embedded: practice,
      elsewhere: Object.keys(catalog.elsewhere ?? {}),
    });
    const asksFolder = source === null;
    return {
      written,
      folder: source === null ? null : toLine(source.path),
      folderFrom: source?.from ?? '',
      // A folder that is only to be asked for is no reason against it.
      findings: asksFolder ? findings.filter(({ id }) => id !== 'project') : findings,
      commands,
      asksFolder,
      keeps: open.withoutArchive
        ? []
        : keptTables({ plan, position, catalog }).map((table) => ({
            table: toLine(table),
            rows: catalog.tables[table]?.estimatedRows ?? -1,
            bytes: catalog.tables[table]?.bytes ?? 0,
          })),
      mayGiveUrl: options.url !== null,
    };
  }

  /** What ends it, whatever became of the command: the database says what it did. */
  async function afterwards(emit: Emit): Promise<void> {
    if (!last) return;
    emit({ type: 'quick-settling' });
    const { result, command, recordedBefore, before } = last;
    try {
      const open = await parts.request();
      await owner.regain(open.session, open.run);
      const found = await settle({ open, runbook, plan, result, command, recordedBefore, before, now });
      await record({ type: 'quick', command, result, found });
      const kept = found.undoable ? await archivedOf(open.session, open.run) : [];
      const archived = kept.filter(({ step }) => step === QUICK);
      if (found.undoable) await record({ type: 'archived', step: QUICK, objects: archived });
      last = null;
      emit({ type: 'quick-ended', end: { result, found, archived }, survey: await parts.survey(open) });
    } catch (error) {
      emit({ type: 'quick-unsettled', error: explainError(error, { runbook }) });
    }
  }

  async function run(task: Extract<QuickTask, { type: 'run-quick' }>, emit: Emit): Promise<void> {
    stopAsked = 0;
    const [fresh, open] = [await look(), await parts.request()];
    const survey = await parts.survey(open);
    if (!fresh) return;
    const same =
      survey.hash === task.survey && lookHash(fresh) === lookHash(task.look) && fresh.folder === task.folder;
    if (!same || !fresh.commands.some(({ command }) => command === task.command)) {
      return emit({ type: 'quick-changed', look: fresh, survey });
    }
    const { session, schema } = open;
    // What TRUNCATE … CASCADE takes along is copied too.
    const { plan: settled, catalog, position } = await positionNow(session, schema, plan);
    const recorded = await recordedVersions(session, plan, catalog);
    const version = runbook.migration?.version ?? '';
    const versions = recorded ? { ...recorded, version, recorded: recorded.versions } : null;
    let kept = 0;
    if (!open.withoutArchive) {
      await owner.own(session, schema, open.run, true);
      keeping = open;
      const tell = (line: string): void => emit({ type: 'quick-line', line });
      const request = {
        session,
        run: open.run,
        schema,
        plan: settled,
        catalog,
        position,
        versions,
        command: task.command,
      };
      kept = (await makeCopies({ ...request, now: new Date(now()) }, tell).finally(() => (keeping = null)))
        .length;
    }
    if (stopAsked > 0) throw new Error('it was stopped before the command was started');
    // On the disk before anything is started: what a crash leaves is known.
    await record({
      type: 'quick-started',
      command: task.command,
      folder: task.folder,
      kept,
      give: task.give,
    });
    emit({ type: 'quick-started', at: now() });
    const env =
      task.give === 'url' && options.url !== null
        ? { ...options.env, DATABASE_URL: options.url }
        : options.env;
    child = shell(task.command, task.folder, (line) => emit({ type: 'quick-line', line }), env);
    const result = await child.result;
    child = null;
    last = { result, command: task.command, recordedBefore: recorded?.versions ?? null, before: survey };
    if (typed !== null && options.memory !== null)
      await rememberProject(options.memory, runbook.path, task.folder);
    await afterwards(emit);
  }

  async function stop(): Promise<void> {
    stopAsked += 1;
    child?.cancel();
    await keeping?.session.cancel();
  }

  return {
    async perform(task, emit) {
      switch (task.type) {
        case 'look-quick':
          if (task.folder !== undefined) typed = task.folder;
          return emit({ type: 'quick-looked', look: await look() });
        case 'run-quick':
          return run(task, emit);
        case 'stop-quick':
          return stop();
        case 'settle-quick':
          return afterwards(emit);
      }
    },
    failed: (task, explained) => (error) =>
      task.type === 'look-quick'
        ? { type: 'quick-look-failed', error: explained(error) }
        : { type: 'quick-failed', error: explained(error) },
    async resume(open, resumed) {
      const copies = await openCopies(open.session, open.run);
      const [first] = copies;
      if (!first) return resumed;
      const { command, recorded: recordedBefore } = first.facts;
      const result: CommandResult = { command, exitStatus: null, signal: null, seconds: 0, tail: [] };
      const found = await settle({ open, runbook, plan, result, command, recordedBefore, before: null, now });
      await record({ type: 'quick', command, result, found });
      if (!found.changed) return resumed;
      const title = quickTitle(command);
      return {
        ...resumed,
        doneBefore: [QUICK, ...resumed.doneBefore],
        titles: { ...resumed.titles, [QUICK]: title },
      };
    },
    close() {
      const running = child;
      if (!running) return;
      running.cancel();
      setTimeout(() => running.cancel(), GRACE_MS).unref();
    },
  };
}
