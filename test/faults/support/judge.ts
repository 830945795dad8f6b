/** What is right and wrong after a fault: the tables, the journal, the program's own words, and whether it can go on. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterwardsWrong } from './afterwards.ts';
import type { Fault, Outcome, Stand } from './point.ts';
import type { Ended } from './program.ts';
import { statusWords } from './commands.ts';
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
  if (!fault.forgiven) wrong.push(...saidWrong(ended, whole, steps));
  if (!fault.forgiven && !fault.noJournal) wrong.push(...(await intentWrong(stand, whole)));
  const url = lab.url(database, user);
  const status = await place.run(statusWords(url, reference.scenario));
  wrong.push(...statusWrong(status, whole, steps, reference.scenario.command === 'undo'));
  wrong.push(...((await fault.check?.({ ...stand, ended, whole })) ?? []));
  if (wrong.length > 0 || fault.brief) return;
  const then = fault.then ?? 'go on, undo';
  wrong.push(...(await afterwardsWrong(stand, then, whole)));
  if (wrong.length === 0) outcome.then = then;
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
    // One that did not come so far as to look at the database has nothing to say of any step.
    const silent = result.steps.length === 0 && whole === 0;
    const fits =
      silent ||
      said === 'unknown' ||
      (at < whole ? said === 'done' : said === 'rolled-back' || said === 'not-run');
    return fits ? [] : [`it said that ${id} is ${said}; it is ${at < whole ? 'done' : 'not done'}`];
  });
  if (status !== null && result.exitStatus !== status)
    wrong.push(`the result says ${result.exitStatus}, it ended with ${status}`);
  if (status === 0 && whole < steps.length) wrong.push('it ended with 0 and is not done');
  return wrong;
}

/** What `backout status` says afterwards. `undo`: the steps are those taken back. */
export function statusWrong(ended: Ended, whole: number, steps: readonly string[], undo = false): string[] {
  try {
    const said = JSON.parse(ended.out) as { steps: { id: string; state: string }[] };
    return steps.flatMap((id, at) => {
      const state = said.steps.find((step) => step.id === id)?.state ?? 'not named';
      const right = at < whole !== undo ? 'applied' : 'pending';
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
