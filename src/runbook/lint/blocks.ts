/** Code blocks that are not what somebody may take them for. */
import { splitMetaCommands } from '../../sql/parse-meta.ts';
import { isStepSql } from '../../sql/plan.ts';
import { psqlCommand } from '../../sql/psql/command.ts';
import { commandsAmong } from '../../sql/step-commands.ts';
import type { Plan } from '../../sql/types.ts';
import type { CodeBlock, Runbook } from '../types.ts';
import type { Finding } from './types.ts';

const LOOKS_LIKE_SQL =
  /^\s*(SELECT|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|ALTER\s+\w+|CREATE\s+\w+|DROP\s+\w+|TRUNCATE|GRANT|REVOKE)\b/im;

/** A backslash command of psql that is not answered: what it would do is not done, or only not shown. */
function unanswered(text: string, line: number, isStep: boolean): Finding[] {
  const read = psqlCommand(text);
  const at = { line, rule: 'meta-command' };
  if (read.kind === 'left-out') return [{ ...at, severity: 'note', message: `${text}: ${read.why}` }];
  if (read.kind !== 'refused') return [];
  const message = `${read.name} is a command of psql that backout does not carry out. ${read.what}`;
  return [{ ...at, severity: isStep ? 'error' : 'warning', message }];
}

const metaCommands = (block: CodeBlock): Finding[] =>
  splitMetaCommands(block.text).meta.flatMap(({ line, text }) =>
    unanswered(text, block.line + line - 1, true),
  );

const inVerification = ({ expectations }: Runbook): Finding[] =>
  expectations.flatMap((one) => (one.kind === 'psql' ? unanswered(one.psql.text, one.line, false) : []));

function ofStep(runbook: Runbook): Finding[] {
  return runbook.steps.flatMap(({ number, blocks }) =>
    blocks.flatMap((block): Finding[] => {
      if (isStepSql(block)) return metaCommands(block);
      const at = { line: block.line, severity: 'warning' as const };
      if (block.language === '' && LOOKS_LIKE_SQL.test(block.text)) {
        const message = `This block of Step ${number} names no language, so it is not run. If it belongs to the step, begin it with \`\`\`sql.`;
        return [{ ...at, rule: 'block-without-language', message }];
      }
      return [];
    }),
  );
}

/** Commands in steps: none is run, and one amid the statements cannot be done where it stands. */
function stepCommands(runbook: Runbook, plan: Plan | null): Finding[] {
  // Where the SQL cannot be read, nobody knows what stands amid it.
  const steps =
    plan?.steps ?? runbook.steps.flatMap((step) => commandsAmong(step, [{ ...step, statements: [] }]));
  return steps.flatMap(({ commands = [] }) =>
    commands.map(({ id, line, place, amid }): Finding => {
      const asked = `backout does not run it: it asks whether it is done (${id}; --done ${id} where nobody is asked)`;
      return amid
        ? {
            line,
            severity: 'warning',
            rule: 'command-in-step',
            message: `This command stands between statements of one transaction, in which nothing else can be done. ${asked}, before the step. Make two steps of it if the order matters.`,
          }
        : {
            line,
            severity: 'note',
            rule: 'command-in-step',
            message: `A command ${place} the step's transaction. ${asked}.`,
          };
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
  if (
    !first ||
    expectations.some(
      (one) =>
        one.kind === 'table' ||
        one.kind === 'index' ||
        one.kind === 'object' ||
        (one.kind === 'query' && one.expect !== undefined),
    )
  )
    return [];
  const message =
    'The verification expects nothing: its queries are shown, and whatever they return is right. Say what is expected (expect="…", \\dt TABLE).';
  return [{ line: first.line, severity: 'warning', rule: 'verification-expects-nothing', message }];
}

export function blockFindings(runbook: Runbook, plan: Plan | null): Finding[] {
  return [
    ...ofStep(runbook),
    ...inVerification(runbook),
    ...stepCommands(runbook, plan),
    ...notRun(runbook),
    ...nothingExpected(runbook),
  ];
}
