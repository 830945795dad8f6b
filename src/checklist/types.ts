/** What helps to do an item of the checklist, and what came of it. */
import type { Probe } from '../runbook/types.ts';

/** A command that may be run, one that is only text, or none known: then it can be typed. */
export interface CommandHelp {
  kind: 'command';
  /** start: left running and watched. test: its exit status and its failures are told. */
  role: 'start' | 'test' | 'other';
  /** Null: neither the runbook nor the configuration says one. */
  command: string | null;
  from: 'runbook' | 'config' | null;
  /** What is typed to run it; null where it is only text, and then `why` says why. */
  word: string | null;
  why: string | null;
  /** It leaves something open, which is asked for before it is shown and confirmed. */
  asks?: boolean;
  /** Why the operator may not type one of their own here; null where they may. */
  untypable: string | null;
  /** Where it is run: the project's folder; null: where backout was started. */
  folder: string | null;
  /** Of a start: how long it is watched, in seconds. */
  seconds: number;
}

export type Help =
  | CommandHelp
  /** `files`: those of the configuration; another one may be named. */
  | { kind: 'log'; files: string[] }
  | { kind: 'probe'; probes: Probe[] }
  | { kind: 'note'; about: 'documentation' | 'plan' };

/** A command with what it leaves open put in, as it is shown, confirmed and run; or what is still to be asked. */
export interface PreparedCommand {
  command: string;
  /** What is typed to run it; null as long as something is open, or where it is not run. */
  word: string | null;
  /** Why it is not run, whatever is typed. */
  why: string | null;
  questions: { id: string; text: string; why: string }[];
  answers: Record<string, string>;
}

/** One check of an item, as it is shown, journaled and reported. Texts are sanitised. */
export interface ItemCheck {
  kind: 'command' | 'watch' | 'log' | 'probe';
  /** The command, the file, the probe's title. */
  title: string;
  /** unclear: nothing says whether that is good; look at it. */
  verdict: 'ok' | 'failed' | 'unclear';
  /** One sentence. */
  words: string;
  seconds: number;
  /** What it rests on: rows, lines of output; the last ones. */
  lines: string[];
}
