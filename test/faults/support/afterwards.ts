/** The ways out of a broken run: going on, undoing, leaving it. Each must end in the tables of a run without faults. */
import { difference, fingerprint } from './fingerprint.ts';
import type { Afterwards, Stand } from './point.ts';
import { COMMANDS } from './commands.ts';

/** What the command that takes it back ends with when there is nothing to take back. */
const NOTHING_TO_TAKE_BACK = { run: 64, resume: 64, undo: 10 };

/** One sentence for each thing that is wrong. `whole`: steps that are done. */
export async function afterwardsWrong(stand: Stand, then: Afterwards, whole: number): Promise<string[]> {
  const { states, store } = stand.reference;
  // Without a journal in the database there is nothing to go back by.
  const way = store ? then : 'go on';
  if (way === 'leave') return leftWrong(stand, whole);
  const already = stand.reference.scenario.command === 'resume';
  if (way === 'undo') return undoneWrong(stand, whole > 0 || already);
  const wrong = await goneOnWrong(stand, whole);
  if (way === 'go on' || wrong.length > 0) return wrong;
  return undoneWrong(stand, states.length > 1);
}

async function compare(stand: Stand, expected: readonly string[], after: string): Promise<string[]> {
  const { lab, reference, database } = stand;
  const found = await lab.use(database, (client) => fingerprint(client, reference.scenario.random));
  const lines = difference(expected, found);
  return lines.length === 0 ? [] : [`${after}, the database is not as without a fault: ${lines.join(' | ')}`];
}

/** A run that has not ended is resumed; where none is open, another one finishes the plan. */
async function goneOnWrong(stand: Stand, whole: number): Promise<string[]> {
  const { lab, reference, database, place } = stand;
  const { scenario, states, accepted } = reference;
  const open = await brokenOff(stand);
  if (!open && whole === scenario.steps.length) return [];
  const words = COMMANDS[scenario.command][open ? 'resume' : 'again'];
  const rest = await place.run(words(lab.url(database, scenario.user), database, scenario, accepted));
  const wrong = await compare(stand, states.at(-1) ?? [], 'having gone on');
  if (rest.status === 0) return wrong;
  const command = open ? 'resume' : scenario.command;
  return [`backout ${command} ended with ${rest.status}: ${rest.err.slice(-900)}`, ...wrong];
}

async function undoneWrong(stand: Stand, steps: boolean): Promise<string[]> {
  const { lab, reference, database, place } = stand;
  const { scenario, backAccepted, undone } = reference;
  const url = lab.url(database, scenario.user);
  const words = COMMANDS[scenario.command].back(url, database, scenario, backAccepted);
  const wanted = steps ? 0 : NOTHING_TO_TAKE_BACK[scenario.command];
  const undoes = steps && scenario.command !== 'undo';
  for (let runs = undoes ? await toUndo(stand) : 1; runs > 0; runs -= 1) {
    const back = await place.run(words);
    if (back.status !== wanted)
      return [`taking it back ended with ${back.status}, not ${wanted}: ${back.err.slice(-900)}`];
  }
  return compare(stand, undone, 'having been taken back');
}

const HELD = `
  SELECT (SELECT count(*)::int FROM pg_locks l JOIN pg_database d ON d.oid = l.database
           WHERE d.datname = current_database() AND l.locktype = 'advisory') AS locks,
         (SELECT count(*)::int FROM pg_prepared_xacts WHERE database = current_database()) AS prepared`;

/** Nothing is done: it stays as it is, and nothing of the run is held on the server. */
async function leftWrong(stand: Stand, whole: number): Promise<string[]> {
  const { lab, reference, database } = stand;
  const wrong = await compare(stand, reference.states[whole] ?? [], 'having been left');
  const { rows } = await lab.use(database, (client) =>
    client.query<{ locks: number; prepared: number }>(HELD),
  );
  const { locks = 0, prepared = 0 } = rows[0] ?? {};
  if (locks > 0) wrong.push(`${locks} advisory locks are still held`);
  if (prepared > 0) wrong.push(`${prepared} prepared transactions are left`);
  return wrong;
}

/** Whether a run has not ended: it is resumed, not begun anew. */
const brokenOff = async (stand: Stand): Promise<boolean> =>
  (await numberOf(
    stand,
    `SELECT count(*)::int AS n FROM backout.run WHERE ended_at IS NULL AND kind = '${stand.reference.scenario.command === 'undo' ? 'undo' : 'rollback'}'`,
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
