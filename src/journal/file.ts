/** The journal on disk: one event a line, only ever appended, each on the disk before the next thing happens. */
import { constants } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeRunFolder } from './folder.ts';
import type { JournalBody, JournalEvent } from './types.ts';

export interface Journal {
  readonly run: string;
  readonly folder: string;
  /** Resolves when the event is on the disk (fdatasync). Events keep the order of the calls. */
  append(body: JournalBody): Promise<JournalEvent>;
  close(): Promise<void>;
}

export const JOURNAL_FILE = 'journal.jsonl';

/**
 * Starts the journal of a new run.
 * @throws {UserError} 77 when the folder cannot be made, belongs to others, or the run exists.
 */
export async function openJournal(options: {
  dir: string;
  run: string;
  clock?: () => Date;
}): Promise<Journal> {
  const folder = await makeRunFolder(options.dir, options.run);
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const flags = O_APPEND | O_CREAT | O_EXCL | O_WRONLY | (O_NOFOLLOW ?? 0);
  const file = await open(join(folder, JOURNAL_FILE), flags, 0o600);
  return journalOn(file, { ...options, folder });
}

/** A journal over an open file; exported so that a failing disk can be put under it. */
export function journalOn(
  file: Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>,
  { run, folder, clock = () => new Date() }: { run: string; folder: string; clock?: () => Date },
): Journal {
  let seq = 0;
  let length = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function write(body: JournalBody): Promise<JournalEvent> {
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
      throw error;
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
