/** The course of an undo: by what the database recorded of the run that is taken back, and by what is there now. */
import type { Plan } from '../sql/types.ts';
import type { Course } from './course.ts';

export interface UndoOptions {
  /** The run that is taken back. */
  undoes: string;
  /** The schema of its tables. */
  schema: string;
  /** Of `undoPlan`. */
  plan: Plan;
}

/** Nothing is asked yet. */
export function undoCourse({ undoes, schema, plan }: UndoOptions): Course {
  throw new Error(`not built yet: ${undoes} ${schema} ${plan.hash}`);
}
