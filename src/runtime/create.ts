/** Composes the runtime: tasks in, events out, one thing at a time on the one session. */
import { gatherEvidence } from '../postgres/evidence.ts';
import { explainError } from '../postgres/explain.ts';
import { otherRun } from '../postgres/store.ts';
import type { Prerequisite } from '../postgres/types.ts';
import type { RepairAbout } from '../repair/find.ts';
import { loadParser } from '../sql/parse.ts';
import type { Session } from '../sql/session.ts';
import type { Event, Survey, Task } from '../wizard/types.ts';
import { possibility } from '../wizard/judge.ts';
import { recommend } from '../wizard/recommend.ts';
import { stakes } from '../wizard/stakes.ts';
import { archivedOf } from './archived.ts';
import { notStarted } from '../shell/run.ts';
import { createBackups } from './backup.ts';
import { createChecklist } from './checklist.ts';
import { createTarget } from './connection.ts';
import { performApplication, scanUnasked } from './application.ts';
import type { CourseRequest } from './course.ts';
import { placeOf, writeSkeleton } from './forward.ts';
import { heldResult, lookedAt } from './judging.ts';
import { positionNow } from './look.ts';
import { afterChecks, lookForRepairs, mendable, withRepairs } from './mending.ts';
import { createWatch, takeOver } from './others.ts';
import { NOBODY, escalationsOf } from './escalate.ts';
import { createOwnership, withJournal } from './ownership.ts';
import { createQuick } from './quick.ts';
import { createRecorder } from './recorder.ts';
import { createRehearsals } from './rehearsing.ts';
import { rehearseNow } from './rehearse.ts';
import { rollbackCourse } from './rollback.ts';
import { createStepping } from './stepping.ts';
import type { Runtime, RuntimeOptions } from './types.ts';

type Emit = (event: Event) => void;

