/** Code blocks that are not what somebody may take them for. */
import { isStepSql, refusedMeta } from '../../sql/plan.ts';
import type { CodeBlock, Runbook } from '../types.ts';
import type { Finding } from './types.ts';

const LOOKS_LIKE_SQL =
  /^\s*(SELECT|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|ALTER\s+\w+|CREATE\s+\w+|DROP\s+\w+|TRUNCATE|GRANT|REVOKE)\b/im;
const SHELLS = new Set(['bash', 'sh', 'shell', 'console', 'zsh']);

/** A backslash command of psql among a step's statements that does more than show. */
function metaCommands(block: CodeBlock): Finding[] {
  return refusedMeta(block.text).map(({ line, text, what }) => ({
    line: block.line + line - 1,
    severity: 'error',
    rule: 'meta-command',
    message: `${text.split(/\s/)[0] ?? ''} is a command of psql that backout does not carry out. ${what}`,
  }));
}

function ofStep(runbook: Runbook): Finding[] {
  return runbook.steps.flatMap(({ number, blocks }) =>
    blocks.flatMap((block): Finding[] => {
      if (isStepSql(block)) return metaCommands(block);
      const at = { line: block.line, severity: 'warning' as const };
      if (block.language === '' && LOOKS_LIKE_SQL.test(block.text)) {
        const message = `This block of Step ${number} names no language, so it is not run. If it belongs to the step, begin it with \`\`\`sql.`;
        return [{ ...at, rule: 'block-without-language', message }];
      }
      if (!SHELLS.has(block.language)) return [];
      const message = `backout runs no commands within a step: these of Step ${number} are shown with it, and are yours to run.`;
      return [{ ...at, rule: 'command-in-step', message }];
    }),
  );
}

const CHANGES = /^\s*(INSERT|UPDATE|DELETE|MERGE|ALTER|CREATE|DROP|TRUNCATE|GRANT|REVOKE)\s/im;

/** SQL that changes something, where backout only looks: somebody might believe that it has run. */
function notRun({ prerequisites, quick }: Runbook): Finding[] {
  return [prerequisites, quick].flatMap((section) =>
    (section?.blocks ?? []).flatMap((block): Finding[] => {
      if (!isStepSql(block) || !CHANGES.test(block.text)) return [];
      const message = `This SQL stands in "${section?.title ?? ''}" and is not run. If the rollback needs it, make it a step.`;
      return [{ line: block.line, severity: 'warning', rule: 'sql-not-run', message }];
    }),
  );
}

/** A section on verification that could not fail. */
function nothingExpected({ expectations }: Runbook): Finding[] {
  const [first] = expectations;
  if (!first || expectations.some(
      (one) => one.kind === 'table' || one.kind === 'index' || (one.kind === 'query' && one.expect !== undefined),
    )) return [];
  const message =
    'The verification expects nothing: its queries are shown, and whatever they return is right. Say what is expected (expect="…", \\dt TABLE).';
  return [{ line: first.line, severity: 'warning', rule: 'verification-expects-nothing', message }];
}

export function blockFindings(runbook: Runbook): Finding[] {
  return [...ofStep(runbook), ...notRun(runbook), ...nothingExpected(runbook)];
}
