/** The read-only commands for people: the same findings as their JSON, as blocks of plain lines. Pure. */
import type { RunSummary } from '../journal/runs.ts';
import type { ServerInfo } from '../postgres/types.ts';
import { blockLines } from '../plain/lines.ts';
import type { PositionState, Verification } from '../sql/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import type { Block, Mark } from '../wizard/types.ts';
import type { Looked, Planned } from './document.ts';

const heading = (text: string): Block => ({ kind: 'heading', text });
const text = (words: string): Block => ({ kind: 'text', spans: [{ text: words, tone: 'plain' }] });
const item = (mark: Mark, words: string, more: { detail?: string; lines?: string[] } = {}): Block => ({
  kind: 'item',
  mark,
  text: words,
  ...more,
});

/** Blocks as text that ends in a newline. */
export function textOf(blocks: readonly Block[]): string {
  const lines = blocks.flatMap((block) => blockLines(block));
  if (lines[0] === '') lines.shift();
  return `${lines.join('\n')}\n`;
}

const MARKS: Record<PositionState, Mark> = {
  applied: 'done',
  pending: 'waiting',
  partial: 'partial',
  conflict: 'conflict',
};

function serverLine(server: ServerInfo): string {
  return `Database ${server.database} on ${server.host}:${server.port}, PostgreSQL ${server.version}, as ${server.user}.`;
}

const counted = (count: number, word: string): string =>
  `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;

/** `backout status`. */
export function statusBlocks({ runbook, plan, server, position }: Looked): Block[] {
  const steps = plan.steps.flatMap((step, index) => {
    const found = position.steps.find(({ id }) => id === step.id);
    const lines = step.statements.map((statement): Block => {
      const at = found?.statements.find((one) => one.index === statement.index);
      return item(MARKS[at?.state ?? 'conflict'], `${statement.index}. ${toLine(statement.sql, 80)}`, {
        ...(at?.reason ? { detail: at.reason } : {}),
      });
    });
    return [
      heading(`Step ${index + 1}: ${step.title}`),
      item(MARKS[found?.state ?? 'conflict'], `the step is ${found?.state ?? 'not known'}`),
      ...lines,
    ];
  });
  return [heading(runbook.title), text(serverLine(server)), ...steps];
}

function riskBlocks({ survey: { risk } }: Planned): Block[] {
  const place = (one: { step: string; index: number; table: string; column?: string }): string =>
    `${one.step}, statement ${one.index}: ${one.table}${one.column ? `.${one.column}` : ''}`;
  return [
    heading('Data at risk'),
    ...risk.dataAtRisk.map((one) =>
      item('warn', `${place(one)}, ${counted(one.rows, 'row')}`, { detail: one.detail }),
    ),
    ...(risk.dataAtRisk.length === 0 ? [item('pass', 'None was found.')] : []),
    heading('Values that would be invented'),
    ...risk.invented.map((one) =>
      item('warn', `${place(one)}, ${counted(one.rows, 'row')} would get ${one.value}`),
    ),
    ...(risk.invented.length === 0 ? [item('pass', 'None was found.')] : []),
    heading('What would fail'),
    ...risk.failing.map((one) =>
      item('fail', `${place(one)}, ${counted(one.rows, 'row')}`, {
        detail: one.detail,
        lines: one.keys.map((key) => `${one.keyColumns} = ${key}`),
      }),
    ),
    ...(risk.failing.length === 0 ? [item('pass', 'Nothing was found.')] : []),
    ...(risk.unchecked.length === 0 ? [] : [heading('What was not checked')]),
    ...risk.unchecked.map((one) =>
      item('unknown', `${one.step}, statement ${one.index}: ${one.what}`, { detail: one.why }),
    ),
  ];
}

function lockBlocks({ survey: { locks } }: Planned): Block[] {
  if (locks.length === 0) return [heading('Locks'), text('No statement is left that takes a lock.')];
  const why = (lock: (typeof locks)[number]): string =>
    lock.rewrites ? 'writes the whole table anew' : lock.scans ? 'reads the whole table' : '';
  return [
    heading('Locks'),
    {
      kind: 'table',
      columns: ['step', 'statement', 'table', 'lock', 'while it is held'],
      rows: locks.map((lock) => [lock.step, String(lock.index), lock.table, lock.level, why(lock)]),
      align: ['left', 'right', 'left', 'left', 'left'],
    },
  ];
}

function recommendationBlocks({ recommendation, evidence, toAsk }: Planned): Block[] {
  return [
    heading(`Recommendation: ${recommendation.choice}`),
    ...recommendation.reasons.map((reason) => text(reason)),
    ...evidence.map((one) =>
      item('none', `${one.title}: speaks for ${one.supports}`, { detail: one.detail }),
    ),
    ...toAsk.map((one) =>
      item('unknown', one.text, {
        detail: `Only you can say. backout run takes --answer ${one.id}=yes|no|unknown.`,
      }),
    ),
  ];
}

/** `backout plan`. */
export function planBlocks(planned: Planned): Block[] {
  return [
    ...statusBlocks(planned),
    heading('Prerequisites'),
    ...planned.prerequisites.map(({ id, title, status, detail, advice, items }) =>
      item(status, `${title} [${id}]`, {
        detail: [detail, advice].filter(Boolean).join(' '),
        lines: items,
      }),
    ),
    ...recommendationBlocks(planned),
    ...riskBlocks(planned),
    ...lockBlocks(planned),
  ];
}

/** `backout verify`. */
export function verifyBlocks(verification: Verification, server: ServerInfo): Block[] {
  const failed = verification.checks.filter(({ ok }) => !ok).length;
  return [
    text(serverLine(server)),
    ...verification.checks.map(({ ok, title, detail, expected, found }) =>
      item(ok ? 'pass' : 'fail', title, {
        detail: ok ? detail : `expected ${expected}, found ${found}. ${detail}`,
      }),
    ),
    text(
      failed === 0
        ? `Verified: all ${counted(verification.checks.length, 'check')} hold.`
        : `Not verified: ${failed} of ${counted(verification.checks.length, 'check')} do not hold.`,
    ),
  ];
}

/** `backout runs`. */
export function runsBlocks(runs: readonly RunSummary[], folder: string): Block[] {
  if (runs.length === 0) return [text(`There are no runs in ${folder}.`)];
  return [
    {
      kind: 'table',
      columns: ['run', 'started', 'where', 'database', 'outcome', 'open items'],
      rows: runs.map((run) => [
        run.run,
        run.startedAt?.replace(/\.\d+Z$/, 'Z') ?? '-',
        run.environment ?? '-',
        run.database ?? '-',
        run.unreadable === null
          ? (run.outcome ?? 'never ended')
          : `unreadable: ${toLine(run.unreadable, 60)}`,
        String(run.openItems.length),
      ]),
      align: ['left', 'left', 'left', 'left', 'left', 'right'],
    },
  ];
}
