/** SQL that does not parse, wherever in the runbook it would be run. */
import { parseStatements, splitMetaCommands, SqlSyntaxError } from '../../sql/parse.ts';
import { isStepSql } from '../../sql/step-sql.ts';
import type { Runbook } from '../types.ts';
import type { Finding } from './types.ts';

interface Piece {
  what: string;
  sql: string;
  line: number;
}

function piecesOf(runbook: Runbook): Piece[] {
  const steps = runbook.steps.flatMap((step) =>
    step.blocks
      .filter((block) => isStepSql(block) || block.language === 'sql')
      .map(({ text, line }) => ({ what: `Step ${step.number}`, sql: text, line })),
  );
  const checks = runbook.stateChecks.map(({ title, sql, line }) => ({
    what: `The check "${title}"`,
    sql,
    line,
  }));
  const evidence = runbook.criteria.flatMap(({ text, query }) =>
    query ? [{ what: `The evidence for "${text}"`, sql: query.text, line: query.line }] : [],
  );
  const queries = runbook.expectations.flatMap((wanted) =>
    wanted.kind === 'query' ? [{ what: 'The verification', sql: wanted.sql, line: wanted.line }] : [],
  );
  const { migrated, defects } = runbook.fixes;
  const fixes = [
    ...migrated.map(({ sql, line }) => ({ what: 'What the migrated tables have', sql, line })),
    ...defects.flatMap(({ title, sql, line, repairs }) => [
      { what: `The defect "${title}"`, sql, line },
      ...repairs.map((repair) => ({
        what: `The repair "${repair.title}"`,
        sql: repair.sql,
        line: repair.line,
      })),
    ]),
  ];
  return [...steps, ...checks, ...evidence, ...queries, ...fixes];
}

/** The line of SQL on which the parser stopped, with a caret under the place. */
function withCaret(sql: string, position: number): string {
  const before = Array.from(sql)
    .slice(0, position - 1)
    .join('');
  const start = before.lastIndexOf('\n') + 1;
  const end = sql.indexOf('\n', start);
  const column = Array.from(before.slice(start)).length;
  return `${sql.slice(start, end === -1 ? undefined : end)}\n${' '.repeat(column)}^`;
}

function failureIn(piece: Piece): Finding[] {
  try {
    parseStatements(splitMetaCommands(piece.sql).sql, piece.line);
    return [];
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const where = withCaret(piece.sql, error.position);
    const message = `${piece.what} is not valid SQL: ${error.message}\n${where}`;
    return [{ line: error.line, severity: 'error', rule: 'sql-syntax', message }];
  }
}

/** Needs `loadParser` to have been awaited. */
export function syntaxFindings(runbook: Runbook): Finding[] {
  return piecesOf(runbook).flatMap(failureIn);
}
