/**
 * What a running drill and its instructor say to each other: one JSON document a line. The drill tells everything; the
 * instructor can name one of the drill's own events, and nothing else.
 */
import { z } from 'zod';
import type { JournalEvent } from '../../journal/types.ts';
import type { Drill, Injection } from '../drill/types.ts';
import { judgedBy } from '../score/debrief.ts';
import type { JudgedDrill } from '../score/types.ts';

export const CONTROL_SCHEMA = 'backout.instructor/1';

/** An event of the drill, as its instructor sees it. */
export interface Prepared {
  id: string;
  title: string;
  /** When it happens by itself; null: only at the instructor's key. */
  when: string | null;
}

export type FromDrill =
  | {
      type: 'hello';
      schema: typeof CONTROL_SCHEMA;
      person: string;
      pid: number;
      drill: JudgedDrill;
      minutes: number;
    }
  /** What has not happened yet. */
  | { type: 'waiting'; events: Prepared[] }
  | { type: 'journal'; event: JournalEvent }
  /** What came of an event that was asked for. */
  | { type: 'said'; text: string };

const request = z.strictObject({ inject: z.string().min(1).max(100) });
export type Request = z.infer<typeof request>;

/** Longer than any id: who sends more is no instructor. */
export const LONGEST_REQUEST = 1_000;

/** Null: it is nothing that an instructor may ask. */
export function readRequest(line: string): Request | null {
  try {
    return request.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

export const prepared = ({ id, title, byInstructor, when }: Injection): Prepared => ({
  id,
  title,
  when: byInstructor ? null : when.text,
});

export const hello = (drill: Drill, person: string, pid: number): FromDrill => ({
  type: 'hello',
  schema: CONTROL_SCHEMA,
  person,
  pid,
  drill: judgedBy(drill),
  minutes: drill.minutes,
});

const fromDrill = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('hello'), schema: z.literal(CONTROL_SCHEMA), person: z.string() }),
  z.looseObject({ type: z.literal('waiting'), events: z.array(z.looseObject({ id: z.string() })) }),
  z.looseObject({
    type: z.literal('journal'),
    event: z.looseObject({ type: z.string(), seq: z.number().nullable() }),
  }),
  z.looseObject({ type: z.literal('said'), text: z.string() }),
]);

/** Null: not a line of a drill of this version. */
export function readNews(line: string): FromDrill | null {
  try {
    return fromDrill.parse(JSON.parse(line)) as unknown as FromDrill;
  } catch {
    return null;
  }
}
