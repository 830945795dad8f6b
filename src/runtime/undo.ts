/** The course of an undo: by what the database recorded of the run that is taken back, and by what is there now. */
import type { Runbook } from '../runbook/types.ts';
import type { Procedure } from '../sql/procedure/types.ts';
import type { DataAtRisk, Plan, Risk } from '../sql/types.ts';
import type { Survey } from '../wizard/types.ts';
import type { Course, CourseRequest } from './course.ts';
import { lookAtUndo, sameUndo, type UndoLook } from './undo/look.ts';
import { checkUndo } from './undo/prerequisites.ts';
import { verifyUndo } from './undo/verify.ts';

export interface UndoOptions {
  /** The run that is taken back. */
  undoes: string;
  /** The schema of its tables. */
  schema: string;
  /** Of `undoPlan` and `undoRunbook`. */
  plan: Plan;
  runbook: Runbook;
}

/** Nothing is asked yet. */
export function undoCourse({ undoes, schema, plan, runbook }: UndoOptions): Course {
  const lookAt = (request: CourseRequest): Promise<UndoLook> => lookAtUndo(request, undoes, plan);
  return {
    kind: 'undo',
    undoes,
    related: undoes,
    schema: () => Promise.resolve(schema),
    async look(request) {
      const look = await lookAt(request);
      const { position, offers, hash } = look;
      return {
        position,
        offers,
        hash,
        unchanged: (procedures, procedure) =>
          sameUndo(request, look, procedures, procedure === null ? null : restsOn(procedures, procedure)),
      };
    },
    survey: async (request) => surveyOf(await lookAt(request)),
    async judge(request, onResult) {
      const look = await lookAt(request);
      const survey = surveyOf(look);
      const prerequisites = await checkUndo(
        { undoes, request, look, risk: survey.risk, runbook, plan },
        onResult,
      );
      return { schema, catalog: { schema, tables: {} }, survey, prerequisites, attachments: [] };
    },
    verify: (request) => verifyUndo(request, undoes, plan),
  };
}

/** What a procedure guards and no earlier one of the same transaction has changed by then. */
function restsOn(procedures: readonly Procedure[], procedure: Procedure): string[] {
  const earlier = procedures.slice(0, procedures.indexOf(procedure)).flatMap(({ guarded }) => guarded);
  return procedure.guarded.filter((table) => !earlier.includes(table));
}

function surveyOf(look: UndoLook): Survey {
  return {
    position: look.position,
    // Its statements are made for it: the procedures say what they lock.
    locks: [],
    risk: riskOf(look),
    attachments: [],
    offers: look.offers,
    baseline: {},
    hash: look.hash,
  };
}

/** Values written since the rollback that the tables of before have no place for: they stay in the archive alone. */
function riskOf({ steps }: UndoLook): Risk {
  const dataAtRisk = steps.flatMap(({ row, facts }) =>
    (facts?.written ?? []).flatMap(({ table, without }) =>
      Object.entries(without).map(([column, rows]): DataAtRisk => ({
        step: row.step,
        index: 0,
        table,
        column,
        rows,
        detail:
          'Written after the rollback, without a place in what comes back: it stays in the archive only.',
      })),
    ),
  );
  return { dataAtRisk, invented: [], failing: [], unchecked: [] };
}
