/** From a runbook to the plan: the statements of its steps, with what they do. */
import { createHash } from 'node:crypto';
import type { Runbook, RunbookStep } from '../runbook/types.ts';
import type { MetaCommand } from './parse-meta.ts';
import { parseStatements, splitMetaCommands, SqlSyntaxError } from './parse.ts';
import { partsOf } from './lone/parts.ts';
import { psqlCommand } from './psql/command.ts';
import { looksAmong } from './psql/looks.ts';
import { commandsAmong } from './step-commands.ts';
import { isStepSql } from './step-sql.ts';
import type { Plan, PlanStep, Statement } from './types.ts';

export { wordsOf } from './plan-words.ts';
export { isStepSql } from './step-sql.ts';

/** The commands of psql in a step's SQL that do more than show something: backout has no way to carry them out. */
export function refusedMeta(text: string): (MetaCommand & { what: string })[] {
  return splitMetaCommands(text).meta.flatMap((command) => {
    const read = psqlCommand(command.text);
    return read.kind === 'refused' ? [{ ...command, what: read.what }] : [];
  });
}

function statementsOfText(text: string, firstLine: number): Statement[] {
  const { sql } = splitMetaCommands(text);
  const [refused] = refusedMeta(text);
  if (refused) {
    const line = firstLine + refused.line - 1;
    throw new SqlSyntaxError(
      `${refused.text.split(/\s/)[0]} is a command of psql that backout does not carry out. ${refused.what}`,
      line,
      1,
    );
  }
  return parseStatements(sql, firstLine);
}

const transaction = (statement: Statement | undefined): string =>
  statement && 'TransactionStmt' in statement.tree && !statement.tree.TransactionStmt.options
    ? (statement.tree.TransactionStmt.kind ?? '')
    : '';

/** Nothing stands before the first BEGIN or behind the last COMMIT, and there is one of each. */
const isAround = (statements: readonly Statement[]): boolean =>
  statements.every(
    ({ tree }, at) => 'TransactionStmt' in tree === (at === 0 || at === statements.length - 1),
  );

const BEGINS = ['TRANS_STMT_BEGIN', 'TRANS_STMT_START'];

/**
 * A block in BEGIN and COMMIT says what every step is: one transaction. So do several of them, and what stands beside:
 * all of it happens, or nothing. Any other control stays, to be told of.
 */
function withoutTransaction(statements: readonly Statement[]): readonly Statement[] {
  const controls = statements.filter(({ tree }) => 'TransactionStmt' in tree).map(transaction);
  const paired = controls.every((control, at) =>
    at % 2 === 0 ? BEGINS.includes(control) : control === 'TRANS_STMT_COMMIT',
  );
  // A label that is added to an enum must be committed before it is used.
  const label = statements.some(({ tree }) => 'AlterEnumStmt' in tree);
  if (!paired || controls.length % 2 === 1 || (label && !isAround(statements))) return statements;
  return statements.filter(({ tree }) => !('TransactionStmt' in tree));
}

const LEFT_OUT = 'Its BEGIN and COMMIT are left out: the step is one transaction already.';

/** The prose of the step, and what of its SQL is not sent. */
function wordsOfStep(step: RunbookStep, all: readonly Statement[], kept: readonly Statement[]): string {
  return all.length === kept.length ? step.words : [step.words, LEFT_OUT].filter(Boolean).join(' ');
}

function numbered(statements: readonly Statement[]): Statement[] {
  return statements.map((statement, at) => ({ ...statement, index: at + 1 }));
}

function hashOf(steps: readonly PlanStep[]): string {
  const texts = steps.map(({ id, statements, looks = [], commands = [] }) => [
    id,
    ...statements.map((statement) => statement.sql),
    ...looks.map(({ text, after }) => `${after} ${text}`),
    ...commands.map(({ text, place }) => `${place} ${text}`),
  ]);
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

function stepOf(step: RunbookStep): PlanStep {
  const blocks = step.blocks.filter(isStepSql).map((block) => statementsOfText(block.text, block.line));
  const kept = blocks.flatMap(withoutTransaction);
  const words = wordsOfStep(step, blocks.flat(), kept);
  return { id: step.id, title: step.title, words, statements: numbered(kept) };
}

/**
 * The plan of a runbook: every `sql` block of its steps, but for those whose info string makes them a check, a piece
 * of evidence or an example. `loadParser` must have been awaited.
 *
 * @throws {SqlSyntaxError} with the line in the runbook
 */
export function planOf(runbook: Runbook): Plan {
  const steps = runbook.steps.flatMap((step) =>
    commandsAmong(step, looksAmong(step.blocks.filter(isStepSql), partsOf(stepOf(step)))),
  );
  return { steps, hash: hashOf(steps) };
}

/** A plan of one step made of the SQL given. @throws {SqlSyntaxError} */
export function planFromSql(sql: string, title = 'Step'): Plan {
  const statements = numbered(statementsOfText(sql, 1));
  const steps = partsOf({ id: 'step-1', title, words: '', statements });
  return { steps, hash: hashOf(steps) };
}
