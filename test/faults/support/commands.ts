/** The command lines that the program is given: into the fault, on from it, and back. */
import type { Place } from './program.ts';
import type { Scenario } from './scenario.ts';

const runbookWords = ({ runbook }: Scenario): string[] => (runbook === null ? [] : ['--runbook', runbook]);

const accepting = (ids: readonly string[]): string[] => ids.flatMap((id) => ['--accept', id]);

type Words = (url: string, database: string, scenario: Scenario, accepted: readonly string[]) => string[];

/** `backout run` with every answer it may ask for. */
export const runWords: Words = (url, database, scenario, accepted) => [
  ...['run', '--database', url, ...runbookWords(scenario), '--confirm', database],
  ...['--choose', 'rollback', ...accepting(accepted), ...(scenario.words ?? []), '--json'],
];

/** `backout resume` of the rollback that was broken off. */
export const resumeWords: Words = (url, database, scenario, accepted) => [
  ...['resume', '--database', url, ...runbookWords(scenario), '--confirm', database],
  ...[...accepting(accepted), ...(scenario.words ?? []), '--json'],
];

/** `backout undo` of the last run. */
export const undoWords: Words = (url, database, _scenario, accepted) => [
  ...['undo', '--database', url, '--confirm', database, ...accepting(accepted), '--json'],
];

/** `backout resume` of the undo that was broken off: it knows its own runbook. */
const resumeUndoWords: Words = (url, database, _scenario, accepted) => [
  ...['resume', '--database', url, '--confirm', database, ...accepting(accepted), '--json'],
];

/** `backout status` of it. */
export const statusWords = (url: string, scenario: Scenario): string[] => [
  ...['status', '--database', url, ...runbookWords(scenario), '--json'],
];

/** What is struck at, what goes on with it, what begins it anew, and what takes it back. */
export const COMMANDS: Record<Scenario['command'], Record<'strike' | 'resume' | 'again' | 'back', Words>> = {
  run: { strike: runWords, resume: resumeWords, again: runWords, back: undoWords },
  resume: { strike: resumeWords, resume: resumeWords, again: runWords, back: undoWords },
  undo: { strike: undoWords, resume: resumeUndoWords, again: undoWords, back: runWords },
};

/** Every prerequisite of a rollback by its ID. */
export async function prerequisiteIds(place: Place, url: string, scenario: Scenario): Promise<string[]> {
  const ended = await place.run(['plan', '--database', url, ...runbookWords(scenario), '--json']);
  try {
    return (JSON.parse(ended.out) as { prerequisites: { id: string }[] }).prerequisites.map(({ id }) => id);
  } catch {
    throw new Error(`backout plan said nothing of use: ${ended.status}\n${ended.err}`);
  }
}

/** Undoes the last run, accepting what it asks for; what that was. */
export async function undoOnce(
  place: Place,
  url: string,
  database: string,
  scenario: Scenario,
): Promise<string[]> {
  const accepted: string[] = [];
  for (;;) {
    const ended = await place.run(undoWords(url, database, scenario, accepted));
    if (ended.status === 0) return accepted;
    const asked = ended.status === 64 ? /answered by --accept ([\w-]+)/.exec(ended.err)?.[1] : undefined;
    if (asked === undefined || accepted.includes(asked)) {
      throw new Error(`undo without a fault ended with ${ended.status}:\n${ended.err.slice(-3000)}`);
    }
    accepted.push(asked);
  }
}
