/** What a surface shows: blocks, one question, the keys beside it. */
import type { ScreenId } from '../types.ts';

export type ActionId =
  | 'next'
  | 'back'
  | 'retry'
  | 'change'
  | 'stop'
  | 'cancel'
  | 'run-command'
  | 'note'
  | 'up'
  | 'down'
  | 'forms'
  | 'whole'
  | 'rehearse'
  | 'blockers'
  | 'backup'
  | 'undo'
  | 'rollback'
  | 'mend'
  | 'application'
  | 'sql'
  | 'leave'
  | 'stay'
  | 'help'
  | 'coach'
  | 'escalate';

/** A key that works now. A disabled one stays visible and answers with its reason. */
export interface Action {
  id: ActionId;
  /** Names as the key decoder gives them: `enter`, `escape`, `r`, `ctrl-c`, `up`. */
  keys: string[];
  label: string;
  enabled: boolean;
  reason?: string;
}

export interface Option {
  value: string;
  label: string;
  detail?: string;
  /** A letter that picks it at once. */
  key: string;
  disabled?: string;
  /** Options of one group stand together, under this heading. */
  group?: string;
}

export type Question = AnyQuestion & {
  /** What it is about: the id of the prerequisite, criterion, step or checklist item. */
  subject?: string;
  /** What a run without an operator answers. Absent where only a flag may: nothing here changes the database. */
  unattended?: string;
  /** How long it waits before it does. */
  unattendedPauseMs?: number;
};

type AnyQuestion =
  /** Enter does nothing destructive: `default` is the harmless option. */
  | { kind: 'choice'; id: string; prompt: string; options: Option[]; default: string; flag?: string }
  /** Yes or no; Enter is no. `flag` names the flag that answers it in an unattended run. */
  | { kind: 'confirm'; id: string; prompt: string; yes: string; no: string; flag?: string }
  /** The operator must type `expected` exactly. Anything else is a no, with a sentence. */
  | { kind: 'typed'; id: string; prompt: string; expected: string; flag?: string }
  | {
      kind: 'text';
      id: string;
      prompt: string;
      required: boolean;
      placeholder: string;
      secret: boolean;
      flag?: string;
    }
  /** Nothing to decide: Enter (value 'next') goes on. */
  | { kind: 'continue'; id: string; prompt: string }
  /** Work is under way; there is nothing to answer. */
  | { kind: 'wait'; id: string; prompt: string; since: number | null };

export type Tone = 'plain' | 'strong' | 'quiet' | 'good' | 'warn' | 'bad' | 'code';

export interface Span {
  text: string;
  tone: Tone;
}

export type Mark =
  | 'pass'
  | 'warn'
  | 'fail'
  | 'done'
  | 'waiting'
  | 'running'
  | 'skipped'
  | 'unknown'
  | 'conflict'
  | 'partial'
  | 'none';

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; spans: Span[] }
  | { kind: 'item'; mark: Mark; text: string; detail?: string; lines?: string[]; focused?: boolean }
  /** The first row of `rows` is data, not a header. `align` by column. */
  | { kind: 'table'; columns: string[]; rows: string[][]; align: ('left' | 'right')[] }
  /** `caret`: 1-based character offset to point at. `quiet`: backout's own, complete but less loud than the runbook's. */
  | { kind: 'sql'; sql: string; caret?: number; quiet?: boolean }
  | { kind: 'log'; lines: string[] }
  | { kind: 'gap' };

export interface Screen {
  id: ScreenId;
  title: string;
  blocks: Block[];
  question: Question;
  /** Beside the question's own keys. */
  actions: Action[];
}

/** One line of the road on the left: where you are, what is done, what is next. */
export interface RoadStop {
  label: string;
  mark: Mark;
  here: boolean;
}
