/** What the state means: the questions the reducer and the screens both ask of it. Pure. */
import type { Prerequisite } from '../postgres/types.ts';
import type { DataAtRisk, PlanStep, StepPosition, Unchecked } from '../sql/types.ts';
import { isOpen, procedureOf } from './procedure.ts';
import { quickDidSomething, quickMayHaveChanged, quickTried } from './quick.ts';
import type { State, StepRun, Survey, Task } from './types.ts';

export const isBusy = (step: StepRun | undefined): boolean =>
  step?.status === 'running' || step?.status === 'cancelling';

/** The step the step screen shows. */
export const currentStep = (state: State): StepRun | undefined => state.steps[state.current];

/** The step of the plan with that id. */
export const planStep = (state: State, id: string): PlanStep | undefined =>
  state.plan.steps.find((step) => step.id === id);

/** "Step 1" for `step-1`, "Step 2, part 1 of 3" for `step-2-part-1-of-3`. */
export const stepName = (id: string): string =>
  id === 'quick'
    ? 'Quick rollback'
    : id.replace(/^step-/, 'Step ').replace(/-part-(\d+)-of-(\d+)$/, ', part $1 of $2');

/** Where the database stands on a step, as of the last survey; undefined when the survey does not say. */
export const positionOf = (survey: Survey | null, id: string): StepPosition | undefined =>
  survey?.position.steps.find((step) => step.id === id);

/** Index of the first step that is neither done nor found applied, or null when none is left. */
export function firstOpen(steps: StepRun[]): number | null {
  const index = steps.findIndex(isOpen);
  return index < 0 ? null : index;
}

/** The database is not, or may not be, as it was found: something of this run is, or may be, committed. */
export const hasChangedAnything = (state: State): boolean =>
  quickMayHaveChanged(state) ||
  state.steps.some((step) => step.status === 'done' || step.status === 'unknown' || isBusy(step));

export const hasDoneAnything = (state: State): boolean =>
  quickDidSomething(state) || state.steps.some((step) => step.status === 'done');

/** A run that was taken over has done steps that were never tried here. */
export const hasTriedAnything = (state: State): boolean =>
  hasDoneAnything(state) ||
  quickTried(state) ||
  (state.resumed?.doneBefore.length ?? 0) > 0 ||
  state.steps.some((step) => step.attempt > 0);

/** Looks at the database under the terms the operator has agreed to. */
export const checkTask = ({ withoutArchive, backup }: State): Task => ({
  type: 'check',
  ...(backup.path === null ? {} : { backup: backup.path }),
  ...(withoutArchive ? { withoutArchive } : {}),
});

/** The survey found every step applied: there is nothing to roll back. */
export function allApplied(survey: Survey | null): boolean {
  const steps = survey?.position.steps ?? [];
  return steps.length > 0 && steps.every((step) => step.state === 'applied');
}

export const failing = (results: Prerequisite[]): Prerequisite[] =>
  results.filter((result) => result.status === 'fail');

/** A prerequisite failed, nothing could be looked at, or there is nothing to roll back: it stops before the decision. */
export const isBlocked = (state: State): boolean =>
  failing(state.prerequisites.results).length > 0 || state.survey === null || allApplied(state.survey);

/** The only failure that the operator may pass, by typing that they go without: that nothing can be kept. */
export const canGoWithoutArchive = (state: State): boolean =>
  !state.withoutArchive && failing(state.prerequisites.results).some(({ id }) => id === ARCHIVE);

/** The id of the prerequisite that says whether an archive can be kept. */
export const ARCHIVE = 'archive';

/** The id of the prerequisite that says whether another run is under way. */
export const OTHER_RUN = 'other-run';

/** Why the other run cannot be taken over from here, or null. */
export function whyNotTakeOver(state: State): string | null {
  const { otherRun, purpose, undoes, plan, resumed } = state;
  if (!otherRun) return 'There is no other run.';
  if (otherRun.live) return 'Its session is still there.';
  const { run, kind } = otherRun;
  const byName = `"backout resume ${run}" goes on with it`;
  if (resumed) return `This goes on with run ${resumed.run} already: ${byName} later.`;
  if (kind !== purpose || otherRun.undoes !== undoes) {
    const what = kind === 'undo' ? `an undo of run ${otherRun.undoes ?? ''}` : `a ${kind}`;
    return `It is ${what}: ${byName}.`;
  }
  if (otherRun.plan === null || otherRun.plan === plan.hash) return null;
  const title = otherRun.runbook === null ? '' : ` (${otherRun.runbook})`;
  return `It was begun with another runbook, or with this one as it was before a change${title}: ${byName}, with that runbook${otherRun.stepsDone.length > 0 ? `; "backout undo ${run}" takes back what it did` : ''}.`;
}

