/** What is wrong with the database and could be mended, as far as it was looked for. */
import type { ExplainedError } from '../../postgres/types.ts';
import type { Repair, RepairNote } from '../../repair/types.ts';

export interface Repairs {
  status: 'idle' | 'looking' | 'done' | 'failed';
  found: Repair[];
  /** What was found beside them, to weigh before choosing. */
  notes: RepairNote[];
  /** Ids, in the order of `found`. */
  chosen: string[];
  /** Index into `found`. */
  focus: number;
  /** The repair whose value is being typed. */
  asking: string | null;
  error: ExplainedError | null;
}

/** The run that begins when this one's surface has left. */
export type Next =
  | { kind: 'undo'; run: string }
  /** `after`: what is gone on with when the repair is done. */
  | {
      kind: 'repair';
      title: string;
      repairs: Repair[];
      after: { rollback: string | null } | null;
      /** Its id, where one was set aside for it, and the schema its names are in. */
      run?: string;
      schema?: string;
    }
  /** `resume`: the run that is gone on with; null: a new one. */
  | { kind: 'rollback'; resume: string | null }
  /** Practice: another drill, or the same again; null: the list. */
  | { kind: 'drill'; drill: string | null };
