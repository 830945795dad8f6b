/** The report's section on the quick rollback. Pure. */
import type { ReportQuick } from '../report/quick.ts';
import { counted, duration } from '../words.ts';
import { fenced, inline } from './text.ts';

function endWords({ result }: ReportQuick): string {
  if (!result) return 'The journal ends before it did.';
  if (result.signal !== null) return `Ended by ${inline(result.signal)} after ${duration(result.seconds)}.`;
  if (result.exitStatus === null) return 'How it ended is not known.';
  return `Exit status ${result.exitStatus} after ${duration(result.seconds)}.`;
}

function one(quick: ReportQuick): string {
  const kept =
    quick.kept === 0 ? 'Nothing was copied before it.' : `${counted(quick.kept, 'table')} copied before it.`;
  const undo =
    quick.changed === true
      ? quick.undoable
        ? ' It can be undone.'
        : ' It cannot be undone by backout.'
      : '';
  const tail = quick.result?.tail ?? [];
  return [
    `${inline(quick.command)} in ${inline(quick.folder)}, at ${quick.startedAt}. ${endWords(quick)} ${kept}${undo}`,
    [...quick.words, ...quick.notUndoable].map((line) => `- ${inline(line)}`).join('\n'),
    tail.length === 0 ? '' : fenced(tail.join('\n'), 'text'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

export const quickSection = (quick: readonly ReportQuick[]): string =>
  quick.length === 0 ? '' : `## Quick rollback\n\n${quick.map(one).join('\n\n')}`;
