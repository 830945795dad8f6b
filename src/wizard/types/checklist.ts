/** The checklist: its items, what is told of them, and what is to be done for them. */
import type { Help, ItemCheck, PreparedCommand } from '../../checklist/types.ts';
import type { CommandResult } from '../../journal/types.ts';
import type { Probe } from '../../runbook/types.ts';

export interface ChecklistState {
  id: string;
  text: string;
  /** The runbook's own. */
  command: string | null;
  /** What helps to do it; a surface offers nothing else. */
  help: Help[];
  done: boolean | null;
  note: string;
  /** Something is under way for it. */
  running: boolean;
  /** What is under way is being watched for a while, and may go on running after that. */
  watched: boolean;
  /** It is running still, after its while: what is to become of it is asked. */
  stays: Stays | null;
  output: string[];
  result: CommandResult | null;
  /** Its command, once what it leaves open was asked for. */
  prepared?: PreparedCommand | null;
  /** In the order in which they were made. */
  checks: ItemCheck[];
}

/** An application that was started and is still running. */
export interface Stays {
  seconds: number;
  /** Lines of its output that speak of errors. */
  errors: number;
  /** Its process group. */
  group: number;
  /** The file that its output goes into. */
  file: string;
}

export interface Checklist {
  items: ChecklistState[];
  focus: number;
  /** What is being typed; null: nothing. */
  asking: 'note' | 'command' | 'file' | 'placeholder' | 'confirm' | null;
}

export type ChecklistEvent =
  | { type: 'command-output'; item: string; line: string }
  | { type: 'command-prepared'; item: string; prepared: PreparedCommand }
  | { type: 'command-done'; item: string; result: CommandResult }
  /** Ends the watching: the question what is to become of it comes next. */
  | { type: 'command-stays'; item: string; stays: Stays }
  /** `over`: nothing is under way for the item any more. */
  | { type: 'item-checked'; item: string; check: ItemCheck; over: boolean };

/** A command as the operator confirmed or typed it. */
interface Confirmed {
  item: string;
  command: string;
  /** Null: where backout was started. */
  folder?: string | null;
  from?: 'runbook' | 'config' | 'operator';
}

export type ChecklistTask =
  /** What it leaves open, with what was answered so far; ends in `command-prepared`. Runs nothing. */
  | {
      type: 'prepare-command';
      item: string;
      command: string;
      from: 'runbook' | 'config';
      answers: Record<string, string>;
    }
  | ({ type: 'run-command' } & Confirmed)
  /** Ends in `command-stays`, or in `command-done` when it ended by itself. */
  | ({ type: 'watch-command'; seconds: number } & Confirmed)
  /** Goes on watching what stayed. */
  | { type: 'watch-on'; seconds: number }
  /** Before its time: what is watched stays. */
  | { type: 'end-watch' }
  /** What stays is to go on running when backout has ended. */
  | { type: 'leave-command' }
  /** Ends in `command-done`. */
  | { type: 'cancel-command' }
  | { type: 'scan-logs'; item: string; files: string[] }
  | { type: 'run-probes'; item: string; probes: Probe[] };
