/** The last words of a run, left on the normal screen, and the status it ends with. */
import { EXIT, UserError } from '../exit.ts';
import type { Outcome } from '../journal/types.ts';
import { toLine } from '../terminal/sanitize.ts';
import { verdictWords } from '../wizard/debrief-words.ts';
import type { State } from '../wizard/types.ts';
import type { Begun } from './begin.ts';
import { Stopped } from './watch.ts';

/** The summary, the reports' paths, what could not be written and which webhooks could not be told. Pure. */
export function lastWords(state: State, folder: string | null, untold: readonly string[] = []): string[] {
  const { report } = state;
  const lines = [...report.summary];
  if (report.error) {
    lines.push(
      `The report could not be written: ${report.error.message} The journal is in ${folder ?? 'memory only'}.`,
    );
  }
  if (report.markdownPath !== null) lines.push(`Report: ${report.markdownPath}`);
  if (report.jsonPath !== null) lines.push(`        ${report.jsonPath}`);
  return [...lines, ...drillWords(state), ...untold].map((line) => toLine(line, 1000));
}

/** What a drill came to, for who leaves without having read the debrief. */
function drillWords({ debrief: { result, paths, error } }: State): string[] {
  if (error) return [`The drill could not be judged: ${error.message}`];
  if (!result) return [];
  const [record] = paths;
  return [
    `Drill: ${result.title}. ${verdictWords(result.score)}`,
    ...(record === undefined ? [] : [`Debrief: ${record}`]),
  ];
}

/** @throws {Error} when the wizard ended without an outcome, which it never may */
export function exitStatusOf(state: State): number {
  if (!state.outcome) throw new Error('the wizard ended without an outcome');
  return state.outcome.exitStatus;
}

/** What the journal calls an end that did not come from the wizard. */
function outcomeOf(error: unknown): { outcome: Outcome; exitStatus: number } {
  if (error instanceof Stopped) return { outcome: 'stopped', exitStatus: error.exitStatus };
  return { outcome: 'error', exitStatus: error instanceof UserError ? error.exitStatus : EXIT.bug };
}

/**
 * Runs `work` and closes the run after it, if one was begun. An error is first written into the journal as the run's result.
 * @returns what `work` returned, or the status of the signal that stopped it
 */
export async function ending(begun: () => Begun | null, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const { outcome, exitStatus } = outcomeOf(error);
    await begun()?.endAs(outcome, exitStatus);
    if (error instanceof Stopped) return exitStatus;
    throw error;
  } finally {
    await begun()?.close();
  }
}
