/** Which code blocks of a step are its statements. */
import type { CodeBlock } from '../runbook/types.ts';

/** Info keys that make a block something to look at or to ask with, not something the step runs. */
const NOT_A_STATEMENT = [
  'absent',
  'check',
  'defect',
  'evidence',
  'example',
  'expect',
  'forward',
  'migrated',
  'optional',
  'output',
  'repair',
  'verify',
];

/** The languages of a fence that mean SQL of PostgreSQL. */
export const SQL_LANGUAGES: readonly string[] = ['sql', 'postgresql', 'postgres', 'pgsql', 'psql'];

/** True for a block whose statements belong to its step. */
export function isStepSql(block: CodeBlock): boolean {
  return SQL_LANGUAGES.includes(block.language) && !NOT_A_STATEMENT.some((key) => key in block.info);
}
