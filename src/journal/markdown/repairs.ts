/** What was found wrong, in a report: what a rollback found and left to another run, or what a repair was made for. */
import type { Report } from '../report.ts';
import { inline, table } from './text.ts';

/** Of a run whose steps are repairs: what each was for. */
function mended({ repairs, steps }: Report): string {
  if (repairs.length === 0) return '';
  const rows = repairs.map(({ step, title, found }) => [
    step,
    inline(title),
    inline(found),
    steps.find(({ id }) => id === step)?.outcome ?? 'not-run',
  ]);
  return `## Found wrong\n\n${table(['Step', 'Repair', 'Found', 'Outcome'], rows)}`;
}

/** Of a run that was left in order to fix forward. */
function foundWrong({ forward }: Report): string {
  if (!forward) return '';
  const { run, found, notes } = forward;
  const chosen = found.filter((one) => one.chosen).length;
  const left =
    run === null
      ? 'Nothing of it was carried out by this run, and no other run was begun for it.'
      : `${chosen} of ${found.length} left to run ${inline(run)}, whose report says what became of them.`;
  const rows = found.map((one) => [
    one.chosen ? 'yes' : 'no',
    inline(one.id),
    inline(one.title),
    inline(one.found),
  ]);
  return [
    '## Found wrong with the migrated state',
    found.length + notes.length === 0 ? 'Nothing was found.' : left,
    ...(rows.length === 0 ? [] : [table(['Chosen', 'Id', 'Repair', 'Found'], rows)]),
    ...notes.map(({ title, lines }) => `- ${inline(title)}: ${inline(lines.join(' '))}`),
  ].join('\n\n');
}

/** '' where nothing was looked for. */
export const repairsSection = (report: Report): string =>
  [mended(report), foundWrong(report)].filter((part) => part !== '').join('\n\n');
