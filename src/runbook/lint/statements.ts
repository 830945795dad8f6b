/** What the steps' statements would do: what they destroy, invent and block. */
import { columnsIn, tablesIn } from '../../sql/parse-tree.ts';
import { isStepSql } from '../../sql/step-sql.ts';
import type { Effect, Plan, PlanStep, Statement } from '../../sql/types.ts';
import type { Runbook } from '../types.ts';
import { assignmentsOf, constantForNull, fallbackConstant } from './assigned.ts';
import type { Finding } from './types.ts';

interface Placed {
  step: PlanStep;
  statement: Statement;
  effect: Effect;
}

function placedIn(plan: Plan): Placed[] {
  return plan.steps.flatMap((step) =>
    step.statements.flatMap((statement) => statement.effects.map((effect) => ({ step, statement, effect }))),
  );
}

/** Tables whose rows an INSERT or UPDATE has read, of the placed effects up to a statement. */
function readBefore(all: readonly Placed[], until: Statement): Set<string> {
  const earlier = all.slice(
    0,
    all.findIndex(({ statement }) => statement === until),
  );
  return new Set(
    earlier.flatMap(({ effect }) =>
      effect.kind === 'insert' || effect.kind === 'update' ? effect.reads : [],
    ),
  );
}

/** Whether a statement before this one in its step puts the column's content into another. */
function columnRead(step: PlanStep, until: Statement, column: string): boolean {
  return step.statements
    .slice(0, step.statements.indexOf(until))
    .flatMap(assignmentsOf)
    .some(
      ({ column: into, value }) =>
        into !== column && columnsIn(value).some((parts) => parts.at(-1) === column),
    );
}

function destroyed(placed: Placed, all: readonly Placed[]): Finding[] {
  const { step, statement, effect } = placed;
  const at: Pick<Finding, 'line' | 'severity'> = { line: statement.line, severity: 'warning' };
  if (effect.kind === 'drop-table') {
    return readBefore(all, statement).has(effect.table)
      ? [
          {
            ...at,
            rule: 'destructive',
            message: `Table ${effect.table} is dropped, with what was not taken from it before.`,
          },
        ]
      : [
          {
            ...at,
            rule: 'dropped-unread',
            message: `Table ${effect.table} is dropped, and no statement reads it first: its rows exist nowhere afterwards.`,
          },
        ];
  }
  if (effect.kind === 'drop-column') {
    const name = `${effect.table}.${effect.column}`;
    return columnRead(step, statement, effect.column)
      ? [
          {
            ...at,
            rule: 'destructive',
            message: `Column ${name} is dropped, with what was not taken from it before.`,
          },
        ]
      : [
          {
            ...at,
            rule: 'dropped-unread',
            message: `Column ${name} is dropped, and no statement reads it first: its values exist nowhere afterwards.`,
          },
        ];
  }
  if (effect.kind !== 'delete' || !('DeleteStmt' in statement.tree)) return [];
  if (!statement.tree.DeleteStmt.whereClause) {
    return [{ ...at, rule: 'destructive', message: `Every row of ${effect.table} is deleted.` }];
  }
  const message = `The rows of ${effect.table} that its WHERE meets are deleted.`;
  return isRecord(effect.table) ? [] : [{ ...at, severity: 'note', rule: 'destructive', message }];
}

/** Tables in which migration tools record what they have applied: taking back a row of them is what a rollback does. */
const isRecord = (table: string): boolean =>
  /^(schema_migrations?|ecto_migrations|goose_db_version|flyway_schema_history|pgmigrations|knex_migrations|_prisma_migrations|alembic_version|django_migrations|migrations|databasechangelog)$/i.test(
    table,
  );

/** What CASCADE takes along is known by the database alone. */
function truncated(statement: Statement): Finding[] {
  if (!('TruncateStmt' in statement.tree)) return [];
  const tables = tablesIn(statement.tree).join(', ');
  return [
    {
      line: statement.line,
      severity: 'warning',
      rule: 'destructive',
      message: `Every row of ${tables} goes, and whatever refers to them where it says CASCADE.`,
    },
  ];
}

