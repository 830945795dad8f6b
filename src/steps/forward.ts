/** Instead of the plan: what is wrong with the migrated state, and the SQL that mends it, to be chosen. Changes nothing. */
import { askedOf } from '../wizard/asked.ts';
import { failing, possibility, stepName } from '../wizard/judge.ts';
import type { Block, Question, Screen, State } from '../wizard/types.ts';
import { count, errorBlocks, gap, heading, item, option, prose, safe, sql, text, wait } from './blocks.ts';
import { failingBlocks, uncheckedBlocks } from './risk.ts';
import { screen } from './screen.ts';
import { noteBlocks } from './trouble.ts';

export const forwardScreen = (state: State): Screen =>
  screen(
    state,
    'forward',
    'Fix forward',
    [...opening(state), ...trouble(state), ...written(state), ...(isLooking(state) ? [] : found(state))],
    forwardQuestion(state),
  );

const isLooking = ({ forward: { status } }: State): boolean => status === 'idle' || status === 'looking';

const found = (state: State): Block[] => [
  ...repairs(state),
  ...state.forward.notes.flatMap(noteBlocks),
  ...wrong(state),
  ...kept(state),
  ...advice(state),
];

function opening(state: State): Block[] {
  const decided = state.decision.choice === 'fix-forward';
  return [
    text(
      decided
        ? 'You decided to leave the migration in place and repair what is wrong with it.'
        : 'The migration can stay in place: this is what was found wrong with it.',
      'strong',
    ),
    text(
      'Nothing is run on this screen. What you choose becomes a run of its own, each step confirmed there.',
    ),
  ];
}

function trouble({ forward, runbook }: State): Block[] {
  return forward.error
    ? [gap, heading('It could not be looked'), ...errorBlocks(forward.error, runbook)]
    : [];
}

function written({ forward: { skeleton }, runbook }: State): Block[] {
  if (skeleton.error) return [gap, heading('No file was written'), ...errorBlocks(skeleton.error, runbook)];
  if (skeleton.paths.length === 0) return [];
  return [gap, heading('Written'), ...skeleton.paths.map((path) => text(path, 'code'))];
}

/** Each with its evidence, what to weigh, and its SQL where that is asked for. */
function repairs({ forward }: State): Block[] {
  if (forward.status !== 'done') return [];
  const { found, chosen } = forward;
  if (found.length === 0)
    return [gap, text('Nothing was found wrong with the migrated tables that SQL would mend.', 'good')];
  return [
    gap,
    heading(`What is wrong and can be mended: ${count(found.length, 'repair')}, ${chosen.length} chosen`),
    ...found.flatMap((repair) => [
      item('none', `${BOX[chosen.includes(repair.id) ? 'on' : 'off']} ${repair.title}`, {
        detail: repair.found,
        lines: [...repair.careful, `Its id: ${repair.id}`],
      }),
      ...(forward.sql ? [sql(repair.sql.trim())] : []),
    ]),
  ];
}

const BOX = { on: '[x]', off: '[ ]' };

/** Keys that nothing else here has: neither an answer nor an action, nor moving about. */
const KEYS = '123456789abdfhilmnoptuwxyz';