/** Opens nothing yet. `close` it in the end, whatever happened. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { plan, runbook } = options;
  const course = options.course ?? rollbackCourse(options);
  const target = createTarget(options);
  const recorder = createRecorder(options);
  const owner = withJournal(createOwnership(options, course), recorder);
  const watch = createWatch();
  const context = { runbook, plan };
  const now = (): number => Date.now();
  const looking = {
    embedded: options.embedded && options.seconds === undefined,
    lockPolicy: options.lockPolicy ?? {},
    now,
  };
  let run = options.run;
  let withoutArchive = false;
  let resume = options.resume ?? null;
  let schema: string | null = null;
  let backup = options.backup ?? null;
  const underWay = new Set<Promise<void>>();

  async function session() {
    const open = await target.session();
    schema ??= await course.schema(open);
    return target.session(schema);
  }

  async function request(): Promise<CourseRequest> {
    await loadParser();
    const open = await session();
    if (!target.server) throw new Error('asked before the connection stood');
    return {
      session: open,
      server: target.server,
      schema: schema!,
      run,
      withoutArchive,
      backup,
      backupFolders: backups.folders,
      openOther: target.other,
    };
  }

  const backups = createBackups({
    plan,
    folder: options.config?.backup.folder,
    request,
    connection: () => target.connection,
    run: () => run,
    env: process.env,
    cwd: process.cwd(),
  });

  const rehearsals = createRehearsals({ runbook, plan, request, connection: () => target.connection, now });

  const checklist = createChecklist({
    runbook,
    embedded: options.embedded,
    request,
    allowed: options.commandsAllowed ?? { runbook: NOBODY, config: NOBODY },
    folder: () => recorder.folder,
    now,
  });

  const escalations = escalationsOf(options, {
    course,
    connection: () => target.connection,
    folder: () => recorder.folder,
    run: () => run,
    async release() {
      watch.stop();
      await target.close();
    },
  });

  const stepping = createStepping({
    course,
    owner,
    record: recorder.record,
    request,
    current: () => target.current,
    ...looking,
    context,
  });

  const quick = createQuick({
    options: options.quick ?? { folders: [], cwd: process.cwd(), memory: null, env: {}, url: null },
    runbook,
    plan,
    owner,
    request,
    survey: (open) => lookedAt(open, () => course.survey(open), looking),
    record: recorder.record,
    now,
  });

  async function connect(url: string | undefined, emit: Emit): Promise<void> {
    const { settings } = await target.resolve(url);
    emit({ type: 'connecting', settings });
    schema = null;
    emit({ type: 'connected', server: (await target.connect(url)).server });
  }

  /** Under the id of the run that is gone on with. */
  async function goOn(wanted: string, emit: Emit): Promise<boolean> {
    const open = await request();
    const taken = await takeOver({ ...open, wanted, plan: plan.hash, course, owner, recorder });
    if (!taken) return false;
    run = wanted;
    const mine = await request();
    const resumed = await quick.resume(mine, taken);
    const survey = await lookedAt(mine, () => course.survey(mine), looking);
    emit({ type: 'taken-over', run, resumed, survey });
    const kept = await archivedOf(open.session, run).catch(() => []);
    for (const step of resumed.doneBefore) {
      const objects = kept.filter((object) => object.step === step);
      if (objects.length > 0) emit({ type: 'archived', step, objects });
    }
    return true;
  }

  async function check(task: Extract<Task, { type: 'check' }>, emit: Emit): Promise<void> {
    withoutArchive = task.withoutArchive === true;
    backup = task.backup ?? backup;
    const open = await request();
    // What is still at work outside of transactions is not ended for the sake of its lock.
    if (!(await stepping.resolve(open, emit))) await owner.regain(open.session, run);
    if (resume !== null && (await goOn(resume, emit))) resume = null;
    const again = await request();
    const results: Prerequisite[] = [];
    const survey = await judged(again, (event) => {
      if (event.type === 'prerequisite') results.push(event.result);
      emit(event);
    });
    emit({ type: 'other-run', other: await otherRun(again.session, run, course.related) });
    if (course.kind === 'rollback') await afterChecks(results, emit, lookFor(survey));
    emit({ type: 'prerequisites-done', survey });
  }

  async function judged(open: CourseRequest, emit: Emit): Promise<Survey | null> {
    const tell = (result: Prerequisite): void => emit({ type: 'prerequisite', result });
    try {
      return (await lookedAt(open, () => course.judge(open, tell), looking)).survey;
    } catch (error) {
      const held = open.session.lost ? null : heldResult(error);
      if (!held) throw error;
      tell(held);
      return null;
    }
  }

  const evidenceOf = (open: CourseRequest) =>
    gatherEvidence(open.session, runbook, open.schema, { ...open, plan });

  async function evidence(emit: Emit): Promise<void> {
    const open = await request();
    emit({ type: 'evidence', ...(await evidenceOf(open)) });
  }

  const lookFor = (survey: Survey | null) => async (about: RepairAbout) =>
    lookForRepairs(await request(), about, { plan, runbook, survey });

  async function repairs({ about }: Extract<Task, { type: 'find-repairs' }>, emit: Emit): Promise<void> {
    const found = await lookFor(null)(about);
    const forward = about.kind === 'forward';
    emit(forward ? { ...found, place: placeOf(await request(), runbook, new Date(now())) } : found);
  }

  async function skeleton(task: Extract<Task, { type: 'write-skeleton' }>, emit: Emit): Promise<void> {
    emit({ type: 'skeleton-written', paths: await writeSkeleton(task, await request(), runbook) });
  }

  async function take(wanted: string, emit: Emit): Promise<void> {
    watch.stop();
    if (await goOn(wanted, emit)) return;
    const open = await request();
    emit({ type: 'other-run', other: await otherRun(open.session, run, course.related) });
  }

  const lookForOther = async (open: Session) => otherRun(open, run, course.related);

  type Trouble = Extract<Event, { type: 'trouble' }>['what'];

  /** What is done for each task, and how its failure is told. */
  function perform(task: Task, emit: Emit): [work: Promise<void>, failed: (error: unknown) => Event] {
    const explained = (error: unknown) => explainError(error, context);
    const trouble =
      (what: Trouble) =>
      (error: unknown): Event => ({ type: 'trouble', what, error: explained(error) });
    switch (task.type) {
      case 'connect':
        return [connect(task.url, emit), (error) => ({ type: 'connect-failed', error: explained(error) })];
      case 'check':
        watch.stop();
        return [check(task, emit), (error) => ({ type: 'prerequisites-failed', error: explained(error) })];
      case 'gather-evidence':
        return [evidence(emit), (error) => ({ type: 'evidence-failed', error: explained(error) })];
      case 'find-backups':
      case 'take-backup':
      case 'prove-backup':
      case 'drop-scratch':
      case 'cancel-backup':
        return [backups.perform(task, emit), (error) => ({ type: 'backup-failed', error: explained(error) })];
      case 'rehearse':
      case 'cancel-rehearsal':
        return [
          rehearsals.perform(task, emit),
          (error) => ({ type: 'rehearsal-failed', error: explained(error) }),
        ];
      case 'find-repairs':
        return [repairs(task, emit), (error) => ({ type: 'repairs-failed', error: explained(error) })];
      case 'write-skeleton':
        return [skeleton(task, emit), (error) => ({ type: 'skeleton-failed', error: explained(error) })];
      case 'run-step':
        watch.stop();
        return [
          course.kind === 'rollback'
            ? withRepairs((tell) => stepping.run(task, tell), emit, lookFor(null))
            : stepping.run(task, emit),
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
          request()
            .then((open) => course.verify(open))
            .then(async (verification) => {
              if (course.kind === 'rollback') await scanUnasked(emit, options);
              emit({ type: 'verified', verification });
            }),
          (error) => ({ type: 'verify-failed', error: explained(error) }),
        ];
      case 'scan-application':
      case 'edit-application':
      case 'write-application-diff':
        return [
          performApplication(task, emit, { options, runFolder: recorder.folder }),
          (error) => ({ type: 'application-failed', error: explained(error) }),
        ];
      case 'write-report':
        return [
          recorder.report().then((written) => emit({ type: 'report-written', ...written })),
          (error) => ({ type: 'report-failed', error: explained(error) }),
        ];
      case 'debrief':
        // Drills are judged around the runtime (src/practice/record/attempt.ts); here nobody does.
        return [
          Promise.reject(new Error('This run is of no drill, so it is not judged.')),
          (error) => ({ type: 'debrief-failed', error: explained(error) }),
        ];
      case 'run-command':
      case 'watch-command':
        return [checklist.perform(task, emit), (error) => notStarted(task, explained(error).message)];
      case 'cancel-step':
        quick.close();
        backups.cancel();
        return [stepping.cancel(), trouble('cancel-step')];
      case 'watch-on':
      case 'end-watch':
      case 'leave-command':
      case 'cancel-command':
      case 'prepare-command':
      case 'scan-logs':
      case 'run-probes':
        return [checklist.perform(task, emit), trouble('cancel-command')];
      case 'lock-action':
        stepping.act(task);
        return [Promise.resolve(), trouble('lock-action')];
      case 'look-quick':
      case 'run-quick':
      case 'stop-quick':
      case 'settle-quick':
        return [quick.perform(task, emit), quick.failed(task, explained)];
      case 'watch':
        return [watch.start(session, lookForOther, emit), trouble('watch')];
      case 'unwatch':
        watch.stop();
        return [Promise.resolve(), trouble('watch')];
      case 'take-over':
        return [take(task.run, emit), trouble('take-over')];
      case 'end-run':
        return [stepping.end(run, task.outcome), trouble('end-run')];
      case 'instruct':
        // Of the instructor's own screen, behind which there is no run.
        return [Promise.resolve(), trouble('watch')];
      case 'escalate':
        return [escalations.perform(task, emit), trouble('watch')];
      case 'record':
        return [
          recorder.record(task.event),
          (error) => ({ type: 'trouble', what: 'record', error: explained(error), entry: task.event }),
        ];
    }
  }

  return {
    perform(task, emit) {
      const [work, failed] = perform(task, emit);
      const settled: Promise<void> = work
        .catch((error: unknown) => emit(failed(error)))
        .finally(() => underWay.delete(settled));
      underWay.add(settled);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    get folder() {
      return recorder.folder;
    },
    get run() {
      return run;
    },
    async connect(url) {
      const { connection, server: found } = await target.connect(url);
      return { settings: connection.settings, server: found, warnings: connection.warnings };
    },
    async position() {
      const open = await request();
      return positionNow(open.session, open.schema, plan);
    },
    async judge(onPrerequisite) {
      const open = await request();
      return lookedAt(open, () => course.judge(open, onPrerequisite ?? (() => undefined)), looking);
    },
    async evidence(judgement) {
      const open = await request();
      const gathered = await evidenceOf(open);
      const facts = { criteria: runbook.criteria.length > 0, stakes: stakes(judgement.survey) };
      const recommendation = recommend(gathered.evidence, { ...possibility(judgement.survey), ...facts });
      return { ...gathered, recommendation };
    },
    verify: async () => course.verify(await request()),
    rehearse: async (asked) =>
      rehearseNow(asked, await request(), { runbook, plan, now, connection: target.connection }),
    repairs: ({ survey, prerequisites }) => mendable(lookFor(survey), prerequisites),
    async close() {
      watch.stop();
      backups.cancel();
      rehearsals.cancel();
      quick.close();
      checklist.close();
      escalations.cancel();
      await this.idle();
      await recorder.close();
      await target.close();
    },
  };
}