/** CASCADE takes along what nobody has named. */
function cascades({ statement, effect }: Placed): Finding[] {
  if (!('cascade' in effect) || !effect.cascade) return [];
  const message = `CASCADE: whatever depends on it (views, keys, policies) goes too, and the runbook does not say what that is.`;
  return [{ line: statement.line, severity: 'warning', rule: 'cascade', message }];
}

function locked({ statement, effect }: Placed): Finding[] {
  const note = (message: string): Finding[] => [
    { line: statement.line, severity: 'note', rule: 'lock', message },
  ];
  switch (effect.kind) {
    case 'create-index':
      return effect.concurrently
        ? []
        : note(`Building ${effect.name} keeps writers out of ${effect.table} until the step ends.`);
    case 'set-not-null':
      return note(
        `Every row of ${effect.table} is read for SET NOT NULL on ${effect.column}, with everyone locked out.`,
      );
    case 'alter-type':
      return note(
        `The new type of ${effect.table}.${effect.column} may write the whole table anew, with everyone locked out.`,
      );
    default:
      return [];
  }
}

function invented(statement: Statement): Finding[] {
  const warn = (column: string, constant: string): Finding => ({
    line: statement.line,
    severity: 'warning',
    rule: 'invented-value',
    message: `Where there is no value, ${column} gets ${constant}, which then looks like any other value. (backout counts these rows beforehand.)`,
  });
  const fallbacks = assignmentsOf(statement).flatMap(({ table, column, value }) => {
    const constant = fallbackConstant(value);
    return constant === null ? [] : [warn(`${table}.${column}`, constant)];
  });
  const forNull = constantForNull(statement).map(({ table, column, constant }) =>
    warn(`${table}.${column}`, constant),
  );
  return [...fallbacks, ...forNull];
}

function notUnderstood({ statement, effect }: Placed): Finding[] {
  if (effect.kind !== 'not-understood') return [];
  const message = `${statement.command} is not understood (${effect.what}): it runs only with explicit consent and cannot be undone.`;
  return [{ line: statement.line, severity: 'warning', rule: 'not-understood', message }];
}

/** The version row: taken back by a statement that names the version, or believed for ever. */
function versionRow(runbook: Runbook, plan: Plan): Finding[] {
  const { migration } = runbook;
  const last = plan.steps.at(-1);
  if (!migration || !last) return [];
  const named = plan.steps.some(({ statements }) =>
    statements.some(({ sql }) => sql.includes(migration.version)),
  );
  if (named) return [];
  const line = last.statements[0]?.line ?? 0;
  const message = `No statement names version ${migration.version}: after the last step the migration is still recorded as applied.`;
  return [{ line, severity: 'warning', rule: 'version-not-named', message }];
}

/** A step of comments alone: its sql block is there, and holds nothing. */
function empty(runbook: Runbook, plan: Plan): Finding[] {
  return plan.steps.flatMap(({ id, statements }): Finding[] => {
    const step = runbook.steps.find((one) => one.id === id);
    if (!step || statements.length > 0 || !step.blocks.some(isStepSql)) return [];
    const message = `Step ${step.number} ("${step.title}") has no statement.`;
    return [{ line: step.line, severity: 'error', rule: 'step-without-sql', message }];
  });
}

/** Findings about the plan's statements, in the document's order. */
export function statementFindings(runbook: Runbook, plan: Plan): Finding[] {
  const all = placedIn(plan);
  return [
    ...all.flatMap((placed) => [
      ...notUnderstood(placed),
      ...destroyed(placed, all),
      ...cascades(placed),
      ...locked(placed),
    ]),
    ...plan.steps.flatMap(({ statements }) =>
      statements.flatMap((one) => [...invented(one), ...truncated(one)]),
    ),
    ...versionRow(runbook, plan),
    ...empty(runbook, plan),
  ];
}
