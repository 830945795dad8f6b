/** Steps that were undone before, as an undo of an earlier one has to know them. */
import type { ArchiveEntry, StepRecord } from '../procedure/types.ts';
import type { EarlierUndo } from './types.ts';

/**
 * @param rows the steps of the run that is taken back, in the order in which they were done
 * @param kept what its undos archived
 */
export function earlierUndos(
  rows: readonly { step: string; undoneBy: string | null; detail: StepRecord }[],
  kept: readonly { run: string; step: string; detail: ArchiveEntry; purgedAt: string | null }[],
): EarlierUndo[] {
  return rows
    .filter(({ undoneBy }) => undoneBy !== null)
    .map(({ step, undoneBy, detail }) => ({
      tables: detail.before.map(({ name }) => name),
      entries: kept
        .filter((one) => one.run === undoneBy && one.step === step && one.purgedAt === null)
        .map((one) => one.detail),
    }));
}
