/**
 * What a run is about. The runtime connects, locks, runs, records and tells, whatever the course is; the course says
 * where the database stands, what there is to run, and what has to hold in the end. A rollback's is made of a runbook
 * and the catalog (`rollback.ts`), an undo's of what the database recorded of the run it takes back (`undo.ts`).
 */
import type { RunKind } from '../journal/types.ts';
import type { Prerequisite, ServerInfo } from '../postgres/types.ts';
import type { Procedure, StepLocks, StepOffers } from '../sql/procedure/types.ts';
import type { Session } from '../sql/session.ts';
import type { Position, Verification } from '../sql/types.ts';
import type { Survey } from '../wizard/types.ts';
import type { Judgement } from './types.ts';

export interface CourseRequest {
  session: Session;
  server: ServerInfo;
  schema: string;
  /** The run that is under way; another's after a take-over. */
  run: string;
  withoutArchive: boolean;
  backup: string | null;
  /** Where backups are looked for when none was named. */
  backupFolders?: readonly string[];
  openOther: () => Promise<Session>;
}

/** Where the database stands, cheaply: asked right before anything runs. */
export interface CourseLook {
  position: Position;
  /** Every form of every step still to run, as the survey of this look would offer them. */
  offers: StepOffers[];
  /** Changes with the plan and with everything that was judged. */
  hash: string;
  /**
   * Asked inside the step's transaction, with its locks held: is everything that the procedures rest on as it was at
   * this look? `procedure`: in the middle of that one, right after its exclusive lock; null: before the first action.
   */
  unchanged(procedures: readonly Procedure[], procedure: Procedure | null): Promise<boolean>;
  /**
   * What these procedures lock before anything else, in the one order of all runs. Left out: the locks of the
   * procedures as they stand, merged by `lockOrder`.
   */
  locks?(procedures: readonly Procedure[]): StepLocks[];
}

export interface Course {
  readonly kind: RunKind;
  /** The run that an undo takes back. */
  readonly undoes: string | null;
  /** The run that an undo takes back, or that a repair was begun from: it is no other run that would be in the way. */
  readonly related: string | null;
  /** The schema that the names of the plan are in. */
  schema(session: Session): Promise<string>;
  look(request: CourseRequest): Promise<CourseLook>;
  /** Everything, counted: what the next confirmation rests on. */
  survey(request: CourseRequest): Promise<Survey>;
  /** The survey and the prerequisites; `onResult` hears each as it is known. */
  judge(request: CourseRequest, onResult: (result: Prerequisite) => void): Promise<Judgement>;
  verify(request: CourseRequest): Promise<Verification>;
}

/** The procedures that a run-step task means, in its order; null when one of them is not on offer. */
export function chosen(
  offers: readonly StepOffers[],
  steps: readonly string[],
  forms: Readonly<Record<string, string>>,
): Procedure[] | null {
  const procedures = steps.map((id) => {
    const mine = offers.find(({ step }) => step === id)?.offers ?? [];
    const form = forms[id];
    const offer =
      form === undefined
        ? mine.find(({ refused }) => refused.length === 0)
        : mine.find((candidate) => candidate.form === form);
    return offer?.procedure ?? null;
  });
  return procedures.every((procedure) => procedure !== null) ? procedures : null;
}
