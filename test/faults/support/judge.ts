/** What is right and wrong after a fault: the tables, the journal, the program's own words, and whether it can go on. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { difference, fingerprint } from './fingerprint.ts';
import { labelOf, type Fault, type Outcome, type Stand } from './point.ts';
import type { Ended } from './program.ts';
import { resumeWords, runWords, statusWords, undoWords } from './reference.ts';
import { truthOf } from './truth.ts';

/** Fills in `outcome`. */
export async function judge(stand: Stand, fault: Fault, outcome: Outcome, ended: Ended): Promise<void> {
  const { lab, reference, database, place } = stand;
  const { user, steps } = reference.scenario;
  const { wrong } = outcome;
  const truth = await lab.use(database, (client) => truthOf(client, reference));
  outcome.whole = truth.whole;
  outcome.unknown = ended.result?.steps.some((step) => step.outcome === 'unknown') ?? false;
  wrong.push(...truth.wrong);
  if (truth.whole === null) return;
  const { whole } = truth;
  if (!allowedOf(fault, steps.length).includes(whole)) {
    wrong.push(`${whole} whole steps are done, expected ${allowedOf(fault, steps.length).join(' or ')}`);
  }
  const silent =
    fault.noResult === true && ended.result === null && ended.status !== 0 && ended.status !== 70;
  if (!fault.forgiven && !silent) wrong.push(...saidWrong(ended, whole, steps));
  if (!fault.forgiven && !fault.noJournal) wrong.push(...(await intentWrong(stand, whole)));
  const url = lab.url(database, user);
  wrong.push(...statusWrong(await place.run(statusWords(url, reference.scenario)), whole, steps));
  wrong.push(...((await fault.check?.({ ...stand, ended, whole })) ?? []));
  if (wrong.length === 0 && !fault.brief) wrong.push(...(await finishWrong(stand, fault, whole)));
}

function allowedOf({ at, side, allowed }: Fault, steps: number): readonly number[] {
  if (allowed) return allowed;
  const all = Array.from({ length: steps + 1 }, (_, whole) => whole);
  if (at === null) return all;
  return side === 'after' && at.commits ? all.filter((whole) => whole > at.before) : [at.before];
}

/** What the program said of each step, against what is so. Not knowing is never wrong; saying what is not so is. */
export function saidWrong(ended: Ended, whole: number, steps: readonly string[]): string[] {
  const { result, status, err } = ended;
  if (status === 70) return [`it ended as a bug of its own: ${err.slice(-900)}`];
  if (result === null)
    return status === null ? [] : [`it ended with ${status} and no result: ${err.slice(-900)}`];
  const wrong = steps.flatMap((id, at) => {
    const said = result.steps.find((step) => step.id === id)?.outcome ?? 'nothing';
    const fits =
      said === 'unknown' || (at < whole ? said === 'done' : said === 'rolled-back' || said === 'not-run');
    return fits ? [] : [`it said that ${id} is ${said}; it is ${at < whole ? 'done' : 'not done'}`];
  });
  if (status !== null && result.exitStatus !== status)
    wrong.push(`the result says ${result.exitStatus}, it ended with ${status}`);
  if (status === 0 && whole < steps.length) wrong.push('it ended with 0 and is not done');
  return wrong;
}

/** What `backout status` says afterwards. */
export function statusWrong(ended: Ended, whole: number, steps: readonly string[]): string[] {
  try {
    const said = JSON.parse(ended.out) as { steps: { id: string; state: string }[] };
    return steps.flatMap((id, at) => {
      const state = said.steps.find((step) => step.id === id)?.state ?? 'not named';
      const right = at < whole ? 'applied' : 'pending';
      return state === right ? [] : [`backout status says that ${id} is ${state}; it is ${right}`];
    });
  } catch {
    return [`backout status ended with ${ended.status}: ${ended.err.slice(-600)}`];
  }
}

/** Whatever was committed, the intent to commit it was on the disk before. */
async function intentWrong({ place, reference }: Stand, whole: number): Promise<string[]> {
  const runs = join(place.state, 'backout', 'runs');
  const folders = await readdir(runs).catch(() => []);
  const journals = await Promise.all(
    folders.map((folder) => readFile(join(runs, folder, 'journal.jsonl'), 'utf8').catch(() => '')),
  );
  const lines = journals.join('').split('\n');
  return reference.scenario.steps.slice(0, whole).flatMap((step) => {
    const there = lines.some((line) => line.includes('"step-committing"') && line.includes(`"${step}"`));
    return there ? [] : [`${step} is committed, and its intent is not in the journal on the disk`];
  });
}

/** Goes on to the end, then takes everything back: the same rows and definitions as without a fault, both times. */
async function finishWrong(stand: Stand, fault: Fault, whole: number): Promise<string[]> {
  const { lab, reference, database, place } = stand;
  const { scenario, states, accepted, undoAccepted } = reference;
  const url = lab.url(database, scenario.user);
  const wrong: string[] = [];
  const compare = async (expected: readonly string[], after: string): Promise<void> => {
    const found = await lab.use(database, (client) => fingerprint(client, scenario.random));
    const lines = difference(expected, found);
    if (lines.length > 0)
      wrong.push(`${after}, the database is not as without a fault: ${lines.join(' | ')}`);
  };
  // Half of the points go on and are then undone, the others are undone where they stand.
  const goesOn = whole === 0 || !reference.store || evenly(labelOf(fault));
  if (goesOn && whole < scenario.steps.length) {
    const words = (await brokenOff(stand)) ? resumeWords : runWords;
    const rest = await place.run(words(url, database, scenario, accepted));
    if (rest.status !== 0)
      wrong.push(
        `backout ${words === runWords ? 'run' : 'resume'} ended with ${rest.status}: ${rest.err.slice(-900)}`,
      );
    await compare(states.at(-1) ?? [], 'having gone on');
  }
  if (!reference.store || wrong.length > 0) return wrong;
  for (let runs = await toUndo(stand); runs > 0; runs -= 1) {
    const back = await place.run(undoWords(url, database, undoAccepted));
    if (back.status === 0) continue;
    return [`backout undo ended with ${back.status}: ${back.err.slice(-900)}`];
  }
  await compare(states[0] ?? [], 'having been undone');
  return wrong;
}

/** A share of one half, the same in every run of the tests. */
const evenly = (text: string): boolean =>
  [...text].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 2 === 0;

/** Whether a run has not ended: it is resumed, not begun anew. */
const brokenOff = async (stand: Stand): Promise<boolean> =>
  (await numberOf(
    stand,
    "SELECT count(*)::int AS n FROM backout.run WHERE ended_at IS NULL AND kind = 'rollback'",
  )) > 0;

/** Runs with steps that stand. */
const toUndo = (stand: Stand): Promise<number> =>
  numberOf(
    stand,
    "SELECT count(DISTINCT run)::int AS n FROM backout.step JOIN backout.run USING (run) WHERE undone_by IS NULL AND kind = 'rollback'",
  );

function numberOf({ lab, reference, database }: Stand, sql: string): Promise<number> {
  if (!reference.store) return Promise.resolve(0);
  return lab.use(database, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      "SELECT to_regclass('backout.step') IS NOT NULL AS there",
    );
    if (rows[0]?.there !== true) return 0;
    return (await client.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
  });
}
