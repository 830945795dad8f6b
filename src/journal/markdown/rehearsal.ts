/** The plan on a copy, before any of it. Pure. */
import type { Report } from '../report.ts';
import { inline } from './text.ts';

/** '' where nothing was rehearsed. */
export function rehearsalSection({ rehearsals }: Pick<Report, 'rehearsals'>): string {
  if (rehearsals.length === 0) return '';
  const items = rehearsals.map(({ at, words: [first = '', ...rest] }) =>
    [`- ${at} ${inline(first)}`, ...rest.map((line) => `  - ${inline(line)}`)].join('\n'),
  );
  return `## Rehearsal\n\n${items.join('\n')}`;
}
