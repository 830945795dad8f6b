/** Looks through a log file for errors of queries: what was written since the run began, from the end, in bounded memory. */
import { constants, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { toLine } from '../terminal/sanitize.ts';
import { errorIn, tally, type FoundError, type PlanTables } from './errors.ts';
import { createClock, type Moment } from './log-times.ts';
import type { ItemCheck } from './types.ts';

/** What is read of a file at the most, counted from its end: bytes. */
export const MOST_READ = 64 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** A longer line is cut: characters. */
const LONGEST_LINE = 16 * 1024;
/** Errors that are remembered, the last ones. */
const MOST_ERRORS = 5000;
/** Lines of the log that are kept with the verdict. */
const SAMPLES = 20;

export interface ScanOptions {
  file: string;
  /** ms since the epoch: when the run began. */
  since: number;
  tables: PlanTables;
  now: () => number;
  /** Each line that tells of an error, as it is found, sanitised. */
  onLine?: (line: string) => void;
  mostRead?: number;
}

interface Hit {
  error: FoundError;
  line: string;
  moment: Moment;
}

/** The lines from a place in the file to its end. */
async function* linesFrom(
  file: Awaited<ReturnType<typeof open>>,
  from: number,
  size: number,
): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(CHUNK);
  let rest = '';
  // Whatever comes before the first line's end is the rest of a line that began before.
  let torn = from > 0;
  for (let at = from; at < size;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, size - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) {
      if (torn) torn = false;
      else yield line.slice(0, LONGEST_LINE);
    }
  }
  if (rest !== '' && !torn) yield rest;
}

/**
 * Never throws: a file that cannot be read is a verdict too. What is appended while it is read is not waited for.
 * Reads regular files only: a pipe or a device might never end.
 */
export async function scanLog(options: ScanOptions): Promise<ItemCheck> {
  const began = options.now();
  const check = (verdict: ItemCheck['verdict'], words: string, lines: string[] = []): ItemCheck => ({
    kind: 'log',
    title: toLine(options.file),
    verdict,
    words: toLine(words, 1000),
    seconds: (options.now() - began) / 1000,
    lines,
  });
  try {
    return await read(options, check);
  } catch (error) {
    const { message } = error as Error;
    return check('unclear', `The file could not be read: ${message}`);
  }
}

async function read(
  { file: path, since, tables, now, onLine, mostRead = MOST_READ }: ScanOptions,
  check: (verdict: ItemCheck['verdict'], words: string, lines?: string[]) => ItemCheck,
): Promise<ItemCheck> {
  // Opening a pipe would wait for somebody to write into it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return check('unclear', 'This is not a file that can be read to its end.');
    const clock = createClock();
    const hits: Hit[] = [];
    let lines = 0;
    let forgotten = 0;
    const from = Math.max(0, stat.size - mostRead);
    for await (const line of linesFrom(file, from, stat.size)) {
      lines += 1;
      const moment = clock.of(line);
      const error = errorIn(line);
      if (!error) continue;
      hits.push({ error, line: toLine(line), moment });
      onLine?.(toLine(line));
      if (hits.length > MOST_ERRORS) {
        hits.shift();
        forgotten += 1;
      }
    }
    const kept = hits.filter(({ moment }) => clock.isSince(moment, since, now()) !== false);
    const undated = kept.filter(({ moment }) => moment === null).length;
    const part = from > 0 ? ` Only its last ${Math.round(mostRead / 1024 / 1024)} MB were read.` : '';
    if (stat.size === 0) return check('unclear', 'The file is empty.');
    if (kept.length === 0) {
      const older = hits.length > 0 ? ` ${hits.length} older ones were passed over.` : '';
      return check('ok', `No error of a query since the run began, in ${lines} lines.${older}${part}`);
    }
    const unsure =
      undated > 0 ? ` ${undated} of them have no time that can be read: they may be older than the run.` : '';
    const most = forgotten > 0 ? 'At least ' : '';
    const named = tally(
      kept.map(({ error }) => error),
      tables,
    );
    return check(
      undated === kept.length ? 'unclear' : 'failed',
      `${most}${kept.length} ${kept.length === 1 ? 'error' : 'errors'} since the run began: ${named.slice(0, 8).join(', ')}.${unsure}${part}`,
      kept.slice(-SAMPLES).map(({ line }) => line),
    );
  } finally {
    await file.close();
  }
}
