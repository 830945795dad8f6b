/** The report as Markdown: something to paste into an incident channel, the summary first. */
import { toLine } from '../terminal/sanitize.ts';
import { backupSection } from './markdown/backup.ts';
import { archiveSection, archiveWords, lossSection, waitsSection } from './markdown/kept.ts';
import { quickSection } from './markdown/quick.ts';
import { rehearsalSection } from './markdown/rehearsal.ts';
import { repairsSection } from './markdown/repairs.ts';
import { fenced, inline, table } from './markdown/text.ts';
import type { Report, ReportStatement, ReportStep } from './report.ts';
import { counted, duration, FORM_WORDS, outcomeWords, RUN_WORDS, STEP_WORDS } from './words.ts';

export { fenced, inline } from './markdown/text.ts';

/**
 * Renders the whole report; pure.
 * @param debrief the section of a drill, which stands last
 */
export function renderMarkdown(report: Report, debrief = ''): string {
  const parts = [
    `# ${RUN_WORDS[report.kind].report} ${report.run}`,
    summarySection(report),
    stepsSection(report),
    quickSection(report.quick),
    archiveSection(report),
    lossSection(report),
    waitsSection(report),
    verificationSection(report),
    decisionSection(report),
    repairsSection(report),
    rehearsalSection(report),
    prerequisitesSection(report),
    backupSection(report),
    checklistSection(report),
    statementsSection(report),
    notesSection(report),
    debrief,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function summarySection(report: Report): string {
  const server = report.server;
  const outcome = report.outcome
    ? `${outcomeWords(report.outcome, report.exitStatus, report.kind, report.steps)} (exit status ${report.exitStatus})`
    : 'The journal ends without a result: the run was cut off';
  const rows = [
    ['Outcome', outcome],
    ['Writes', report.writesStopped ? WRITES_STOPPED : ''],
    ['Takes back run', inline(report.undoes ?? '')],
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
    ...resumedRows(report),
    [
      'Runbook',
      report.runbook ? `${inline(report.runbook.title)} (sha256 ${report.runbook.sha256.slice(0, 12)})` : '',
    ],
    ['Migration', inline(report.runbook?.migration ?? '')],
    ['Values', valuesOf(report)],
    ['Began', report.startedAt ?? ''],
    ['Ended', report.endedAt ?? ''],
    ['backout', inline(report.version ?? '')],
  ];
  return table(
    ['', ''],
    rows.filter(([, value]) => value !== '').map(([name, value]) => [name!, value!]),
  );
}

/** What the runbook left open, as it was given. */
const valuesOf = ({ runbook }: Report): string =>
  (runbook?.values ?? [])
    .map(({ name, value }) =>
      value === null ? `${inline(name)}: a secret, not written down` : `${inline(name)} = ${inline(value)}`,
    )
    .join('; ');

/** Who went on with the run, after whom, and what they found done. */
function resumedRows({ sessions }: Report): [string, string][] {
  return sessions.flatMap(({ at, operator, from, stepsDone }) => {
    if (from === null) return [];
    const whose = `of ${inline(from.operator)} on ${inline(from.host)}`;
    const found = stepsDone.length === 0 ? 'no step done' : `done: ${inline(stepsDone.join(', '))}`;
    const who = `${inline(operator.user)} on ${inline(operator.host)}`;
    return [['Resumed', `${at} by ${who}, after the session ${whose}; found ${found}`]];
  });
}

function stepsSection({ steps, wholePlan }: Report): string {
  if (steps.length === 0) return '';
  const rows = steps.map((step) => [
    step.id,
    inline(step.title),
    STEP_WORDS[step.outcome],
    step.form === null ? '' : FORM_WORDS[step.form],
    step.seconds === null ? '' : duration(step.seconds),
    step.confirmedAt ?? '',
  ]);
  const together = wholePlan ? 'All steps in one transaction.\n\n' : '';
  return `## Steps\n\n${together}${table(['Step', 'Title', 'Outcome', 'Form', 'Time', 'Confirmed'], rows)}`;
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

const CHECK_WORDS = { ok: 'ok:', failed: '**FAILED:**', unclear: 'look:' };

function checklistSection({ checklist }: Report): string {
  if (checklist.length === 0) return '';
  const items = checklist.map((item) => {
    const note = item.note === '' ? '' : ` (${inline(item.note)})`;
    const ran = item.command
      ? ` Ran ${inline(item.command.command)}: ${item.command.signal ? `ended by ${item.command.signal}` : `exit status ${item.command.exitStatus}`}.`
      : '';
    const found = item.checks.map(
      (check) => `\n  - ${CHECK_WORDS[check.verdict]} ${inline(check.title)}: ${inline(check.words)}`,
    );
    return `- [${item.done ? 'x' : ' '}] ${inline(item.text)}${note}${ran}${found.join('')}`;
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
    return `${statement.index}. ${inline(statement.command)}${roleOf(statement)}${rows}, ${duration(statement.seconds)}\n\n${fenced(statement.sql, 'sql')}${notices}`;
  });
  const error = step.error
    ? `\n\nFailed: ${inline(step.error.sqlstate ?? '')} ${inline(step.error.message)}. ${inline(step.error.explanation)}`
    : '';
  return `### ${step.id}: ${inline(step.title)} (${step.outcome})\n\n${statements.join('\n\n')}${error}`;
}

/** Why a statement that the runbook does not hold was sent. */
function roleOf({ role, carries = [] }: ReportStatement): string {
  const named = carries.join(', ');
  if (role === 'instead' && named !== '') return ` (carries out statement ${named})`;
  if (role === 'archive') return ' (archive)';
  if (role === 'lock') return ' (lock)';
  if (role === 'look') return ' (asked for psql)';
  return role === 'record' ? ' (journal)' : '';
}

function notesSection({ notes }: Report): string {
  return notes.length === 0
    ? ''
    : `## Notes\n\n${notes.map((note) => `- ${note.at} ${inline(note.text)}`).join('\n')}`;
}

/** Whoever leaves must not forget it: the application stands still. */
const WRITES_STOPPED =
  'All writes to it are still stopped: "backout escalate --allow-writes" lets them in again.';

/** At most nine short lines, left on the normal screen when the wizard has closed. */
export function summaryLines(report: Report): string[] {
  const outcome = report.outcome
    ? outcomeWords(report.outcome, report.exitStatus, report.kind, report.steps)
    : 'Cut off before the end';
  const database = report.server
    ? ` ${toLine(report.server.database)} on ${toLine(report.server.host)}.`
    : '';
  const steps = report.steps.map((step) => `${step.id} ${step.outcome}`).join(', ');
  const lost = report.lost.reduce((sum, entry) => sum + entry.rows, 0);
  const invented = report.invented.reduce((sum, entry) => sum + entry.rows, 0);
  const open = report.checklist.filter((item) => !item.done).length;
  const failed = report.checklist.flatMap(({ checks }) =>
    checks.filter(({ verdict }) => verdict === 'failed'),
  ).length;
  return [
    `${report.environment ?? ''} ${outcome}.${database}`.trim(),
    report.writesStopped ? WRITES_STOPPED : '',
    steps === '' ? '' : `Steps: ${steps}.`,
    report.verification
      ? `Verification: ${report.verification.checks.filter((check) => check.ok).length} of ${report.verification.checks.length} checks as expected.`
      : '',
    archiveWords(report),
    lost > 0
      ? `${report.archived.length > 0 ? 'Taken out of the tables' : 'Lost'}: ${counted(lost, 'value or row', 'values and rows')}, named in the report.`
      : '',
    invented > 0 ? `Invented: ${counted(invented, 'value')}, named in the report.` : '',
    open > 0 ? `Still open: ${counted(open, 'checklist item')}.` : '',
    failed > 0 ? `Failed: ${counted(failed, 'check')} of the checklist, named in the report.` : '',
  ].filter((line) => line !== '');
}
