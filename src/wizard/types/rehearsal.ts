/** The plan carried out on a copy, from the plan's screen. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { Rehearsal } from '../../rehearse/types.ts';
import type { Form } from '../../sql/procedure/types.ts';

/** What a rehearsal is of, beside the plan and the look: what the operator had chosen when it began. */
export interface RehearsedChoice {
  forms: Record<string, Form>;
  withoutArchive: boolean;
}

export interface Rehearsing {
  /** closed: the plan itself is shown. */
  at: 'closed' | 'open' | 'running';
  /** It was asked to stop. */
  cancelling: boolean;
  /** ms since the epoch; of the work under way. */
  since: number | null;
  /** What it is at, one line. */
  progress: string | null;
  /** What it told, a line each. */
  lines: string[];
  /** Of the last one; null before there was one. */
  result: Rehearsal | null;
  /** Of the one that runs, or ran last. */
  of: RehearsedChoice | null;
  error: ExplainedError | null;
}

export type RehearsalTask =
  /** Ends in `rehearsed` or `rehearsal-failed`. Leaves nothing behind. */
  { type: 'rehearse'; forms: Record<string, Form>; withoutArchive: boolean } | { type: 'cancel-rehearsal' };

export type RehearsalEvent =
  | { type: 'rehearsal-begun'; at: number }
  | { type: 'rehearsal-progress'; words: string }
  /** `words`: what came of it, the first sentence by itself; for the journal. */
  | { type: 'rehearsed'; rehearsal: Rehearsal; words: string[] }
  | { type: 'rehearsal-failed'; error: ExplainedError };
