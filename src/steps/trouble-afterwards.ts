/** On the report of a rollback: what is true of data that is missed afterwards, whatever the runbook says. */
import type { Troubleshooting } from '../runbook/types.ts';
import { hasDoneAnything } from '../wizard/judge.ts';
import type { Block, State } from '../wizard/types.ts';
import { count, gap, heading, item, text } from './blocks.ts';

/** "Data should be back in new tables", after migrating forward again. */
const CLAIM = /data (should|will|is going to) be back|brings? (the |your )?data back/i;

const textOf = ({ solution, blocks }: Troubleshooting): string =>
  [solution, ...blocks.map((block) => block.text)].join('\n');

/** Entries on lost data that promise it back from migrating forward again. */
export const falseClaims = (entries: readonly Troubleshooting[]): Troubleshooting[] =>
  entries.filter(
    (entry) =>
      /data.loss|lost data/i.test(`${entry.title} ${entry.cause}`) &&
      CLAIM.test(textOf(entry)) &&
      !/\bnot\b\W+(bring|be back)/i.test(textOf(entry)),
  );

const BACKUP =
  'Restore a backup made before this run into a database beside this one, never over it, and copy from there what is missing.';

/** Archive, backup, forward: which of them has what the steps took away. */
export function missedData(state: State): Block[] {
  const { purpose, withoutArchive, archived, run, runbook } = state;
  if (purpose !== 'rollback' || !hasDoneAnything(state)) return [];
  const kept = withoutArchive
    ? item('fail', 'Archive: this run went without one. Nothing of what the steps took away is kept here.')
    : item(
        'pass',
        `Archive: ${count(archived.length, 'object')} kept. "backout undo ${run}" brings back what the steps took away.`,
        {
          detail: 'It holds until it is purged; what was written since is kept as well.',
        },
      );
  return [
    gap,
    heading('If data is missed'),
    kept,
    item(withoutArchive ? 'warn' : 'none', `Backup: ${BACKUP}`),
    item(
      'none',
      'Forward: migrating forward again does not bring it back. It makes the new columns and tables anew, and they are empty.',
    ),
    ...falseClaims(runbook.troubleshooting).map(({ title, line }) =>
      text(
        `The runbook says under "${title}" (line ${line}) that the data should be back then. That is not so.`,
        'warn',
      ),
    ),
  ];
}
