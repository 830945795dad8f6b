/** The read-only commands for people: the same findings as their JSON, as blocks of plain lines. Pure. */
import { FORM_WORDS } from '../journal/words.ts';
import { bytes } from '../postgres/activity.ts';
import type { ServerInfo } from '../postgres/types.ts';
import { blockLines } from '../plain/lines.ts';
import { strongestLocks } from '../sql/lock-levels.ts';
import { outsideWords } from '../sql/lone/words.ts';
import type { Lock, PlanStep, PositionState, StepPosition, Verification } from '../sql/types.ts';
import { printed } from '../steps/blocks.ts';
import { toLine } from '../terminal/sanitize.ts';
import { stepName } from '../wizard/judge.ts';
import type { Block, Mark } from '../wizard/types.ts';
import type { Looked, Planned } from './document.ts';
import { repairBlocks } from './plan-repairs.ts';

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

/** SQL on one line: its line breaks say nothing here. */
const oneLine = (sql: string): string => toLine(sql.replace(/\s+/g, ' '), 84);

const BY_STATE: readonly PositionState[] = ['applied', 'partial', 'conflict', 'pending'];

/** "12 statements: 3 applied, 9 pending". */
function tally(states: readonly PositionState[]): string {
  const parts = BY_STATE.map((state) => [states.filter((one) => one === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  return `${counted(states.length, 'statement')}: ${parts.join(', ')}`;
}

function stepHead(step: PlanStep, found: StepPosition | undefined): Block[] {
  const states = found?.statements.map(({ state }) => state) ?? [];
  return [
    heading(`${stepName(step.id)}: ${step.title}`),
    item(MARKS[found?.state ?? 'conflict'], tally(states)),
    ...(step.lone === undefined ? [] : [text(outsideWords(step.lone))]),
  ];
}

/** Each statement; why it is judged so is said where it is not simply still to be done. */
function statementBlocks(step: PlanStep, found: StepPosition | undefined): Block[] {
  return step.statements.map((statement) => {
    const at = found?.statements.find((one) => one.index === statement.index);
    const state = at?.state ?? 'conflict';
    return item(MARKS[state], `${statement.index}. ${oneLine(statement.sql)}`, {
      ...(at && state !== 'pending' ? { detail: at.reason } : {}),
    });
  });
}

function positionBlocks({ plan, position }: Looked, statements: boolean): Block[] {
  return plan.steps.flatMap((step) => {
    const found = position.steps.find(({ id }) => id === step.id);
    return [...stepHead(step, found), ...(statements ? statementBlocks(step, found) : [])];
  });
}

/** `backout status`. */
export function statusBlocks(looked: Looked): Block[] {
  return [heading(looked.runbook.title), text(serverLine(looked.server)), ...positionBlocks(looked, true)];
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

/** How each step would be carried out, and what speaks against the other forms. */
function formBlocks({ survey: { offers }, plan }: Planned): Block[] {
  const open = plan.steps.flatMap((step) => {
    const found = offers.find((one) => one.step === step.id);
    return found ? [{ step, offers: found.offers }] : [];
  });
  return open.flatMap(({ step, offers: forms }) => [
    heading(`Forms of ${stepName(step.id)}: ${step.title}`),
    ...forms.map(({ form, refused, procedure }, at) =>
      procedure && refused.length === 0
        ? item(at === 0 ? 'pass' : 'none', `${FORM_WORDS[form]}${at === 0 ? ' (recommended)' : ''}`, {
            detail: `${procedure.cost.lock}. Writes about ${bytes(procedure.cost.bytes)}; about ${bytes(procedure.cost.archiveBytes)} stay in the archive.`,
            lines: procedure.notUndoable.map((line) => `An undo could not bring back: ${line}`),
          })
        : item('skipped', `${FORM_WORDS[form]}: not offered`, { detail: refused.join(' ') }),
    ),
  ]);
}

function lockBlocks({ survey: { locks } }: Planned): Block[] {
  if (locks.length === 0) return [heading('Locks'), text('No statement is left that takes a lock.')];
  const work = (lock: Lock): string => (lock.rewrites ? 'rewrites it' : lock.scans ? 'reads it whole' : '');
  return [
    heading('Strongest lock on each table, held to the end of its step'),
    {
      kind: 'table',
      columns: ['step', 'table or index', 'lock', 'work'],
      rows: strongestLocks(locks).map((lock) => [lock.step, lock.table, lock.level, work(lock)]),
      align: ['left', 'left', 'left', 'left'],
    },
  ];
}

const SPEAKS = {
  rollback: 'speaks for rolling back',
  'fix-forward': 'speaks for fixing forward',
  neutral: 'speaks for neither',
} as const;

function recommendationBlocks({ recommendation, evidence, toAsk }: Planned): Block[] {
  return [
    heading(`Recommendation: ${recommendation.choice}`),
    ...recommendation.reasons.map((reason) => text(reason)),
    ...evidence.map((one) => item('none', `${one.title}: ${SPEAKS[one.supports]}`, { detail: one.detail })),
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
    heading(planned.runbook.title),
    text(serverLine(planned.server)),
    heading('Prerequisites'),
    ...planned.prerequisites.map(({ id, title, status, detail, advice, items }) =>
      item(status, `${title} [${id}]`, {
        detail: [detail, advice].filter(Boolean).join(' '),
        lines: items,
      }),
    ),
    ...recommendationBlocks(planned),
    ...repairBlocks(planned.repairs),
    ...positionBlocks(planned, false),
    ...riskBlocks(planned),
    ...formBlocks(planned),
    ...lockBlocks(planned),
  ];
}

/** `backout verify`. */
export function verifyBlocks(verification: Verification, server: ServerInfo): Block[] {
  const failed = verification.checks.filter(({ ok }) => !ok).length;
  return [
    text(serverLine(server)),
    ...verification.checks.flatMap(({ ok, title, detail, expected, found, shown = [] }) => [
      item(ok ? 'pass' : 'fail', title, {
        detail: ok ? detail : `expected ${expected}, found ${found}`,
        lines: ok || detail === '' ? [] : [detail],
      }),
      ...(shown.length === 0 ? [] : [printed(shown)]),
    ]),
    text(
      failed === 0
        ? `Verified: all ${counted(verification.checks.length, 'check')} hold.`
        : `Not verified: ${failed} of ${counted(verification.checks.length, 'check')} failed.`,
    ),
  ];
}
