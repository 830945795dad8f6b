/** What the table of commands says of each. */
import type { OptionName, OptionSpec } from './options.ts';

export type CommandName =
  | 'wizard'
  | 'practice'
  | 'plan'
  | 'status'
  | 'rehearse'
  | 'run'
  | 'verify'
  | 'resume'
  | 'undo'
  | 'report'
  | 'runs'
  | 'purge'
  | 'escalate'
  | 'backup'
  | 'init'
  | 'lint';

export interface CommandSpec {
  name: CommandName;
  /** As typed after `backout`; '' for the wizard. */
  word: string;
  positional: { name: string; required: boolean } | null;
  summary: string;
  /** Beside those that every command takes. */
  options: readonly OptionName[];
  /** Options that mean something of their own here. */
  own?: readonly OptionSpec[];
  examples: readonly string[];
  /** What the exit status says, where it says more than 0 and an error. */
  exits: readonly [status: number, meaning: string][];
}
