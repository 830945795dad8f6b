/** In front of the report, in a drill: the score, the road taken beside the expert's, what it would have cost. */
import type { Debrief, ScoreItem } from '../practice/score/types.ts';
import { askedOf } from '../wizard/asked.ts';
import {
  clock,
  keptLines,
  minutesWords,
  pointsWords,
  rightWords,
  scoreGroups,
  verdictWords,
} from '../wizard/debrief-words.ts';
import type { Block, Mark, Question, Screen, State, Tone } from '../wizard/types.ts';
import { errorBlocks, gap, heading, item, option, span, spans, table, text, wait } from './blocks.ts';
import { proseBlocks } from './drill-prose.ts';
import { screen } from './screen.ts';

export const debriefScreen = (state: State): Screen =>
  screen(state, state.screen, title(state), blocks(state), question(state));

const title = ({ debrief: { result } }: State): string => (result ? `Debrief: ${result.title}` : 'Debrief');

function blocks(state: State): Block[] {
  const { error, result, paths } = state.debrief;
  if (error) {
    return [heading('The drill could not be judged'), ...errorBlocks(error, state.runbook)];
  }
  if (!result) return [text('What is left in the database is counted, then the journal is read.')];
  return [
    ...verdict(result),
    ...score(result),
    ...kept(result),
    ...road(result),
    ...expert(result),
    ...evidence(result),
    ...cost(result),
    ...happened(result),
    ...files(paths),
  ];
}

const toneOf = (points: number): Tone => (points >= 85 ? 'good' : points >= 60 ? 'warn' : 'bad');

function verdict(debrief: Debrief): Block[] {
  const { score: judged, fault, decision } = debrief;
  return [
    spans(
      span(verdictWords(judged), toneOf(judged.points)),
      span(` ${minutesWords(debrief)}`.trimEnd(), 'quiet'),
    ),
    gap,
    heading('The fault'),
    // Bad news is what a screen is opened at: so it opens at its top, not at the first thing that failed.
    text(fault, 'bad'),
    text(`Right was ${rightWords(debrief)}. ${decision.why}`),
  ];
}

const markOf = ({ points, of }: ScoreItem): Mark =>
  of === 0 ? 'warn' : points === of ? 'pass' : points > 0 ? 'warn' : 'fail';

/** The sums in a table, then each thing with its moment, what cost points first. */
function score({ score: { items } }: Debrief): Block[] {
  if (items.length === 0) return [];
  const groups = scoreGroups(items);
  const inOrder = [...items].sort((one, other) => other.of - other.points - (one.of - one.points));
  return [
    gap,
    heading('Score'),
    table(
      ['', 'points'],
      groups.map((group) => [group.title, pointsWords(group)]),
    ),
    gap,
    ...inOrder.map((one) =>
      item(markOf(one), one.text, {
        detail: pointsWords(one),
        lines: one.moment ? [`At ${clock(one.moment)}, line ${one.moment.seq} of the journal.`] : [],
      }),
    ),
  ];
}

const kept = (debrief: Debrief): Block[] =>
  debrief.kept.length === 0
    ? []
    : [
        gap,
        heading('What had to stay'),
        ...keptLines(debrief).map(({ good, text: words }) => item(good ? 'pass' : 'fail', words)),
      ];

const ROAD_MARKS = { plain: 'none', good: 'pass', bad: 'warn', quiet: 'none' } as const;

const road = ({ road: lines }: Debrief): Block[] => [
  gap,
  heading('The road you took (UTC)'),
  ...lines.map((line) => item(ROAD_MARKS[line.tone], `${clock(line)}  ${line.text}`)),
];

const expert = ({ expert: lines }: Debrief): Block[] =>
  lines.length === 0
    ? []
    : [
        gap,
        heading("An expert's road"),
        ...lines.map(({ text: words, met, shown }) =>
          item(met ? 'pass' : shown ? 'fail' : 'none', words, {
            detail: met ? `you: ${clock(met)}` : shown ? 'not on your road' : '',
          }),
        ),
      ];

const evidence = ({ evidence: shown }: Debrief): Block[] =>
  shown.length === 0
    ? []
    : [
        gap,
        heading('What the evidence said when'),
        ...shown.map((one) => item('none', `${clock(one)}  ${one.title}`, { lines: one.lines })),
      ];

function cost({ told, measured }: Debrief): Block[] {
  const here = measured.map((line) => item('none', line));
  return [
    ...(told.trim() === ''
      ? []
      : [gap, heading('What was to be seen, and what it would have cost'), ...proseBlocks(told)]),
    ...(here.length === 0 ? [] : [gap, heading('What it cost here'), ...here]),
  ];
}

function happened({ injected, simulated }: Debrief): Block[] {
  return [
    ...(injected.length === 0
      ? []
      : [
          gap,
          heading('What happened to you'),
          ...injected.map((event) =>
            item('warn', `${clock(event)}  ${event.title}`, {
              detail: [
                ...(event.by === 'instructor' ? ['by the instructor'] : []),
                ...(event.simulated ? ['simulated'] : []),
              ].join(', '),
            }),
          ),
        ]),
    ...(simulated.length === 0
      ? []
      : [gap, heading('Simulated'), ...simulated.map((line) => item('none', line))]),
  ];
}

const files = (paths: string[]): Block[] =>
  paths.length === 0
    ? []
    : [
        gap,
        heading('Your record'),
        text('It stays on this machine unless you hand it over.', 'quiet'),
        ...paths.map((path) => text(path, 'code')),
      ];

const OPTIONS: Record<string, ReturnType<typeof option>> = {
  retry: option('retry', 'r', 'Judge it again'),
  again: option('again', 'a', 'The same drill again'),
  next: option('next', 'n', 'The next drill'),
  list: option('list', 'l', 'The list of drills'),
  leave: option('leave', 'x', 'Leave practice'),
};

function question(state: State): Question {
  const { id, name, values } = askedOf(state);
  if (name !== 'debrief') return wait(id, 'Judging…');
  return {
    kind: 'choice',
    id,
    prompt: 'What now?',
    options: (values ?? []).flatMap((value) => OPTIONS[value] ?? []),
    default: values?.includes('next') ? 'next' : 'list',
    unattended: 'leave',
  };
}
