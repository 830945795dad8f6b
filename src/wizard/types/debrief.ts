/** Practice: what a drill was judged as, once its last run has ended. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { Debrief } from '../../practice/score/types.ts';

export interface Debriefing {
  status: 'idle' | 'judging' | 'done' | 'failed';
  result: Debrief | null;
  /** The record's files; empty where none is kept. */
  paths: string[];
  error: ExplainedError | null;
  /** It stands in front of the report. */
  open: boolean;
}

/** Counts what is left, judges, writes the record and the report anew; ends in `debriefed` or `debrief-failed`. */
export type DebriefTask = { type: 'debrief' };

export type DebriefEvent =
  | { type: 'debriefed'; debrief: Debrief; paths: string[] }
  | { type: 'debrief-failed'; error: ExplainedError };
