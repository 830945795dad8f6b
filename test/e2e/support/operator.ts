/** The built program with an operator in front of it: what is asked, what is answered, what is left on the disk. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JournalEvent } from '../../../src/journal/types.ts';
import { startPty, type Pty, type PtyOptions } from './pty.ts';

export const program = fileURLToPath(new URL('../../../bin/backout.js', import.meta.url));

type EventOf<T extends JournalEvent['type']> = Extract<JournalEvent, { type: T }>;

export interface Operator {
  pty: Pty;
  /** XDG_STATE_HOME of the program. */
  state: string;
  /** What stands below the last rule, question and keys, as one line of text. */
  asked(): string;
  /** What stands between the two rules, beside the road, as one line of text. */
  shown(): string;
  /** All that the screen has to show between the rules, read page by page from its top. */
  read(): Promise<string>;
  /** Waits until the question fits, and returns it. */
  untilAsked(words: RegExp, timeoutMs?: number): Promise<string>;
  /** Waits for the question, then presses keys. */
  answer(words: RegExp, ...keys: string[]): Promise<void>;
  /** Waits for the question, then types an answer and hands it in. */
  submit(words: RegExp, text: string): Promise<void>;
  /** The folder of the only run so far. */
  folder(): Promise<string>;
  /** The events in its journal, of all types or of one. */
  journal(): Promise<JournalEvent[]>;
  journalOf<T extends JournalEvent['type']>(type: T): Promise<EventOf<T>[]>;
  /** Ends what still runs and removes the state folder. */
  dispose(): Promise<void>;
}

export type OperatorOptions = Omit<PtyOptions, 'command' | 'args'>;

/** What an operator's shell may hold and a test must not: where a database is, and how to reach it. */
const CONNECTIONS = ['DATABASE_URL', 'PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE', 'PGSERVICE'];

/** Starts `backout ARGS` in a pseudo-terminal, with a state folder of its own. */
export async function atTerminal(args: string[], options: OperatorOptions = {}): Promise<Operator> {
  const state = await mkdtemp(join(tmpdir(), 'backout-e2e-'));
  const unset = Object.fromEntries(CONNECTIONS.map((name) => [name, undefined]));
  const pty = startPty({
    ...options,
    command: process.execPath,
    args: [program, ...args],
    env: { ...unset, XDG_STATE_HOME: state, ...options.env },
  });
  const untilAsked: Operator['untilAsked'] = async (words, timeoutMs = 40_000) =>
    below(await pty.waitFor((screen) => words.test(below(screen)), timeoutMs).catch(rename(words)));
  const shown = (): string => between(pty.text());
  const folder = (): Promise<string> => onlyRun(state);
  const journal = async (): Promise<JournalEvent[]> => readEvents(await folder());
  return {
    pty,
    state,
    asked: () => below(pty.text()),
    shown,
    async read() {
      await pty.press('home');
      await pty.waitFor((screen) => !screen.includes('▲'));
      const pages = [shown()];
      while (pty.text().includes('▼')) {
        await pty.press('pagedown');
        await pty.waitFor(() => shown() !== pages.at(-1));
        pages.push(shown());
      }
      return pages.join(' ');
    },
    untilAsked,
    async answer(words, ...keys) {
      await untilAsked(words);
      await pty.press(...keys);
    },
    async submit(words, text) {
      await untilAsked(words);
      await pty.submit(text);
    },
    folder,
    journal,
    async journalOf<T extends JournalEvent['type']>(type: T) {
      return (await journal()).filter((event): event is EventOf<T> => event.type === type);
    },
    async dispose() {
      await pty.dispose();
      await rm(state, { recursive: true, force: true });
    },
  };
}

const rename =
  (words: RegExp) =>
  (error: unknown): never => {
    throw new Error(`not asked: ${String(words)}\n${error instanceof Error ? error.message : String(error)}`);
  };

const isRule = (row: string): boolean => /^─+$/.test(row);
const oneLine = (rows: string[]): string => rows.join(' ').replaceAll(/\s+/g, ' ').trim();

/** Question and keys stand below the second rule of the frame. */
function below(screen: string): string {
  const rows = screen.split('\n');
  const rule = rows.findLastIndex(isRule);
  return rule === -1 ? '' : oneLine(rows.slice(rule + 1));
}

function between(screen: string): string {
  const rows = screen.split('\n');
  const content = rows.slice(rows.findIndex(isRule) + 1, rows.findLastIndex(isRule));
  return oneLine(content.map((row) => row.slice(row.indexOf('│') + 1)));
}

async function onlyRun(state: string): Promise<string> {
  const runs = join(state, 'backout', 'runs');
  const [run, ...more] = await readdir(runs);
  if (run === undefined || more.length > 0) throw new Error(`expected one run in ${runs}`);
  return join(runs, run);
}

/** Reads a journal that may still be written to: a last line without its end is not there yet. */
export async function readEvents(folder: string): Promise<JournalEvent[]> {
  const text = await readFile(join(folder, 'journal.jsonl'), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalEvent);
}
