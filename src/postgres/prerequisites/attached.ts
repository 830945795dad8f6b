/** What hangs on the tables. */
import { count } from '../activity.ts';
import type { Attachment } from '../types.ts';
import { answers, type Check } from './check.ts';

const SHOWN = 40;

export const attachments: Check = async ({ attachments: found, touched }) => {
  const { pass, warn, fail } = answers('attachments', 'Nothing on the tables would break or be lost');
  const of = (outcome: Attachment['outcome']) => found.filter((attachment) => attachment.outcome === outcome);
  const breaks = of('breaks');
  const lost = of('lost');
  const lines = [...breaks, ...lost].slice(0, SHOWN).map(line);
  if (breaks.length > 0) {
    return fail(
      `${count(breaks.length, 'object')} would make the plan fail; ${lost.length} would be lost or stop working.`,
      'Decide about each of those that make it fail: drop or change it yourself, and keep its definition to put it back.',
      lines,
    );
  }
  if (lost.length > 0) {
    return warn(
      `${count(lost.length, 'object')} would be lost or stop working without an error.`,
      'Note each of them down: backout does not put them back.',
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
