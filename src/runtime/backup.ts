/** Performs what is asked about the backup: finding, taking, proving; one thing at a time, each can be ended. */
import { backupFolders, newestThatFits } from '../backup/find.ts';
import { proveBackup } from '../backup/prove.ts';
import { dropScratch, leftOvers } from '../backup/scratch.ts';
import { takeBackup } from '../backup/take.ts';
import type { Working } from '../backup/working.ts';
import type { BackupProgress, Expected } from '../backup/types.ts';
import { checkWords, comparisonWords, progressWords, proofWords } from '../backup/words.ts';
import { openSession } from '../postgres/connect.ts';
import { expectedOf, freeRoom } from '../postgres/prerequisites/room.ts';
import type { Connection } from '../postgres/settings.ts';
import { readCatalog } from '../postgres/catalog.ts';
import { EXIT, UserError } from '../exit.ts';
import type { Session } from '../sql/session.ts';
import type { Plan } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { BackupEvent, BackupTask, Event } from '../wizard/types.ts';
import type { CourseRequest } from './course.ts';

export interface BackupsOptions {
  plan: Plan;
  /** `backup.folder` of the configuration. */
  folder: string | undefined;
  request: () => Promise<CourseRequest>;
  /** The connection that stands. */
  connection: () => Connection;
  run: () => string;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

type Emit = (event: Event) => void;

export interface BackupWorker {
  perform(task: BackupTask, emit: Emit): Promise<void>;
  /** Ends what runs. */
  cancel(): void;
  /** Where backups are looked for. */
  readonly folders: string[];
}

export function createBackups(options: BackupsOptions): BackupWorker {
  const { plan, env, cwd } = options;
  const folders = backupFolders(options.folder, cwd);
  const now = (): number => Date.now();
  let working: Working<unknown> | null = null;

  /** A session of its own: what runs meanwhile shares neither its transaction nor its settings. */
  async function withSession<T>(work: (session: Session, request: CourseRequest) => Promise<T>): Promise<T> {
    const request = await options.request();
    if (request.server.embedded) {
      throw new UserError(
        'The practice database is no server that pg_dump could reach.',
        'It is made anew at every start, so no backup of it is needed.',
        EXIT.usage,
      );
    }
    const session = await request.openOther();
    try {
      return await work(session, request);
    } finally {
      await session.close();
    }
  }

  async function expected(session: Session, { schema, server }: CourseRequest): Promise<Expected> {
    return expectedOf({ server, schema, plan, catalog: await readCatalog(session, schema) });
  }

  const find = (): Promise<BackupEvent> =>
    withSession(async (session, request) => {
      const proposal = await newestThatFits(folders, { expected: await expected(session, request), env });
      return {
        type: 'backups-found',
        found: {
          folder: folders[0] ?? cwd,
          proposal: proposal && { path: proposal.path, words: checkWords(proposal) },
          leftOvers: await leftOvers(session),
        },
      };
    });

  const take = (place: string | null, emit: Emit): Promise<BackupEvent> =>
    withSession(async (session, request) => {
      const taking = takeBackup({
        session,
        connection: options.connection(),
        serverVersion: request.server.versionNumber,
        database: request.server.database,
        path: place ?? folders[0] ?? cwd,
        expected: await expected(session, request),
        env,
        now,
        onProgress: telling(emit),
      });
      working = taking;
      const { path, bytes, seconds, check } = await taking.result;
      return { type: 'backup-taken', path, bytes, seconds, words: `Taken: ${checkWords(check)}` };
    });

  const prove = (path: string, emit: Emit): Promise<BackupEvent> =>
    withSession(async (session, request) => {
      const proving = proveBackup({
        connection: options.connection(),
        open: (to) => openSession(to, { applicationName: `backout/${options.run()}` }),
        serverVersion: request.server.versionNumber,
        path,
        expected: await expected(session, request),
        env,
        freeRoom: await freeRoom({ session, server: request.server }),
        now,
        onProgress: telling(emit),
      });
      working = proving;
      const proof = await proving.result;
      const differing = proof.tables.filter(({ equal }) => !equal).map(comparisonWords);
      const words = [proofWords(proof), ...proof.errors.map((line) => toLine(line)), ...differing];
      return {
        type: 'backup-proved',
        proof: { path, verdict: proof.verdict, words },
        seconds: proof.seconds,
      };
    });

  const drop = (): Promise<BackupEvent> =>
    withSession(async (session) => {
      const names = await leftOvers(session);
      for (const name of names) await dropScratch(session, name);
      return { type: 'scratch-dropped', names };
    });

  return {
    folders,
    async perform(task, emit) {
      if (task.type === 'cancel-backup') return working?.cancel();
      if (task.type === 'find-backups') return emit(await find());
      emit({ type: 'backup-begun', at: now() });
      try {
        if (task.type === 'take-backup') emit(await take(task.place, emit));
        else if (task.type === 'prove-backup') emit(await prove(task.path, emit));
        else emit(await drop());
      } finally {
        working = null;
      }
    },
    cancel: () => working?.cancel(),
  };
}

/** A line of its own for each table it goes on to, and for each part of the work. */
function telling(emit: Emit): (progress: BackupProgress) => void {
  let last = '';
  return (progress) => {
    const at = `${progress.what} ${progress.table ?? ''}`;
    emit({ type: 'backup-progress', words: progressWords(progress), line: at !== last });
    last = at;
  };
}