/** The next warning the operator has not consented to. */
export const nextWarning = (state: State): Prerequisite | undefined =>
  state.prerequisites.results.find(
    (result) => result.status === 'warn' && !state.prerequisites.accepted.includes(result.id),
  );

/** A step the survey reports as in conflict, or does not report at all, cannot be run: never optimistic. */
export const isInConflict = (survey: Survey | null, id: string): boolean =>
  (positionOf(survey, id)?.state ?? 'conflict') === 'conflict';

export interface Possibility {
  possible: boolean;
  /** Why not, one sentence each; empty when it is possible. */
  impossible: string[];
}

/** Whether the plan can be carried out on what the survey found: no conflict, no row on which it would fail. */
export function possibility(survey: Survey | null): Possibility {
  if (!survey) return { possible: false, impossible: ['The database was not looked at.'] };
  const conflicts = survey.position.steps.flatMap((step) => conflictReasons(step));
  const rows = survey.risk.failing.map(
    (entry) =>
      `${stepName(entry.step)}, statement ${entry.index} would fail on ${entry.rows} ${entry.rows === 1 ? 'row' : 'rows'} of ${entry.table}.${entry.column}: ${entry.detail}`,
  );
  const impossible = [...conflicts, ...rows];
  return { possible: impossible.length === 0, impossible };
}

function conflictReasons(step: StepPosition): string[] {
  if (step.state !== 'conflict') return [];
  const found = step.statements.filter((statement) => statement.state === 'conflict');
  if (found.length === 0) return [`${stepName(step.id)} does not fit the database.`];
  return found.map(({ index, reason }) => `${stepName(step.id)}, statement ${index} does not fit: ${reason}`);
}

export interface StepRisk {
  dataAtRisk: DataAtRisk[];
  unchecked: Unchecked[];
  notUnderstood: number[];
  /** What an undo could not bring back, one sentence each. */
  notUndoable: string[];
}

/** What is at stake in one step, on what the last survey counted. */
export function stepRisk(state: State, id: string): StepRisk {
  const ofStep = (entry: { step: string }): boolean => entry.step === id;
  const statements = planStep(state, id)?.statements ?? [];
  return {
    dataAtRisk: (state.survey?.risk.dataAtRisk ?? []).filter((entry) => ofStep(entry) && entry.rows > 0),
    unchecked: (state.survey?.risk.unchecked ?? []).filter(ofStep),
    notUnderstood: statements
      .filter((statement) => statement.effects.some((effect) => effect.kind === 'not-understood'))
      .map((statement) => statement.index),
    notUndoable: procedureOf(state, id)?.notUndoable ?? [],
  };
}

/** Severe: data would be lost, or nobody can say that none would. Confirmed by typing, not by a key. */
export function isSevere(state: State, id: string): boolean {
  const { dataAtRisk, unchecked, notUnderstood, notUndoable } = stepRisk(state, id);
  return dataAtRisk.length + unchecked.length + notUnderstood.length + notUndoable.length > 0;
}

const PLAIN_NAME = /^[\x21-\x7e](?:[\x20-\x7e]{0,61}[\x21-\x7e])?$/;
const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';

/**
 * What is typed to confirm a severe step: the database's name; where that is more than printable ASCII (and so
 * cannot be told apart or typed safely), a short word made from the run's id.
 */
export function confirmWord(state: State): string {
  const name = state.target.server?.database ?? '';
  return PLAIN_NAME.test(name) ? name : wordFrom(state.run);
}

/** Four syllables of an FNV-1a hash: the same run always gives the same word. */
function wordFrom(run: string): string {
  let hash = 0x811c9dc5;
  for (const character of run) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  let word = '';
  for (let syllable = 0; syllable < 4; syllable += 1) {
    word += CONSONANTS.charAt(hash % CONSONANTS.length);
    hash = Math.floor(hash / CONSONANTS.length);
    word += VOWELS.charAt(hash % VOWELS.length);
    hash = Math.floor(hash / VOWELS.length);
  }
  return word;
}
