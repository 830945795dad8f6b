/** How a step is carried out, in blocks: the form and its cost, what is kept, and everything that is sent. */
import { wordsOf } from '../sql/plan.ts';
import type { Action, ArchiveEntry, Form, FormCost, FormOffer, Procedure } from '../sql/procedure/types.ts';
import type { PlanStep, StepPosition } from '../sql/types.ts';
import { stepRisk } from '../wizard/judge.ts';
import { offersOf } from '../wizard/procedure.ts';
import type { Block, State } from '../wizard/types.ts';
import { bytes, count, gap, grouped, heading, item, prose, sql, text } from './blocks.ts';

export const FORM_NAMES: Record<Form, string> = {
  'as-written': 'as written',
  rewrite: 'rewrite',
  'copy-and-swap': 'copy and swap',
};

/** What a form costs, in a few sentences. */
export function costWords(cost: FormCost): string {
  const basis = cost.basis === '' ? '' : ` (${cost.basis})`;
  const written = cost.bytes === 0 ? 'next to nothing' : `about ${bytes(cost.bytes)}`;
  const kept = cost.archiveBytes === 0 ? '' : ` About ${bytes(cost.archiveBytes)} stay in the archive.`;
  return `${cost.lock}; ${whoWaits(cost)}. Writes ${written}${basis}.${kept}`;
}

function whoWaits({ readers, writers }: FormCost): string {
  if (readers === writers) return `readers and writers ${readers ? 'go on for most of it' : 'wait'}`;
  return readers
    ? 'readers go on for most of it, writers wait'
    : 'readers wait, writers go on for most of it';
}

/** What the form costs, then what else is offered, and why the rest is not. */
export function formLines({ survey }: State, id: string, procedure: Procedure | null): string[] {
  const offers = offersOf(survey, id);
  const others = offers.filter(({ form, refused }) => refused.length === 0 && form !== procedure?.form);
  return [
    ...(procedure ? [costWords(procedure.cost)] : []),
    ...(others.length === 0
      ? []
      : [`Offered too: ${others.map(({ form }) => FORM_NAMES[form]).join(', ')}.`]),
    ...offers.flatMap((offer) => refusedLines(offer)),
  ];
}

export const refusedLines = ({ form, refused }: FormOffer): string[] =>
  refused.map((reason) => `Not offered: ${FORM_NAMES[form]}. ${reason}`);

export const formBlocks = (procedure: Procedure): Block[] => [
  heading(`Form: ${FORM_NAMES[procedure.form]}`),
  text(costWords(procedure.cost)),
];

const KINDS: Record<ArchiveEntry['kind'], string> = {
  table: 'table',
  columns: 'columns of',
  rows: 'rows of',
  definition: 'definition of',
  created: 'made by the step:',
};

export const keptName = ({ kind, object }: Pick<ArchiveEntry, 'kind' | 'object'>): string =>
  `${KINDS[kind]} ${object}`;

/** What the step keeps of what it destroys, and what nothing is kept of. */
export function archiveBlocks(state: State, procedure: Procedure): Block[] {
  const { archive, notUndoable } = procedure;
  const lost = notUndoable.map((words) => item('warn', words));
  return [
    heading('Archive'),
    ...(state.withoutArchive ? [NOTHING_KEPT] : kept(state, procedure, archive)),
    ...(lost.length === 0 ? [] : [text('An undo could not bring back:', 'warn'), ...lost]),
  ];
}

export const NOTHING_KEPT = text(
  'Without an archive, as you typed: nothing that is destroyed is kept, and there is no undo.',
  'bad',
);

function kept(state: State, { step }: Procedure, archive: ArchiveEntry[]): Block[] {
  if (archive.length === 0) {
    if (state.purpose === 'undo') return [text('Nothing new is put into the archive by this.')];
    return stepRisk(state, step).dataAtRisk.length === 0
      ? [text('Nothing is kept: no data at risk was found in this step.')]
      : [text('Nothing is kept in this form, although there is data at risk.', 'bad')];
  }
  return [
    text(
      `${count(archive.length, 'object')} kept in schema backout_archive, ${state.plan.steps.some(({ id, lone }) => id === step && lone !== undefined) ? 'written down before anything runs' : 'in the same transaction'}:`,
    ),
    ...archive
      .filter(({ kind }) => kind !== 'definition')
      .map((entry) => {
        const rows = rowsOf(state, step, entry);
        const many = rows === null ? '' : `, ${count(rows, 'row')}`;
        const lines = entry.archived === null ? [] : [`As ${entry.archived}.`];
        return item('none', `${keptName(entry)}${many}`, { detail: entry.words, lines });
      }),
    ...definitions(archive.filter(({ kind }) => kind === 'definition')),
  ];
}

