/** What happens when a step is run a second time: by hand, after psql stopped in the middle of it. */
import { columnsIn } from '../../sql/parse-tree.ts';
import { isComposed } from '../../sql/parts/index.ts';
import type { Effect, Plan, PlanStep, Statement } from '../../sql/types.ts';
import { assignmentsOf } from './assigned.ts';
import type { Finding } from './types.ts';

/** The kinds that fail when what they make is there, or what they take away is gone. */
const FAILS_AGAIN: Partial<Record<Effect['kind'], true>> = {
  'create-table': true,
  'drop-table': true,
  'rename-table': true,
  'add-column': true,
  'drop-column': true,
  'rename-column': true,
  'add-constraint': true,
  'drop-constraint': true,
  'rename-constraint': true,
  'create-index': true,
  'drop-index': true,
  'rename-index': true,
};

/** With IF EXISTS on what it gives another name: then there is nothing of that name left to change. */
const namedAway = (effect: Effect): boolean =>
  effect.onlyIf !== undefined && 'from' in effect && effect.from === effect.onlyIf;

const failsAgain = (effect: Effect): boolean =>
  FAILS_AGAIN[effect.kind] === true &&
  !namedAway(effect) &&
  !('ifExists' in effect && effect.ifExists) &&
  !('ifNotExists' in effect && effect.ifNotExists);

/** The table that an INSERT would fill twice; null where it meets a conflict, or looks into that table first. */
function filledTwice(statement: Statement): string | null {
  const { tree, effects } = statement;
  // What it moves is not there a second time.
  if (isComposed(statement)) return null;
  if (!('InsertStmt' in tree) || tree.InsertStmt.onConflictClause) return null;
  const looks = effects.some((effect) => effect.kind === 'insert' && effect.reads.includes(effect.table));
  return looks ? null : (tree.InsertStmt.relation?.relname ?? '');
}

/** Columns that an UPDATE without WHERE makes of themselves: `n = n + 1`. */
function madeOfThemselves(statement: Statement): string[] {
  const { tree } = statement;
  if (!('UpdateStmt' in tree) || tree.UpdateStmt.whereClause) return [];
  return assignmentsOf(statement)
    .filter(({ column, value }) => {
      const isBare = 'ColumnRef' in value;
      return !isBare && columnsIn(value).some((parts) => parts.at(-1) === column);
    })
    .map(({ table, column }) => `${table}.${column}`);
}

function twice(step: PlanStep): Finding[] {
  return step.statements.flatMap((statement, at): Finding[] => {
    const warn = (message: string): Finding => ({
      line: statement.line,
      severity: 'warning',
      rule: 'not-rerunnable',
      message,
    });
    const columns = madeOfThemselves(statement).map((name) =>
      warn(
        `${name} is made of itself: run again, it is changed again. Say in a WHERE which rows still need it.`,
      ),
    );
    const table = filledTwice(statement);
    // Where the step itself makes the table, a second run fails at the CREATE and comes no further.
    const isGuarded = step.statements
      .slice(0, at)
      .some(({ effects }) =>
        effects.some(
          (effect) => effect.kind === 'create-table' && effect.table === table && !effect.ifNotExists,
        ),
      );
    if (table === null || isGuarded) return columns;
    const message = `Run again, this fills ${table} a second time: add WHERE NOT EXISTS (…) or ON CONFLICT DO NOTHING. backout cannot tell by the rows whether it has run.`;
    return [...columns, warn(message)];
  });
}

/** One note for each step: the first statement at which a second run by hand ends. */
function stops(step: PlanStep): Finding[] {
  const first = step.statements.find(({ effects }) => effects.some(failsAgain));
  if (!first) return [];
  const message = `Pasted a second time, "${step.title}" stops here: ${first.command} fails once it has taken effect. (backout goes by what it finds in the database, and runs what is still open.)`;
  return [{ line: first.line, severity: 'note', rule: 'stops-when-run-again', message }];
}

export function againFindings(plan: Plan): Finding[] {
  return plan.steps.flatMap((step) => [...twice(step), ...stops(step)]);
}
