/**
 * Starts an application and watches its output for a while. The output goes into a file and is read from there: so it
 * can go on running when nobody reads it any more, and when backout has ended.
 */
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { CommandResult } from '../journal/types.ts';
import { startCommand } from '../shell/run.ts';
import { toLine } from '../terminal/sanitize.ts';
import { speaksOfError } from './errors.ts';

/** How often the file is looked at, ms. */
const POLL_MS = 200;
/** Between SIGTERM and SIGKILL, ms. */
const GRACE_MS = 5000;
const TAIL = 40;
/** A line without an end is handed on at this length: characters. */
const LONGEST = 16 * 1024;

export interface WatchOptions {
  command: string;
  folder: string | null;
  /** Is made, with mode 0600; the output is appended. */
  file: string;
  seconds: number;
  onLine: (line: string) => void;
  /** After `seconds`, or when asked by {@link Watching.end}: it is running still. */
  onStays: (stays: {
    seconds: number;
    errors: number;
    group: number;
    file: string;
    /** Why its output could not be read to the end; null: it was. */
    unread: string | null;
  }) => void;
  now: () => number;
}

export interface Watching {
  /** Null: it was left running. Otherwise how it ended; its tail are its last lines. */
  result: Promise<CommandResult | null>;
  /** Lines so far that speak of errors. */
  errors(): number;
  /** Before its time: `onStays` now. */
  end(): void;
  /** Watches on, for so many seconds. */
  on(seconds: number): void;
  /** Lets it run on when this process ends. */
  leave(): void;
  /** SIGTERM to the whole group, SIGKILL five seconds later. */
  stop(): void;
}

/** @throws when the file cannot be written */
export async function watchCommand(options: WatchOptions): Promise<Watching> {
  const { command, folder, file: path, onLine, onStays, now } = options;
  const file = await open(path, 'a+', 0o600);
  const began = now();
  const running = startCommand(
    {
      // On lines of its own: the command may end in a comment.
      command: `{\n${command}\n} >>"$BACKOUT_OUTPUT" 2>&1`,
      env: { BACKOUT_OUTPUT: path },
      ...(folder === null ? {} : { cwd: folder }),
    },
    () => undefined,
    now,
  );
  const tail: string[] = [];
  let errors = 0;
  let over = false;
  let late: NodeJS.Timeout | null = null;
  let kill: NodeJS.Timeout | null = null;
  let leave: () => void = () => undefined;
  const left = new Promise<null>((resolve) => (leave = () => resolve(null)));

  let unread: string | null = null;
  const hear = (line: string): void => {
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
    onLine(line);
  };
  const reader = lineReader(
    file,
    (raw) => {
      if (speaksOfError(raw)) errors += 1;
      hear(toLine(raw));
    },
    (why) => {
      if (unread === null)
        hear(`backout cannot read its output: ${toLine(why, 200)}. It is in ${toLine(path, 300)}.`);
      unread = why;
    },
  );
  const poll = setInterval(() => void reader.read(), POLL_MS);

  function stays(): void {
    if (late) clearTimeout(late);
    late = null;
    if (!over) onStays({ seconds: (now() - began) / 1000, errors, group: running.group, file: path, unread });
  }
  const watch = (seconds: number): void => {
    if (late) clearTimeout(late);
    late = setTimeout(stays, seconds * 1000);
  };

  async function ended(): Promise<CommandResult | null> {
    const result = await Promise.race([running.result, left]);
    over = true;
    clearInterval(poll);
    if (late) clearTimeout(late);
    if (kill) clearTimeout(kill);
    await reader.read(true);
    await file.close();
    if (result === null) running.leave();
    return result && { ...result, command: toLine(command), tail: tail.length > 0 ? tail : result.tail };
  }

  watch(options.seconds);
  return {
    result: ended(),
    errors: () => errors,
    end: stays,
    on: watch,
    leave,
    stop() {
      running.cancel();
      kill ??= setTimeout(() => running.cancel(), GRACE_MS);
    },
  };
}

/** Hands on what was appended to a file, line by line; one read at a time. What cannot be read is told each time. */
export function lineReader(
  file: Pick<Awaited<ReturnType<typeof open>>, 'read'>,
  onLine: (line: string) => void,
  onUnread: (why: string) => void,
) {
  const buffer = Buffer.alloc(64 * 1024);
  const decoder = new StringDecoder('utf8');
  let at = 0;
  let rest = '';
  let turn: Promise<void> = Promise.resolve();

  async function toEnd(last: boolean): Promise<void> {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      if (rest.length > LONGEST) {
        onLine(rest);
        rest = '';
      }
    }
    if (last && rest !== '') onLine(rest);
  }

  return {
    /** @param last the file does not grow any more: a line without an end is one too */
    read(last = false): Promise<void> {
      turn = turn
        .then(() => toEnd(last))
        .catch((error: unknown) => onUnread(error instanceof Error ? error.message : String(error)));
      return turn;
    },
  };
}
