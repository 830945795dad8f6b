/** A run without faults: the states that whole steps leave, and every statement at which a fault may strike. */
import { difference, fingerprint } from './fingerprint.ts';
import type { Lab } from './lab.ts';
import { aPlace, type Place } from './program.ts';
import { startProxy, type Verdict } from './proxy.ts';
import { COMMANDS, prerequisiteIds, undoOnce } from './commands.ts';
import { stage, type Scenario } from './scenario.ts';

export interface Traced {
  transaction: number;
  index: number;
  sql: string;
  /** Whole steps done before this transaction. */
  before: number;
  /** Whether it is the COMMIT that makes a step done. */
  commits: boolean;
}

export interface Reference {
  scenario: Scenario;
  /** Fingerprints: before the first step, and after each; null where a run never stands: within a plan done at once. */
  states: (string[] | null)[];
  trace: Traced[];
  /** Every prerequisite by its ID, for `--accept`. */
  accepted: string[];
  /** The same of what takes it back: an undo, or of an undo another rollback. */
  backAccepted: string[];
  /** Fingerprint of what it leads to: the first state, or, of a run that was gone on with, the one before all of it. */
  undone: string[];
  /** Whether the program keeps a journal in the database. */
  store: boolean;
  seconds: number;
  /** Length of the local journal. */
  journalBytes: number;
}

/** @throws when the run without faults does not end verified, or its states cannot be told apart */
export async function referenceOf(lab: Lab, scenario: Scenario): Promise<Reference> {
  const database = await stage(lab, scenario);
  const place = await aPlace();
  const proxy = await startProxy(lab.url(database, scenario.user));
  const look = (): Promise<string[]> => lab.use(database, (client) => fingerprint(client, scenario.random));
  try {
    const rollback = await prerequisiteIds(place, proxy.url, scenario);
    const accepted = scenario.command === 'undo' ? await undoAccepted(lab, scenario) : rollback;
    const states: Reference['states'] = [await look()];
    const trace: Traced[] = [];
    proxy.gate = {
      before: ({ transaction, index, sql }) => {
        if (transaction > 0)
          trace.push({ transaction, index, sql, before: states.length - 1, commits: false });
        return 'pass';
      },
      after: async ({ transaction, sql }): Promise<Verdict> => {
        const last = trace.at(-1);
        if (transaction === 0 || last === undefined || (last.index > 0 && !/^\s*COMMIT/i.test(sql)))
          return 'pass';
        if (/^\s*BEGIN/i.test(sql)) return 'pass';
        const now = await look();
        if (now.join('\n') === states.at(-1)?.join('\n')) return 'pass';
        if (scenario.words?.includes('--whole-plan')) states.push(...scenario.steps.slice(1).map(() => null));
        states.push(now);
        last.commits = true;
        return 'pass';
      },
    };
    const began = Date.now();
    const ended = await place.run(COMMANDS[scenario.command].strike(proxy.url, database, scenario, accepted));
    const seconds = (Date.now() - began) / 1000;
    if (ended.status !== 0)
      throw new Error(
        `${scenario.name} without a fault ended with ${ended.status}:\n${ended.err.slice(-3000)}`,
      );
    if (states.length !== scenario.steps.length + 1) {
      throw new Error(`${scenario.name}: ${states.length} states for ${scenario.steps.length} steps`);
    }
    const store = await lab.use(database, async (client) => {
      const { rows } = await client.query<{ there: boolean }>(
        "SELECT to_regclass('backout.step') IS NOT NULL AS there",
      );
      return rows[0]?.there === true;
    });
    const journalBytes = Buffer.byteLength(ended.out);
    const url = lab.url(database, scenario.user);
    const backAccepted =
      scenario.command === 'undo' ? rollback : await undoIfKept(place, url, database, scenario, store);
    if (scenario.command === 'undo') {
      const again = await place.run(COMMANDS.undo.back(url, database, scenario, backAccepted));
      if (again.status !== 0)
        throw new Error(`${scenario.name}: not rolled back again:\n${again.err.slice(-3000)}`);
    }
    const undone = await look();
    const back = scenario.command === 'resume' ? [] : difference(states[0] ?? [], undone);
    if (store && back.length > 0)
      throw new Error(`${scenario.name}: taken back without a fault leaves ${back.join(' | ')}`);
    return { scenario, states, trace, accepted, backAccepted, undone, store, seconds, journalBytes };
  } finally {
    await proxy.close();
    await place.clear();
    await lab.drop(database);
  }
}

/** A run that was broken off is a warning to whoever undoes it. */
const undoIfKept = async (
  place: Place,
  url: string,
  database: string,
  scenario: Scenario,
  store: boolean,
): Promise<string[]> => (store ? ['other-run', ...(await undoOnce(place, url, database, scenario))] : []);

/** What an undo asks for, found out on a copy. */
async function undoAccepted(lab: Lab, scenario: Scenario): Promise<string[]> {
  const database = await stage(lab, scenario);
  const place = await aPlace();
  try {
    return ['other-run', ...(await undoOnce(place, lab.url(database, scenario.user), database, scenario))];
  } finally {
    await place.clear();
    await lab.drop(database);
  }
}
