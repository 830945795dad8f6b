/** The debrief as Markdown: a file of its own, or a section of the run's report. Pure. */
import { inline, table } from '../../journal/markdown/text.ts';
import { toDisplay } from '../../terminal/sanitize.ts';
import type { Debrief } from './types.ts';
import {
  clock,
  keptLines,
  minutesWords,
  momentWords,
  pointsWords,
  rightWords,
  scoreGroups,
  verdictWords,
} from '../../wizard/debrief-words.ts';

const section = (title: string, body: string): string => (body === '' ? '' : `### ${title}\n\n${body}`);

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** Of our own drill file; still, a file that somebody else wrote must not bring controls along. */
const prose = (markdown: string): string => toDisplay(markdown.trim(), 20_000).replaceAll(/^#/gm, '####');

/** With a heading of the second level, to stand in a report. */
export function debriefSection(debrief: Debrief): string {
  const { score, decision } = debrief;
  const parts = [
    `## Debrief: ${inline(debrief.title)}`,
    `**${verdictWords(score)}** ${[inline(debrief.person), debrief.level, minutesWords(debrief)].filter((part) => part !== '').join(', ')}.`,
    `The fault: ${inline(debrief.fault)}`,
    `Right was ${rightWords(debrief)}. ${inline(decision.why)}`,
    section('Score', score.items.length === 0 ? '' : scoreTable(debrief)),
    section('What had to stay', list(keptLines(debrief).map(({ text }) => inline(text)))),
    section('The road you took', roadTable(debrief)),
    section("An expert's road", expertList(debrief)),
    section('What the evidence said when', evidence(debrief)),
    section('What was to be seen, and what it would have cost', prose(debrief.told)),
    section('What it cost here', list(debrief.measured.map(inline))),
    section('What happened to you', injected(debrief)),
    section('Simulated', list(debrief.simulated.map(inline))),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The file of a record. */
export const debriefMarkdown = (debrief: Debrief): string =>
  `${debriefSection(debrief).replace(/^## /, '# ').replaceAll(/^### /gm, '## ')}\n`;

function scoreTable({ score }: Debrief): string {
  const rows = scoreGroups(score.items).flatMap(({ title, items }) =>
    items.map((item, at) => [
      at === 0 ? title : '',
      pointsWords(item),
      inline(item.text),
      item.moment ? momentWords(item.moment) : '',
    ]),
  );
  return table(
    ['', 'Points', '', 'Moment'],
    [...rows, ['**All**', `**${score.points} of ${score.of}**`, '', '']],
  );
}

const roadTable = ({ road }: Debrief): string =>
  road.length === 0
    ? ''
    : table(
        ['Time (UTC)', ''],
        road.map((line) => [clock(line), inline(line.text)]),
      );

const expertList = ({ expert }: Debrief): string =>
  expert
    .map(({ text, met, shown }, at) => {
      const yours = met ? ` (you: ${clock(met)})` : shown ? ' (not on your road)' : '';
      return `${at + 1}. ${inline(text)}${yours}`;
    })
    .join('\n');

const evidence = ({ evidence: shown }: Debrief): string =>
  shown.map((one) => `${clock(one)} ${inline(one.title)}:\n\n${list(one.lines.map(inline))}`).join('\n\n');

const injected = ({ injected: events }: Debrief): string =>
  list(
    events.map((event) => {
      const by = event.by === 'instructor' ? ', by the instructor' : '';
      return `${clock(event)} ${inline(event.title)}${by}${event.simulated ? ', simulated' : ''}`;
    }),
  );
