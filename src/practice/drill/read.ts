/** From a file to a drill, or to everything that is wrong with it. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT, UserError } from '../../exit.ts';
import { readFrontMatter, splitFrontMatter } from './front-matter.ts';
import { Problems, refusedDrill, type DrillProblem } from './problem.ts';
import type { FrontMatter } from './schema.ts';
import { readDrillText, type DrillText } from './sections.ts';
import type { Drill, Injection, Play, Rule } from './types.ts';

/**
 * Reads a drill. Pure.
 * @param path as it shall be named in messages; the file's name gives the id
 * @throws {UserError} 65, with every fault, its line, and what to write instead
 */
export function readDrill(path: string, text: string): Drill {
  const { drill, problems } = examineDrill(path, text);
  if (drill && problems.length === 0) return drill;
  throw refusedDrill(path, problems);
}

/** @throws {UserError} 65, also when the file cannot be read */
export async function loadDrill(path: string): Promise<Drill> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { message } = error as Error;
    throw new UserError(`The drill cannot be read: ${message}`, 'Check the path.', EXIT.badRunbook, {
      cause: error,
    });
  }
  return readDrill(path, text);
}

/** As {@link readDrill}, without throwing: the drill as far as there is one, and what is wrong. */
export function examineDrill(path: string, text: string): { drill: Drill | null; problems: DrillProblem[] } {
  const problems = new Problems();
  const found = () =>
    [...problems].sort((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
  const name = /^(?:(\d+)-)?([a-z0-9][a-z0-9-]*)\.md$/.exec(basename(path));
  if (!name) {
    problems.add(null, 'the name of the file does not fit', 'Write for example 09-two-operators.md.');
  }
  const { yaml, body } = splitFrontMatter(text);
  const prose = readDrillText(body, problems);
  if (yaml === null) {
    problems.add(
      1,
      'the front matter is missing',
      'The file begins with --- and YAML, as in docs/drills.md.',
    );
    return { drill: null, problems: found() };
  }
  const { front, problems: wrong, lineOf } = readFrontMatter(yaml);
  problems.push(...wrong);
  if (!front) return { drill: null, problems: found() };
  checkTogether(front, problems, lineOf);
  const [, number = '', id = ''] = name ?? [];
  return { drill: drillOf({ path, id, number }, front, prose), problems: found() };
}

type Lines = (path: readonly PropertyKey[]) => number | null;

/** What one part says about another. */
function checkTogether(front: FrontMatter, problems: Problems, lineOf: Lines): void {
  const right = front.plays.filter((play) => play.right).length;
  if (right !== 1) {
    problems.add(
      lineOf(['plays']),
      `${right === 0 ? 'no play' : `${right} plays`} with "right: true"`,
      'Exactly one play is the road of an expert.',
    );
  }
  if (front.stage === 'server' && front.simulated.length === 0) {
    problems.add(
      lineOf(['stage']),
      'it wants a server, and does not say what is simulated where there is none',
      'Write "simulated:" with a sentence for each thing that is.',
    );
  }
  for (const [key, entries] of Object.entries({
    risks: front.risks,
    keeps: front.keeps,
    events: front.events,
    questions: front.questions,
  })) {
    entries.forEach(({ id }, at) => {
      if (entries.findIndex((entry) => entry.id === id) === at) return;
      problems.add(lineOf([key, at, 'id']), `"${id}" is there twice in "${key}"`, 'Give each its own id.');
    });
  }
  const files = front.files.map(({ path }) => path);
  for (const [option, path] of Object.entries(front.options)) {
    if (files.some((file) => file === path || file.startsWith(`${path}/`))) continue;
    problems.add(
      lineOf(['options', option]),
      `"${option}" names ${path}, which is not among the files`,
      'Add it to "files", or leave the option out.',
    );
  }
}

const ruleOf = (rule: FrontMatter['must'][number]): Rule => ({
  text: rule.text,
  moments: rule.moments,
  about: rule.about,
  beforeActing: rule['before acting'],
});

/** Without "when": from the beginning on, at the instructor's key. */
const ANY_TIME: Injection['when'] = { kind: 'at', text: 'at' };

function injectionOf(event: FrontMatter['events'][number]): Injection {
  const { id, title, when = ANY_TIME, by } = event;
  return { id, title, when, byInstructor: by === 'instructor', act: actOf(event) };
}

function actOf(event: FrontMatter['events'][number]): Injection['act'] {
  if (event.sql !== undefined) return { kind: 'sql', sql: event.sql };
  if (event.hold !== undefined) {
    const { application = 'reporting', until = null } = event;
    return { kind: 'hold', sql: event.hold, application, until };
  }
  if (event.cut !== undefined) return { kind: 'cut', commit: event.cut };
  return { kind: 'operator', ...event.operator! };
}

const playOf = ({ name, right, answers, expect }: FrontMatter['plays'][number]): Play => ({
  name,
  right,
  answers: answers.map(({ at, say, press }) => ({ at, say: say ?? { action: press ?? '' } })),
  expect: { outcome: expect.outcome, score: expect.score },
});

function drillOf(
  from: { path: string; id: string; number: string },
  front: FrontMatter,
  { title, story, setup, coach, debrief }: DrillText,
): Drill {
  return {
    ...from,
    title,
    level: front.level,
    minutes: front.minutes,
    story,
    migratedHoursAgo: front.migrated,
    setup,
    role: front.role ?? null,
    stage: front.stage,
    simulated: front.simulated,
    files: front.files.map(({ path, content, age = 0 }) => ({ path, content, ageHours: age })),
    options: { ...front.options },
    events: front.events.map(injectionOf),
    fault: front.fault,
    right: {
      decision: front.right.decision,
      alsoRight: front.right.also,
      why: front.right.why,
      outcomes: front.right.outcomes,
    },
    risks: front.risks,
    must: front.must.map(ruleOf),
    mustNot: front['must not'].map(ruleOf),
    keeps: front.keeps.map(({ id, title, sql, after }) => ({ id, title, sql, sqlAfter: after ?? null })),
    coach,
    questions: front.questions,
    hints: front.hints,
    debrief,
    expert: front.expert.map(({ text, moment = null }) => ({ text, moment })),
    plays: front.plays.map(playOf),
  };
}
