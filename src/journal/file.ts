/** The journal on disk: one event a line, only ever appended, each on the disk before the next thing happens. */
import { constants } from 'node:fs';
import { lstat, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EXIT, UserError } from '../exit.ts';
import { refusedByDisk } from './disk.ts';
import { makeRunFolder, ownRunFolder, RUN_ID } from './folder.ts';
import type { JournalBody, JournalEvent } from './types.ts';

export interface Journal {
  readonly run: string;
  readonly folder: string;
  /**
   * Resolves when the event is on the disk (fdatasync). Events keep the order of the calls.
   * @throws {UserError} when the disk refuses it, with the reason, or when another program goes on with the run
   */
  append(body: JournalBody): Promise<JournalEvent>;
  close(): Promise<void>;
}

export const JOURNAL_FILE = 'journal.jsonl';

/**
 * Starts the journal of a new run.
 * @throws {UserError} 77 when the folder or the file cannot be made, belongs to others, or the run exists.
 */
export async function openJournal(options: {
  dir: string;
  run: string;
  clock?: () => Date;
}): Promise<Journal> {
  const folder = await makeRunFolder(options.dir, options.run);
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const flags = O_APPEND | O_CREAT | O_EXCL | O_WRONLY | (O_NOFOLLOW ?? 0);
  const path = join(folder, JOURNAL_FILE);
  const file = await open(path, flags, 0o600).catch((error: unknown) => {
    throw refusedByDisk('The journal', path, error);
  });
  return journalOn(file, { ...options, folder });
}

/** Whether the journal of a run is on this machine. */
export async function hasJournal(dir: string, run: string): Promise<boolean> {
  if (!RUN_ID.test(run)) return false;
  const found = await lstat(join(dir, run, JOURNAL_FILE)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return found !== null;
}

/**
 * Goes on with the journal of a run that is on this machine: numbers continue, a last line that a crash tore is cut off.
 * @throws {UserError} 77 when folder or file are not the operator's own, or the journal is no journal of backout
 */
export async function reopenJournal(options: {
  dir: string;
  run: string;
  clock?: () => Date;
}): Promise<Journal> {
  const folder = await ownRunFolder(options.dir, options.run);
  const path = join(folder, JOURNAL_FILE);
  const { O_APPEND, O_NOFOLLOW, O_RDWR } = constants;
  try {
    const file = await open(path, O_APPEND | O_RDWR | (O_NOFOLLOW ?? 0));
    try {
      const at = await wholeLines(file);
      return journalOn(file, { ...options, folder, ...at });
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    throw new UserError(
      `The journal ${path} cannot be gone on with: ${error instanceof Error ? error.message : String(error)}.`,
      'Move that folder elsewhere: the run can then be resumed with a new journal. What the database knows of it stays.',
      EXIT.notPermitted,
      { cause: error },
    );
  }
}

/** Cuts off a torn last line; where the file then ends. */
async function wholeLines(file: FileHandle): Promise<{ seq: number; length: number }> {
  if (!(await file.stat()).isFile()) throw new Error('it is not a plain file');
  const bytes = await file.readFile();
  const length = bytes.lastIndexOf(0x0a) + 1;
  const { events } = parseJournal(bytes.subarray(0, length).toString('utf8'));
  if (length < bytes.length) {
    await file.truncate(length);
    await file.sync();
  }
  return { seq: events.length, length };
}

/** A journal over an open file; exported so that a failing disk can be put under it. */
export function journalOn(
  file: Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'> & Partial<Pick<FileHandle, 'stat'>>,
  options: { run: string; folder: string; clock?: () => Date; seq?: number; length?: number },
): Journal {
  const { run, folder, clock = () => new Date() } = options;
  let { seq = 0, length = 0 } = options;
  let last: Promise<unknown> = Promise.resolve();

  /** Whoever took the run over goes on with this file: two writers would make it unreadable. */
  async function stillOurs(): Promise<void> {
    const size = (await file.stat?.())?.size ?? length;
    if (size === length) return;
    throw new UserError(
      `The journal in ${folder} was written to by another program: this run has been taken over.`,
      'Nothing more is run from here. "backout runs" shows who works on it now.',
      EXIT.busy,
    );
  }

  async function write(body: JournalBody): Promise<JournalEvent> {
    await stillOurs();
    const event: JournalEvent = {
      schema: 'backout.event/1',
      seq: seq + 1,
      at: clock().toISOString(),
      ...body,
    };
    const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      let written = 0;
      while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
      await file.datasync();
    } catch (error) {
      // Half a line must not stay in front of the next one. If even this fails the reader drops the torn line.
      await file.truncate(length).catch(() => undefined);
      throw refusedByDisk('The journal', join(folder, JOURNAL_FILE), error);
    }
    seq += 1;
    length += bytes.length;
    return event;
  }

  return {
    run,
    folder,
    append(body) {
      const next = last.then(() => write(body));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await last;
      await file.close();
    },
  };
}

const line = z.looseObject({
  schema: z.literal('backout.event/1'),
  seq: z.number().int().positive(),
  at: z.iso.datetime(),
  type: z.string(),
});

/**
 * The events of a run. A last line that a crash tore is dropped and said; a line in the middle that is no event
 * makes the whole journal unreadable, for then it was not us who wrote it.
 */
export async function readJournal(folder: string): Promise<{ events: JournalEvent[]; torn: boolean }> {
  return parseJournal(await readFile(join(folder, JOURNAL_FILE), 'utf8'));
}

/** The pure part of {@link readJournal}. */
export function parseJournal(text: string): { events: JournalEvent[]; torn: boolean } {
  const lines = text.split('\n');
  const torn = lines.pop() !== '';
  const events = lines.map((raw, index) => {
    const event = line.safeParse(parsed(raw));
    if (!event.success || event.data.seq !== index + 1) {
      throw new Error(`line ${index + 1} of the journal is not an event of backout`);
    }
    return event.data as unknown as JournalEvent;
  });
  return { events, torn };
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}