function forwardQuestion(state: State): Question {
  const { id, name, values } = askedOf(state);
  const { found, chosen, place } = state.forward;
  if (name === 'forward-failed') {
    return {
      kind: 'choice',
      id,
      prompt: 'What is wrong could not be looked for. What now?',
      options: [option('retry', 'r', 'Look again'), END],
      default: 'report',
      unattended: 'report',
    };
  }
  if (name === 'skeleton') {
    return {
      kind: 'text',
      id,
      prompt: `Where is it to be written? Two files, .exs and .sql; nothing is written over. Enter alone: ${safe(place?.file ?? '')}`,
      required: false,
      placeholder: safe(place?.file ?? ''),
      secret: false,
      flag: '--write-migration',
    };
  }
  if (name !== 'forward')
    return wait(id, name === 'writing-skeleton' ? 'Writing…' : 'Looking for what is wrong. This only reads…');
  const toggles = found.map((repair, at) =>
    option(
      `toggle:${repair.id}`,
      KEYS[at] ?? '',
      `${BOX[chosen.includes(repair.id) ? 'on' : 'off']} ${repair.title}`,
    ),
  );
  const repair = option(
    'repair',
    'g',
    `Carry out what is chosen: ${count(chosen.length, 'repair')}`,
    'This run ends here; the repair begins, and asks before it runs anything.',
  );
  return {
    kind: 'choice',
    id,
    prompt: found.length === 0 ? 'What now?' : 'Take repairs in or out by their keys. What now?',
    options: [
      ...toggles,
      ...(found.length === 0
        ? []
        : [
            values?.includes('repair')
              ? repair
              : { ...repair, disabled: 'Choose at least one repair first.' },
          ]),
      option('skeleton', 's', 'Write the skeleton of a forward migration', 'Ecto and plain SQL, to a file.'),
      END,
    ],
    default: 'report',
    flag: '--repair',
  };
}

const END = option(
  'report',
  'e',
  'End with the report',
  'Nothing was run: exit status 11, or 10 if a prerequisite failed.',
);

/** What stands in the way of both directions: conflicts, rows that hold unexpected values, failed prerequisites. */
function wrong(state: State): Block[] {
  const { survey } = state;
  const conflicts = (survey?.position.steps ?? []).flatMap((step) =>
    step.statements
      .filter((statement) => statement.state === 'conflict')
      .map((statement) => item('conflict', `${stepName(step.id)}, ${statement.index}: ${statement.reason}`)),
  );
  const partial = (survey?.position.steps ?? [])
    .filter((step) => step.state === 'partial')
    .map((step) =>
      item('partial', `${stepName(step.id)} was begun and not finished: the tables are between both states.`),
    );
  const attachments = (survey?.attachments ?? [])
    .filter(({ outcome }) => outcome === 'breaks' || outcome === 'lost')
    .map((entry) => item('warn', `${entry.kind} ${entry.name} on ${entry.table}`, { detail: entry.words }));
  const rows = failingBlocks(survey?.risk.failing ?? []);
  const failed = failing(state.prerequisites.results).map((result) =>
    item('fail', result.title, { detail: result.detail, lines: [result.advice] }),
  );
  const all = [...conflicts, ...partial, ...failed, ...rows];
  return [
    ...(all.length === 0 ? [] : [gap, heading('What stands in the way of a rollback'), ...all]),
    ...(attachments.length === 0
      ? []
      : [gap, heading('What a rollback would break or lose'), ...attachments]),
    ...uncheckedBlocks(survey?.risk.unchecked ?? []),
  ];
}

function kept(state: State): Block[] {
  const rows = state.survey?.risk.dataAtRisk ?? [];
  if (rows.length === 0) return [];
  return [
    gap,
    heading('What stays, because nothing is rolled back'),
    ...rows.map((entry) =>
      item(
        'pass',
        `${entry.table}${entry.column === undefined ? '' : `.${entry.column}`}, ${count(entry.rows, 'row')}`,
        { detail: entry.detail },
      ),
    ),
  ];
}

function advice(state: State): Block[] {
  const { possible } = possibility(state.survey);
  const steps = [
    'Carry out the repairs here, or write them to a file and deploy that as a migration: not both.',
    ...(possible
      ? []
      : ['Resolve conflicts and failing rows first: they would stop a later rollback as well.']),
    'Try a migration of your own on a copy of this database first.',
    'Keep the application and the schema in step: deploy what expects the migrated tables.',
  ];
  return [
    gap,
    heading('What to do'),
    ...steps.map((words) => item('none', words)),
    ...(state.runbook.related
      ? [gap, heading(state.runbook.related.title), ...prose(state.runbook.related.text)]
      : []),
  ];
}