const definitions = (entries: ArchiveEntry[]): Block[] =>
  entries.length === 0
    ? []
    : [
        item('none', `${count(entries.length, 'definition')}, as text`, {
          lines: entries.map(({ words }) => words),
        }),
      ];

/** As far as the survey has counted them. */
function rowsOf(state: State, step: string, { object, columns, kind }: ArchiveEntry): number | null {
  if (kind !== 'columns' && kind !== 'rows') return null;
  const found = (state.survey?.risk.dataAtRisk ?? []).filter(
    (entry) =>
      entry.step === step &&
      entry.table === object &&
      (entry.column === undefined ? kind === 'rows' : columns.includes(entry.column)),
  );
  return found.length === 0 ? null : Math.max(...found.map(({ rows }) => rows));
}

/**
 * Everything that is sent, in order and whole; backout's own actions quieter. First, what is passed over.
 * @param brief of backout's own actions their words alone: for the plan, where nothing is confirmed
 */
export function actionBlocks(
  state: State,
  step: PlanStep,
  position: StepPosition | undefined,
  procedure: Procedure,
  brief = false,
): Block[] {
  const carried = new Set(procedure.actions.flatMap(({ carries }) => carries));
  const told = new Set<number>();
  return [
    ...(state.purpose === 'undo' ? [] : passedOver(step, position, carried)),
    ...procedure.actions.flatMap((action) => {
      const blocks = actionBlock(step, action, told);
      return brief ? blocks.filter((block) => block.kind !== 'sql' || block.quiet !== true) : blocks;
    }),
  ];
}

function passedOver(step: PlanStep, position: StepPosition | undefined, carried: Set<number>): Block[] {
  return step.statements.flatMap((statement) => {
    if (carried.has(statement.index)) return [];
    const found = position?.statements.find(({ index }) => index === statement.index);
    const words = `Statement ${statement.index} of the runbook: ${wordsOf(statement)}`;
    return found?.state === 'applied'
      ? [item('skipped', words, { detail: `already applied, is passed over: ${found.reason}` })]
      : [
          item('conflict', words, {
            detail: `${found?.state ?? 'not known'}, but no action below carries it out`,
          }),
        ];
  });
}

function actionBlock(step: PlanStep, action: Action, told: Set<number>): Block[] {
  const { index, role, carries } = action;
  const statements = step.statements.filter((statement) => carries.includes(statement.index));
  if (role === 'statement') {
    const lines = statements.flatMap(({ comment }) =>
      comment === '' ? [] : comment.split('\n').map((line) => `-- ${line}`),
    );
    return [item('waiting', `${index}. ${actionWords(step, action)}`, { lines }), sql(withValues(action))];
  }
  const fresh = statements.filter((statement) => !told.has(statement.index));
  for (const statement of fresh) told.add(statement.index);
  const lines = fresh.map((statement) => `${statement.index}: ${statement.sql}`);
  const detail = carries.length === 0 ? '' : `In place of ${statementList(carries)} of the runbook.`;
  const block = sql(withValues(action));
  const isOurs = role !== 'instead';
  return [
    item(isOurs ? 'none' : 'waiting', `${index}. ${actionWords(step, action)}`, { detail, lines }),
    isOurs ? { ...block, quiet: true } : block,
  ];
}

const statementList = (indexes: number[]): string =>
  `${indexes.length === 1 ? 'statement' : 'statements'} ${indexes.join(', ')}`;

/** What an action does: its own words, or those of the statement that it is. */
export function actionWords(step: PlanStep, action: Pick<Action, 'words' | 'carries' | 'sql'>): string {
  if (action.words !== '') return action.words;
  const statement = step.statements.find(({ index }) => action.carries.includes(index));
  return statement ? wordsOf(statement) : action.sql;
}

/** From here on a value is cut: such are backout's own records, which say again what the screen says above. */
const LONG_VALUE = 160;

/** Values go with a statement apart from its text; they are shown below it. */
export function withValues({ sql: statement, params = [] }: Action): string {
  const values = params.map((value, index) => `-- $${index + 1} = ${shownValue(value)}`);
  return [statement, ...values].join('\n');
}

function shownValue(value: string): string {
  const shown = value.length <= LONG_VALUE ? value : `${value.slice(0, LONG_VALUE)}…`;
  const more = shown === value ? '' : ` (${grouped(value.length)} characters in all)`;
  return `${shown.split('\n').join('\n--      ')}${more}`;
}

/** Words of the runbook on a step, above its SQL. */
export const stepProse = (step: PlanStep): Block[] => (step.words === '' ? [] : [...prose(step.words), gap]);
