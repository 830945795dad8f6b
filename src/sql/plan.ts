/** From a runbook to the plan: the statements of its steps, with what they do. */
import { createHash } from 'node:crypto';
import type { Runbook, RunbookStep } from '../runbook/types.ts';
import type { MetaCommand } from './parse-meta.ts';
import { parseStatements, splitMetaCommands, SqlSyntaxError } from './parse.ts';
import { partsOf } from './lone/parts.ts';
import { psqlCommand } from './psql/command.ts';
import { looksAmong } from './psql/looks.ts';
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

/** A block in BEGIN and COMMIT says what every step is: one transaction. Any other control stays, to be told of. */
function withoutTransaction(statements: readonly Statement[]): readonly Statement[] {
  const begins = ['TRANS_STMT_BEGIN', 'TRANS_STMT_START'].includes(transaction(statements[0]));
  if (!begins || transaction(statements.at(-1)) !== 'TRANS_STMT_COMMIT') return statements;
  const inner = statements.slice(1, -1);
  return inner.some(({ tree }) => 'TransactionStmt' in tree) ? statements : inner;
}

function numbered(statements: readonly Statement[]): Statement[] {
  return statements.map((statement, at) => ({ ...statement, index: at + 1 }));
}

function hashOf(steps: readonly PlanStep[]): string {
  const texts = steps.map(({ id, statements, looks = [] }) => [
    id,
    ...statements.map((statement) => statement.sql),
    ...looks.map(({ text, after }) => `${after} ${text}`),
  ]);
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex');
}

function stepOf(step: RunbookStep): PlanStep {
  const statements = step.blocks
    .filter(isStepSql)
    .flatMap((block) => withoutTransaction(statementsOfText(block.text, block.line)));
  return { id: step.id, title: step.title, words: step.words, statements: numbered(statements) };
}

/**
 * The plan of a runbook: every `sql` block of its steps, but for those whose info string makes them a check, a piece
 * of evidence or an example. `loadParser` must have been awaited.
 *
 * @throws {SqlSyntaxError} with the line in the runbook
 */
export function planOf(runbook: Runbook): Plan {
  const steps = runbook.steps.flatMap((step) =>
    looksAmong(step.blocks.filter(isStepSql), partsOf(stepOf(step))),
  );
  return { steps, hash: hashOf(steps) };
}

/** A plan of one step made of the SQL given. @throws {SqlSyntaxError} */
export function planFromSql(sql: string, title = 'Step'): Plan {
  const steps = [{ id: 'step-1', title, words: '', statements: numbered(statementsOfText(sql, 1)) }];
  return { steps, hash: hashOf(steps) };
}
