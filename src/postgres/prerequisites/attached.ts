/** What hangs on the tables. */
import { count } from '../activity.ts';
import type { Attachment } from '../types.ts';
import { answers, type Check } from './check.ts';

const SHOWN = 40;
const KEPT = 'Its definition is kept, and an undo brings it back.';

/** What is kept is only so with the archive; without it nothing of the tables' definitions can be brought back. */
export const attachments: Check = async ({ attachments: found, touched, withoutArchive }) => {
  const { pass, warn, fail } = answers('attachments', 'Nothing on the tables would break or be lost');
  const of = (outcome: Attachment['outcome']) => found.filter((attachment) => attachment.outcome === outcome);
  const breaks = of('breaks');
  const lost = of('lost');
  const comesBack = (attachment: Attachment): boolean =>
    attachment.undone === true && withoutArchive !== true;
  const kept = lost.filter(comesBack);
  const gone = lost.filter((attachment) => !comesBack(attachment));
  const lines = [
    ...[...breaks, ...gone].map(line),
    ...kept.map((attachment) => `${line(attachment)} ${KEPT}`),
  ].slice(0, SHOWN);
  if (breaks.length > 0) {
    return fail(
      `${count(breaks.length, 'object')} would make the plan fail; ${lost.length} would be lost or stop working.`,
      'Decide about each of those that make it fail: drop or change it yourself, and keep its definition to put it back.',
      lines,
    );
  }
  if (gone.length > 0) {
    const beside =
      kept.length === 0
        ? ''
        : ` ${count(kept.length, 'more object')} would go too; their definitions are kept, and an undo brings them back.`;
    return warn(
      `${count(gone.length, 'object')} would be lost or stop working without an error.${beside}`,
      kept.length === 0
        ? 'Note each of them down: backout does not put them back.'
        : 'Note down each of the first: backout does not put them back.',
      lines,
    );
  }
  if (kept.length > 0) {
    return warn(
      `${count(kept.length, 'object')} would go without an error. Their definitions are kept, and an undo brings them back.`,
      'Make sure that nobody needs them as long as the rollback stands.',
      lines,
    );
  }
  return pass(
    `${count(found.length, 'object')} on ${count(touched.length, 'table')} looked at: all stay right or are part of the plan.`,
  );
};

function line({ table, kind, name, detail, words }: Attachment): string {
  const about = detail ? ` (${detail})` : '';
  return `${table ? `${table}: ` : ''}${kind} ${name}${about}. ${words}`;
}
