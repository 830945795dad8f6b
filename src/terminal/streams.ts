/** The process's own streams. Everything that reads the terminal or writes to it goes through here. */
import { writeSync } from 'node:fs';

/** What the terminal UI needs of its two ends: the process's streams, or a test's. */
export interface Ends {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
}

export interface StandardStreams extends Ends {
  stderr: NodeJS.WriteStream;
}

export function standardStreams(): StandardStreams {
  return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
}

/** True when there is somebody to ask: both ends are terminals. */
export function isInteractive(ends: Ends = standardStreams()): boolean {
  return ends.stdin.isTTY === true && ends.stdout.isTTY === true;
}

/** The far end has gone: a pager that was closed, a terminal window, a lost SSH session. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'EIO' || code === 'ERR_STREAM_DESTROYED';
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isGone(error)) resolve();
      else reject(error);
    });
  });
}

/**
 * Writes to standard output and resolves when the text has left the process, so that leaving afterwards cuts
 * nothing off. A reader that has gone (`| head`) is not an error.
 */
export function writeOut(text: string): Promise<void> {
  return write(process.stdout, text);
}

/** As {@link writeOut}, to standard error. */
export function writeErr(text: string): Promise<void> {
  return write(process.stderr, text);
}

/** A reader that closes its end must not end the program with a stack trace: called once at the start. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: Error) => {
      if (!isGone(error)) throw error;
    });
  }
}

/**
 * The last words of a process that may be about to end: written before this returns. A stream without a file
 * descriptor (a test's) gets an ordinary write. A terminal that has gone is passed over.
 */
export function writeNow(stream: NodeJS.WriteStream, text: string): void {
  const descriptor: unknown = Reflect.get(stream, 'fd');
  if (typeof descriptor !== 'number') {
    stream.write(text);
    return;
  }
  let rest = Buffer.from(text);
  // A terminal that is being scrolled back may refuse for a moment (EAGAIN): try again, not for ever.
  for (let attempt = 0; rest.length > 0 && attempt < 1000; attempt += 1) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const again = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!again) return;
    }
  }
}
