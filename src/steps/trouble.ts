/** Where something failed: the runbook's entry on it, what could be mended, and the screen on which that is chosen. */
import type { Repair, RepairNote } from '../repair/types.ts';
import { withValue } from '../repair/value.ts';
import type { Troubleshooting } from '../runbook/types.ts';
import { askedOf } from '../wizard/asked.ts';
import { failing } from '../wizard/judge.ts';
import { mayMend } from '../wizard/mending.ts';
import type { Block, Option, Question, Screen, State } from '../wizard/types.ts';
import {
  codeBlocks,
  count,
  gap,
  heading,
  item,
  option,
  prose,
  safe,
  span,
  spans,
  sql,
  table,
  text,
} from './blocks.ts';
import { screen } from './screen.ts';

const labelled = (label: string, words: string): Block[] =>
  words === '' ? [] : [spans(span(`${label}: `, 'quiet'), span(words))];

/** The runbook's own words and code on such a failure, to read; nothing of it is run. */
export const entryBlocks = (entry: Troubleshooting): Block[] => [
  gap,
  heading(`The runbook's troubleshooting: ${entry.title}`),
  ...labelled('Cause', entry.cause),
  ...labelled('Solution', entry.solution),
  ...codeBlocks(entry.blocks),
];

/** Of the prerequisites that are not met: each entry once. */
export function failedEntries(state: State): Block[] {
  const titles = new Set(failing(state.prerequisites.results).map((result) => result.troubleshooting));
  return state.runbook.troubleshooting.filter(({ title }) => titles.has(title)).flatMap(entryBlocks);
}

export const noteBlocks = ({ title, lines, table: beside }: RepairNote): Block[] => [
  gap,
  heading(title),
  ...lines.map((line) => text(line)),
  ...(beside ? [table(beside.columns, beside.rows)] : []),
];

/** What backout found that could be mended, each with its name, and what it found beside that. */
export function mendable(state: State): Block[] {
  if (!mayMend(state)) return [];
  const { found, notes } = state.repairs;
  return [
    ...notes.flatMap(noteBlocks),
    ...(found.length === 0
      ? []
      : [
          gap,
          heading('What could be mended'),
          ...found.map((repair) => item('none', repair.title, { detail: repair.found })),
          text(
            'Each is a run of its own: its SQL is shown and confirmed there, what it takes away is kept.',
            'quiet',
          ),
        ]),
  ];
}

/** The answer that shows them. */
export const mendOf = (state: State): Option =>
  option(
    'mend',
    'm',
    `Mend it: ${count(state.repairs.found.length, 'repair')} to choose from`,
    'Nothing is run by that.',
  );

export const mendOption = (state: State, values: readonly string[]): Option[] =>
  values.includes('mend') ? [mendOf(state)] : [];

/** One repair whole: what was found, what to weigh, its SQL. */
export const repairBlocks = (found: Repair, chosen: boolean): Block[] => {
  const repair = withValue(found);
  return [
    gap,
    item(chosen ? 'done' : 'waiting', `${repair.title}${chosen ? ' (chosen)' : ''}`, {
      lines: [repair.found, ...repair.careful],
    }),
    sql(repair.sql.trim()),
  ];
};

/** Letters that pick a repair: those that no other answer here has. */
const KEYS = '123456789';

export function mendScreen(state: State): Screen {
  const { found, notes, chosen } = state.repairs;
  return screen(
    state,
    state.screen,
    'What could be mended',
    [
      text('Choose what is to be mended. Nothing is run here: what is chosen becomes a run of its own.'),
      ...notes.flatMap(noteBlocks),
      ...found.flatMap((repair) => repairBlocks(repair, chosen.includes(repair.id))),
    ],
    question(state),
  );
}

function valueQuestion(state: State): Question {
  const { id, subject } = askedOf(state);
  const repair = state.repairs.found.find((one) => one.id === subject);
  return {
    kind: 'text',
    id,
    prompt: safe(`${repair?.input?.prompt ?? ''} Enter alone leaves it as it is.`),
    required: false,
    placeholder: '',
    secret: false,
    unattended: '',
    ...(subject === undefined ? {} : { subject }),
  };
}

function question(state: State): Question {
  const { found, chosen, asking } = state.repairs;
  if (asking !== null) return valueQuestion(state);
  const toggles = found.map((one, at): Option => {
    const repair = withValue(one);
    const on = chosen.includes(repair.id);
    return option(`toggle:${repair.id}`, KEYS[at] ?? '', `${on ? '[x]' : '[ ]'} ${repair.title}`);
  });
  const go = option(
    'go',
    'g',
    `Go to the repair: ${count(chosen.length, 'repair')}`,
    'This run ends here; the repair begins and asks before it runs anything.',
  );
  return {
    kind: 'choice',
    id: askedOf(state).id,
    prompt: 'What is to be mended?',
    options: [
      ...toggles,
      chosen.length === 0 ? { ...go, disabled: safe('Choose at least one repair first.') } : go,
      option('close', 'b', 'Back', 'Nothing was run.'),
    ],
    default: 'close',
    unattended: 'close',
  };
}

/** Lines of prose on what is true whatever an entry says. */
export const truths = (lines: readonly string[]): Block[] => lines.flatMap((line) => prose(line));
