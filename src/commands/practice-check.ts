/** `backout practice --check FILE`: everything that is wrong with a drill, found by reading it and by playing it. */
import { readFile } from 'node:fs/promises';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { EXIT, UserError } from '../exit.ts';
import { BadPlay } from '../practice/drill/answers.ts';
import { givenAway, strayNames } from '../practice/drill/examine.ts';
import { problemLine, type DrillProblem } from '../practice/drill/problem.ts';
import { examineDrill } from '../practice/drill/read.ts';
import type { Drill, Play } from '../practice/drill/types.ts';
import { startEmbedded } from '../practice/embedded.ts';
import { createSpares, type Spares } from '../practice/spare.ts';
import { DatabaseError } from '../sql/session.ts';
import type { Options } from './args.ts';
import { toJson } from './document.ts';
import { shippedRunbook, type Io } from './io.ts';
import { loadPlan } from './load.ts';
import { optionsOf, playDrill, type Played } from './practice-play.ts';
import { enterFolder, stageFor } from './practice-stage.ts';

const SCHEMA = 'backout.drill-check/1';

export interface CheckedPlay {
  name: string;
  right: boolean;
  outcome: string | null;
  points: number | null;
}

export interface CheckedDrill {
  problems: DrillProblem[];
  plays: CheckedPlay[];
}

const problem = (message: string, advice: string): DrillProblem => ({ line: null, message, advice });

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `name.md` beside `name/drills/`; elsewhere, as while a drill is being written, the one that ships. */
export function runbookBeside(io: Pick<Io, 'root'>, file: string): string {
  const beside = `${dirname(dirname(resolve(file)))}.md`;
  return existsSync(beside) ? beside : shippedRunbook(io);
}

/** Reads it, prepares it, plays it. Nothing of it is kept. */
export async function checkDrill(
  io: Io,
  options: Options,
  path: string,
  text: string,
): Promise<CheckedDrill> {
  const { drill, problems } = examineDrill(path, text);
  if (!drill || problems.length > 0) return { problems, plays: [] };
  const { plan } = await loadPlan(options.runbook ?? runbookBeside(io, path));
  const found = [...strayNames(drill, plan), ...givenAway(drill)];
  if (found.length > 0) return { problems: found, plays: [] };
  const spares = createSpares(startEmbedded);
  const state = mkdtempSync(join(tmpdir(), 'backout-check-'));
  const quiet: Io = { ...io, env: { ...io.env, XDG_STATE_HOME: state } };
  const here = { ...options, runbook: options.runbook ?? runbookBeside(io, path) };
  const plays: CheckedPlay[] = [];
  try {
    for (const play of drill.plays) {
      const { checked, wrong } = await checkPlay(quiet, here, { drill, play, spares });
      plays.push(checked);
      found.push(...wrong);
      // What the set-up says is the same for all of them.
      if (checked.outcome === null) break;
    }
    found.push(...compared(plays));
  } finally {
    await spares.stop();
    rmSync(state, { recursive: true, force: true });
  }
  return { problems: found, plays };
}

async function checkPlay(
  io: Io,
  options: Options,
  { drill, play, spares }: { drill: Drill; play: Play; spares: Spares },
): Promise<{ checked: CheckedPlay; wrong: DrillProblem[] }> {
  const { name, right } = play;
  const nothing = { name, right, outcome: null, points: null };
  const leave = enterFolder(drill);
  try {
    const stage = await stageFor(io, drill, options, spares);
    try {
      const say = (): Promise<void> => Promise.resolve();
      const played = await playDrill(io, { drill, play, stage, options: optionsOf(drill, options), say });
      const checked = { name, right, outcome: played.outcome, points: played.score.points };
      return { checked, wrong: [...asExpected(play, played), ...counted(played)] };
    } finally {
      await stage.stop();
    }
  } catch (error) {
    if (error instanceof BadPlay) {
      return {
        checked: { ...nothing, outcome: '' },
        wrong: [problem(`play "${name}": ${error.message}`, 'Put the play right.')],
      };
    }
    if (!(error instanceof DatabaseError)) throw error;
    const advice = 'It runs in the migrated database; try it there with psql.';
    return { checked: nothing, wrong: [problem(`the set-up fails: ${wordsOf(error)}`, advice)] };
  } finally {
    leave();
  }
}

function asExpected({ name, expect }: Play, { outcome, score, unused, events }: Played): DrillProblem[] {
  const { from, to } = expect.score;
  const wrong: DrillProblem[] = [];
  const items = score.items.map(({ text, points, of }) => `${points}/${of} ${text}`).join(' · ');
  if (outcome !== expect.outcome) {
    wrong.push(
      problem(
        `play "${name}" ends with ${outcome ?? 'no result'}, not with ${expect.outcome}`,
        'Put the play or its expectation right.',
      ),
    );
  }
  if (score.points < from || score.points > to) {
    wrong.push(
      problem(`play "${name}" has ${score.points} points, not ${from} to ${to}`, `They come from: ${items}`),
    );
  }
  for (const answer of unused) {
    wrong.push(
      problem(
        `play "${name}": the question "${answer}" is never asked`,
        'Take it out, or name the question as it is asked.',
      ),
    );
  }
  for (const event of events) {
    if (event.type === 'note' && event.text.startsWith('The event ')) {
      wrong.push(problem(`play "${name}": ${event.text}`, 'Put its SQL right.'));
    }
  }
  return wrong;
}

/** What is kept is counted before and after: a query that counts nothing shows nothing. */
function counted({ end }: Played): DrillProblem[] {
  return end.keeps
    .filter(({ before }) => before === null)
    .map(({ id }) =>
      problem(`keeps, ${id}: the query gives no number`, 'Its first column has to be one number.'),
    );
}

function compared(plays: readonly CheckedPlay[]): DrillProblem[] {
  const right = plays.find((play) => play.right)?.points ?? null;
  if (right === null) return [];
  return plays
    .filter((play) => !play.right && play.points !== null && play.points >= right)
    .map(({ name, points }) =>
      problem(
        `play "${name}" has ${points} points, no fewer than the right one with ${right}`,
        'A wrong road has to cost.',
      ),
    );
}

/** @throws {UserError} 65 with everything that is wrong */
export async function practiceCheckCommand(io: Io, options: Options, file: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`The drill cannot be read: ${wordsOf(error)}`, 'Check the path.', EXIT.badRunbook, {
      cause: error,
    });
  }
  const given = options.runbook === undefined ? {} : { runbook: resolve(options.runbook) };
  const { problems, plays } = await checkDrill(io, { ...options, ...given }, file, text);
  if (options.json) {
    await io.out(toJson({ schema: SCHEMA, path: file, ok: problems.length === 0, problems, plays }));
    return problems.length === 0 ? EXIT.ok : EXIT.badRunbook;
  }
  for (const { name, right, outcome, points } of plays) {
    const ended = outcome === null || outcome === '' ? 'could not be played' : `${outcome}, ${points} points`;
    await io.out(`${right ? 'right' : 'wrong'}  ${name}: ${ended}\n`);
  }
  for (const one of problems) await io.out(`${problemLine(file, one)}\n`);
  await io.out(
    problems.length === 0 ? `${file}: nothing is wrong with it.\n` : `${problems.length} to put right.\n`,
  );
  return problems.length === 0 ? EXIT.ok : EXIT.badRunbook;
}
