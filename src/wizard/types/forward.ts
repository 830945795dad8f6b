/** Fixing forward: what was found wrong with the migrated state, what of it is chosen, and the skeleton of a migration. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { Repair, RepairNote } from '../../repair/types.ts';

export interface Forward {
  status: 'idle' | 'looking' | 'done' | 'failed';
  found: Repair[];
  /** What was found and no SQL mends. */
  notes: RepairNote[];
  /** Ids, in the order of `found`. */
  chosen: string[];
  error: ExplainedError | null;
  /** The SQL of every repair is in view. */
  sql: boolean;
  /** Where it was looked, and what a run of what is chosen would be called. */
  place: ForwardPlace | null;
  skeleton: {
    status: 'idle' | 'asking' | 'writing' | 'written' | 'failed';
    paths: string[];
    error: ExplainedError | null;
  };
}

export interface ForwardPlace {
  schema: string;
  /** The id of the run that would carry out what is chosen: the report of this one names it. */
  run: string;
  /** Of the skeleton, without its ending. */
  file: string;
}
