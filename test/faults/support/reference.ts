/** A run without faults: the states that whole steps leave, and every statement at which a fault may strike. */
import { difference, fingerprint } from './fingerprint.ts';
import type { Lab } from './lab.ts';
import { aPlace, type Place } from './program.ts';
import { startProxy, type Verdict } from './proxy.ts';
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
  /** The same of an undo. */
  undoAccepted: string[];
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
    const accepted = await prerequisiteIds(place, proxy.url, scenario);
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
    const ended = await place.run(runWords(proxy.url, database, scenario, accepted));
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
    const undoAccepted = store
      ? // A run that was broken off is a warning to whoever undoes it.
        ['other-run', ...(await undoOnce(place, lab.url(database, scenario.user), database))]
      : [];
    const back = difference(states[0] ?? [], await look());
    if (store && back.length > 0)
      throw new Error(`${scenario.name}: undo without a fault leaves ${back.join(' | ')}`);
    return { scenario, states, trace, accepted, undoAccepted, store, seconds, journalBytes };
  } finally {
    await proxy.close();
    await place.clear();
    await lab.drop(database);
  }
}

const runbookWords = ({ runbook }: Scenario): string[] => (runbook === null ? [] : ['--runbook', runbook]);

const accepting = (ids: readonly string[]): string[] => ids.flatMap((id) => ['--accept', id]);

/** `backout run` with every answer it may ask for. */
export function runWords(
  url: string,
  database: string,
  scenario: Scenario,
  accepted: readonly string[],
): string[] {
  return [
    ...['run', '--database', url, ...runbookWords(scenario), '--confirm', database],
    ...['--choose', 'rollback', ...accepting(accepted), ...(scenario.words ?? []), '--json'],
  ];
}

/** `backout resume` of the run that was broken off. */
export const resumeWords = (
  url: string,
  database: string,
  scenario: Scenario,
  accepted: readonly string[],
): string[] => [
  ...['resume', '--database', url, ...runbookWords(scenario), '--confirm', database],
  ...[...accepting(accepted), ...(scenario.words ?? []), '--json'],
];

/** `backout undo` of the last run. */
export const undoWords = (url: string, database: string, accepted: readonly string[]): string[] => [
  ...['undo', '--database', url, '--confirm', database, ...accepting(accepted), '--json'],
];

/** Undoes the run, accepting what it asks for; what that was. */
async function undoOnce(place: Place, url: string, database: string): Promise<string[]> {
  const accepted: string[] = [];
  for (;;) {
    const ended = await place.run(undoWords(url, database, accepted));
    if (ended.status === 0) return accepted;
    const asked = ended.status === 64 ? /answered by --accept ([\w-]+)/.exec(ended.err)?.[1] : undefined;
    if (asked === undefined || accepted.includes(asked)) {
      throw new Error(`undo without a fault ended with ${ended.status}:\n${ended.err.slice(-3000)}`);
    }
    accepted.push(asked);
  }
}

/** `backout status` of it. */
export const statusWords = (url: string, scenario: Scenario): string[] => [
  ...['status', '--database', url, ...runbookWords(scenario), '--json'],
];

async function prerequisiteIds(place: Place, url: string, scenario: Scenario): Promise<string[]> {
  const ended = await place.run(['plan', '--database', url, ...runbookWords(scenario), '--json']);
  try {
    return (JSON.parse(ended.out) as { prerequisites: { id: string }[] }).prerequisites.map(({ id }) => id);
  } catch {
    throw new Error(`backout plan said nothing of use: ${ended.status}\n${ended.err}`);
  }
}
