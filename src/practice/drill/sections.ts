/** The text of a drill: story, set-up, coach and debrief, each under its heading. Pure. */
import { blocksOf, nodesBelow, sectionsOf, type Heading } from '../../runbook/markdown.ts';
import { BadMoment, parseMoment } from './moment.ts';
import type { Problems } from './problem.ts';
import type { CoachNote } from './types.ts';

export interface DrillText {
  title: string;
  story: string;
  setup: string[];
  coach: CoachNote[];
  debrief: string;
}

const SECTIONS = ['story', 'setup', 'coach', 'debrief'] as const;
type SectionName = (typeof SECTIONS)[number];

/** Reads what stands below the front matter; what is wrong is added to the problems. */
export function readDrillText(body: string, problems: Problems): DrillText {
  const top = sectionsOf(body);
  const [title, second] = top.children.filter(({ depth }) => depth === 1);
  if (!title) {
    problems.add(null, 'the title is missing', 'Write "# What it is about" below the front matter.');
  }
  if (second) {
    problems.add(second.line, `"# ${second.title}" is a second title`, 'A drill has one title.');
  }
  const headings = title?.children ?? top.children;
  for (const heading of headings) {
    if (isSection(heading.title)) continue;
    problems.add(
      heading.line,
      `"## ${heading.title}" is no part of a drill`,
      'There is: ## Story, ## Setup, ## Coach and ## Debrief.',
    );
  }
  const of = (name: SectionName) => headings.find((heading) => heading.title.trim().toLowerCase() === name);
  return {
    title: title?.title ?? '',
    story: needed(body, of('story'), 'Story', 'what the operator is told', problems),
    setup: setupOf(of('setup'), problems),
    coach: of('coach')?.children.flatMap((heading) => noteOf(body, heading, problems)) ?? [],
    debrief: needed(
      body,
      of('debrief'),
      'Debrief',
      'what the evidence said, and what it would have cost',
      problems,
    ),
  };
}

function isSection(title: string): boolean {
  return (SECTIONS as readonly string[]).includes(title.trim().toLowerCase());
}

function needed(
  body: string,
  heading: Heading | undefined,
  name: string,
  what: string,
  problems: Problems,
): string {
  const text = heading ? sourceOf(body, heading) : '';
  if (text === '') {
    problems.add(heading?.line ?? null, `"## ${name}" is missing or empty`, `It holds ${what}.`);
  }
  return text;
}

/** What stands below a heading, as it is written, until the next heading of its depth or above. */
function sourceOf(body: string, heading: Heading): string {
  const last = nodesBelow(heading)
    .map((node) => node.position?.end.line ?? heading.line)
    .concat(heading.children.map(({ line }) => line));
  return body
    .split('\n')
    .slice(heading.line, Math.max(heading.line, ...last))
    .join('\n')
    .trim();
}

function setupOf(heading: Heading | undefined, problems: Problems): string[] {
  if (!heading) return [];
  const blocks = blocksOf(nodesBelow(heading));
  for (const { language, line } of blocks) {
    if (language !== 'sql') {
      problems.add(line, 'the set-up takes SQL alone', 'Write ```sql above the block.');
    }
  }
  return blocks.filter(({ language }) => language === 'sql').map(({ text }) => text);
}

function noteOf(body: string, heading: Heading, problems: Problems): CoachNote[] {
  const text = sourceOf(body, heading);
  if (text === '')
    problems.add(heading.line, `the note "${heading.title}" is empty`, 'Say what to look at there.');
  try {
    return [{ at: parseMoment(heading.title), text }];
  } catch (error) {
    if (!(error instanceof BadMoment)) throw error;
    problems.add(heading.line, error.message, error.advice);
    return [];
  }
}
