/** The report as Markdown: something to paste into an incident channel, the summary first. */
import { toDisplay, toLine } from '../terminal/sanitize.ts';
import type { Report, ReportStep } from './report.ts';
import { counted, duration, outcomeWords, STEP_WORDS } from './words.ts';

/** Untrusted text inside a line of Markdown: controls made visible, Markdown and HTML taken literally. (`_` inside a word is one.) */
export function inline(text: string): string {
  return toLine(text).replaceAll(/[\\`*{}[\]<>|#~]|(?<!\w)_|_(?!\w)/g, (character) => `\\${character}`);
}

/** A fenced block whose fence is longer than any run of backticks inside it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${toDisplay(text, 100_000)}\n${fence}`;
}

function table(columns: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Renders the whole report; pure. */
export function renderMarkdown(report: Report): string {
  const parts = [
    `# Rollback report ${report.run}`,
    summarySection(report),
    stepsSection(report),
    lossSection(report),
    verificationSection(report),
    decisionSection(report),
    prerequisitesSection(report),
    checklistSection(report),
    statementsSection(report),
    notesSection(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function summarySection(report: Report): string {
  const server = report.server;
  const outcome = report.outcome
    ? `${outcomeWords(report.outcome, report.exitStatus)} (exit status ${report.exitStatus})`
    : 'The journal ends without a result: the run was cut off';
  const rows = [
    ['Outcome', outcome],
    ['Environment', report.environment ?? 'unknown'],
    [
      'Database',
      server
        ? `${inline(server.database)} on ${inline(server.host)}:${inline(server.port)}`
        : 'never connected',
    ],
    ['Server', server ? `PostgreSQL ${inline(server.version)}, ${inline(server.encryption)}` : ''],
    ['Database user', server ? inline(server.user) : ''],
    ['Operator', report.operator ? `${inline(report.operator.user)} on ${inline(report.operator.host)}` : ''],
    [
      'Runbook',
      report.runbook ? `${inline(report.runbook.title)} (sha256 ${report.runbook.sha256.slice(0, 12)})` : '',
    ],
    ['Migration', inline(report.runbook?.migration ?? '')],
    ['Began', report.startedAt ?? ''],
    ['Ended', report.endedAt ?? ''],
    ['backout', inline(report.version ?? '')],
  ];
  return table(
    ['', ''],
    rows.filter(([, value]) => value !== '').map(([name, value]) => [name!, value!]),
  );
}

function stepsSection({ steps }: Report): string {
  if (steps.length === 0) return '';
  const rows = steps.map((step) => [
    step.id,
    inline(step.title),
    STEP_WORDS[step.outcome],
    step.seconds === null ? '' : duration(step.seconds),
    step.confirmedAt ?? '',
  ]);
  return `## Steps\n\n${table(['Step', 'Title', 'Outcome', 'Time', 'Confirmed'], rows)}`;
}

function lossSection(report: Report): string {
  const lost = report.lost.map((entry) => {
    const what = entry.column ? `${entry.table}.${entry.column}` : entry.table;
    return `- **${inline(what)}**: ${counted(entry.rows, 'row')}. ${inline(entry.detail)}`;
  });
  const invented = report.invented.map(
    (entry) =>
      `- **${inline(`${entry.table}.${entry.column}`)}**: ${counted(entry.rows, 'row')} got ${inline(entry.value)}.`,
  );
  if (!report.steps.some((step) => step.outcome === 'done')) return '';
  return [
    '## What was lost or invented',
    lost.length > 0 ? `Gone from the database:\n\n${lost.join('\n')}` : 'No data was lost.',
    invented.length > 0
      ? `Values that were not in the database before:\n\n${invented.join('\n')}`
      : 'No value was invented.',
  ].join('\n\n');
}

function verificationSection({ verification }: Report): string {
  if (!verification) return '';
  const rows = verification.checks.map((check) => [
    check.ok ? 'ok' : '**FAIL**',
    inline(check.title),
    inline(check.expected),
    inline(check.found),
  ]);
  const verdict = verification.ok ? 'Everything is as expected.' : '**Not everything is as expected.**';
  return `## Verification\n\n${verdict}\n\n${table(['', 'Check', 'Expected', 'Found'], rows)}`;
}

function decisionSection({ decision }: Report): string {
  if (!decision) return '';
  const evidence = decision.evidence.map((entry) => [
    inline(entry.title),
    entry.supports,
    entry.source,
    inline(entry.detail),
  ]);
  const reasons = decision.recommendation.reasons.map((reason) => `- ${inline(reason)}`);
  return [
    '## Decision',
    `Decided: **${decision.choice}** at ${decision.at}. Recommended: ${decision.recommendation.choice}.`,
    reasons.join('\n'),
    decision.reason ? `Against the recommendation, because: ${inline(decision.reason)}` : '',
    table(['Criterion', 'Supports', 'Source', 'Evidence'], evidence),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function prerequisitesSection({ prerequisites, consents }: Report): string {
  if (prerequisites.length === 0) return '';
  const rows = prerequisites.map((result) => [result.status, inline(result.title), inline(result.detail)]);
  const agreed = consents.map(
    (consent) => `- ${consent.at} ${inline(consent.id)}: ${inline(consent.detail)}`,
  );
  return [
    `## Prerequisites\n\n${table(['', 'Check', 'Found'], rows)}`,
    agreed.length > 0 ? `Consented to, one by one:\n\n${agreed.join('\n')}` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function checklistSection({ checklist }: Report): string {
  if (checklist.length === 0) return '';
  const items = checklist.map((item) => {
    const note = item.note === '' ? '' : ` (${inline(item.note)})`;
    const ran = item.command
      ? ` Ran ${inline(item.command.command)}: ${item.command.signal ? `ended by ${item.command.signal}` : `exit status ${item.command.exitStatus}`}.`
      : '';
    return `- [${item.done ? 'x' : ' '}] ${inline(item.text)}${note}${ran}`;
  });
  return `## Checklist\n\n${items.join('\n')}`;
}

function statementsSection({ steps }: Report): string {
  const parts = steps.filter((step) => step.statements.length > 0).map(statementsOf);
  return parts.length === 0 ? '' : `## Statements\n\n${parts.join('\n\n')}`;
}

function statementsOf(step: ReportStep): string {
  const statements = step.statements.map((statement) => {
    const rows = statement.rows === null ? '' : `, ${counted(statement.rows, 'row')}`;
    const notices = statement.notices.map((notice) => `\n- ${inline(notice)}`).join('');
    return `${statement.index}. ${inline(statement.command)}${rows}, ${duration(statement.seconds)}\n\n${fenced(statement.sql, 'sql')}${notices}`;
  });
  const error = step.error
    ? `\n\nFailed: ${inline(step.error.sqlstate ?? '')} ${inline(step.error.message)}. ${inline(step.error.explanation)}`
    : '';
  return `### ${step.id}: ${inline(step.title)} (${step.outcome})\n\n${statements.join('\n\n')}${error}`;
}

function notesSection({ notes }: Report): string {
  return notes.length === 0
    ? ''
    : `## Notes\n\n${notes.map((note) => `- ${note.at} ${inline(note.text)}`).join('\n')}`;
}

/** At most eight short lines, left on the normal screen when the wizard has closed. */
export function summaryLines(report: Report): string[] {
  const outcome = report.outcome ? outcomeWords(report.outcome, report.exitStatus) : 'Cut off before the end';
  const database = report.server
    ? ` ${toLine(report.server.database)} on ${toLine(report.server.host)}.`
    : '';
  const steps = report.steps.map((step) => `${step.id} ${step.outcome}`).join(', ');
  const lost = report.lost.reduce((sum, entry) => sum + entry.rows, 0);
  const invented = report.invented.reduce((sum, entry) => sum + entry.rows, 0);
  const open = report.checklist.filter((item) => !item.done).length;
  return [
    `${report.environment ?? ''} ${outcome}.${database}`.trim(),
    steps === '' ? '' : `Steps: ${steps}.`,
    report.verification
      ? `Verification: ${report.verification.checks.filter((check) => check.ok).length} of ${report.verification.checks.length} checks as expected.`
      : '',
    lost > 0 ? `Lost: ${counted(lost, 'value or row', 'values and rows')}, named in the report.` : '',
    invented > 0 ? `Invented: ${counted(invented, 'value')}, named in the report.` : '',
    open > 0 ? `Still open: ${counted(open, 'checklist item')}.` : '',
  ].filter((line) => line !== '');
}
