/** What was done about a backup in the run. Pure. */
import type { Report } from '../report.ts';
import { inline } from './text.ts';

/** '' where nothing was: what was named is among the prerequisites. */
export function backupSection({ backups }: Pick<Report, 'backups'>): string {
  if (backups.length === 0) return '';
  const items = backups.map(({ at, words: [first = '', ...rest] }) =>
    [`- ${at} ${inline(first)}`, ...rest.map((line) => `  - ${inline(line)}`)].join('\n'),
  );
  return `## Backup\n\n${items.join('\n')}`;
}
