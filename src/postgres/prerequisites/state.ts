/** Whether the plan can start, or go on, from where the database stands. */
import { titleWithPart } from '../../sql/lone/words.ts';
import { DatabaseError } from '../../sql/session.ts';
import { asText } from '../../sql/values.ts';
import { count } from '../activity.ts';
import { ask } from '../scope.ts';
import { answers, type Check, type CheckContext } from './check.ts';

const SHOWN = 20;

export const state: Check = async ({ position, plan }) => {
  const { pass, warn, fail } = answers('state', 'The objects are in a state the plan can start from');
  const statements = position.steps.flatMap((step) => step.statements);
  const conflicts = position.steps.flatMap((step) =>
    step.statements
      .filter((statement) => statement.state === 'conflict')
      .map((statement) => `${titleOf({ plan }, step.id)}, statement ${statement.index}: ${statement.reason}`),
  );
  if (conflicts.length > 0) {
    return fail(
      `${count(conflicts.length, 'statement')} cannot be placed: the database is in no state between before and after.`,
      'Do not run any part of it. Read what was found, and fix forward or restore a backup beside this database and compare.',
      conflicts.slice(0, SHOWN),
    );
  }
  const applied = statements.filter((statement) => statement.state === 'applied').length;
  if (applied === statements.length) {
    return fail(
      `There is nothing to roll back: all ${count(statements.length, 'statement')} are applied already.`,
      'To look over the result, run `backout verify`.',
    );
  }
  if (position.steps.every((step) => step.state === 'pending')) {
    return pass(
      `All ${count(statements.length, 'statement')} of ${count(plan.steps.length, 'step')} are still to be done.`,
    );
  }
  return warn(
    `Part of the plan is applied already: ${applied} of ${statements.length} statements. The rest can be done from here.`,
    'Find out who began, and whether errors were passed over: psql goes on after an error. Look at the data before you go on.',
    position.steps.map((step) => `${titleOf({ plan }, step.id)}: ${step.state}`),
  );
};

function titleOf({ plan }: Pick<CheckContext, 'plan'>, id: string): string {
  const step = plan.steps.find((one) => one.id === id);
  return step ? titleWithPart(step) : id;
}

/** The runbook's own checks of what it may start from. */
export const fingerprint: Check = async ({ session, schema, runbook }) => {
  const { pass, fail } = answers('fingerprint', 'The tables are the ones the runbook is written for');
  if (runbook.stateChecks.length === 0) return pass('The runbook has no checks of its own.');
  const failed: string[] = [];
  for (const check of runbook.stateChecks) {
    const found = await valueOf(session, schema, check.sql);
    if (spelled(found) !== spelled(check.expect)) {
      failed.push(`${check.title}: expected ${check.expect}, found ${found || 'nothing'}. ${check.words}`);
    }
  }
  if (failed.length === 0) return pass(`${count(runbook.stateChecks.length, 'check')} of the runbook hold.`);
  return fail(
    `${failed.length} of ${count(runbook.stateChecks.length, 'check')} of the runbook failed.`,
    'These tables have another history than the runbook is written for. Do not run it here; see what each check says.',
    failed,
  );
};

async function valueOf(session: CheckContext['session'], schema: string, sql: string): Promise<string> {
  try {
    const { rows, fields } = await ask(session, schema, sql);
    return asText(rows[0]?.[fields[0] ?? '']);
  } catch (error) {
    if (session.lost || !(error instanceof DatabaseError)) throw error;
    return `the error ${error.sqlstate}, ${error.message}`;
  }
}

function spelled(value: string): string {
  const text = value.trim();
  return text === 't' ? 'true' : text === 'f' ? 'false' : text;
}

/** Rows on which a statement would fail, found beforehand. */
/** The name under which a table is found now: the plan may be about to rename it. */
function presentName({ plan, catalog }: Pick<CheckContext, 'plan' | 'catalog'>, table: string): string {
  if (catalog.tables[table]) return table;
  const effects = plan.steps.flatMap((step) => step.statements.flatMap((statement) => statement.effects));
  const renamed = effects.find((effect) => effect.kind === 'rename-table' && effect.to === table);
  return renamed?.kind === 'rename-table' ? `${renamed.from} (then ${table})` : table;
}

export const values: Check = async ({ risk, plan, catalog }) => {
  const { pass, fail } = answers('values', 'Every value fits where it will go');
  if (risk.failing.length === 0) {
    const gaps = risk.unchecked.map(({ what, why }) => `${what}: ${why}`);
    const note = gaps.length > 0 ? ` ${count(gaps.length, 'thing')} could not be looked at beforehand.` : '';
    return pass(
      `No row was found on which a cast, a length or a NOT NULL would fail.${note}`,
      gaps.slice(0, SHOWN),
    );
  }
  const rows = risk.failing.reduce((sum, failing) => sum + failing.rows, 0);
  return fail(
    `${count(rows, 'value')} would make a statement fail, and with it its whole step.`,
    'Correct these rows, or decide with their owner what they should become. backout changes no value silently.',
    risk.failing.map(({ table, column, detail, rows: number, keys, keyColumns }) => {
      const shown = `${keyColumns} ${keys.join(', ')}${number > keys.length ? ', …' : ''}`;
      return `${presentName({ plan, catalog }, table)}, for ${column}: ${count(number, 'row')}. ${detail} (${shown})`;
    }),
  );
};

/** Statements whose effect is not known: each needs its own consent. */
export const understood: Check = async ({ plan, position }) => {
  const all = plan.steps.flatMap((step) =>
    step.statements
      .filter((statement) => stateOf(position, step.id, statement.index) !== 'applied')
      .flatMap((statement) => {
        const what = statement.effects.flatMap((effect) =>
          effect.kind === 'not-understood' ? [effect.what] : [],
        );
        return what.length > 0 ? [{ step, statement, what }] : [];
      }),
  );
  if (all.length === 0) {
    return answers('understood', 'Every statement is understood').pass('What each statement does is known.');
  }
  return all.map(({ step, statement, what }) =>
    answers(`understood:${step.id}.${statement.index}`, 'A statement that is not understood').warn(
      `${titleWithPart(step)}, statement ${statement.index} (line ${statement.line}) is not understood: ${what.join('; ')}.`,
      'Read it yourself. Its locks, its risk and its undoing are unknown.',
      [statement.sql],
    ),
  );
};

function stateOf(position: CheckContext['position'], step: string, index: number): string | undefined {
  const found = position.steps.find(({ id }) => id === step);
  return found?.statements.find((statement) => statement.index === index)?.state;
}
