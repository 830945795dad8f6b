/** One fault at one place of one run: strikes, waits for the end, and has what is left judged. */
import { judge } from './judge.ts';
import type { Lab } from './lab.ts';
import { midStatement } from './mid-statement.ts';
import { aPlace, type Child, type Ended, type Place } from './program.ts';
import { startProxy, type Proxy, type Statement, type Verdict, type Wire } from './proxy.ts';
import { COMMANDS } from './commands.ts';
import type { Reference, Traced } from './reference.ts';
import { stage } from './scenario.ts';

/** Before the statement reaches the server, while it runs there, or before its answer reaches the program. */
export type Side = 'before' | 'during' | 'after';

export interface Stand {
  lab: Lab;
  reference: Reference;
  database: string;
  proxy: Proxy;
  place: Place;
}

export interface Strike extends Stand {
  child: Child;
  /** Says that there was nothing to strike at after all. */
  missed(): void;
  statement: Statement;
  wire: Wire;
}

export interface Left extends Stand {
  ended: Ended;
  /** Whole steps done. */
  whole: number;
}

export interface Fault {
  kind: string;
  /** Where it strikes; null: nowhere, the run itself is under the fault from its start. */
  at: Traced | null;
  side: Side;
  /** What it is called beside its place. */
  name?: string;
  /** Does the harm while the statement or its answer is held. */
  strike?(strike: Strike): Promise<Verdict> | Verdict;
  /** Before the program is started. */
  arrange?(stand: Stand): Promise<void> | void;
  /** After the program has ended and before anything is judged: what was held is let go. */
  settle?(stand: Stand): Promise<void> | void;
  /** Whole steps that may be done afterwards; default: as many as before, or once COMMIT was answered at least one more. */
  allowed?: readonly number[];
  /** More to be checked: a sentence for each thing that is wrong. */
  check?(left: Left): Promise<string[]> | string[];
  /** What the program said of its steps before the fault is not held against it: the fault made it untrue. */
  forgiven?: boolean;
  /** A prerequisite whose warning is not accepted. */
  refuses?: string;
  /** The program's journal cannot be read afterwards: it lay in a file system that went with it. */
  noJournal?: boolean;
  /** Launches the program through another, e.g. with less disk. */
  launcher?: readonly string[];
  /** The program is killed: a process of its own, as an operator starts it. */
  kills?: boolean;
  /** Leaves out going on, undoing. */
  brief?: boolean;
  /** What is done afterwards; default: it is gone on with, and then undone. */
  then?: Afterwards;
}

/** The ways out of a broken run; each must lead to the tables that it leads to without a fault. */
export const AFTERWARDS = ['go on, undo', 'undo', 'leave', 'go on'] as const;
export type Afterwards = (typeof AFTERWARDS)[number];

export interface Outcome {
  kind: string;
  label: string;
  /** What was done afterwards and led where it should; null: nothing was, or it did not. */
  then: Afterwards | null;
  /** False: the fault found nothing to strike at, and the point counts for nothing. */
  reached: boolean;
  /** Whole steps before the fault, and after it; null when the tables are in no whole state. */
  before: number;
  whole: number | null;
  /** The program said that it did not know. */
  unknown: boolean;
  /** One sentence each; empty: nothing was lost, and nothing was said that is not so. */
  wrong: string[];
  seconds: number;
}

const GIVE_UP_MS = 120_000;

export function labelOf({ at, side, name }: Fault): string {
  const place =
    at && `${side} ${at.transaction}.${at.index} ${at.sql.trim().replace(/\s+/g, ' ').slice(0, 40)}`;
  return [name, place].filter(Boolean).join(', ');
}

/** Runs the program into the fault, then judges. Never throws for what the program does; that is an outcome. */
export async function tryPoint(lab: Lab, reference: Reference, fault: Fault): Promise<Outcome> {
  const { scenario } = reference;
  const began = Date.now();
  const outcome: Outcome = {
    kind: fault.kind,
    label: `${scenario.name}: ${labelOf(fault)}`,
    then: null,
    reached: fault.at === null,
    before: fault.at?.before ?? 0,
    whole: null,
    unknown: false,
    wrong: [],
    seconds: 0,
  };
  const database = await stage(lab, scenario);
  const place = await aPlace();
  const proxy = await startProxy(lab.url(database, scenario.user));
  try {
    const stand: Stand = { lab, reference, database, proxy, place };
    await fault.arrange?.(stand);
    const ended = await runInto(stand, fault, outcome);
    await fault.settle?.(stand);
    proxy.gate = {};
    proxy.rewrite = null;
    await lab.quiet(database);
    if (outcome.reached) await judge(stand, fault, outcome, ended);
  } catch (error) {
    outcome.wrong.push(`the harness failed: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await proxy.close();
    await place.clear();
    await lab.drop(database);
  }
  outcome.seconds = (Date.now() - began) / 1000;
  return outcome;
}

async function runInto(stand: Stand, fault: Fault, outcome: Outcome): Promise<Ended> {
  const { database, proxy, place, reference } = stand;
  const accepted = reference.accepted.filter((id) => id !== fault.refuses);
  const { scenario } = reference;
  const words = COMMANDS[scenario.command].strike(proxy.url, database, scenario, accepted);
  const child = fault.kills || fault.launcher ? place.start(words, fault.launcher) : place.hand(words);
  const missed = (): void => void (outcome.reached = false);
  let striking: Promise<Verdict> = Promise.resolve('pass');
  arm(stand, fault, (statement, wire) => {
    outcome.reached = true;
    striking = Promise.resolve(fault.strike?.({ ...stand, child, missed, statement, wire }) ?? 'pass');
    return striking;
  });
  const timer = setTimeout(() => {
    outcome.wrong.push(`the program did not end within ${GIVE_UP_MS / 1000} s`);
    child.kill();
  }, GIVE_UP_MS);
  const ended = await child.ended;
  clearTimeout(timer);
  await striking;
  return ended;
}

/** The gate lets everything through but the one statement, and that once. */
function arm(
  { lab, database, proxy }: Stand,
  { at, side }: Fault,
  strike: (statement: Statement, wire: Wire) => Promise<Verdict> | Verdict,
): void {
  if (at === null) return;
  let struck = false;
  const here = ({ transaction, index }: Statement): boolean =>
    transaction === at.transaction && index === at.index;
  const once = (statement: Statement, wire: Wire): Promise<Verdict> | Verdict => {
    if (struck) return 'pass';
    struck = true;
    return strike(statement, wire);
  };
  if (side !== 'during') {
    proxy.gate = {
      [side]: (statement: Statement, wire: Wire) => (here(statement) ? once(statement, wire) : 'pass'),
    };
    return;
  }
  let answered = false;
  proxy.gate = {
    before: async (statement, wire): Promise<Verdict> => {
      if (!here(statement) || struck) return 'pass';
      const held = { answered: () => answered, strike: async () => void (await once(statement, wire)) };
      return midStatement(lab, database, statement, held);
    },
    after: (statement) => {
      if (here(statement)) answered = true;
      return 'pass';
    },
  };
}
