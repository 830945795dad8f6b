/** The journal on this machine: opened when first written to, exchanged when another run is taken over. */
import { hasJournal, openJournal, readJournal, reopenJournal, type Journal } from '../journal/file.ts';
import { summaryLines } from '../journal/markdown.ts';
import { buildReport } from '../journal/report.ts';
import { writeReport } from '../journal/write-report.ts';
import { withoutSecretsIn } from '../terminal/secrets.ts';
import type { JournalBody, UnwrittenEvent } from '../journal/types.ts';
import type { RuntimeOptions } from './types.ts';

export interface Recorder {
  /** In the order of the calls; resolves when it is on the disk. */
  record(body: JournalBody): Promise<void>;
  /**
   * Before anything is made in the database: the journal is there, and its disk takes what is written.
   * @throws {UserError} with the reason
   */
  ready(): Promise<void>;
  /**
   * From now on everything goes into the journal of that run: the one on this machine, or a new one. Says where the run
   * came from, and resolves when that is on the disk.
   */
  adopt(run: string, from: { operator: string; host: string }): Promise<void>;
  report(): Promise<{ markdownPath: string; jsonPath: string; summary: string[] }>;
  /** Null until something was recorded. */
  readonly folder: string | null;
  close(): Promise<void>;
}

/** What the journal of a run that is gone on with must hold as well: who goes on, and with what. */
const OPENING: ReadonlySet<JournalBody['type']> = new Set(['run-started', 'connected', 'drill-started']);

function cameFrom({ operator, host }: { operator: string; host: string }, here: boolean): JournalBody {
  const before = here ? 'stands above' : 'is in the journal there';
  return {
    type: 'note',
    text: `This run was begun by ${operator} on ${host}; what it did before ${before}.`,
  };
}

const unwritten = (body: JournalBody): UnwrittenEvent => ({
  schema: 'backout.event/1',
  seq: null,
  at: new Date().toISOString(),
  unwritten: true,
  ...body,
});

type Options = Pick<RuntimeOptions, 'run' | 'runsDir' | 'resume' | 'onJournal'>;

/** Nothing is opened yet. `runsDir` null: nothing is ever kept. */
export function createRecorder({ runsDir, onJournal, ...options }: Options): Recorder {
  let run = options.run;
  let journal: Promise<Journal> | null = null;
  let folder: string | null = null;
  let recorded: Promise<void> = Promise.resolve();
  let opening: JournalBody[] = [];
  /** The last line was refused. */
  let refused = false;
  /** The journal was on this machine before. */
  let here = false;

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = recorded.then(work);
    recorded = done.catch(() => undefined);
    return done;
  }

  async function open(dir: string, goOn: boolean): Promise<Journal> {
    here = goOn && (await hasJournal(dir, run));
    return here ? reopenJournal({ dir, run }) : openJournal({ dir, run });
  }

  async function append(body: JournalBody): Promise<void> {
    if (OPENING.has(body.type)) opening = [...opening.filter(({ type }) => type !== body.type), body];
    if (runsDir === null) return;
    try {
      journal ??= open(runsDir, options.resume !== undefined);
      const current = await journal;
      folder = current.folder;
      const event = await current.append(body);
      refused = false;
      onJournal?.(event);
    } catch (error) {
      refused = true;
      onJournal?.(unwritten(body));
      throw error;
    }
  }

  return {
    record: (body) => inTurn(() => append(withoutSecretsIn(body))),
    ready: () =>
      inTurn(async () => {
        if (runsDir === null) return;
        await (journal ??= open(runsDir, options.resume !== undefined));
        if (refused) await append({ type: 'note', text: 'The journal can be written again.' });
      }),
    adopt: (other, from) =>
      inTurn(async () => {
        if (other === run) {
          if (runsDir !== null) await (journal ??= open(runsDir, true));
          return append(cameFrom(from, here));
        }
        if (journal) {
          await append({ type: 'note', text: `Went on with run ${other}: what follows is in its journal.` });
          await (await journal).close();
        }
        run = other;
        if (runsDir === null) return;
        journal = open(runsDir, true);
        await journal;
        await append(cameFrom(from, here));
        for (const body of opening) await append(body);
      }),
    async report() {
      await recorded;
      const current = await journal;
      if (!current) throw new Error('there is no journal to report from');
      const { events } = await readJournal(current.folder);
      const built = buildReport(events, run);
      return { ...(await writeReport(current.folder, built)), summary: summaryLines(built) };
    },
    get folder() {
      return folder;
    },
    async close() {
      await recorded;
      await (await journal?.catch(() => null))?.close();
    },
  };
}
