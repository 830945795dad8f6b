/** `sql forward=TABLE key=…` blocks: how rows written after a rollback become rows of a forward table in an undo. */
import { effectsOf } from '../sql/effects.ts';
import { outputNames } from '../sql/output-names.ts';
import { parseStatements, SqlSyntaxError } from '../sql/parse.ts';
import { tablesIn } from '../sql/parse-tree.ts';
import type { ForwardMapping } from '../sql/procedure/types.ts';
import type { Statement } from '../sql/types.ts';
import type { CodeBlock, Runbook, RunbookStep } from './types.ts';

const names = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Why a block cannot be used, or null. */
function fault(
  statements: readonly Statement[],
  table: string,
  key: readonly string[],
  fill: readonly string[],
): string | null {
  const [select] = statements;
  if (table === '' || table === 'true') return 'forward= must name the forward table.';
  if (key.length === 0) return `key= must name the columns by which a row of ${table} is found.`;
  if (statements.length !== 1 || !select) return `A mapping to ${table} is one SELECT, and nothing else.`;
  const [effect] = effectsOf(select.tree);
  if (effect?.kind === 'not-understood') return `A mapping to ${table} only reads: ${effect.what}.`;
  if (effect?.kind !== 'select' && 'SelectStmt' in select.tree) return `A mapping to ${table} only reads.`;
  if (effect?.kind !== 'select') return `A mapping to ${table} is a SELECT, not ${select.command}.`;
  const output = outputNames(select.tree);
  if (!output)
    return `Every column of a mapping to ${table} needs a name: write them out, with AS where they are computed.`;
  const twice = output.find((name, at) => output.indexOf(name) !== at);
  if (twice !== undefined) return `The mapping to ${table} gives ${twice} twice.`;
  const qualified = tablesIn(select.tree).find((read) => read.includes('.'));
  if (qualified !== undefined)
    return `A mapping names its tables without a schema, so that it is given only rows written since: not ${qualified}.`;
  const missing = [...key, ...fill].find((name) => !output.includes(name));
  return missing === undefined
    ? null
    : `The mapping to ${table} does not give ${missing}, which its info string names.`;
}

function mappingOf(step: RunbookStep, block: CodeBlock): ForwardMapping {
  const table = block.info.forward ?? '';
  const [key, fill] = [names(block.info.key), names(block.info.fill)];
  const statements = parseStatements(block.text, block.line);
  const wrong = fault(statements, table, key, fill);
  if (wrong !== null) throw new SqlSyntaxError(wrong, block.line, 1);
  const [select] = statements;
  return {
    step: step.id,
    table,
    key,
    ...(fill.length > 0 ? { fill } : {}),
    sql: select?.sql ?? '',
    line: select?.line ?? block.line,
  };
}

/** The blocks that say how rows go forward again, with their steps. */
export function forwardBlocks(runbook: Runbook): { step: RunbookStep; block: CodeBlock }[] {
  return runbook.steps.flatMap((step) =>
    step.blocks
      .filter(({ language, info }) => language === 'sql' && info.forward !== undefined)
      .map((block) => ({ step, block })),
  );
}

/**
 * The forward mappings of a runbook, in the document's order. `loadParser` must have been awaited.
 *
 * @throws {SqlSyntaxError} with the line in the runbook
 */
export function forwardOf(runbook: Runbook): ForwardMapping[] {
  return forwardBlocks(runbook).map(({ step, block }) => mappingOf(step, block));
}

/** What is wrong with each block that cannot be used. Blocks whose SQL does not parse are named by lint's own rule. */
export function forwardFaults(runbook: Runbook): { line: number; message: string }[] {
  return forwardBlocks(runbook).flatMap(({ step, block }) => {
    try {
      parseStatements(block.text, block.line);
    } catch {
      return [];
    }
    try {
      mappingOf(step, block);
      return [];
    } catch (error) {
      return [{ line: block.line, message: error instanceof Error ? error.message : String(error) }];
    }
  });
}
