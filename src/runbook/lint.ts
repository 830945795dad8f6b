/** `backout lint`: what of a runbook was recognised, what was not, and what is risky about it. */
import { joined } from '../sql/lone/parts.ts';
import type { Plan } from '../sql/types.ts';
import { aftermathFindings } from './lint/aftermath.ts';
import { againFindings } from './lint/again.ts';
import { blockFindings } from './lint/blocks.ts';
import { commandFindings } from './lint/commands.ts';
import { pastedFindings } from './lint/pasted.ts';
import { promiseFindings } from './lint/promises.ts';
import { recognisedParts, sectionFindings } from './lint/sections.ts';
import { statementFindings } from './lint/statements.ts';
import { syntaxFindings } from './lint/syntax.ts';
import { transactionFindings } from './lint/transactions.ts';
import type { Finding, LintReport, Severity } from './lint/types.ts';
import { valueFindings } from './lint/values.ts';
import type { Runbook } from './types.ts';
import { valuesAsked } from './lint/asked.ts';

export type { Finding, LintReport, Recognised, Severity } from './lint/types.ts';

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

function inOrder(one: Finding, other: Finding): number {
  return one.line - other.line || ORDER[one.severity] - ORDER[other.severity];
}

/** The tool runs its file, once, in its own way: what would come of pasting it is of no concern. */
const fromTool = ({ bookkeeping }: Runbook): boolean => bookkeeping !== undefined && bookkeeping !== null;

/** What follows from the statements of the steps. */
function planFindings(runbook: Runbook, plan: Plan): Finding[] {
  const own = statementFindings(runbook, plan);
  const unread = own.flatMap(({ rule, message }) =>
    rule === 'dropped-unread' ? [message.split(' is dropped')[0] ?? ''] : [],
  );
  return [
    ...own,
    ...transactionFindings(plan),
    ...againFindings(plan).filter(({ rule }) => !fromTool(runbook) || rule !== 'stops-when-run-again'),
    ...valueFindings(plan),
    ...promiseFindings(runbook, plan, unread),
    ...(fromTool(runbook) ? [] : pastedFindings(runbook, plan)),
  ];
}

/**
 * Looks a runbook over without any database. Needs `loadParser` to have been awaited.
 *
 * @param plan of `planOf`; null when its SQL does not parse, which is then among the findings
 */
export function lintRunbook(runbook: Runbook, plan: Plan | null): LintReport {
  const findings = [
    // A tool's file has no prose, and nobody expects any of it.
    ...(runbook.bookkeeping === undefined ? sectionFindings(runbook) : []),
    ...syntaxFindings(runbook),
    ...valuesAsked(runbook),
    ...blockFindings(runbook, plan),
    ...(plan ? planFindings(runbook, joined(plan)) : []),
    ...commandFindings(runbook),
    ...aftermathFindings(runbook, plan),
  ];
  return {
    schema: 'backout.lint/1',
    runbook: {
      path: runbook.path,
      title: runbook.title,
      sha256: runbook.sha256,
      migration: runbook.migration?.version ?? null,
    },
    recognised: recognisedParts(runbook),
    findings: findings.toSorted(inOrder),
  };
}

function findingLines({ line, severity, rule, message }: Finding): string {
  const place = line > 0 ? `line ${line}` : 'document';
  const [first, ...rest] = message.split('\n');
  return [`${place}: ${severity} [${rule}] ${first ?? ''}`, ...rest.map((text) => `    ${text}`)].join('\n');
}

function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/** The report as plain text. It holds text of the runbook: whoever prints it makes it displayable. */
export function renderLint(report: LintReport): string {
  const of = (severity: Severity): number =>
    report.findings.filter((found) => found.severity === severity).length;
  const parts = report.recognised.map(({ part, count, line }) =>
    count === 0 ? `  ${part}: none` : `  ${part}: ${count}, from line ${line}`,
  );
  return [
    report.runbook.title,
    `Migration: ${report.runbook.migration ?? 'none named'}`,
    '',
    'Recognised:',
    ...parts,
    '',
    ...report.findings.map(findingLines),
    ...(report.findings.length > 0 ? [''] : []),
    `${counted(of('error'), 'error')}, ${counted(of('warning'), 'warning')}, ${counted(of('note'), 'note')}.`,
    '',
  ].join('\n');
}
