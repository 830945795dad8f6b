/** Composes the runtime: tasks in, events out, one thing at a time on the one session. */
import { openJournal, readJournal, type Journal } from '../journal/file.ts';
import { summaryLines } from '../journal/markdown.ts';
import { buildReport } from '../journal/report.ts';
import { writeReport } from '../journal/write-report.ts';
import type { JournalBody } from '../journal/types.ts';
import { gatherEvidence } from '../postgres/evidence.ts';
import { explainError } from '../postgres/explain.ts';
import { verify } from '../sql/verify.ts';
import { loadParser } from '../sql/parse.ts';
import type { Catalog, Verification } from '../sql/types.ts';
import type { Event, Task } from '../wizard/types.ts';
import { possibility } from '../wizard/judge.ts';
import { recommend } from '../wizard/recommend.ts';
import { notStarted, startCommand, type RunningCommand } from './command.ts';
import { createTarget } from './connection.ts';
import { intendedCatalog, judge, lookAt, schemaFor, surveyOf } from './judge.ts';
import { performStep } from './step.ts';
import type { Judgement, Runtime, RuntimeOptions } from './types.ts';

type Emit = (event: Event) => void;

/** Opens nothing yet. `close` it in the end, whatever happened. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { plan, runbook } = options;
  const target = createTarget(options);
  const context = { runbook };
  let journal: Promise<Journal> | null = null;
  let folder: string | null = null;
  let recorded: Promise<void> = Promise.resolve();
  let schema: string | null = null;
  /** What was found before Step 1: what verification compares with. */
  let before: { intended: Catalog; baseline: Record<string, number> } | null = null;
  let stopAsked = false;
  let committing = false;
  let command: RunningCommand | null = null;
  const underWay = new Set<Promise<void>>();

  async function session() {
    const open = await target.session();
    schema ??= await schemaFor(open, plan, options.schema);
    return target.session(schema);
  }

  const server = () => {
    if (!target.server) throw new Error('asked before the connection stood');
    return target.server;
  };

  async function request() {
    await loadParser();
    const open = await session();
    return {
      session: open,
      server: server(),
      schema: schema!,
      runbook,
      plan,
      backup: options.backup ?? null,
      openOther: target.other,
    };
  }

  async function judgeNow(
    onResult: (result: Judgement['prerequisites'][number]) => void,
  ): Promise<Judgement> {
    const judgement = await judge(await request(), onResult);
    // Looked at again after Step 1 has run, the baseline would no longer be one.
    before ??= {
      intended: intendedCatalog(plan, judgement.catalog, judgement.survey.position),
      baseline: judgement.survey.baseline,
    };
    return judgement;
  }

  async function verifyNow(): Promise<Verification> {
    const { session: open, schema: name } = await request();
    const { catalog, position } = await lookAt(open, name, plan);
    const known = { intended: before?.intended ?? null, baseline: before?.baseline ?? null };
    return verify({ session: open, runbook, plan, catalog, position, ...known });
  }

  /** In the order of the calls; resolves when it is on the disk. */
  function record(body: JournalBody): Promise<void> {
    const written = recorded.then(() => append(body));
    recorded = written.catch(() => undefined);
    return written;
  }

  async function append(body: JournalBody): Promise<void> {
    if (options.runsDir === null) return;
    journal ??= openJournal({ dir: options.runsDir, run: options.run });
    const open = await journal;
    folder = open.folder;
    const event = await open.append(body);
    options.onJournal?.(event);
  }

  async function report() {
    await recorded;
    const open = await journal;
    if (!open) throw new Error('there is no journal to report from');
    const { events } = await readJournal(open.folder);
    const built = buildReport(events, options.run);
    return { ...(await writeReport(open.folder, built)), summary: summaryLines(built) };
  }

  async function step(task: Extract<Task, { type: 'run-step' }>, emit: Emit): Promise<void> {
    stopAsked = false;
    committing = false;
    const open = await request();
    await performStep(task, {
      session: open.session,
      schema: open.schema,
      plan,
      look: () => lookAt(open.session, open.schema, plan),
      survey: async () => (await surveyOf(await request())).survey,
      record,
      emit,
      stopped: () => stopAsked,
      committing: () => {
        committing = true;
      },
      context,
      now: () => Date.now(),
    });
  }

  /** Never during COMMIT: a cancel there can only make the outcome uncertain. */
  async function cancelStep(): Promise<void> {
    if (committing) return;
    stopAsked = true;
    // The embedded server runs in one thread and hears nothing until the statement has ended.
    if (!options.embedded) await target.current?.cancel();
  }

  async function runCommand(task: Extract<Task, { type: 'run-command' }>, emit: Emit): Promise<void> {
    command = startCommand(
      task.command,
      (line) => emit({ type: 'command-output', item: task.item, line }),
      () => Date.now(),
    );
    const result = await command.result;
    command = null;
    emit({ type: 'command-done', item: task.item, result });
  }

  async function connect(url: string | undefined, emit: Emit): Promise<void> {
    const { settings } = await target.resolve(url);
    emit({ type: 'connecting', settings });
    schema = null;
    emit({ type: 'connected', server: (await target.connect(url)).server });
  }

  async function check(emit: Emit): Promise<void> {
    const judgement = await judgeNow((result) => emit({ type: 'prerequisite', result }));
    emit({ type: 'prerequisites-done', survey: judgement.survey });
  }

  async function evidence(emit: Emit): Promise<void> {
    const open = await request();
    emit({ type: 'evidence', ...(await gatherEvidence(open.session, runbook, open.schema, open)) });
  }

  /** What is done for each task, and how its failure is told. */
  function run(task: Task, emit: Emit): [work: Promise<void>, failed: (error: unknown) => Event] {
    const explained = (error: unknown) => explainError(error, context);
    switch (task.type) {
      case 'connect':
        return [connect(task.url, emit), (error) => ({ type: 'connect-failed', error: explained(error) })];
      case 'check':
        return [check(emit), (error) => ({ type: 'prerequisites-failed', error: explained(error) })];
      case 'gather-evidence':
        return [evidence(emit), (error) => ({ type: 'evidence-failed', error: explained(error) })];
      case 'run-step':
        return [
          step(task, emit),
          (error) => ({
            type: 'step-failed',
            step: task.step,
            seconds: 0,
            error: explained(error),
            cancelled: false,
          }),
        ];
      case 'verify':
        return [
          verifyNow().then((verification) => emit({ type: 'verified', verification })),
          (error) => ({ type: 'verify-failed', error: explained(error) }),
        ];
      case 'write-report':
        return [
          report().then((written) => emit({ type: 'report-written', ...written })),
          (error) => ({ type: 'report-failed', error: explained(error) }),
        ];
      case 'run-command':
        return [runCommand(task, emit), (error) => notStarted(task, explained(error).message)];
      case 'cancel-step':
        return [cancelStep(), (error) => ({ type: 'trouble', what: 'cancel-step', error: explained(error) })];
      case 'cancel-command':
        command?.cancel();
        return [
          Promise.resolve(),
          (error) => ({ type: 'trouble', what: 'cancel-command', error: explained(error) }),
        ];
      case 'lock-action':
      case 'watch':
      case 'unwatch':
      case 'take-over':
      case 'end-run':
        throw new Error(`not built yet: ${task.type}`);
      case 'record':
        return [
          record(task.event),
          (error) => ({ type: 'trouble', what: 'record', error: explained(error) }),
        ];
    }
  }

  return {
    perform(task, emit) {
      const [work, failed] = run(task, emit);
      const settled: Promise<void> = work
        .catch((error: unknown) => emit(failed(error)))
        .finally(() => underWay.delete(settled));
      underWay.add(settled);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    get folder() {
      return folder;
    },
    async connect(url) {
      const { connection, server: found } = await target.connect(url);
      return { settings: connection.settings, server: found, warnings: connection.warnings };
    },
    async position() {
      const open = await request();
      return lookAt(open.session, open.schema, plan);
    },
    judge: (onPrerequisite) => judgeNow(onPrerequisite ?? (() => undefined)),
    async evidence(judgement) {
      const open = await request();
      const gathered = await gatherEvidence(open.session, runbook, open.schema, open);
      return { ...gathered, recommendation: recommend(gathered.evidence, possibility(judgement.survey)) };
    },
    verify: verifyNow,
    async close() {
      command?.cancel();
      await this.idle();
      await (await journal?.catch(() => null))?.close();
      await target.close();
    },
  };
}
