/** The record of a drill: what was practised, by whom, and how it was judged. Kept on this machine alone. */
import { z } from 'zod';
import { LEVELS } from '../drill/types.ts';
import type { Debrief } from '../score/types.ts';

export const RECORD_SCHEMA = 'backout.drill-record/1';

export interface DrillRecord {
  schema: typeof RECORD_SCHEMA;
  /** The same for the same attempt, wherever the file is carried. */
  id: string;
  person: string;
  /** backout's own version. */
  version: string;
  /** The runs of the drill, in their order. */
  runs: string[];
  debrief: Debrief;
}

const named = z.string().min(1).max(200);

/** What the table over people and drills needs of a record; whatever else it holds is left as it is. */
const read = z.looseObject({
  schema: z.literal(RECORD_SCHEMA),
  id: named,
  person: named,
  debrief: z.looseObject({
    schema: z.literal('backout.debrief/1'),
    drill: named,
    title: z.string().max(500),
    level: z.enum(LEVELS),
    endedAt: z.iso.datetime().nullable(),
    hints: z.number().int().nonnegative(),
    score: z.looseObject({
      points: z.number().int().min(0).max(100),
      unjudged: z.string().max(500).optional(),
    }),
  }),
});

/** A record as far as it was checked: it may come from somebody else's machine. */
export type ReadRecord = Pick<DrillRecord, 'id' | 'person'> & {
  debrief: Pick<Debrief, 'drill' | 'title' | 'level' | 'endedAt' | 'hints'> & {
    score: { points: number; unjudged?: string | undefined };
  };
};

/** @throws {Error} with a sentence on what is wrong, for people */
export function parseRecord(text: string): ReadRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const found = read.safeParse(value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new Error(
    where === '' || where === 'schema'
      ? 'it is not the record of a drill, or one of another version'
      : `its field ${where} is wrong`,
  );
}
