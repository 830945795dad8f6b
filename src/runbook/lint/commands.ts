/** Shell commands in a runbook: backout shows them and runs none but the checklist's, so they are only read here. */
import type { CodeBlock, Runbook } from '../types.ts';
import type { Finding, Severity } from './types.ts';

interface Rule {
  rule: string;
  severity: Severity;
  pattern: RegExp;
  message: string;
}

const RULES: readonly Rule[] = [
  {
    rule: 'unnamed-migration',
    severity: 'warning',
    pattern:
      /\brollback\b.*(?:--step\b|-n\b|--steps\b|\bSTEP=)|\bdb:rollback\b(?!.*VERSION)|\bmigrate:rollback\b|\bmigrate\s+down\b(?!.*\d{8})|\bdowngrade\s+-\d/i,
    message: 'This takes back whatever migration is newest, by number, without naming it: name the version.',
  },
  {
    rule: 'dropdb',
    severity: 'warning',
    pattern: /\bdropdb\b|\bdrop\s+database\b/i,
    message:
      'This destroys the only copy of everything since the backup, and fails while sessions are connected. Restore beside it, check, then rename.',
  },
  {
    rule: 'placeholder',
    severity: 'warning',
    pattern: /\/path\/to\/|<[A-Z][A-Z _-]+>|\bFILL[ _]IN|\bexample\.(?:com|org)\b|\bCHANGEME\b/,
    message: 'This holds a placeholder, which somebody would have to fill in during an incident.',
  },
];

function inBlock(block: CodeBlock): Finding[] {
  return block.text.split('\n').flatMap((text, at) =>
    RULES.filter(({ pattern }) => !/^\s*(#|--)/.test(text) && pattern.test(text)).map((rule): Finding => ({
      line: block.line + at,
      severity: rule.severity,
      rule: rule.rule,
      message: `${text.trim()}: ${rule.message}`,
    })),
  );
}

/** What a template leaves open in steps and verification. */
function open({ steps, expectations }: Runbook): Finding[] {
  const places = [
    ...steps.flatMap(({ title, line, blocks }) => [
      { text: title, line },
      ...blocks.flatMap(({ text, line: first }) =>
        text.split('\n').map((one, at) => ({ text: one, line: first + at })),
      ),
    ]),
    ...expectations.flatMap((one) =>
      one.kind === 'query' || one.kind === 'psql' || one.kind === 'object'
        ? []
        : [{ text: one.name, line: one.line }],
    ),
  ];
  return places
    .filter(({ text }) => /\bFILL[ _]IN/.test(text))
    .map(({ text, line }): Finding => ({
      line,
      severity: 'warning',
      rule: 'placeholder',
      message: `${text.trim()}: this is to be filled in.`,
    }));
}

/** Findings in the blocks an operator would copy from: quick rollback, prerequisites, troubleshooting, escalation. */
export function commandFindings(runbook: Runbook): Finding[] {
  const sections = [runbook.quick, runbook.prerequisites, runbook.escalation];
  const blocks = [
    ...sections.flatMap((section) => section?.blocks ?? []),
    ...runbook.troubleshooting.flatMap((entry) => entry.blocks),
  ];
  const nobody = /\bNAME, PHONE\b|\bT\.?B\.?D\b|\bTODO\b/.exec(runbook.escalation?.text ?? '');
  const names: Finding[] =
    runbook.escalation && nobody
      ? [
          {
            line: runbook.escalation.line,
            severity: 'warning',
            rule: 'placeholder',
            message: `The escalation names nobody yet: it says "${nobody[0]}".`,
          },
        ]
      : [];
  return [...blocks.flatMap(inBlock), ...names, ...open(runbook)];
}
