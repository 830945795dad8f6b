/** Statements in blocks: what each does in words, where it stands, its SQL. */
import { wordsOf } from '../sql/plan.ts';
import type { PlanStep, PositionState, StepPosition } from '../sql/types.ts';
import { brokeOff } from '../wizard/lone.ts';
import type { Block, Mark, State, StatementRun, StepRun } from '../wizard/types.ts';
import { count, duration, item, sql } from './blocks.ts';
import { actionWords } from './procedure.ts';

export const POSITION_MARKS: Record<PositionState, Mark> = {
  applied: 'skipped',
  pending: 'waiting',
  partial: 'partial',
  conflict: 'conflict',
};

const POSITION_WORDS: Record<PositionState, string> = {
  applied: 'already applied, is passed over',
  pending: 'to be run',
  partial: 'partly applied',
  conflict: 'does not fit this database',
};

/** What an undo sends is its own, so statements say nothing of it. */
const UNDO_WORDS: Record<PositionState, string> = {
  applied: 'undone already',
  pending: 'to be undone',
  partial: 'partly undone',
  conflict: 'does not fit this database',
};

/** "3 of 12 statements already applied" and the like, for a step. */
export function positionWords(
  state: Pick<State, 'purpose'>,
  step: PlanStep,
  position: StepPosition | undefined,
): string {
  if (!position) return 'where it stands is not known';
  if (state.purpose === 'undo') return UNDO_WORDS[position.state];
  const applied = position.statements.filter((statement) => statement.state === 'applied').length;
  const all = count(step.statements.length, 'statement');
  if (position.state === 'applied') return `${all}, all already applied`;
  if (position.state === 'conflict') return `${all}; it does not fit this database`;
  return applied === 0 ? all : `${all}, ${applied} already applied`;
}

/** Each statement with its words, its position and its SQL in full. */
export function planStatements(step: PlanStep, position: StepPosition | undefined): Block[] {
  return step.statements.flatMap((statement) => {
    const found = position?.statements.find((candidate) => candidate.index === statement.index);
    const state = found?.state ?? 'conflict';
    return [
      item(POSITION_MARKS[state], `${statement.index}. ${wordsOf(statement)}`, {
        detail: state === 'pending' ? '' : `${POSITION_WORDS[state]}${found ? `: ${found.reason}` : ''}`,
        lines: statement.comment === '' ? [] : statement.comment.split('\n').map((line) => `-- ${line}`),
      }),
      sql(statement.sql),
    ];
  });
}

/** What an action came to, read against what came of its step: only a committed step's actions are done. */
export function runStatements(step: PlanStep, run: StepRun): Block[] {
  return run.statements.map((statement) => {
    const words = actionWords(step, statement);
    return item(markOf(run, statement), `${statement.index}. ${words}`, { detail: cameTo(run, statement) });
  });
}

function markOf(run: StepRun, { status }: StatementRun): Mark {
  if (status === 'skipped') return 'skipped';
  if (status === 'failed') return 'fail';
  if (status !== 'done') return status === 'running' && run.status !== 'unknown' ? 'running' : 'waiting';
  if (run.status === 'unknown') return 'unknown';
  return run.status === 'failed' && !brokeOff(run) ? 'none' : 'done';
}

function cameTo(run: StepRun, { status, rows, seconds }: StatementRun): string {
  if (status === 'skipped') return 'already applied, passed over';
  if (status !== 'done') return status === 'failed' ? 'failed' : '';
  const touched = rows === null ? '' : `${count(rows, 'row')}, `;
  const ran = `${touched}${duration(seconds ?? 0)}`;
  if (run.status === 'failed') return brokeOff(run) ? ran : `${ran}, rolled back`;
  if (run.status === 'unknown') return `${ran}, not known whether it was kept`;
  return run.status === 'done' ? ran : `${ran}, not committed yet`;
}
