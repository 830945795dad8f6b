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

/** True for a block whose statements belong to its step. */
export function isStepSql(block: CodeBlock): boolean {
  const sql = ['sql', 'postgresql', 'postgres', 'pgsql', 'psql'].includes(block.language);
  return sql && !NOT_A_STATEMENT.some((key) => key in block.info);
}
